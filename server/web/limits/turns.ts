/** Turns: whoever wants something large is given it a piece at a time, one after the other, and the machine rests in between. */
import { realTiming, type Timing } from '../../shows/pace.ts';

/** Octets given before a rest. */
const AT_ONCE = 1024 * 1024;
/** Milliseconds that a go may take before a rest. */
const LONGEST = 4;
/** Octets a second, to all together. */
const PER_SECOND = 64 * 1024 * 1024;

export interface Turns<T> {
  /** `who` has a turn, behind those who wait already; once is enough. */
  want(who: T): void;
  stop(): void;
}

/**
 * `give` answers how many octets it gave. A rest is twice as long as the go before it took, and as long as its octets need at 64 MiB
 * a second: however many want history, two thirds of the processor are there for other things.
 */
export function createTurns<T>(give: (who: T) => number, timing: Timing = realTiming): Turns<T> {
  const waiting = new Set<T>();
  let next = Number.NEGATIVE_INFINITY;
  /** How not to go on; null where nobody waits. It stays while somebody is given something: they may want more at once. */
  let forget: (() => void) | null = null;

  function go(): void {
    const began = timing.now();
    let octets = 0;
    for (const who of waiting) {
      waiting.delete(who);
      octets += give(who);
      if (octets >= AT_ONCE || timing.now() - began >= LONGEST) break;
    }
    next = began + Math.max(3 * (timing.now() - began), (octets / PER_SECOND) * 1000);
    forget = null;
    if (waiting.size > 0) goOn();
  }

  function goOn(): void {
    forget ??= timing.after(Math.max(0, next - timing.now()), go);
  }

  return {
    want(who) {
      waiting.add(who);
      goOn();
    },
    stop() {
      forget?.();
      forget = null;
      waiting.clear();
    },
  };
}
