/** Greylisting (RFC 6647): who asks for the first time is told to come again, and whoever did is let in from then on. No clock. */

export interface Greylist {
  /** Milliseconds that this triplet must still wait at the moment `now` (ms), where a newcomer waits `wait`; 0: it may pass. */
  remaining(client: string, reversePath: string, recipient: string, wait: number, now: number): number;
}

/** Strangers are many; the oldest is forgotten, and waits once more. */
const BOUND = 10_000;

export function createGreylist(bound = BOUND): Greylist {
  const firstSeen = new Map<string, number>();
  const passed = new Set<string>();
  const forgetOldest = (): void => {
    const [oldest] = firstSeen.keys();
    if (oldest === undefined) return;
    firstSeen.delete(oldest);
    passed.delete(oldest);
  };
  return {
    remaining(client, reversePath, recipient, wait, now) {
      const triplet = JSON.stringify([client, reversePath.toLowerCase(), recipient.toLowerCase()]);
      const since = firstSeen.get(triplet);
      if (since === undefined) {
        if (firstSeen.size >= bound) forgetOldest();
        firstSeen.set(triplet, now);
        return wait;
      }
      const left = passed.has(triplet) ? 0 : Math.max(0, since + wait - now);
      if (left === 0) passed.add(triplet);
      return left;
    },
  };
}
