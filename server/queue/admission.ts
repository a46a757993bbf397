/** Slows down whoever brings letters faster than they can leave: each that waits takes memory, and none is turned away for it. */

/** Milliseconds of this machine, for which a letter is kept waiting at most. */
const LONGEST_DELAY = 1000;

export interface Admission {
  /** Resolves at once while few wait; else when one of them has gone, each in its turn, or after a second. */
  enter(): Promise<void>;
  /** One has gone: the first who waits may come in, if there are few now. */
  leave(): void;
  /** Lets everybody in. */
  close(): void;
}

/** `waiting`: how many are there now; with `most` of them it is full. */
export function createAdmission(most: number, waiting: () => number): Admission {
  const outside = new Set<() => void>();
  return {
    enter() {
      if (waiting() < most) return Promise.resolve();
      return new Promise(resolve => {
        const admit = (): void => {
          clearTimeout(timer);
          outside.delete(admit);
          resolve();
        };
        const timer = setTimeout(admit, LONGEST_DELAY);
        outside.add(admit);
      });
    },
    leave() {
      const [first] = outside;
      if (waiting() < most) first?.();
    },
    close() {
      for (const admit of outside) admit();
    },
  };
}
