/** The one union of past-tense facts: what crossed the wire, and the few things a server did off it. Nothing that can be derived. */
import type { Fault } from '../faults/fault.ts';
import type { HostId, PublicWorld } from '../world/world.ts';
import type { RecordedEdit } from '../world/world-edit.ts';
import type { Cause } from './cause.ts';

/** Microseconds since the trace began, as measured. Never mixed with `StoryTime`. */
export type WireTime = number & { readonly __brand: 'WireTime' };
export const wireTime = (microseconds: number): WireTime => microseconds as WireTime;

/** One end of a conversation, in the world's own addresses (never 127.0.0.1). */
export interface Endpoint {
  readonly host: HostId;
  readonly address: string;
  readonly port: number;
}

/** Who sent the bytes: the end that opened the connection, or the one that was listening. */
export type Side = 'client' | 'server';

/** A connection's name, unique in its trace: "c17". A UDP exchange's name: "u4". */
export type ConnectionId = string;

/** Characters of a Message-ID that are recorded: as many as a header line may have (RFC 5322 §2.1.1). */
const MOST_MESSAGE_ID = 998;

/** A Message-ID as it is recorded: one that no line could hold is cut, and ends in "…" instead of its bracket. */
export const recordedMessageId = (id: string): string =>
  id.length > MOST_MESSAGE_ID ? `${id.slice(0, MOST_MESSAGE_ID - 1)}…` : id;
/** Whether it stands for one that is longer: by itself none ends so (RFC 5322 §3.6.4). */
export const isCutMessageId = (id: string): boolean => id.length === MOST_MESSAGE_ID && id.endsWith('…');

/** What the queue and the mailbox know of a letter. `messageId` is the header field with its angle brackets, or ''. */
interface LetterFacts {
  readonly messageId: string;
  readonly reversePath: string;
  readonly recipients: readonly string[];
  /** Octets of the whole message as it stands there. */
  readonly size: number;
}

/**
 * `put-aside`: a file that cannot be read was renamed, nothing in it was deleted. `trace-damaged`: so much of it could not be read.
 * `trace-lost`: a whole trace could not be written in time. `archives-unpruned`: old traces could not be removed.
 */
export const TROUBLE_CODES = [
  'trace-unwritable',
  'trace-writable',
  'world-unwritable',
  'world-writable',
  'world-set-aside',
  'put-aside',
  'left-alone',
  'trace-damaged',
  'trace-lost',
  'archives-unpruned',
] as const;
export type TroubleCode = (typeof TROUBLE_CODES)[number];

/** A fact before the recorder has numbered and timed it. `cut` names the members of which only the beginning is recorded, such as "messageId". */
export type Fact = Recorded & { readonly cut?: readonly string[] };

type Recorded =
  | { readonly kind: 'tcp.opened'; readonly connection: ConnectionId; readonly from: Endpoint; readonly to: Endpoint }
  | {
      readonly kind: 'tcp.refused';
      readonly connection: ConnectionId;
      readonly from: Endpoint;
      readonly to: Endpoint;
      readonly cause: Cause;
    }
  /** `by` hung up first. `reason`: `fin` in order, `reset` broken off, `restart` the process that watched it ended. */
  | {
      readonly kind: 'tcp.closed';
      readonly connection: ConnectionId;
      readonly by: Side;
      readonly reason: 'fin' | 'reset' | 'restart';
    }
  | { readonly kind: 'tls.started'; readonly connection: ConnectionId }
  /** `omitted`: octets that followed `bytes` on the wire and were not kept, because the connection had become too big. */
  | {
      readonly kind: 'wire.bytes';
      readonly connection: ConnectionId;
      readonly from: Side;
      readonly bytes: Uint8Array;
      readonly omitted?: number;
    }
  /** A question and its answer share `exchange`. */
  | {
      readonly kind: 'udp.datagram';
      readonly exchange: ConnectionId;
      readonly from: Endpoint;
      readonly to: Endpoint;
      readonly bytes: Uint8Array;
    }
  /** A person pressed Send: `host` is the mail client, `id` what the API answered. Bcc is not a header, so recipients is the envelope. */
  | ({
      readonly kind: 'mail.composed';
      readonly host: HostId;
      readonly id: string;
      readonly subject: string;
    } & LetterFacts)
  /** The letter is on disk in the queue of `host`; written before its 250 (RFC 5321 §6.1). `connection` brought it; absent when recovered at start. */
  | ({
      readonly kind: 'mail.queued';
      readonly host: HostId;
      readonly queueId: string;
      readonly connection?: ConnectionId;
    } & LetterFacts)
  /** The queue of `host` takes up a letter again, for these recipients of one domain. */
  | {
      readonly kind: 'mail.attempted';
      readonly host: HostId;
      readonly queueId: string;
      readonly domain: string;
      readonly recipients: readonly string[];
    }
  /** Not now: the queue keeps it. `retryAt` is wire time as it would be if no `clock.jumped` came in between. */
  | {
      readonly kind: 'mail.deferred';
      readonly host: HostId;
      readonly queueId: string;
      readonly recipients: readonly string[];
      readonly status: string;
      readonly cause: Cause;
      readonly retryAt: WireTime;
    }
  /** Never: the queue gives up on these recipients. */
  | {
      readonly kind: 'mail.bounced';
      readonly host: HostId;
      readonly queueId: string;
      readonly recipients: readonly string[];
      readonly status: string;
      readonly cause: Cause;
    }
  /** All recipients are done, the queue entry is gone from the disk. */
  | { readonly kind: 'mail.dequeued'; readonly host: HostId; readonly queueId: string }
  /** The letter is in the Maildir of `mailbox` (an address); written before its 250. `file` is the unique Maildir name. */
  | ({
      readonly kind: 'mail.stored';
      readonly host: HostId;
      readonly mailbox: string;
      readonly file: string;
      readonly connection?: ConnectionId;
    } & LetterFacts)
  /** `host` sends the letter on: an alias (same reverse-path), a list (its own), or a backup exchanger. The letters that leave follow as `mail.queued`. */
  | {
      readonly kind: 'mail.expanded';
      readonly host: HostId;
      readonly address: string;
      readonly as: 'alias' | 'list' | 'backup';
      readonly recipients: readonly string[];
      readonly messageId: string;
      readonly reversePath: string;
      /** What brought the letter. */
      readonly connection?: ConnectionId;
    }
  /** The queue of `host` wrote a delivery status notification (RFC 3464) about its entry `about`; `queueId` is where the notification itself is queued, its `mail.queued` follows. */
  | {
      readonly kind: 'mail.reported';
      readonly host: HostId;
      readonly queueId: string;
      readonly about: string;
      readonly action: 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded';
      readonly recipients: readonly string[];
      readonly messageId: string;
    }
  /** Nobody is told: a notification must not be answered by another one (RFC 5321 §4.5.5), or the sender wanted none (RFC 3461 §4.1). */
  | {
      readonly kind: 'mail.discarded';
      readonly host: HostId;
      readonly queueId: string;
      readonly recipients: readonly string[];
      readonly cause: Cause;
    }
  /** The resolver of `host` keeps an answer for so many seconds of world time; `answers` as DNS shows them, empty for a negative one (RFC 2308). */
  | {
      readonly kind: 'cache.stored';
      readonly host: HostId;
      readonly name: string;
      readonly type: string;
      readonly answers: readonly string[];
      readonly negative: boolean;
      readonly seconds: number;
    }
  /** It answered from there: no question crossed the wire. */
  | { readonly kind: 'cache.hit'; readonly host: HostId; readonly name: string; readonly type: string }
  /** World time was moved on by so many microseconds at once: nobody waited, and what was due came due. */
  | { readonly kind: 'clock.jumped'; readonly by: number }
  /** Somebody edited the world, or a fault that strikes once has struck: from now on it is this one. */
  | { readonly kind: 'world.changed'; readonly edit: RecordedEdit; readonly world: PublicWorld }
  /** A fault of the world struck here; what followed crossed the wire all the same. */
  | {
      readonly kind: 'fault.struck';
      readonly fault: Fault;
      readonly host: HostId;
      readonly connection?: ConnectionId;
    }
  /** What a mailbox held when the trace began. */
  | {
      readonly kind: 'mailbox.found';
      readonly host: HostId;
      readonly mailbox: string;
      readonly messages: number;
      readonly octets: number;
    }
  | {
      readonly kind: 'mailbox.locked';
      readonly host: HostId;
      readonly mailbox: string;
      readonly messages: number;
      readonly connection: ConnectionId;
    }
  | {
      readonly kind: 'mailbox.unlocked';
      readonly host: HostId;
      readonly mailbox: string;
      readonly connection: ConnectionId;
    }
  | {
      readonly kind: 'mailbox.removed';
      readonly host: HostId;
      readonly mailbox: string;
      readonly file: string;
      readonly connection: ConnectionId;
    }
  /** A mail client could not go on, and tells its user why. */
  | {
      readonly kind: 'client.failed';
      readonly host: HostId;
      readonly connection?: ConnectionId;
      readonly id?: string;
      readonly cause: Cause;
    }
  | { readonly kind: 'wire.held'; readonly connection: ConnectionId; readonly from: Side; readonly size: number }
  | { readonly kind: 'wire.released'; readonly connection: ConnectionId; readonly from: Side }
  /** For a while nothing crossed, though so many connections are open: whoever tells the story need not wait for more. */
  | { readonly kind: 'wire.quiet'; readonly connections: number }
  | { readonly kind: 'marker'; readonly label: string }
  /** The room could not keep something, or can again. `file` is named from the data folder; `reason` is the system's code or what is wrong with the file. */
  | {
      readonly kind: 'room.trouble';
      readonly code: TroubleCode;
      readonly file?: string;
      readonly reason?: string;
    }
  /** What happens up to `story.ended` is told by a script: `source` is its Markdown file, at most 32 KiB. */
  | { readonly kind: 'story.begun'; readonly name: string; readonly source: string }
  | { readonly kind: 'story.ended'; readonly name: string };

/** A kind a newer mailscope wrote: kept as it stood, and ignored. */
interface UnknownFact {
  readonly kind: 'unknown';
  readonly original: Readonly<Record<string, unknown>>;
}

/** A fact in its place: `seq` counts from 1 without a gap, `at` never falls. */
export type TraceEvent = (Fact | UnknownFact) & { readonly seq: number; readonly at: WireTime };
