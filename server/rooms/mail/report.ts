/** Tells senders who asked for it that a letter has arrived, or has gone on to others (RFC 3461 §5.2). */
import type { WorldClock } from '../../base/clock.ts';
import type { Queue } from '../../queue/queue.ts';
import type { Arrival } from './exchange.ts';

const REASON = {
  delivered: 'The letter is in the mailbox',
  expanded: 'The letter has been sent on to other addresses',
} as const;

/** Rejects where the disk of the reporting host will not have it. */
export async function reportSuccess(
  queue: Queue | null,
  clock: WorldClock,
  { id, envelope, message }: Arrival,
  action: 'delivered' | 'expanded',
  recipients: readonly string[],
): Promise<void> {
  const now = clock.now();
  const said = { action, status: '2.0.0', reason: REASON[action], exchange: null, reply: null, at: now.getTime() };
  await queue?.report(
    { id, envelope, message, arrivedAt: now },
    recipients.map(recipient => ({ recipient, ...said })),
  );
}
