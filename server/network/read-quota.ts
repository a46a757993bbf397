/** So many octets are read in one turn of the event loop, however many connections bring them: what else the process does is never far off. */

/** Octets that are read in a turn; a connection that would bring more waits for a later one. */
const PER_TURN = 2 * 1024 * 1024;
/** Octets that one read of a socket brings at most. */
const PER_READ = 64 * 1024;

export interface ReadQuota {
  /** So many octets have come; true where whoever brought them is to be read again only when `goOn` is called. */
  exceeds(octets: number, goOn: () => void): boolean;
  /** `goOn` is not called any more. */
  forget(goOn: () => void): void;
}

/** `later` runs a task in the next turn. */
export function createReadQuota(later: (task: () => void) => void = setImmediate): ReadQuota {
  /** In the order in which they came. */
  const resting = new Set<() => void>();
  let octetsRead = 0;
  let begun = false;

  function begin(): void {
    begun = resting.size > 0;
    octetsRead = 0;
    if (!begun) return;
    // Each of them may bring a whole read.
    for (const goOn of [...resting].slice(0, PER_TURN / PER_READ)) {
      resting.delete(goOn);
      goOn();
    }
    later(begin);
  }

  return {
    exceeds(octets, goOn) {
      octetsRead += octets;
      if (!begun) {
        begun = true;
        later(begin);
      }
      if (octetsRead <= PER_TURN) return false;
      resting.add(goOn);
      return true;
    },
    forget: goOn => void resting.delete(goOn),
  };
}
