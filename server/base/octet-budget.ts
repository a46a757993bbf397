/** The budget of octets under way: what the process holds in memory of letters, requests and replies that are not done with, all doors together. */

/** Absent where a caller names none: 256 MiB. */
const MOST_UNDER_WAY = 256 * 1024 * 1024;

export interface OctetBudget {
  /** Whether there is room for so many more; where there is, they count until they are released. Zero always fits. */
  reserve(octets: number): boolean;
  /** The same for what cannot wait, also where there is no room. */
  claim(octets: number): void;
  /** Gives back what was reserved. Throws where that is more than is in use: somebody has given back twice. */
  release(octets: number): void;
  /** Octets reserved now. */
  inUse(): number;
}

/** `most` in octets; Infinity: no bound. */
export function createOctetBudget(most: number = MOST_UNDER_WAY): OctetBudget {
  let used = 0;
  return {
    reserve(octets) {
      if (octets > 0 && used + octets > most) return false;
      used += octets;
      return true;
    },
    claim(octets) {
      used += octets;
    },
    release(octets) {
      if (octets > used) throw new Error(`${octets} octets are given back and ${used} are in use`);
      used -= octets;
    },
    inUse: () => used,
  };
}
