/** Promises of world time: what waits strikes in order and once, by waiting or by a jump, however many wait. */
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createWorldClock, type WorldClock } from '../../../server/base/clock.ts';

let clock: WorldClock;
let struck: number[];
beforeEach(() => {
  clock = createWorldClock({ now: () => new Date(0) });
  struck = [];
});
afterEach(() => clock.close());

const appoint = (milliseconds: number, nth = milliseconds) =>
  clock.after(milliseconds, `no. ${nth}`, () => struck.push(nth));

test('whatever is appointed and cancelled, a jump strikes the rest in order', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ wait: fc.nat(50), cancelled: fc.boolean() }), { maxLength: 60 }), waits => {
      const mine = createWorldClock({ now: () => new Date(0) });
      const seen: number[] = [];
      const cancels = waits.map(({ wait }, nth) => mine.after(wait, `${nth}`, () => seen.push(nth)));
      for (const [nth, { cancelled }] of waits.entries()) if (cancelled) cancels[nth]?.();
      const expected = waits
        .map(({ wait, cancelled }, nth) => ({ wait, cancelled, nth }))
        .filter(({ cancelled }) => !cancelled)
        .toSorted((one, other) => one.wait - other.wait || one.nth - other.nth);
      expect(mine.next()?.what).toBe(expected[0] && `${expected[0].nth}`);
      mine.jump(25);
      expect(seen).toEqual(expected.filter(({ wait }) => wait <= 25).map(({ nth }) => nth));
      mine.jump(25);
      expect(seen).toEqual(expected.map(({ nth }) => nth));
      expect(mine.next()).toBeNull();
      mine.close();
    }),
  );
});

test('who cancels twice, or after it struck, cancels nobody else', () => {
  const cancel = appoint(5);
  appoint(7);
  clock.jump(5);
  cancel();
  cancel();
  expect(clock.next()).toEqual({ in: 2, what: 'no. 7' });
  clock.jump(2);
  expect(struck).toEqual([5, 7]);
});

test('what is appointed while it strikes waits for its own moment', () => {
  clock.after(10, 'first', () => appoint(10));
  clock.jump(86_400_000);
  expect(struck).toEqual([]);
  expect(clock.next()).toEqual({ in: 10, what: 'no. 10' });
});

test('whoever strikes again at once does not stop the world', async () => {
  let times = 0;
  const done = new Promise<void>(resolve => {
    const again = (): void => {
      times += 1;
      if (times === 100) resolve();
      else clock.after(0, 'again', again);
    };
    clock.after(0, 'again', again);
  });
  clock.jump(1);
  expect(times).toBe(1);
  await done;
});

test('the machine’s own time strikes too', async () => {
  const real = createWorldClock();
  await new Promise<void>(resolve => {
    real.after(1, 'soon', resolve);
    real.after(60_000, 'late', () => struck.push(60_000));
  });
  real.close();
  expect(struck).toEqual([]);
});

test('a clock that is held moves by jumps alone, and is as late as ever once it is let go', () => {
  let machine = 0;
  const clock = createWorldClock({ now: () => new Date(machine) });
  const struck: string[] = [];
  clock.after(100, 'a', () => struck.push('a'));
  const release = clock.hold();
  machine = 1_000;
  expect([clock.now().getTime(), clock.next()?.in, struck]).toEqual([0, 100, []]);
  clock.jump(100);
  expect([clock.now().getTime(), struck]).toEqual([100, ['a']]);
  release();
  release();
  expect([clock.now().getTime(), clock.jumped()]).toEqual([1_100, 100]);
  clock.close();
});

test('what is due at once comes while the clock is held, too', async () => {
  const clock = createWorldClock();
  clock.hold();
  const came = await new Promise<boolean>(resolve => clock.after(0, 'now', () => resolve(true)));
  expect(came).toBe(true);
  clock.close();
});
