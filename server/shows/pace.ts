/** How often something is told while it changes: at once, then no more than once a while; what came last is never left untold. */

/** Time as a show needs it, so that a test may be its clock. */
export interface Timing {
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  /** Calls back once after so many milliseconds; answers how not to. */
  after(milliseconds: number, then: () => void): () => void;
}

export const realTiming: Timing = {
  now: () => performance.now(),
  after(milliseconds, then) {
    const timer = setTimeout(then, milliseconds);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

export interface Pace {
  /** There is something to tell. */
  soon(): void;
  stop(): void;
}

/**
 * `tell` runs no sooner than `apart` milliseconds after it last began, and rests for twice as long as it took: a pointer that moves
 * before thousands of followers takes a third of the machine, and not all of it.
 */
export function createPace(tell: () => void, apart: number, timing: Timing): Pace {
  let next = Number.NEGATIVE_INFINITY;
  let forget: (() => void) | null = null;

  function run(): void {
    forget = null;
    const began = timing.now();
    tell();
    const took = timing.now() - began;
    next = began + Math.max(apart, 3 * took);
  }

  return {
    soon() {
      if (forget !== null) return;
      const wait = next - timing.now();
      if (wait <= 0) run();
      else forget = timing.after(wait, run);
    },
    stop() {
      forget?.();
      forget = null;
    },
  };
}
