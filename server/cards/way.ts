/** The way of the letter that a story is about, from host to host, and what became of it: what its card shows. Pure. */
import type { Protocol } from '../../shared/protocols.ts';
import type { Letter, Step, Story } from '../../shared/story/story.ts';
import { assertNever, type HostId } from '../../shared/world/world.ts';

export type Fate = 'delivered' | 'refused' | 'returned' | 'lost' | 'waiting' | 'on its way';

/** Between two stops; `stopped`: the letter did not get over it. */
interface Hop {
  readonly protocol: Protocol;
  readonly stopped: boolean;
}

export interface Way {
  readonly stops: readonly HostId[];
  /** One less than stops. */
  readonly hops: readonly Hop[];
  readonly fate: Fate;
  /** The reply that decided it: "550"; null where it was no reply. */
  readonly code: string | null;
  /** How long it took, in world time: "61 ms", "5 days"; '' where that tells nothing. */
  readonly took: string;
}

const NONE: Way = { stops: [], hops: [], fate: 'on its way', code: null, took: '' };

/** Every letter that there ever was, as it was last seen: one that has been split is no more. */
function lettersOf(story: Story): ReadonlyMap<string, Letter> {
  const all = new Map<string, Letter>();
  for (const { after } of story.steps) for (const letter of after.letters) all.set(letter.id, letter);
  return all;
}

/** The letter that could not be delivered, where there is one: a report is about it. Else one that had to wait, else the one that is looked at in the end. */
function subjectOf(story: Story, all: ReadonlyMap<string, Letter>): Letter | null {
  const letters = [...all.values()];
  const last = story.steps.at(-1)?.after;
  const failed = letters.findLast(({ report }) => report?.action === 'failed');
  const waited = story.steps.flatMap(({ after }) => after.letters).find(({ deferred }) => deferred !== null);
  const focused = all.get(last?.focus ?? '') ?? letters.at(-1);
  return all.get(failed?.report?.about ?? '') ?? all.get(waited?.id ?? '') ?? focused ?? null;
}

/** The letter and those that it was copied from, it first. */
function lineage(all: ReadonlyMap<string, Letter>, letter: Letter): readonly string[] {
  const ids: string[] = [];
  for (let at: Letter | undefined = letter; at !== undefined && !ids.includes(at.id); at = all.get(at.copyOf ?? ''))
    ids.push(at.id);
  return ids;
}

function fateOf(all: ReadonlyMap<string, Letter>, { id, place, deferred }: Letter): Fate {
  switch (place) {
    case 'inbox':
    case 'mailbox':
      return 'delivered';
    case 'refused':
      return 'refused';
    case 'given-up':
      return [...all.values()].some(
        ({ report, place: end }) =>
          report?.action === 'failed' && report.about === id && (end === 'inbox' || end === 'mailbox'),
      )
        ? 'returned'
        : 'lost';
    case 'queued':
      return deferred === null ? 'on its way' : 'waiting';
    case 'written':
    case 'travelling':
      return 'on its way';
    default:
      return assertNever(place);
  }
}

/** World time at the end of a step, in microseconds. */
const worldTime = ({ wireAt, after }: Step): number => wireAt + after.jumped;

const UNITS = [
  [86_400e6, ' days'],
  [3600e6, ' h'],
  [60e6, ' min'],
] as const;

function lasting(microseconds: number): string {
  const [size, unit] = UNITS.find(([each]) => microseconds >= each) ?? [1e6, ' s'];
  if (microseconds < 1e6) return `${Math.max(1, Math.round(microseconds / 1000))} ms`;
  const count = microseconds / size;
  const said = count < 10 && size === 1e6 ? count.toFixed(1) : `${Math.round(count)}`;
  return `${said}${said === '1' ? unit.replace('days', 'day') : unit}`;
}

interface Call {
  readonly to: HostId;
  readonly protocol: Protocol;
  readonly code: string | null;
}

/** The code of a reply that says no for good (RFC 5321 §4.2.1). */
const refusalIn = ({ motion }: Step): string | null =>
  motion?.protocol === 'smtp' && motion.reply ? (/^5\d\d/.exec(motion.label[0] ?? '')?.[0] ?? null) : null;

/** Where it was stopped: the last call from there that somebody said no to, else the last one at all. */
function stoppedAt(steps: readonly Step[], host: HostId): Call | null {
  const calls = steps.flatMap(step => {
    const { motion } = step;
    if (motion === null || motion.kind === 'letter' || (motion.from !== host && motion.to !== host)) return [];
    const to = motion.from === host ? motion.to : motion.from;
    const no = motion.verdict === 'no';
    return to === host ? [] : [{ to, protocol: motion.protocol, code: refusalIn(step), no }];
  });
  return calls.findLast(({ no }) => no) ?? calls.at(-1) ?? null;
}

interface Path {
  readonly stops: readonly HostId[];
  readonly hops: readonly Hop[];
}

/** Stopped at a call from the path's end. */
const stopped = ({ stops, hops }: Path, { to, protocol }: Call): Path => ({
  stops: [...stops, to],
  hops: [...hops, { protocol, stopped: true }],
});

/** From move to move; one that was copied goes its own way from there. */
function pathOf(story: Story, ids: readonly string[], until: number): Path {
  const stops: HostId[] = [];
  const hops: Hop[] = [];
  const born = ids.map(id => story.steps.findIndex(({ after }) => after.letters.some(letter => letter.id === id)));
  for (const { index, motion } of story.steps) {
    const nth = motion?.kind === 'letter' && motion.letter !== null ? ids.indexOf(motion.letter) : -1;
    if (motion === null || nth < 0 || index > until || (nth > 0 && index > (born[nth - 1] ?? 0))) continue;
    if (stops.length === 0) stops.push(motion.from);
    if (stops.at(-1) !== motion.from || motion.to === motion.from) continue;
    stops.push(motion.to);
    hops.push({ protocol: motion.protocol, stopped: false });
  }
  return { stops, hops };
}

/** Of a story in which a letter arrived, but somebody was told no before: that is what it is about. */
function refused(story: Story, path: Path): Way | null {
  const step = story.steps.find(each => refusalIn(each) !== null);
  if (step?.motion == null) return null;
  const { from: server, to: client } = step.motion;
  const at = path.stops.indexOf(client);
  const before: Path =
    at < 0 ? { stops: [client], hops: [] } : { stops: path.stops.slice(0, at + 1), hops: path.hops.slice(0, at) };
  const call: Call = { to: server, protocol: 'smtp', code: refusalIn(step) };
  return { ...stopped(before, call), fate: 'refused', code: call.code, took: '' };
}

export function wayOf(story: Story): Way {
  const all = lettersOf(story);
  const letter = subjectOf(story, all);
  const last = story.steps.at(-1);
  if (letter === null || last === undefined) return NONE;
  const ids = lineage(all, letter);
  const fate = fateOf(all, letter);
  const settled =
    story.steps.find(({ after }) => after.letters.find(({ id }) => id === letter.id)?.place === letter.place) ?? last;
  const written = story.steps.find(({ after }) => after.letters.some(({ id }) => ids.includes(id))) ?? settled;
  const path = pathOf(story, ids, settled.index);
  const took = lasting(worldTime(settled) - worldTime(written));
  if (fate === 'delivered') return refused(story, path) ?? { ...path, fate, code: null, took };
  // One that was copied may have gone on elsewhere; and where it was taken back, its way ends at who has it.
  const at = path.stops.lastIndexOf(letter.at);
  const so: Path =
    at < 0 ? { stops: [letter.at], hops: [] } : { stops: path.stops.slice(0, at + 1), hops: path.hops.slice(0, at) };
  const call = fate === 'on its way' ? null : stoppedAt(story.steps.slice(written.index, settled.index + 1), letter.at);
  return call === null ? { ...so, fate, code: null, took } : { ...stopped(so, call), fate, code: call.code, took };
}
