/** What a queue is opened with, what it is given, and what may be asked of it. */
import type { ConnectionId } from '../../shared/trace/event.ts';
import type { Host, HostId, RetryPolicy } from '../../shared/world/world.ts';
import type { WorldClock } from '../base/clock.ts';
import type { OctetBudget } from '../base/octet-budget.ts';
import type { Report } from '../disk/put-aside.ts';
import type { Resolver } from '../dns/resolver.ts';
import type { Network } from '../network/contract.ts';
import type { Recorder } from '../record/recorder.ts';
import type { SmtpTimeouts } from '../smtp/client/send.ts';
import type { Envelope } from '../smtp/envelope.ts';
import type { RecipientReport } from './bounce.ts';
import type { Home } from './delivery.ts';
import type { QueueEntry } from './entry.ts';

export interface QueueOptions {
  /** Made where missing; nobody else may use it at the same time. */
  readonly directory: string;
  readonly host: HostId;
  readonly helloName: string;
  /** Whose MAILER-DAEMON writes to senders, now. */
  readonly domain: () => string;
  readonly network: Network;
  readonly resolver: Resolver;
  readonly recorder: Recorder;
  readonly clock: WorldClock;
  /** Read anew each time. */
  readonly policy: () => RetryPolicy;
  /** How it speaks to the next host; asked anew for each connection. */
  readonly style: () => NonNullable<Host['sends']>;
  /** Default 25. */
  readonly smtpPort?: number;
  /** Letters under way at once; default 4. */
  readonly concurrency?: number;
  /** Letters whose turn has come, from which on another one is let in only once one of them has gone, or after a second; default 1,000. */
  readonly mostReady?: number;
  /** What letters under way may hold in memory; one of them may always be. Default: as much as they like. */
  readonly budget?: OctetBudget;
  /** The host's own world addresses, so that an MX that is itself under another name is known for a loop. */
  readonly addresses?: readonly string[];
  readonly timeouts?: Partial<SmtpTimeouts>;
  /** Absent where the host has no mailboxes. */
  readonly home?: Home;
  /** Told of every file that is put aside or left alone. */
  readonly onTrouble?: Report;
}

export interface QueuedLetter {
  /** From `newQueueId`, where the `Received:` field already names it. */
  readonly id?: string;
  readonly envelope: Envelope;
  readonly message: Buffer;
  readonly messageId: string;
  readonly connection?: ConnectionId;
  /** The first attempt waits for it, though not for long: whoever brought the letter may still be talking. */
  readonly over?: Promise<void>;
}

/** `id`: by which this host knew it. */
interface ReportedLetter {
  readonly id: string;
  readonly envelope: Envelope;
  readonly message: Buffer;
  readonly arrivedAt: Date;
}

/** A letter that is durable in the queue, and of which nothing is recorded yet. */
export interface PlacedLetter {
  readonly id: string;
  /** Records `mail.queued`; its turn comes. */
  show(): void;
  /** Removes it again. */
  takeBack(): Promise<void>;
}

export interface Queue {
  /** Resolves with the queue id once the letter is durable and `mail.queued` is recorded; rejects where the disk will not have it. */
  accept(letter: QueuedLetter): Promise<string>;
  /** The same in two steps, for whoever has more to keep before it may say that it has the letter. */
  place(letter: QueuedLetter): Promise<PlacedLetter>;
  /**
   * Tells the sender of a letter that this host has put into mailboxes or has sent on, as far as they wish to know: a
   * notification is queued (RFC 3464). All `reports` have one action. Rejects where the disk will not have it.
   */
  report(letter: ReportedLetter, reports: readonly RecipientReport[]): Promise<void>;
  /** Tries every letter now; resolves when none is being tried any more. */
  flush(): Promise<void>;
  /** Resolves when no letter is being tried or about to be, also none that came of it. */
  idle(): Promise<void>;
  /** True where `idle` would resolve at once. */
  isIdle(): boolean;
  entries(): readonly QueueEntry[];
  /** Breaks off what is under way, without a record of it; the letters stay on disk. */
  close(): Promise<void>;
}
