/** What is asked and answered about letters: sending, collecting, the outbox, and a caller from outside. */
import * as z from 'zod/mini';
import type { SERVICES } from '../protocols.ts';
import type { HostId } from '../world/world.ts';

/** When a sender wants to be told (RFC 3461 §4.1). */
export type Notify = 'NEVER' | 'SUCCESS' | 'FAILURE' | 'DELAY';

/** The body of POST /api/messages. */
export interface LetterToSend {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  /** The Message-ID of the letter it answers, with its angle brackets. */
  readonly inReplyTo?: string;
  /** The recipients' mail clients check their mail once it has arrived. */
  readonly collect: boolean;
  readonly bcc?: readonly string[];
  /** MAIL FROM, where it is to be another address than From. */
  readonly envelopeFrom?: string;
  readonly notify?: readonly Notify[];
  /** RFC 3461 §4.3: how much of the letter comes back with a report. */
  readonly ret?: 'FULL' | 'HDRS';
  readonly attachment?: { readonly name: string; readonly octets: number };
  readonly encoding?: '7bit-safe' | '8bit' | 'binary';
}

/** `id`: as `mail.composed` has it. */
export const letterSent = z.object({ id: z.string() });
export type LetterSent = Readonly<z.infer<typeof letterSent>>;

/** The body of POST /api/collect. `user` is an address. */
export const collectRequest = z.object({
  user: z.string(),
  /** What is fetched stays on the server. */
  leaveOnServer: z.exactOptional(z.boolean()),
  /** The connection is lost before the client has said QUIT. */
  dropBeforeQuit: z.exactOptional(z.boolean()),
  /** A second session, also while one is on. */
  another: z.exactOptional(z.boolean()),
});
export type CollectRequest = Readonly<z.infer<typeof collectRequest>>;
/** How the mail client goes about it. */
export type CollectWishes = Omit<CollectRequest, 'user'>;

/** How many messages were fetched. */
export type Collected = { readonly messages: number };

/** The body of POST /api/outbox: a user's address, and a letter's id. */
export const sendAgainRequest = z.object({ user: z.string(), id: z.string() });
export type SendAgainRequest = Readonly<z.infer<typeof sendAgainRequest>>;

/** A letter that a mail client could not hand over, for those who have not got it. */
const unsentLetter = z.object({
  id: z.string(),
  subject: z.string(),
  envelope: z.object({ recipients: z.readonly(z.array(z.string())) }),
});

/** What one mail client could not hand over, oldest first: the first letters of it, and how many more there are. */
export const userOutbox = z.object({
  user: z.string(),
  letters: z.readonly(z.array(unsentLetter)),
  more: z.int(),
});
export type UserOutbox = Readonly<z.infer<typeof userOutbox>>;
/** Letters of one outbox that are told of; who waits longest comes first. */
export const MOST_OUTBOX_LETTERS = 50;

/** The answer of GET /api/outbox/USER: oldest first. */
export interface OutboxAnswer {
  readonly letters: UserOutbox['letters'];
}

/** The body of POST /api/strangers: what a caller from outside says, right or wrong. */
export interface StrangerCall {
  readonly server: HostId;
  readonly port: (typeof SERVICES)['smtp' | 'submission']['port'];
  /** Absent: the caller's own name. */
  readonly helo?: string;
  /** Between the angle brackets of MAIL; '' is `<>`. */
  readonly mailFrom: string;
  readonly rcptTo: readonly string[];
  /** The message, header and body; absent: there is no DATA. */
  readonly data?: string;
  readonly login?: { readonly user: string; readonly password: string };
  /** The message goes as it is, bare CR and LF and leading dots too; only the end is added. Default false. */
  readonly raw?: boolean;
}
