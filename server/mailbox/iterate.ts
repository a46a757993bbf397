/** Loops over many items that let the event loop run in between. */
import { setImmediate as yieldToEventLoop } from 'node:timers/promises';

/** Milliseconds of work before the loop yields, after the item in which they are over. */
const SLICE = 10;

/** Calls `work` with each item in order and yields to the event loop every 10 ms. Rejects with what `work` throws. */
export async function eachYielding<T>(items: Iterable<T>, work: (item: T) => void): Promise<void> {
  let end = performance.now() + SLICE;
  for (const item of items) {
    work(item);
    if (performance.now() < end) continue;
    await yieldToEventLoop();
    end = performance.now() + SLICE;
  }
}

/** Calls `work` with each item in order, `limit` at a time. Rejects with the first rejection, and starts nothing more then. */
export async function eachConcurrently<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    try {
      for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item);
    } catch (error) {
      next = items.length;
      throw error;
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
}
