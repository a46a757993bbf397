/** What a new trace begins with, where the one before it has become too long: what lies in the mailboxes, and the letters that still wait. */
import type { RoomRecorder } from '../record/recorder.ts';
import type { Mailboxes } from './mail/mailboxes.ts';
import type { Power } from './power.ts';

/** Records it whenever a trace begins; returns how to stop. */
export function carryOver(recorder: RoomRecorder, mailboxes: Mailboxes, power: Power): () => void {
  return recorder.watch(notice => {
    if (notice.kind !== 'trace') return;
    for (const [host, queue] of power.queues())
      for (const { id, envelope, messageId, pending, octets } of queue.entries())
        recorder.append({
          kind: 'mail.queued',
          host,
          queueId: id,
          messageId,
          reversePath: envelope.reversePath,
          recipients: pending,
          size: octets,
        });
    mailboxes.recordFound();
  });
}
