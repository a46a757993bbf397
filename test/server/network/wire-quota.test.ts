/** However many connections bring octets at once, few of them cross in one turn of the event loop; every one has its turn, in order. */
import { expect, test } from 'vitest';
import { createReadQuota } from '../../../server/network/read-quota.ts';

/** Turns that come when they are asked for. */
function quotaByHand() {
  const tasks: (() => void)[] = [];
  const quota = createReadQuota(task => void tasks.push(task));
  return { quota, pending: () => tasks.length, turn: () => tasks.splice(0).forEach(task => void task()) };
}
const PER_READ = 64 * 1024;
const never = (): void => expect.unreachable('it was not resting');

test('what is little crosses at once, and a turn without anything ends it', () => {
  const { quota, pending, turn } = quotaByHand();
  for (let nth = 0; nth < 32; nth += 1) expect(quota.exceeds(PER_READ, never)).toBe(false);
  expect(pending()).toBe(1);
  turn();
  expect(pending()).toBe(0);
});

test('of many, each goes on in a later turn, and nobody twice before everybody once', () => {
  const { quota, pending, turn } = quotaByHand();
  const went: number[] = [];
  const bring = (nth: number): boolean => quota.exceeds(PER_READ, goOn[nth] ?? never);
  const goOn = Array.from({ length: 200 }, (_, nth) => () => void went.push(nth));
  const resting = goOn.map((_, nth) => nth).filter(bring);
  expect(resting).toEqual(goOn.map((_, nth) => nth).slice(32));
  let most = 0;
  while (pending() > 0) {
    const before = went.length;
    turn();
    most = Math.max(most, went.length - before);
  }
  expect(went).toEqual(resting);
  expect(most).toBe(32);
});

test('who is gone is not asked to go on', () => {
  const { quota, turn } = quotaByHand();
  expect(quota.exceeds(3 * 1024 * 1024, never)).toBe(true);
  quota.forget(never);
  turn();
  turn();
  expect(quota.exceeds(1, never)).toBe(false);
});
