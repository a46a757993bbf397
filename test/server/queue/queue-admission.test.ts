/** Whoever brings letters faster than they can leave is slowed down, so that a queue does not grow without end; nobody is turned away. */
import { expect, test } from 'vitest';
import { createAdmission } from '../../../server/queue/admission.ts';
import { letter, mx, openGround } from '../../help/loopback/queue-loopback.ts';

const settled = async (promise: Promise<unknown>): Promise<boolean> => {
  let done = false;
  void promise.then(() => {
    done = true;
  });
  await new Promise(resolve => setImmediate(resolve));
  return done;
};

test('while few wait, everybody comes in at once; then one for each that goes, in their order', async () => {
  let waiting = 0;
  const admission = createAdmission(2, () => waiting);
  expect(await settled(admission.enter())).toBe(true);
  waiting = 2;
  const [first, second] = [admission.enter(), admission.enter()];
  expect([await settled(first), await settled(second)]).toEqual([false, false]);
  admission.leave();
  expect(await settled(first), 'it is as full as before').toBe(false);
  waiting = 1;
  admission.leave();
  expect([await settled(first), await settled(second)]).toEqual([true, false]);
  admission.close();
  expect(await settled(second)).toBe(true);
});

test('nobody waits for ever: what is full for long lets one in all the same', async () => {
  await expect(createAdmission(0, () => 7).enter()).resolves.toBeUndefined();
});

test('a queue that is full takes every letter, and brings every letter', async () => {
  const ground = openGround();
  try {
    ground.routes['green.example'] = mx('mx1.green.example');
    const deliveries = await ground.serve('mx1.green.example');
    const queue = await ground.queueOf({ mostReady: 1, concurrency: 1 });
    await Promise.all(Array.from({ length: 12 }, () => queue.accept(letter('bob@green.example'))));
    await queue.idle();
    expect(deliveries).toHaveLength(12);
    expect(queue.entries()).toEqual([]);
  } finally {
    await ground.close();
  }
});
