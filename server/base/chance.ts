/** Chance that can be told again: the same seed and name give the same numbers in the same order. */

/** Octets to 32 bits (FNV-1a), so that names that differ a little start far apart. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const octet of Buffer.from(text)) hash = Math.imul(hash ^ octet, 0x01000193);
  return hash;
}

/** Numbers in [0, 1) for whoever has this name in the world of this seed (mulberry32). Fair, and no secret to anybody. */
export function seededRandom(seed: number, name: string): () => number {
  let state = hashOf(name) ^ seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    const mixed = Math.imul(state ^ (state >>> 15), state | 1);
    const drawn = mixed ^ (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61));
    return ((drawn ^ (drawn >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The same for a seed that may be edited: another one begins another row. */
export function seededBy(seed: () => number, name: string): () => number {
  let sown = seed();
  let random = seededRandom(sown, name);
  return () => {
    if (seed() !== sown) {
      sown = seed();
      random = seededRandom(sown, name);
    }
    return random();
  };
}
