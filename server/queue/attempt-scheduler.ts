/** Schedules delivery attempts: a letter waits until its time, becomes ready, and is tried when fewer than `concurrency` run and its octets fit the budget. */
import { setMaxListeners } from 'node:events';
import { createOctetBudget } from '../base/octet-budget.ts';
import { createAdmission } from './admission.ts';
import type { QueueOptions } from './contract.ts';
import type { Entry } from './entry.ts';

const MOST_READY = 1000;

export interface AttemptScheduler {
  /** Makes the entry ready after `milliseconds` of world time. */
  scheduleAttempt(entry: Entry, milliseconds: number): void;
  /** Makes a waiting entry ready now; it is tried at the next start. */
  makeReady(entry: Entry): void;
  /** Tries the entry soon, but after its sender has got the reply to DATA. */
  startSoon(entry: Entry): void;
  startReady(): void;
  /** Resolves when one more letter may be admitted. */
  waitForRoom(): Promise<void>;
  /** Resolves when nothing is ready or being tried. */
  idle(): Promise<void>;
  isIdle(): boolean;
  isClosed(): boolean;
  /** Ends what is being tried; resolves when it has ended. */
  close(): Promise<void>;
}

/** `tryOnce` resolves when the attempt is over, and calls `scheduleAttempt` where there is to be another one. */
export function createAttemptScheduler(
  options: Pick<QueueOptions, 'clock' | 'concurrency' | 'budget' | 'mostReady'>,
  tryOnce: (entry: Entry, signal: AbortSignal) => Promise<void>,
): AttemptScheduler {
  const { clock, concurrency = 4, budget = createOctetBudget(Number.POSITIVE_INFINITY) } = options;
  /** Entries that are due, in order. */
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
      // Without room the others wait for a running attempt; a queue without one must not wait for other queues.
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
    scheduleAttempt(entry, milliseconds) {
      entry.stage = 'waiting';
      if (stop.signal.aborted) return;
      const which = entry.progress.attempts === 0 ? 'first' : 'next';
      entry.cancel = clock.after(milliseconds, `the ${which} attempt of ${entry.letter.id}`, () => {
        makeReady(entry);
        startReady();
      });
    },
    makeReady,
    startSoon(entry) {
      makeReady(entry);
      setImmediate(startReady);
    },
    startReady,
    waitForRoom: () => admission.enter(),
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
