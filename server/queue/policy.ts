/** When a letter that could not be delivered is tried again, and when its sender is told that it never will be. Pure. */
import type { RetryPolicy } from '../../shared/world/world.ts';

export type NextTry = { readonly kind: 'retry'; readonly at: number } | { readonly kind: 'give-up' };

/** Milliseconds since 1970. */
interface Moments {
  readonly arrivedAt: number;
  readonly now: number;
}

/** When a letter that arrived then is given up (RFC 5321 §4.5.4.1), in milliseconds since 1970. */
export const deadline = (policy: RetryPolicy, arrivedAt: number): number => arrivedAt + policy.giveUpAfter * 1000;

/** `attempts` have failed, at least one. The last attempt is made when the time is over, not an interval before; no wait is under a second. */
export function nextTry(policy: RetryPolicy, { arrivedAt, attempts, now }: Moments & { attempts: number }): NextTry {
  const end = deadline(policy, arrivedAt);
  if (now >= end) return { kind: 'give-up' };
  const wait = policy.after[attempts - 1] ?? policy.after.at(-1) ?? policy.after[0];
  return { kind: 'retry', at: Math.min(now + Math.max(1, wait) * 1000, end) };
}

/** Whether a letter has waited for so long that its sender should know (RFC 3464 §2.3.3, "delayed"). */
export const isLate = (policy: RetryPolicy, { arrivedAt, now }: Moments): boolean =>
  now - arrivedAt >= policy.warnAfter * 1000;
