/** However many connections bring octets at once, few of them cross in one turn of the event loop; every one has its turn, in order. */
import { expect, test } from 'vitest';
import { createTurns } from '../server/network/turns.ts';

/** Turns that come when they are asked for. */
function turnsByHand() {
  const tasks: (() => void)[] = [];
  const turns = createTurns(task => void tasks.push(task));
  return { turns, pending: () => tasks.length, turn: () => tasks.splice(0).forEach(task => void task()) };
}
const READING = 64 * 1024;
const never = (): void => expect.unreachable('it was not resting');

test('what is little crosses at once, and a turn without anything ends it', () => {
  const { turns, pending, turn } = turnsByHand();
  for (let nth = 0; nth < 32; nth += 1) expect(turns.isOver(READING, never)).toBe(false);
  expect(pending()).toBe(1);
  turn();
  expect(pending()).toBe(0);
});

test('of many, each goes on in a later turn, and nobody twice before everybody once', () => {
  const { turns, pending, turn } = turnsByHand();
  const went: number[] = [];
  const bring = (nth: number): boolean => turns.isOver(READING, goOn[nth] ?? never);
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
  const { turns, turn } = turnsByHand();
  expect(turns.isOver(3 * 1024 * 1024, never)).toBe(true);
  turns.forget(never);
  turn();
  turn();
  expect(turns.isOver(1, never)).toBe(false);
});
