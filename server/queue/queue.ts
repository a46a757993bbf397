/** The queue of one host: keeps each letter on disk until every recipient has it or its sender was told why not (RFC 5321 §4.5.4). */

import { setMaxListeners } from 'node:events';
import type { ConnectionId } from '../../shared/trace/event.ts';
import { createOctetBudget } from '../octet-budget.ts';
import { newQueueId } from '../smtp/queue-id.ts';
import { messageIdOf } from '../smtp/trace-fields.ts';
import { createAdmission } from './admission.ts';
import { attempt, tolerate } from './attempt.ts';
import { composeReport, type RecipientReport, reportEnvelope, wants } from './bounce.ts';
import type { PlacedLetter, Queue, QueuedLetter, QueueOptions } from './contract.ts';
import type { Carrier } from './delivery.ts';
import { describeEntry, type Entry, newEntry } from './entry.ts';
import { deadline } from './policy.ts';
import { openSpool, type SpooledLetter } from './spool.ts';

export type { PlacedLetter, Queue, QueueOptions };

/** How long the first attempt waits for `over`, in milliseconds. */
const PATIENCE = 500;
const MOST_READY = 1000;

/** Opens the queue and takes up what an earlier process left in it. Rejects where the directory cannot be used. */
export async function openQueue(options: QueueOptions): Promise<Queue> {
  const { recorder, host, clock, policy } = options;
  const concurrency = options.concurrency ?? 4;
  const budget = options.budget ?? createOctetBudget(Number.POSITIVE_INFINITY);
  const carrier: Carrier = {
    host,
    helloName: options.helloName,
    addresses: options.addresses ?? [],
    home: options.home ?? null,
    network: options.network,
    resolver: options.resolver,
    clock,
    smtpPort: options.smtpPort ?? 25,
    style: options.style,
    timeouts: options.timeouts ?? {},
  };
  const { spool, recovered } = await openSpool(options.directory, options.onTrouble ?? (() => undefined));
  const entries = new Map<string, Entry>();
  /** Ids of letters that are being kept, and are not shown yet. */
  const placed = new Set<string>();
  /** Whose turn has come, the first one first. */
  const ready = new Set<Entry>();
  const running = new Set<Promise<void>>();
  const admission = createAdmission(options.mostReady ?? MOST_READY, () => ready.size);
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);

  /** From here on it is seen. */
  const recordQueued = (entry: Entry, connection?: ConnectionId): void => {
    const { letter, progress } = entry;
    placed.delete(letter.id);
    entries.set(letter.id, entry);
    recorder.append({
      kind: 'mail.queued',
      host,
      queueId: letter.id,
      messageId: letter.messageId,
      reversePath: letter.envelope.reversePath,
      recipients: progress.pending,
      size: letter.octets,
      ...(connection === undefined ? {} : { connection }),
    });
  };

  const wait = (entry: Entry, milliseconds: number): void => {
    entry.stage = 'waiting';
    if (stop.signal.aborted) return;
    const which = entry.progress.attempts === 0 ? 'first' : 'next';
    entry.cancel = clock.after(milliseconds, `the ${which} attempt of ${entry.letter.id}`, () => {
      makeReady(entry);
      startReady();
    });
  };

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
      const run = tryOnce(entry).finally(() => {
        running.delete(run);
        budget.release(octets);
        startReady();
        admission.leave();
      });
      running.add(run);
    }
  };

  const tryOnce = async (entry: Entry): Promise<void> => {
    const { signal } = stop;
    const ended = await attempt({ carrier, recorder, spool, policy: policy(), signal, report }, entry);
    const { pending, owed, nextAt } = entry.progress;
    if (ended && pending.length === 0 && owed.length === 0) await dequeue(entry);
    else wait(entry, nextAt - clock.now().getTime());
  };

  const dequeue = async (entry: Entry): Promise<void> => {
    await tolerate(spool.remove(entry.letter.id));
    entries.delete(entry.letter.id);
    recorder.append({ kind: 'mail.dequeued', host, queueId: entry.letter.id });
  };

  const keep = async (letter: Omit<SpooledLetter, 'octets'>, message: Buffer): Promise<Entry> => {
    if (entries.has(letter.id) || placed.has(letter.id)) throw new Error(`two letters with the queue id ${letter.id}`);
    placed.add(letter.id);
    try {
      await spool.write(letter, message);
    } catch (error) {
      placed.delete(letter.id);
      throw error;
    }
    return newEntry({ ...letter, octets: message.length }, null);
  };

  /** Its turn comes before long, though not before whoever brought it has heard so. */
  const getGoing = (entry: Entry): void => {
    makeReady(entry);
    setImmediate(startReady);
  };

  const report = async (
    about: Pick<SpooledLetter, 'id' | 'envelope' | 'arrivedAt'>,
    original: Buffer,
    recipients: readonly RecipientReport[],
  ): Promise<void> => {
    const [first] = recipients;
    if (first === undefined) return;
    const id = newQueueId();
    const date = clock.now();
    const letter = { envelope: about.envelope, message: original, arrivedAt: new Date(about.arrivedAt) };
    const until = first.action === 'delayed' ? { retryUntil: new Date(deadline(policy(), about.arrivedAt)) } : {};
    const message = composeReport({ host, domain: options.domain(), id, date, letter, recipients, ...until });
    const messageId = messageIdOf(message);
    const arrivedAt = date.getTime();
    const entry = await keep({ id, envelope: reportEnvelope(about.envelope), messageId, arrivedAt }, message);
    recorder.append({
      kind: 'mail.reported',
      host,
      queueId: id,
      about: about.id,
      action: first.action,
      recipients: recipients.map(({ recipient }) => recipient),
      messageId,
    });
    recordQueued(entry);
    // Its turn comes when the letter it is about has had its own.
    makeReady(entry);
  };

  const place = async (letter: QueuedLetter): Promise<PlacedLetter> => {
    if (stop.signal.aborted) throw new Error('the queue is closed');
    const { id = newQueueId(), envelope, message, messageId, connection, over } = letter;
    await admission.enter();
    const entry = await keep({ id, envelope, messageId, arrivedAt: clock.now().getTime() }, message);
    return {
      id,
      show() {
        recordQueued(entry, connection);
        if (over) {
          wait(entry, PATIENCE);
          void over.then(() => {
            if (entry.progress.attempts === 0) getGoing(entry);
          });
        } else getGoing(entry);
      },
      async takeBack() {
        placed.delete(id);
        await tolerate(spool.remove(id));
      },
    };
  };

  for (const { letter, progress, damaged } of recovered) {
    const entry = newEntry(letter, progress);
    recordQueued(entry);
    // What a crash left owed is told at once, and so is that a letter is damaged.
    wait(entry, damaged || entry.progress.owed.length > 0 ? 0 : entry.progress.nextAt - clock.now().getTime());
  }

  return {
    async accept(letter) {
      const kept = await place(letter);
      kept.show();
      return kept.id;
    },
    place,
    async report({ id, envelope, message, arrivedAt }, reports) {
      if (stop.signal.aborted) throw new Error('the queue is closed');
      const wanted = reports.filter(({ recipient, action }) => wants(envelope, recipient, action));
      await report({ id, envelope, arrivedAt: arrivedAt.getTime() }, message, wanted);
      setImmediate(startReady);
    },
    async flush() {
      for (const entry of entries.values()) makeReady(entry);
      startReady();
      await idle();
    },
    idle,
    isIdle: () => ready.size === 0 && running.size === 0,
    entries: () => [...entries.values()].map(describeEntry),
    async close() {
      stop.abort(new Error('the queue is closed'));
      for (const { cancel } of entries.values()) cancel();
      admission.close();
      await Promise.all(running);
    },
  };

  async function idle(): Promise<void> {
    while (!stop.signal.aborted && (ready.size > 0 || running.size > 0)) {
      startReady();
      await Promise.all(running);
    }
  }
}
