/** Promises about when a letter is tried again and when it is given up. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { byCause, byDomain } from '../../../server/queue/fate.ts';
import { isLate, nextTry } from '../../../server/queue/policy.ts';
import { roughSpan } from '../../../shared/explain/words/spans.ts';
import { DEFAULT_RETRY } from '../../../shared/world/world.ts';

const MINUTE = 60_000;

test('the waits grow to an hour and stay there', () => {
  const waits = [1, 2, 3, 4, 5, 6, 50].map(attempts => {
    const next = nextTry(DEFAULT_RETRY, { arrivedAt: 0, attempts, now: 0 });
    return next.kind === 'retry' ? next.at / MINUTE : 'never';
  });
  expect(waits).toEqual([1, 5, 15, 30, 60, 60, 60]);
});

test('the last try is made when the time is over, and after it none', () => {
  const policy = { after: [1, 2] as const, giveUpAfter: 10, warnAfter: 4 };
  const tries: number[] = [];
  let now = 0;
  for (;;) {
    tries.push(now);
    const next = nextTry(policy, { arrivedAt: 0, attempts: tries.length, now });
    if (next.kind === 'give-up') break;
    now = next.at;
  }
  expect(tries).toEqual([0, 1000, 3000, 5000, 7000, 9000, 10_000]);
});

test('whatever the schedule, time goes on and ends', () => {
  const wait = fc.integer({ min: 0, max: 1_000_000 });
  fc.assert(
    fc.property(
      wait,
      fc.array(wait, { maxLength: 5 }),
      fc.integer({ min: 0, max: 1_000_000 }),
      wait,
      (first, rest, now, span) => {
        const policy = { after: [first, ...rest] as const, giveUpAfter: span, warnAfter: 0 };
        const next = nextTry(policy, { arrivedAt: 0, attempts: 3, now });
        if (next.kind === 'retry') {
          expect(next.at).toBeGreaterThan(now);
          expect(next.at).toBeLessThanOrEqual(span * 1000);
        } else expect(now).toBeGreaterThanOrEqual(span * 1000);
      },
    ),
  );
});

test('a letter is late once the warning time has passed, not before', () => {
  const policy = { after: [1] as const, giveUpAfter: 10, warnAfter: 4 };
  expect([3999, 4000, 9000].map(now => isLate(policy, { arrivedAt: 0, now }))).toEqual([false, true, true]);
});

test('spans are said in words', () => {
  expect([5 * 24 * 60 * MINUTE, MINUTE, 10_000, 250].map(roughSpan)).toEqual([
    '5 days',
    '1 minute',
    '10 seconds',
    '250 milliseconds',
  ]);
});

test('recipients go by domain in any case, in order; fates by cause', () => {
  expect([...byDomain(['a@X.test', 'b@y.test', 'c@x.TEST'])]).toEqual([
    ['x.test', ['a@X.test', 'c@x.TEST']],
    ['y.test', ['b@y.test']],
  ]);
  const fate = (recipient: string, domain: string) => {
    const cause = { code: 'no-such-domain', domain } as const;
    return { recipient, status: '4.0.0', cause };
  };
  expect(byCause([fate('a', 'x'), fate('b', 'y'), fate('c', 'x')]).map(({ recipients }) => recipients)).toEqual([
    ['a', 'c'],
    ['b'],
  ]);
});
