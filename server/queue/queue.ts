/** The queue of one host: keeps each letter on disk until every recipient has it or its sender was told why not (RFC 5321 §4.5.4). */

import { SERVICES } from '../../shared/protocols.ts';
import type { ConnectionId, Fact } from '../../shared/trace/event.ts';
import type { HostId } from '../../shared/world/world.ts';
import { messageIdOf } from '../smtp/message/trace-fields.ts';
import { newQueueId } from '../smtp/queue-id.ts';
import { attempt, tolerate } from './attempt.ts';
import { composeReport, type RecipientReport, reportEnvelope, wants } from './bounce.ts';
import type { PlacedLetter, Queue, QueuedLetter, QueueOptions } from './contract.ts';
import type { Carrier } from './delivery.ts';
import { describeEntry, type Entry, newEntry } from './entry.ts';
import { deadline } from './policy.ts';
import { openSpool, type SpooledLetter } from './spool.ts';
import { createTurns } from './turns.ts';

export type { PlacedLetter, Queue, QueueOptions };

/** How long the first attempt waits for `over`, in milliseconds. */
const PATIENCE = 500;

/** Opens the queue and takes up what an earlier process left in it. Rejects where the directory cannot be used. */
export async function openQueue(options: QueueOptions): Promise<Queue> {
  const { recorder, host, clock, policy } = options;
  const carrier = carrierOf(options);
  const { spool, recovered } = await openSpool(options.directory, options.onTrouble ?? (() => undefined));
  const entries = new Map<string, Entry>();
  /** Ids of letters that are being kept, and are not shown yet. */
  const placed = new Set<string>();
  /** From here on it is seen. */
  const recordQueued = (entry: Entry, connection?: ConnectionId): void => {
    const { letter } = entry;
    placed.delete(letter.id);
    entries.set(letter.id, entry);
    recorder.append(queuedFact(host, entry, connection));
  };

  const tryOnce = async (entry: Entry, signal: AbortSignal): Promise<void> => {
    const ended = await attempt({ carrier, recorder, spool, policy: policy(), signal, report }, entry);
    const { pending, owed, nextAt } = entry.progress;
    if (ended && pending.length === 0 && owed.length === 0) await dequeue(entry);
    else turns.wait(entry, nextAt - clock.now().getTime());
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

  const report = async (
    about: Pick<SpooledLetter, 'id' | 'envelope' | 'arrivedAt'>,
    original: Buffer,
    recipients: readonly RecipientReport[],
  ): Promise<void> => {
    const [first] = recipients;
    if (first === undefined) return;
    const { letter, message, fact } = composed(options, about, original, recipients, first.action);
    const entry = await keep(letter, message);
    recorder.append(fact);
    recordQueued(entry);
    // Its turn comes when the letter it is about has had its own.
    turns.makeReady(entry);
  };

  const place = async (letter: QueuedLetter): Promise<PlacedLetter> => {
    if (turns.isClosed()) throw new Error('the queue is closed');
    const { id = newQueueId(), envelope, message, messageId, connection, over } = letter;
    await turns.enter();
    const entry = await keep({ id, envelope, messageId, arrivedAt: clock.now().getTime() }, message);
    return {
      id,
      show() {
        recordQueued(entry, connection);
        if (over) {
          turns.wait(entry, PATIENCE);
          void over.then(() => {
            if (entry.progress.attempts === 0) turns.begin(entry);
          });
        } else turns.begin(entry);
      },
      async takeBack() {
        placed.delete(id);
        await tolerate(spool.remove(id));
      },
    };
  };

  const turns = createTurns(options, tryOnce);

  for (const { letter, progress, damaged } of recovered) {
    const entry = newEntry(letter, progress);
    recordQueued(entry);
    // What a crash left owed is told at once, and so is that a letter is damaged.
    turns.wait(entry, damaged || entry.progress.owed.length > 0 ? 0 : entry.progress.nextAt - clock.now().getTime());
  }

  return {
    async accept(letter) {
      const kept = await place(letter);
      kept.show();
      return kept.id;
    },
    place,
    async report({ id, envelope, message, arrivedAt }, reports) {
      if (turns.isClosed()) throw new Error('the queue is closed');
      const wanted = reports.filter(({ recipient, action }) => wants(envelope, recipient, action));
      await report({ id, envelope, arrivedAt: arrivedAt.getTime() }, message, wanted);
      setImmediate(turns.startReady);
    },
    async flush() {
      for (const entry of entries.values()) turns.makeReady(entry);
      turns.startReady();
      await turns.idle();
    },
    idle: turns.idle,
    isIdle: turns.isIdle,
    entries: () => [...entries.values()].map(describeEntry),
    async close() {
      const stopped = turns.close();
      for (const { cancel } of entries.values()) cancel();
      await stopped;
    },
  };
}

/** A report of `action` to the sender of the letter `about`: as it is kept, and as it is recorded. */
function composed(
  { host, clock, domain, policy }: QueueOptions,
  about: Pick<SpooledLetter, 'id' | 'envelope' | 'arrivedAt'>,
  original: Buffer,
  reports: readonly RecipientReport[],
  action: RecipientReport['action'],
): { readonly letter: Omit<SpooledLetter, 'octets'>; readonly message: Buffer; readonly fact: Fact } {
  const id = newQueueId();
  const date = clock.now();
  const letter = { envelope: about.envelope, message: original, arrivedAt: new Date(about.arrivedAt) };
  const until = action === 'delayed' ? { retryUntil: new Date(deadline(policy(), about.arrivedAt)) } : {};
  const message = composeReport({ host, domain: domain(), id, date, letter, recipients: reports, ...until });
  const messageId = messageIdOf(message);
  const recipients = reports.map(({ recipient }) => recipient);
  return {
    letter: { id, envelope: reportEnvelope(about.envelope), messageId, arrivedAt: date.getTime() },
    message,
    fact: { kind: 'mail.reported', host, queueId: id, about: about.id, action, recipients, messageId },
  };
}

const queuedFact = (host: HostId, { letter, progress }: Entry, connection?: ConnectionId): Fact => ({
  kind: 'mail.queued',
  host,
  queueId: letter.id,
  messageId: letter.messageId,
  reversePath: letter.envelope.reversePath,
  recipients: progress.pending,
  size: letter.octets,
  ...(connection === undefined ? {} : { connection }),
});

const carrierOf = (options: QueueOptions): Carrier => ({
  host: options.host,
  helloName: options.helloName,
  addresses: options.addresses ?? [],
  home: options.home ?? null,
  network: options.network,
  resolver: options.resolver,
  clock: options.clock,
  smtpPort: options.smtpPort ?? SERVICES.smtp.port,
  style: options.style,
  timeouts: options.timeouts ?? {},
});
