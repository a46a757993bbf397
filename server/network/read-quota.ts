/** So many octets cross in one turn of the event loop, however many connections bring them: what else the process does is never far off. */

/** Octets that cross in a turn; a connection that would bring more waits for a later one. */
const A_TURN = 2 * 1024 * 1024;
/** Octets that one reading of a socket brings at most. */
const A_READING = 64 * 1024;

export interface Turns {
  /** So many octets have come; true where whoever brought them is to be read again only when `goOn` is called. */
  isOver(octets: number, goOn: () => void): boolean;
  /** `goOn` is not called any more. */
  forget(goOn: () => void): void;
}

/** `later` runs a task in the next turn. */
export function createTurns(later: (task: () => void) => void = setImmediate): Turns {
  /** In the order in which they came. */
  const resting = new Set<() => void>();
  let crossed = 0;
  let begun = false;

  function begin(): void {
    begun = resting.size > 0;
    crossed = 0;
    if (!begun) return;
    // Each of them may bring a whole reading.
    for (const goOn of [...resting].slice(0, A_TURN / A_READING)) {
      resting.delete(goOn);
      goOn();
    }
    later(begin);
  }

  return {
    isOver(octets, goOn) {
      crossed += octets;
      if (!begun) {
        begun = true;
        later(begin);
      }
      if (crossed <= A_TURN) return false;
      resting.add(goOn);
      return true;
    },
    forget: goOn => void resting.delete(goOn),
  };
}
