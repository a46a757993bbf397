/** How often something may happen: at once up to `burst` times, then `perSecond`. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

export interface TokenBucket {
  /** Takes `count` tokens (default 1) and says 0, or takes none and says how many milliseconds to wait for them; at most `burst` are ever there. */
  take(count?: number): number;
}

/** `now` is a monotonic clock in milliseconds. */
export function createTokenBucket(burst: number, perSecond: number, now: () => number): TokenBucket {
  let tokens = burst;
  let at = now();
  return {
    take(count = 1) {
      const time = now();
      tokens = Math.min(burst, tokens + ((time - at) / 1000) * perSecond);
      at = time;
      if (tokens < count) return Math.ceil(((count - tokens) / perSecond) * 1000);
      tokens -= count;
      return 0;
    },
  };
}
