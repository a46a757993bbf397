/** Two clocks in one phrase: how long it took on the wire, and how long it is shown. */
import type { Beat } from './story.ts';

/** Made once: to ask a number for its own words makes one each time. */
const grouped = /* @__PURE__ */ new Intl.NumberFormat('en');

const digits = (value: number): string =>
  value >= 100
    ? grouped.format(Math.round(value))
    : value >= 10
      ? value.toFixed(1).replace(/\.0$/, '')
      : value.toFixed(1);

/** "12.4 ms", "380 µs", "2.1 s"; the input is in microseconds. */
const duration = (microseconds: number): string =>
  microseconds < 1000
    ? `${Math.round(microseconds)} µs`
    : microseconds < 1_000_000
      ? `${digits(microseconds / 1000)} ms`
      : `${digits(microseconds / 1_000_000)} s`;

/** By how much, and which way; null where the two clocks hardly differ. */
function ratio(wire: number, shown: number): { readonly times: string; readonly slower: boolean } | null {
  const slower = shown / wire;
  if (slower > 0.8 && slower < 1.25) return null;
  if (slower < 1) return { times: `${digits(1 / slower)}×`, slower: false };
  if (slower < 10) return { times: `${digits(slower)}×`, slower: true };
  // Two significant digits: more would claim a precision that a loopback clock does not have.
  const scale = 10 ** Math.max(0, Math.floor(Math.log10(slower)) - 1);
  return { times: `${grouped.format(Math.round(slower / scale) * scale)}×`, slower: true };
}

const REAL = 'in real time';

type Timed = Pick<Beat, 'start' | 'end' | 'wireStart' | 'wireEnd'>;

export interface Clocks {
  /** "12.4 ms on the wire, shown in 3.1 s"; for a single event, which takes no time: "31 ms into the journey, shown in 3.1 s". */
  readonly both: string;
  /** "250× slower"; '' where nothing passed on the wire. */
  readonly ratio: string;
  /** The same of what is shown: "slowed down 250×", "sped up 3×", "in real time"; or ''. */
  readonly pace: string;
}

/** For consecutive beats; null for none. `origin` is the wire time at which their journey began. */
export function clocks(beats: readonly Timed[], origin: number): Clocks | null {
  const first = beats[0];
  const last = beats[beats.length - 1];
  if (first === undefined || last === undefined) return null;
  const wire = last.wireEnd - first.wireStart;
  const shown = (last.end - first.start) * 1000;
  const known = wire > 0 && shown > 0;
  const by = known ? ratio(wire, shown) : null;
  return {
    both: `${wire > 0 ? `${duration(wire)} on the wire` : `${duration(first.wireStart - origin)} into the journey`}, shown in ${duration(shown)}`,
    ratio: by !== null ? `${by.times} ${by.slower ? 'slower' : 'faster'}` : known ? REAL : '',
    pace: by !== null ? `${by.slower ? 'slowed down' : 'sped up'} ${by.times}` : known ? REAL : '',
  };
}
