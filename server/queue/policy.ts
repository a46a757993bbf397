/** When a letter that could not be delivered is tried again, and when its sender is told that it never will be. Pure. */

/** Times in milliseconds. */
export interface QueuePolicy {
  /** How long to wait after the first failed attempt, after the second, …; the last one repeats. Not empty. */
  readonly retryAfter: readonly [number, ...number[]];
  /** How long after its arrival a letter is given up (RFC 5321 §4.5.4.1: 4 to 5 days). */
  readonly giveUpAfter: number;
}

const MINUTE = 60_000;

export const defaultPolicy: QueuePolicy = {
  retryAfter: [1 * MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, 60 * MINUTE],
  giveUpAfter: 5 * 24 * 60 * MINUTE,
};

export type NextTry = { readonly kind: 'retry'; readonly at: number } | { readonly kind: 'give-up' };

/** `attempts` have failed, at least one. The last attempt is made when the time is over, not an interval before. */
export function nextTry(
  policy: QueuePolicy,
  { arrivedAt, attempts, now }: { arrivedAt: number; attempts: number; now: number },
): NextTry {
  const deadline = arrivedAt + policy.giveUpAfter;
  if (now >= deadline) return { kind: 'give-up' };
  const wait = policy.retryAfter[attempts - 1] ?? policy.retryAfter.at(-1) ?? policy.retryAfter[0];
  return { kind: 'retry', at: Math.min(now + wait, deadline) };
}

/** A span as a person says it: "5 days", "10 seconds". */
export function spanInWords(milliseconds: number): string {
  const units = [
    ['day', 86_400_000],
    ['hour', 3_600_000],
    ['minute', 60_000],
    ['second', 1000],
  ] as const;
  for (const [name, size] of units) {
    const count = Math.round(milliseconds / size);
    if (milliseconds >= size) return `${count} ${name}${count === 1 ? '' : 's'}`;
  }
  return `${Math.round(milliseconds)} milliseconds`;
}
