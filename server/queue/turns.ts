/** Whose turn it is in a queue: letters wait for their time, are ready, and are tried, so many at once as there is room for. */
import { setMaxListeners } from 'node:events';
import { createOctetBudget } from '../base/octet-budget.ts';
import { createAdmission } from './admission.ts';
import type { QueueOptions } from './contract.ts';
import type { Entry } from './entry.ts';

const MOST_READY = 1000;

export interface Turns {
  /** It is ready after so many milliseconds of world time. */
  wait(entry: Entry, milliseconds: number): void;
  /** Where it waits: it is ready now, and begins with the next that is started. */
  makeReady(entry: Entry): void;
  /** Its turn comes before long, though not before whoever brought it has heard so. */
  begin(entry: Entry): void;
  startReady(): void;
  /** Resolves when one more letter may be let in. */
  enter(): Promise<void>;
  /** Resolves when nothing is ready or being tried. */
  idle(): Promise<void>;
  isIdle(): boolean;
  isClosed(): boolean;
  /** Ends what is being tried; resolves when it has ended. */
  close(): Promise<void>;
}

/** `tryOnce` resolves when the attempt is over, and calls `wait` where there is to be another one. */
export function createTurns(
  options: Pick<QueueOptions, 'clock' | 'concurrency' | 'budget' | 'mostReady'>,
  tryOnce: (entry: Entry, signal: AbortSignal) => Promise<void>,
): Turns {
  const { clock, concurrency = 4, budget = createOctetBudget(Number.POSITIVE_INFINITY) } = options;
  /** Whose turn has come, the first one first. */
  const ready = new Set<Entry>();
  const running = new Set<Promise<void>>();
  const admission = createAdmission(options.mostReady ?? MOST_READY, () => ready.size);
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);

  const makeReady = (entry: Entry): void => {
    if (entry.stage !== 'waiting') return;
    entry.cancel();
    entry.stage = 'ready';
    ready.add(entry);
  };

  const startReady = (): void => {
    for (const entry of ready) {
      if (running.size >= concurrency || stop.signal.aborted) return;
      const { octets } = entry.letter;
      // Without room the others wait for the one that is under way; a queue that has none must not wait for strangers.
      if (!budget.reserve(octets)) {
        if (running.size > 0) return;
        budget.claim(octets);
      }
      ready.delete(entry);
      entry.stage = 'running';
      const run = tryOnce(entry, stop.signal).finally(() => {
        running.delete(run);
        budget.release(octets);
        startReady();
        admission.leave();
      });
      running.add(run);
    }
  };

  return {
    wait(entry, milliseconds) {
      entry.stage = 'waiting';
      if (stop.signal.aborted) return;
      const which = entry.progress.attempts === 0 ? 'first' : 'next';
      entry.cancel = clock.after(milliseconds, `the ${which} attempt of ${entry.letter.id}`, () => {
        makeReady(entry);
        startReady();
      });
    },
    makeReady,
    begin(entry) {
      makeReady(entry);
      setImmediate(startReady);
    },
    startReady,
    enter: () => admission.enter(),
    async idle() {
      while (!stop.signal.aborted && (ready.size > 0 || running.size > 0)) {
        startReady();
        await Promise.all(running);
      }
    },
    isIdle: () => ready.size === 0 && running.size === 0,
    isClosed: () => stop.signal.aborted,
    async close() {
      stop.abort(new Error('the queue is closed'));
      admission.close();
      await Promise.all(running);
    },
  };
}
