/** What a fuzzer draws: the same seed, the same row; and what it holds every input to. */
import { seededRandom } from '../../server/base/chance.ts';

export interface Chance {
  /** A whole number from 0 to below `bound`. */
  below(bound: number): number;
  /** True so often. */
  often(share: number): boolean;
  of<T>(list: readonly T[]): T;
}

export function chanceOf(seed: number, name: string): Chance {
  const random = seededRandom(seed, name);
  const below = (bound: number): number => Math.floor(random() * bound);
  return {
    below,
    often: share => random() < share,
    of(list) {
      const drawn = list[below(list.length)];
      if (drawn === undefined) throw new RangeError('there is nothing to choose from');
      return drawn;
    },
  };
}

/** Milliseconds of this process's time that no input may take. */
const STALL = 200;
/** A slow one is tried again: the first time may have been the compiler's, or the collector's. */
const TRIES = 3;

/** Runs it; throws where it takes too long each time. `what` names the input. */
export function withoutStall<T>(what: () => string, run: () => T): T {
  let fastest = Number.POSITIVE_INFINITY;
  for (let nth = 0; ; nth += 1) {
    const before = process.cpuUsage();
    const result = run();
    const { user, system } = process.cpuUsage(before);
    fastest = Math.min(fastest, (user + system) / 1000);
    if (fastest <= STALL) return result;
    if (nth + 1 === TRIES) throw new Error(`${Math.round(fastest)} ms of processor time for one input: ${what()}`);
  }
}

/** Megabytes that a whole run of a fuzzer may add. */
const MEMORY = 512;

/** Throws, when called, where this process has grown too much since. */
export function memoryBound(): () => void {
  const before = process.memoryUsage.rss();
  return () => {
    const more = (process.memoryUsage.rss() - before) / 2 ** 20;
    if (more > MEMORY) throw new Error(`${Math.round(more)} MB more than at the beginning`);
  };
}
