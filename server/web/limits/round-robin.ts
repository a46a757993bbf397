/** Serves large reads round robin, one piece for each reader in turn, with a rest after each round. */
import { realTiming, type Timing } from '../../shows/pace.ts';

/** Octets sent before a rest. */
const AT_ONCE = 1024 * 1024;
/** Milliseconds that a round may take before a rest. */
const LONGEST = 4;
/** Octets a second, to all together. */
const PER_SECOND = 64 * 1024 * 1024;

export interface RoundRobin<T> {
  /** Adds `who` to the end of the queue; a second call while it waits changes nothing. */
  enqueue(who: T): void;
  stop(): void;
}

/**
 * `sendPiece` returns how many octets it sent. A rest is twice as long as the round before it, and at least as long as its octets
 * need at 64 MiB a second: however many readers wait, two thirds of the processor stay free.
 */
export function createRoundRobin<T>(sendPiece: (who: T) => number, timing: Timing = realTiming): RoundRobin<T> {
  const waiting = new Set<T>();
  let next = Number.NEGATIVE_INFINITY;
  /** Cancels the next round; null where nobody waits. Kept during a round, since a reader may enqueue itself again at once. */
  let cancelNext: (() => void) | null = null;

  function runRound(): void {
    const began = timing.now();
    let octets = 0;
    for (const who of waiting) {
      waiting.delete(who);
      octets += sendPiece(who);
      if (octets >= AT_ONCE || timing.now() - began >= LONGEST) break;
    }
    next = began + Math.max(3 * (timing.now() - began), (octets / PER_SECOND) * 1000);
    cancelNext = null;
    if (waiting.size > 0) scheduleRound();
  }

  function scheduleRound(): void {
    cancelNext ??= timing.after(Math.max(0, next - timing.now()), runRound);
  }

  return {
    enqueue(who) {
      waiting.add(who);
      scheduleRound();
    },
    stop() {
      cancelNext?.();
      cancelNext = null;
      waiting.clear();
    },
  };
}
