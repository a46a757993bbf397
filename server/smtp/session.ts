/** What an SMTP server remembers of one conversation, what may come in, and what it wants done. No socket, no await, no clock. */
import type { Limits } from '../../shared/world/world.ts';
import type { Envelope, Verdict } from './envelope.ts';
import { type Reply, reply } from './reply.ts';

/** What one server is and allows; the same for the whole conversation. The functions must be pure or at least instant. */
export interface Setting {
  readonly host: string;
  /** `submission` takes anything from those who log in (RFC 6409); `exchanger` takes mail for its own domains from anybody. */
  readonly role: 'submission' | 'exchanger';
  readonly limits: Limits;
  /** Commands not understood, out of order or not allowed, after which the server hangs up. */
  readonly maxErrors: number;
  /** Gives the address this user may send as, or null. */
  readonly authenticate: (user: string, password: string) => string | null;
  readonly recipient: (address: string, session: { user: string | null; reversePath: string }) => Verdict;
  readonly sender: (reversePath: string, session: { user: string | null }) => Verdict;
}

/** Who the next octets are for. */
type Awaiting =
  | { readonly kind: 'command' }
  | { readonly kind: 'plain-response' }
  | { readonly kind: 'login-user' }
  | { readonly kind: 'login-password'; readonly user: string }
  | { readonly kind: 'message' }
  /** The message is being put on disk; nothing is read until the verdict. */
  | { readonly kind: 'verdict' }
  | { readonly kind: 'nothing' };

export interface Session {
  readonly awaiting: Awaiting;
  readonly greeting: { readonly extended: boolean; readonly name: string } | null;
  readonly user: string | null;
  readonly transaction: Envelope | null;
  readonly errors: number;
  /** AUTH with the wrong credentials. */
  readonly failedLogins: number;
}

export const newSession: Session = {
  awaiting: { kind: 'command' },
  greeting: null,
  user: null,
  transaction: null,
  errors: 0,
  failedLogins: 0,
};

export type Input =
  /** Octets as latin1 characters, CRLF removed. */
  | { readonly kind: 'line'; readonly line: string }
  | { readonly kind: 'overlong' }
  | { readonly kind: 'message'; readonly message: Buffer; readonly bare: boolean; readonly oversize: boolean }
  /** What became of the message handed over by `accept`. `text` replaces the usual words of the 250. */
  | { readonly kind: 'verdict'; readonly verdict: Verdict & { readonly text?: string }; readonly id: string };

export type Effect =
  | { readonly kind: 'expect-message'; readonly limit: number }
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

export const badSequence = (session: Session, text: string): Outcome => say(session, 503, '5.5.1', text);
export const badArgument = (session: Session, text: string): Outcome => say(session, 501, '5.5.4', text);
