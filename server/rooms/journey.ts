/** Follows one letter through the record until everybody knows what became of it. */
import type { ConnectionId, TraceEvent } from '../../shared/trace/event.ts';
import type { RoomRecorder } from '../recorder.ts';

/** What became of the letter for one recipient. `deferred` may still change after it was told. */
export type Fate =
  | { readonly kind: 'stored'; readonly recipient: string; readonly mailbox: string }
  | {
      readonly kind: 'bounced' | 'deferred';
      readonly recipient: string;
      readonly status: string;
      readonly reason: string;
    };

export interface Follower {
  /** Resolves once every queued recipient has a fate and nobody talks about the letter any more. */
  readonly settled: Promise<readonly Fate[]>;
  /** The letter never got into a queue, or nobody cares any more: settles with what is known. */
  stop(): void;
}

/** `id` is the one of `mail.composed`; following must begin before that is recorded. */
export function followLetter(recorder: RoomRecorder, id: string): Follower {
  let messageId: string | null = null;
  let queueId: string | null = null;
  let left = new Set<string>();
  let dequeued = false;
  const fates = new Map<string, Fate>();
  const talking = new Set<ConnectionId>();

  function note(event: TraceEvent): void {
    switch (event.kind) {
      case 'mail.composed':
        if (event.id === id) messageId = event.messageId;
        return;
      case 'mail.queued':
        if (messageId === null || event.messageId !== messageId) return;
        queueId = event.queueId;
        left = new Set(event.recipients.map(recipient => recipient.toLowerCase()));
        return;
      case 'mail.stored':
        if (messageId === null || event.messageId !== messageId) return;
        if (event.connection !== undefined) talking.add(event.connection);
        for (const recipient of event.recipients)
          fates.set(recipient.toLowerCase(), { kind: 'stored', recipient, mailbox: event.mailbox });
        return;
      case 'mail.bounced':
      case 'mail.deferred': {
        if (event.queueId !== queueId) return;
        const kind = event.kind === 'mail.bounced' ? 'bounced' : 'deferred';
        for (const recipient of event.recipients)
          fates.set(recipient.toLowerCase(), { kind, recipient, status: event.status, reason: event.reason });
        return;
      }
      case 'mail.dequeued':
        dequeued ||= event.queueId === queueId;
        return;
      case 'tcp.closed':
        talking.delete(event.connection);
        return;
      default:
    }
  }

  const isSettled = (): boolean => {
    if (queueId === null || talking.size > 0) return false;
    const known = [...left].every(recipient => fates.has(recipient));
    return known && (dequeued || [...fates.values()].some(fate => fate.kind === 'deferred'));
  };

  let settle: (fates: readonly Fate[]) => void = () => undefined;
  const settled = new Promise<readonly Fate[]>(resolve => {
    settle = resolve;
  });
  const unwatch = recorder.watch(notice => {
    if (notice.kind !== 'events') return;
    for (const event of notice.events) note(event);
    if (isSettled()) stop();
  });
  function stop(): void {
    unwatch();
    settle([...fates.values()]);
  }
  return { settled, stop };
}
