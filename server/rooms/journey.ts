/** Follows one letter through the record, with everything that comes of it: copies, forwards, and the reports that travel home. */
import type { Cause } from '../../shared/trace/cause.ts';
import type { ConnectionId, TraceEvent } from '../../shared/trace/event.ts';
import type { MailClient } from '../mail-client/mail-client.ts';
import type { RoomRecorder } from '../record/recorder.ts';

/** What became of the letter for one recipient. `deferred` may still change after it was told. */
type Fate =
  | { readonly kind: 'stored'; readonly recipient: string; readonly mailbox: string }
  | {
      readonly kind: 'bounced' | 'deferred';
      readonly recipient: string;
      readonly status: string;
      readonly cause: Cause;
    };

type Submission = Awaited<ReturnType<MailClient['send']>['done']>;

/** How one letter went: what submission answered, and each queued recipient's fate. Fetched, too, where that was asked for. */
export interface Journey {
  readonly submission: Submission;
  readonly fates: readonly Fate[];
}

export interface Follower {
  /** Resolves once nobody is working on the letter: each queue that has it is done with it or waits for a later attempt. */
  readonly settled: Promise<readonly Fate[]>;
  /** Resolves once nothing can become of it any more: no queue has it. */
  readonly over: Promise<void>;
  /** Mailboxes that it, or a report about it, has reached since this was last asked. */
  reached(): readonly string[];
  /** The letter never got into a queue, or nobody cares any more: settles with what is known. */
  stop(): void;
}

/**
 * `id` is the one of `mail.composed`; following must begin before that is recorded. `rested` is told whenever nobody works on the
 * letter, first when it settles and again after each later attempt.
 */
export function followLetter(recorder: RoomRecorder, id: string, rested: () => void = () => undefined): Follower {
  const messageIds = new Set<string>();
  /** Queue entries by host and id. */
  const entries = new Map<string, 'busy' | 'waiting' | 'gone'>();
  const fates = new Map<string, Fate>();
  const talking = new Set<ConnectionId>();
  let arrived = new Set<string>();
  let begun = false;
  let restless = false;
  let own = '';

  const ours = (host: string, queueId: string): string | null => {
    const key = `${host} ${queueId}`;
    return entries.has(key) ? key : null;
  };

  function note(event: TraceEvent): void {
    switch (event.kind) {
      case 'mail.composed':
        if (event.id !== id) return;
        own = event.messageId;
        messageIds.add(own);
        return;
      case 'mail.queued':
        if (!messageIds.has(event.messageId)) return;
        begun = true;
        restless = true;
        entries.set(`${event.host} ${event.queueId}`, 'busy');
        return;
      case 'mail.reported':
        if (ours(event.host, event.about) !== null) messageIds.add(event.messageId);
        return;
      case 'mail.stored':
        if (!messageIds.has(event.messageId)) return;
        restless = true;
        arrived.add(event.mailbox);
        if (event.connection !== undefined) talking.add(event.connection);
        if (event.messageId !== own) return;
        for (const recipient of event.recipients)
          fates.set(recipient.toLowerCase(), { kind: 'stored', recipient, mailbox: event.mailbox });
        return;
      case 'mail.bounced':
      case 'mail.deferred': {
        const key = ours(event.host, event.queueId);
        if (key === null) return;
        if (event.kind === 'mail.deferred') entries.set(key, 'waiting');
        const kind = event.kind === 'mail.bounced' ? 'bounced' : 'deferred';
        for (const recipient of event.recipients)
          fates.set(recipient.toLowerCase(), { kind, recipient, status: event.status, cause: event.cause });
        return;
      }
      case 'mail.attempted': {
        const key = ours(event.host, event.queueId);
        if (key === null) return;
        restless = true;
        entries.set(key, 'busy');
        return;
      }
      case 'mail.dequeued': {
        const key = ours(event.host, event.queueId);
        if (key !== null) entries.set(key, 'gone');
        return;
      }
      case 'tcp.closed':
        talking.delete(event.connection);
        return;
      default:
    }
  }

  let settle: (fates: readonly Fate[]) => void = () => undefined;
  const settled = new Promise<readonly Fate[]>(resolve => {
    settle = resolve;
  });
  let end: () => void = () => undefined;
  const over = new Promise<void>(resolve => {
    end = resolve;
  });
  const unwatch = recorder.watch(notice => {
    if (notice.kind !== 'events') return;
    for (const event of notice.events) note(event);
    if (!begun || !restless || talking.size > 0 || [...entries.values()].includes('busy')) return;
    restless = false;
    settle([...fates.values()]);
    rested();
    if ([...entries.values()].every(stage => stage === 'gone')) stop();
  });
  function stop(): void {
    unwatch();
    settle([...fates.values()]);
    end();
  }
  return {
    settled,
    over,
    reached() {
      const mailboxes = [...arrived];
      arrived = new Set();
      return mailboxes;
    },
    stop,
  };
}
