/** One letter in a queue, as the queue knows it and as it is shown. */
import type { Envelope } from '../smtp/envelope.ts';
import type { Entry as Attempted } from './attempt.ts';
import type { Progress, SpooledLetter } from './spool.ts';

export interface Entry extends Attempted {
  stage: 'waiting' | 'ready' | 'running';
  /** Forgets the appointment for which it waits. */
  cancel: () => void;
}

/** As it is shown. */
export interface QueueEntry {
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

/** `progress` is null where nothing has become of it yet. */
export const newEntry = (letter: SpooledLetter, progress: Progress | null): Entry => ({
  letter,
  progress: progress ?? {
    pending: letter.envelope.recipients,
    attempts: 0,
    nextAt: letter.arrivedAt,
    lastReason: '',
    owed: [],
    warned: false,
  },
  stage: 'waiting',
  cancel: () => undefined,
});

export const describeEntry = ({ letter, progress, stage }: Entry): QueueEntry => ({
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
