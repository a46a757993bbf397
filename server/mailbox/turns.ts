/** Long work in short turns: between them the event loop serves everybody else. */
import { setImmediate as turn } from 'node:timers/promises';

/** Milliseconds that one turn may take; a turn ends after the item in which they are over. */
const TURN = 10;

/** Does `work` on each item in order. What it throws ends the work and rejects. */
export async function eachInTurns<T>(items: Iterable<T>, work: (item: T) => void): Promise<void> {
  let end = performance.now() + TURN;
  for (const item of items) {
    work(item);
    if (performance.now() < end) continue;
    await turn();
    end = performance.now() + TURN;
  }
}

/** Does `work` on each item, `abreast` at a time, begun in order. Rejects with the first rejection, and begins nothing more then. */
export async function eachAbreast<T>(
  items: readonly T[],
  abreast: number,
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
  await Promise.all(Array.from({ length: Math.min(abreast, items.length) }, worker));
}
