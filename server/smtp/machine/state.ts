/** The states of an SMTP server's machine, phase by phase; what may come in, and what it wants done. No socket, no await, no clock. */

import type { ExtensionKeyword } from '../../../shared/faults/fields.ts';
import type { PROTOCOLS } from '../../../shared/protocols.ts';
import type { Limits } from '../../../shared/world/world.ts';
import type { Envelope, Verdict } from '../envelope.ts';
import { enhancedStatus, type Reply, reply } from '../reply.ts';

export type SmtpMoment = (typeof PROTOCOLS)['smtp']['moments'][number];

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

/** A message that comes in chunks (RFC 3030), the newest first: appending costs the same however many there are. */
export interface Content {
  /** Of all of it. */
  readonly size: number;
  readonly octets: Buffer;
  readonly before: Content | null;
  /** There was no room to keep it: the letter is refused at the next chunk. */
  readonly dropped?: true;
}

/** What lasts as long as the conversation. */
interface Memory {
  /** `offered`: the keywords of this EHLO, in upper case; none after HELO. Null before either. */
  readonly greeting: {
    readonly extended: boolean;
    readonly name: string;
    readonly offered: ReadonlySet<string>;
  } | null;
  readonly user: string | null;
  readonly errors: number;
  /** AUTH with the wrong credentials. */
  readonly failedLogins: number;
}

/** Before EHLO or HELO. */
export type Connected = Memory & { readonly phase: 'connected' };
/** Between transactions. */
export type Ready = Memory & { readonly phase: 'ready' };
/** After MAIL (RFC 5321 §3.3). */
export type Transaction = Memory & { readonly phase: 'transaction'; readonly envelope: Envelope };
/** BDAT has brought `content`, and not the last of it. */
export type Chunks = Memory & { readonly phase: 'chunks'; readonly envelope: Envelope; readonly content: Content };
/** The greeting said that there is no service here; the client is heard out until QUIT (RFC 5321 §3.1). */
type TurnedAway = Memory & { readonly phase: 'turned-away' };

/** A line is a command. */
export type Commanded = Connected | Ready | Transaction | Chunks | TurnedAway;

/** A line answers a 334 (RFC 4954 §4). */
export type Challenged = Memory & {
  readonly phase: 'challenged';
  readonly wanted:
    | { readonly kind: 'plain-response' }
    | { readonly kind: 'login-user' }
    | { readonly kind: 'login-password'; readonly user: string };
};
/** The octets of a letter are awaited, up to the dot. */
export type Message = Memory & { readonly phase: 'message'; readonly envelope: Envelope };
/** The octets of a BDAT; `last`: they end the message. `content` is what came before them. */
export type Chunk = Memory & {
  readonly phase: 'chunk';
  readonly envelope: Envelope;
  readonly content: Content | null;
  readonly last: boolean;
};
/** `verdict`: the message is being put on disk, and nothing is read until that is done. `closed` is after the last reply. */
export type State = Commanded | Challenged | Message | Chunk | (Memory & { readonly phase: 'verdict' | 'closed' });

/** The state of a connection that has just been greeted. */
export const initialState: Connected = {
  phase: 'connected',
  greeting: null,
  user: null,
  errors: 0,
  failedLogins: 0,
};

const memoryOf = ({ greeting, user, errors, failedLogins }: State): Memory => ({
  greeting,
  user,
  errors,
  failedLogins,
});

/** Whatever was begun is over: no transaction, and every buffer empty (RFC 5321 §4.1.1.5). */
export function idle(state: State): Connected | Ready {
  const memory = memoryOf(state);
  return memory.greeting === null ? { ...memory, phase: 'connected' } : { ...memory, phase: 'ready' };
}

const closed = (state: State): State => ({ ...memoryOf(state), phase: 'closed' });
export const awaitingVerdict = (state: State): State => ({ ...memoryOf(state), phase: 'verdict' });

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

export interface Step {
  readonly state: State;
  readonly replies: readonly Reply[];
  readonly effects: readonly Effect[];
}

/** `argument` is what follows the verb and one space, trailing blanks gone. */
export type Handler<S extends State> = (setting: Setting, state: S, argument: string) => Step;

export const answer = (state: State, ...replies: readonly Reply[]): Step => ({ state, replies, effects: [] });

export const say = (state: State, code: number, enhanced: string | null, text: string): Step =>
  answer(state, reply(code, enhanced, text));

/** More is under way than this process may hold in memory. */
export const noRoom = (state: State): Step =>
  say(state, 452, '4.3.1', 'Too much mail is under way here, try again later');

export const badSequence = (state: State, text: string): Step => say(state, 503, '5.5.1', text);
export const badArgument = (state: State, text: string): Step => say(state, 501, '5.5.4', text);

export const hangUp = (state: State, code: number, enhanced: string | null, text: string): Step => ({
  ...say(closed(state), code, enhanced, text),
  effects: [{ kind: 'close' }],
});

/** Says what is to be said whatever was asked; 421 means that the server goes (RFC 5321 §3.8). `enhanced`: a reply here has such a code. */
export function insist(state: State, said: { readonly code: number; readonly text: string }, enhanced: boolean): Step {
  const { code, text } = said;
  const missing = enhanced && enhancedStatus({ code, lines: [text] }) === null;
  const status = missing ? `${Math.floor(code / 100)}.0.0` : null;
  return code === 421 ? hangUp(state, code, status, text) : say(state, code, status, text);
}

/** Whether this EHLO has promised it; nothing is after HELO. */
export const offers = ({ greeting }: State, keyword: ExtensionKeyword | 'AUTH'): boolean =>
  greeting?.offered.has(keyword) ?? false;
