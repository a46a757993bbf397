/** How often something may happen: at once up to `burst` times, then `perSecond`. */
export interface TokenBucket {
  /** Takes a token and says 0, or says how many milliseconds to wait for the next. */
  take(): number;
}

/** `now` is a monotonic clock in milliseconds. */
export function createTokenBucket(burst: number, perSecond: number, now: () => number): TokenBucket {
  let tokens = burst;
  let at = now();
  return {
    take() {
      const time = now();
      tokens = Math.min(burst, tokens + ((time - at) / 1000) * perSecond);
      at = time;
      if (tokens < 1) return Math.ceil(((1 - tokens) / perSecond) * 1000);
      tokens -= 1;
      return 0;
    },
  };
}
