/** The queue of one host: keeps each letter on disk until every recipient has it or its sender can be told why not (RFC 5321 §4.5.4). */

import { setMaxListeners } from 'node:events';
import { type ConnectionId, wireTime } from '../../shared/trace/event.ts';
import type { HostId } from '../../shared/world/world.ts';
import type { Resolver } from '../dns/resolver.ts';
import type { Network } from '../network/contract.ts';
import type { Recorder } from '../recorder.ts';
import type { Envelope } from '../smtp/envelope.ts';
import { newQueueId } from '../smtp/queue-id.ts';
import type { SmtpTimeouts } from '../smtp/send.ts';
import { type Carrier, deliver } from './delivery.ts';
import { byDomain, byReason, type Fate, type Group } from './fate.ts';
import { defaultPolicy, nextTry, type QueuePolicy, spanInWords } from './policy.ts';
import { openSpool, type Progress, type SpooledLetter } from './spool.ts';

export interface QueueOptions {
  /** Made where missing; nobody else may use it at the same time. */
  readonly directory: string;
  readonly host: HostId;
  readonly helloName: string;
  readonly network: Network;
  readonly resolver: Resolver;
  readonly recorder: Recorder;
  readonly now: () => Date;
  readonly policy?: Partial<QueuePolicy>;
  /** Default 25. */
  readonly smtpPort?: number;
  /** Letters under way at once; default 4. */
  readonly concurrency?: number;
  /** The host's own world addresses, so that an MX that is itself under another name is known for a loop. */
  readonly addresses?: readonly string[];
  readonly timeouts?: Partial<SmtpTimeouts>;
}

interface QueuedLetter {
  /** From `newQueueId`, where the `Received:` field already names it. */
  readonly id?: string;
  readonly envelope: Envelope;
  readonly message: Buffer;
  readonly messageId: string;
  readonly connection?: ConnectionId;
  /** The first attempt waits for it, though not for long: whoever brought the letter may still be talking. */
  readonly over?: Promise<void>;
}

interface QueueEntry {
  readonly id: string;
  readonly envelope: Envelope;
  readonly messageId: string;
  readonly octets: number;
  readonly arrivedAt: Date;
  /** Recipients who have neither got it nor been given up. */
  readonly pending: readonly string[];
  readonly attempts: number;
  /** Null while it is being tried or about to be. */
  readonly nextAt: Date | null;
  /** Why it is still here, or ''. */
  readonly lastReason: string;
}

export interface Queue {
  /** Resolves with the queue id once the letter is durable and `mail.queued` is recorded; rejects where the disk will not have it. */
  accept(letter: QueuedLetter): Promise<string>;
  /** Tries every letter now; resolves when none is being tried any more. */
  flush(): Promise<void>;
  entries(): readonly QueueEntry[];
  /** Breaks off what is under way, without a record of it; the letters stay on disk. */
  close(): Promise<void>;
}

/** How long the first attempt waits for `over`, in milliseconds. */
const PATIENCE = 500;

interface Entry {
  readonly letter: SpooledLetter;
  progress: Progress;
  stage: 'waiting' | 'ready' | 'running';
  timer: NodeJS.Timeout | null;
}

/** Opens the queue and takes up what an earlier process left in it. Rejects where the directory cannot be used. */
export async function openQueue(options: QueueOptions): Promise<Queue> {
  const { recorder, host, now } = options;
  const policy: QueuePolicy = { ...defaultPolicy, ...options.policy };
  const concurrency = options.concurrency ?? 4;
  const carrier: Carrier = {
    host,
    helloName: options.helloName,
    addresses: options.addresses ?? [],
    network: options.network,
    resolver: options.resolver,
    smtpPort: options.smtpPort ?? 25,
    timeouts: options.timeouts ?? {},
  };
  const { spool, recovered } = await openSpool(options.directory);
  const entries = new Map<string, Entry>();
  const running = new Set<Promise<void>>();
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);

  const recordQueued = ({ letter, progress }: Entry, connection?: ConnectionId): void => {
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
    // A timer cannot wait longer than 2^31 - 1 ms; one that strikes early just tries early.
    entry.timer = setTimeout(() => makeReady(entry), Math.max(0, Math.min(milliseconds, 2 ** 31 - 1)));
  };

  const makeReady = (entry: Entry): void => {
    if (entry.stage !== 'waiting' || stop.signal.aborted) return;
    if (entry.timer) clearTimeout(entry.timer);
    entry.timer = null;
    entry.stage = 'ready';
    startReady();
  };

  const startReady = (): void => {
    for (const entry of entries.values()) {
      if (running.size >= concurrency || stop.signal.aborted) return;
      if (entry.stage !== 'ready') continue;
      entry.stage = 'running';
      const run = attempt(entry).finally(() => {
        running.delete(run);
        startReady();
      });
      running.add(run);
    }
  };

  const attempt = async (entry: Entry): Promise<void> => {
    const { letter } = entry;
    entry.progress = { ...entry.progress, attempts: entry.progress.attempts + 1 };
    const message = await spool.read(letter.id).catch(systemError);
    if (message instanceof Error) {
      bounce(entry, [
        {
          status: '5.3.0',
          reason: `the queue file is gone or unreadable: ${message.message}`,
          recipients: entry.progress.pending,
        },
      ]);
      await dequeue(entry);
      return;
    }
    for (const [domain, recipients] of byDomain(entry.progress.pending)) {
      recorder.append({ kind: 'mail.attempted', host, queueId: letter.id, domain, recipients });
      const errand = { domain, reversePath: letter.envelope.reversePath, recipients, message };
      const fates = await deliver(carrier, errand, stop.signal).catch((error: unknown) => {
        if (stop.signal.aborted) return null;
        throw error;
      });
      if (!fates) return;
      settle(entry, fates);
      if (entry.progress.pending.length === 0) break;
      await tolerate(spool.saveProgress(letter.id, entry.progress));
    }
    if (entry.progress.pending.length === 0) await dequeue(entry);
    else wait(entry, entry.progress.nextAt - now().getTime());
  };

  /** Writes down what became of some recipients, and takes those who are done out of the pending ones. */
  const settle = (entry: Entry, fates: readonly Fate[]): void => {
    const { attempts } = entry.progress;
    const at = now().getTime();
    const next = nextTry(policy, { arrivedAt: entry.letter.arrivedAt, attempts, now: at });
    const kept = fates.filter(({ verdict }) => verdict === 'later');
    bounce(entry, byReason(fates.filter(({ verdict }) => verdict === 'never')));
    if (next.kind === 'give-up') {
      const span = spanInWords(policy.giveUpAfter);
      const expired = kept.map(fate => ({
        ...fate,
        status: '4.4.7',
        reason: `not delivered within ${span}: ${fate.reason}`,
      }));
      bounce(entry, byReason(expired));
    } else {
      for (const group of byReason(kept)) {
        const retryAt = wireTime(recorder.now() + Math.max(0, next.at - at) * 1000);
        recorder.append({ kind: 'mail.deferred', host, queueId: entry.letter.id, ...group, retryAt });
      }
    }
    const keeps = new Set(next.kind === 'give-up' ? [] : kept.map(({ recipient }) => recipient));
    const decided = new Set(fates.map(({ recipient }) => recipient));
    entry.progress = {
      attempts,
      pending: entry.progress.pending.filter(recipient => keeps.has(recipient) || !decided.has(recipient)),
      nextAt: next.kind === 'retry' ? next.at : at,
      lastReason: kept[0]?.reason ?? entry.progress.lastReason,
    };
  };

  const bounce = (entry: Entry, groups: readonly Group[]): void => {
    for (const group of groups) {
      if (group.recipients.length > 0)
        recorder.append({ kind: 'mail.bounced', host, queueId: entry.letter.id, ...group });
    }
  };

  const dequeue = async (entry: Entry): Promise<void> => {
    await tolerate(spool.remove(entry.letter.id));
    entries.delete(entry.letter.id);
    recorder.append({ kind: 'mail.dequeued', host, queueId: entry.letter.id });
  };

  for (const { letter, progress } of recovered) {
    const entry = newEntry(letter, progress);
    entries.set(letter.id, entry);
    recordQueued(entry);
    wait(entry, entry.progress.nextAt - now().getTime());
  }

  return {
    async accept({ id = newQueueId(), envelope, message, messageId, connection, over }) {
      if (stop.signal.aborted) throw new Error('the queue is closed');
      if (entries.has(id)) throw new Error(`two letters with the queue id ${id}`);
      const arrivedAt = now().getTime();
      await spool.write({ id, envelope, messageId, arrivedAt }, message);
      const entry = newEntry({ id, envelope, messageId, arrivedAt, octets: message.length }, null);
      entries.set(id, entry);
      recordQueued(entry, connection);
      if (over) {
        wait(entry, PATIENCE);
        void over.then(() => makeReady(entry));
      } else wait(entry, 0);
      return id;
    },
    async flush() {
      for (const entry of entries.values()) makeReady(entry);
      while (running.size > 0) await Promise.all(running);
    },
    entries: () => [...entries.values()].map(describe),
    async close() {
      stop.abort(new Error('the queue is closed'));
      for (const { timer } of entries.values()) if (timer) clearTimeout(timer);
      await Promise.all(running);
    },
  };
}

const newEntry = (letter: SpooledLetter, progress: Progress | null): Entry => ({
  letter,
  progress: progress ?? { pending: letter.envelope.recipients, attempts: 0, nextAt: letter.arrivedAt, lastReason: '' },
  stage: 'waiting',
  timer: null,
});

const describe = ({ letter, progress, stage }: Entry): QueueEntry => ({
  id: letter.id,
  envelope: letter.envelope,
  messageId: letter.messageId,
  octets: letter.octets,
  arrivedAt: new Date(letter.arrivedAt),
  pending: progress.pending,
  attempts: progress.attempts,
  nextAt: stage === 'waiting' ? new Date(progress.nextAt) : null,
  lastReason: progress.lastReason,
});

/** What the operating system refused is the outside's; anything else is ours and is thrown on. */
function systemError(error: unknown): Error {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error;
  throw error;
}

/** The disk failed where the letter is safe all the same: the worst that follows is a second copy after a restart. */
async function tolerate(writing: Promise<void>): Promise<void> {
  try {
    await writing;
  } catch (error) {
    process.emitWarning(`mail queue: ${systemError(error).message}`, { code: 'MAILSCOPE_QUEUE' });
  }
}
