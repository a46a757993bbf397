/** An AUTH exchange that is going on: which lines of the client are secret (RFC 4954 §4, RFC 5034 §4). */

/** How many lines follow AUTH even if nobody asked yet, as of a client that does not wait (RFC 4616, LOGIN). */
function linesAfter(mechanism: string, initial: boolean): number {
  if (mechanism === '') return 0;
  if (mechanism === 'PLAIN') return initial ? 0 : 1;
  if (mechanism === 'LOGIN') return initial ? 1 : 2;
  return Number.POSITIVE_INFINITY;
}

/** Until its last reply. Lines are counted from the greeting, which is the first. */
export interface Exchange {
  /** The line whose reply is a challenge or the end of it. */
  nth: number;
  /** Lines to come that are secret; those that were, and those that were asked for. */
  remaining: number;
  taken: number;
  asked: number;
}

/** `nth`: the line of AUTH; `initial`: with its first response. */
export const exchangeOf = (nth: number, mechanism: string, initial: boolean): Exchange => ({
  nth,
  remaining: linesAfter(mechanism, initial),
  taken: 0,
  asked: 0,
});
