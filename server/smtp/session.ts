/** What an SMTP server remembers of one conversation, what may come in, and what it wants done. No socket, no await, no clock. */
import type { ExtensionKeyword, LINE_VERBS } from '../../shared/faults/fields.ts';
import type { Limits } from '../../shared/world/world.ts';
import type { Envelope, Verdict } from './envelope.ts';
import { enhancedStatus, type Reply, reply } from './reply.ts';

export type SmtpMoment = (typeof LINE_VERBS)['smtp'][number];

/** What is to go wrong here, as far as it concerns this conversation. Each is asked at its own moment, and a yes means that it has struck. */
export interface Mishaps {
  /** What is said instead of doing what is asked; `code` is 400 to 599. */
  readonly answer: (moment: SmtpMoment) => { readonly code: number; readonly text: string } | null;
  readonly lacks: (keyword: ExtensionKeyword) => boolean;
  readonly refusesSender: (reversePath: string) => boolean;
  /** Seconds until this sender may ask again about this recipient; null: now. */
  readonly greylists: (reversePath: string, recipient: string) => number | null;
  readonly mailboxFull: (recipient: string) => boolean;
  readonly diskFull: () => boolean;
}

/** What one server is and allows; the same for the whole conversation. The functions must be pure or at least instant. */
export interface Setting {
  readonly host: string;
  /** `submission` takes anything from those who log in (RFC 6409); `exchanger` takes mail for its own domains from anybody. */
  readonly role: 'submission' | 'exchanger';
  /** Asked anew each time: a world can be edited. */
  readonly limits: () => Limits;
  /** Commands not understood, out of order or not allowed, after which the server hangs up. */
  readonly maxErrors: number;
  /** Gives the address this user may send as, or null. */
  readonly authenticate: (user: string, password: string) => string | null;
  readonly recipient: (address: string, session: { user: string | null; reversePath: string }) => Verdict;
  readonly sender: (reversePath: string, session: { user: string | null }) => Verdict;
  readonly mishaps: Mishaps;
}

/** Who the next octets are for. */
type Awaiting =
  | { readonly kind: 'command' }
  | { readonly kind: 'plain-response' }
  | { readonly kind: 'login-user' }
  | { readonly kind: 'login-password'; readonly user: string }
  | { readonly kind: 'message' }
  /** The octets of a BDAT; `last`: they end the message. */
  | { readonly kind: 'chunk'; readonly last: boolean }
  /** The message is being put on disk; nothing is read until the verdict. */
  | { readonly kind: 'verdict' }
  | { readonly kind: 'nothing' };

/** A message that comes in chunks (RFC 3030), the newest first: appending costs the same however many there are. */
export interface Content {
  /** Of all of it. */
  readonly size: number;
  readonly octets: Buffer;
  readonly before: Content | null;
  /** There was no room to keep it: the letter is refused at the next chunk. */
  readonly dropped?: true;
}

export interface Session {
  readonly awaiting: Awaiting;
  /** `offered`: the keywords of this EHLO, in upper case; none after HELO. */
  readonly greeting: {
    readonly extended: boolean;
    readonly name: string;
    readonly offered: ReadonlySet<string>;
  } | null;
  /** The greeting said that there is no service here (RFC 5321 §3.1). */
  readonly noService: boolean;
  readonly user: string | null;
  readonly transaction: Envelope | null;
  /** What BDAT has brought in this transaction so far; null before the first. */
  readonly content: Content | null;
  readonly errors: number;
  /** AUTH with the wrong credentials. */
  readonly failedLogins: number;
}

export const newSession: Session = {
  awaiting: { kind: 'command' },
  greeting: null,
  noService: false,
  user: null,
  transaction: null,
  content: null,
  errors: 0,
  failedLogins: 0,
};

export type Input =
  /** Octets as latin1 characters, CRLF removed. */
  | { readonly kind: 'line'; readonly line: string }
  | { readonly kind: 'overlong' }
  | {
      readonly kind: 'message';
      readonly message: Buffer;
      readonly bare: boolean;
      readonly oversize: boolean;
      /** There was no room to keep it. */
      readonly dropped?: true;
    }
  /** All octets of a BDAT that was not refused, or none where there was no room to keep them. */
  | { readonly kind: 'chunk'; readonly octets: Buffer; readonly dropped?: true }
  /** What became of the message handed over by `accept`. `text` replaces the usual words of the 250. */
  | { readonly kind: 'verdict'; readonly verdict: Verdict & { readonly text?: string }; readonly id: string };

export type Effect =
  | { readonly kind: 'expect-message'; readonly limit: number }
  /** So many octets, all to be kept. */
  | { readonly kind: 'expect-chunk'; readonly octets: number }
  | { readonly kind: 'skip'; readonly octets: number }
  /** Make it durable, then answer with a `verdict` input. */
  | { readonly kind: 'accept'; readonly envelope: Envelope; readonly message: Buffer }
  /** Flush the replies, then hang up. */
  | { readonly kind: 'close' };

export interface Outcome {
  readonly session: Session;
  readonly replies: readonly Reply[];
  readonly effects: readonly Effect[];
}

/** A command is a row: from its argument (what follows the verb and one space, trailing blanks gone) to what comes of it. */
export type Command = (setting: Setting, session: Session, argument: string) => Outcome;

export const answer = (session: Session, ...replies: readonly Reply[]): Outcome => ({ session, replies, effects: [] });

export const say = (session: Session, code: number, enhanced: string | null, text: string): Outcome =>
  answer(session, reply(code, enhanced, text));

/** More is under way than this process may hold in memory. */
export const noRoom = (session: Session): Outcome =>
  say(session, 452, '4.3.1', 'Too much mail is under way here, try again later');

export const badSequence = (session: Session, text: string): Outcome => say(session, 503, '5.5.1', text);
export const badArgument = (session: Session, text: string): Outcome => say(session, 501, '5.5.4', text);

export const hangUp = (session: Session, code: number, enhanced: string | null, text: string): Outcome => ({
  ...say({ ...session, awaiting: { kind: 'nothing' }, transaction: null, content: null }, code, enhanced, text),
  effects: [{ kind: 'close' }],
});

/** Says what is to be said whatever was asked; 421 means that the server goes (RFC 5321 §3.8). `enhanced`: a reply here has such a code. */
export function insist(
  session: Session,
  said: { readonly code: number; readonly text: string },
  enhanced: boolean,
): Outcome {
  const { code, text } = said;
  const missing = enhanced && enhancedStatus({ code, lines: [text] }) === null;
  const status = missing ? `${Math.floor(code / 100)}.0.0` : null;
  return code === 421 ? hangUp(session, code, status, text) : say(session, code, status, text);
}

/** Whether this EHLO has promised it; nothing is after HELO. */
export const offers = ({ greeting }: Session, keyword: ExtensionKeyword | 'AUTH'): boolean =>
  greeting?.offered.has(keyword) ?? false;
