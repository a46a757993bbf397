/** The POP3 server's side of the protocol as a table of commands and states (RFC 1939): no socket, no clock, nothing to await. */
import { assertNever } from '../../shared/world/world.ts';
import { decodePlain } from '../base/sasl.ts';
import { parts } from './lines.ts';
import { Marks } from './marks.ts';
import { CAPABILITIES, err, ok, type Reply } from './replies.ts';

interface Listed {
  /** Octets of the CRLF form. */
  readonly size: number;
  readonly uidl: string;
}

interface Authorization {
  readonly phase: 'authorization';
  /** What USER said, until PASS. */
  readonly user: string | null;
  /** AUTH PLAIN without initial response: the next line is the answer to `+ ` (RFC 5034 §4). */
  readonly challenged: boolean;
  /** Logins that were refused. */
  readonly failures: number;
}
interface Transaction {
  readonly phase: 'transaction';
  readonly mailbox: string;
  readonly messages: readonly Listed[];
  readonly deleted: Marks;
  /** What is not marked as deleted. */
  readonly left: { readonly messages: number; readonly octets: number };
}
/** `login` and `update` wait for the outcome of an effect; `closed` is after the last reply. */
export type State =
  | Authorization
  | Transaction
  | { readonly phase: 'login'; readonly failures: number }
  | { readonly phase: 'update'; readonly left: number }
  | { readonly phase: 'closed' };

export type LoginOutcome =
  | { readonly kind: 'opened'; readonly mailbox: string; readonly messages: readonly Listed[] }
  | { readonly kind: 'denied' }
  | { readonly kind: 'in-use' }
  | { readonly kind: 'unavailable' };

export type Input =
  /** A command without its CRLF. `refusal`: it is answered -ERR with this text, and nothing of it is done. */
  | { readonly kind: 'line'; readonly line: Buffer; readonly refusal?: string }
  /** A line longer than is kept: it was thrown away up to its CRLF. */
  | { readonly kind: 'line-too-long' }
  | { readonly kind: 'login'; readonly outcome: LoginOutcome }
  /** `failed`: how many messages could not be removed. */
  | { readonly kind: 'updated'; readonly failed: number };

/** What the server has to do off the wire. `login` and `update` are answered by an input before the next line is taken. */
export type Effect =
  | { readonly kind: 'login'; readonly user: string; readonly password: string }
  /** Send message `number`; `lines` of its body, or null for all of it. */
  | { readonly kind: 'retrieve'; readonly number: number; readonly size: number; readonly lines: number | null }
  | { readonly kind: 'update'; readonly deleted: readonly number[] }
  | { readonly kind: 'close' };

export interface Step {
  readonly state: State;
  readonly replies: readonly Reply[];
  readonly effects: readonly Effect[];
}

/** A handler gets the rest of its line after the verb's space, as written. */
type Handler<S extends State> = (state: S, argument: string) => Step;
/** A command is a row: what it does in each state; where it has nothing, it is refused there. */
interface Row {
  readonly authorization?: Handler<Authorization>;
  readonly transaction?: Handler<Transaction>;
}

/** Wrong passwords in one connection; whoever guesses must dial again for more (RFC 1939 §13). */
const MOST_FAILURES = 5;

const fresh = { phase: 'authorization', user: null, challenged: false } as const;
const start = ({ failures }: Pick<Authorization, 'failures'>): Authorization => ({ ...fresh, failures });
/** The state of a connection that has just been greeted. */
export const initialState: State = start({ failures: 0 });

const answer = (state: State, reply: Reply): Step => ({ state, replies: [reply], effects: [] });
const leave = (reply: Reply): Step => ({ state: { phase: 'closed' }, replies: [reply], effects: [{ kind: 'close' }] });
const act = (state: State, effect: Effect): Step => ({ state, replies: [], effects: [effect] });

const tryLogin = ({ failures }: Authorization, user: string, password: string): Step =>
  act({ phase: 'login', failures }, { kind: 'login', user, password });

const plural = (count: number): string => `${count} ${count === 1 ? 'message' : 'messages'}`;

/** As it is in the beginning, and after RSET. */
const unmarked = ({ mailbox, messages }: Pick<Transaction, 'mailbox' | 'messages'>): Transaction => ({
  phase: 'transaction',
  mailbox,
  messages,
  deleted: new Marks(messages.length),
  left: { messages: messages.length, octets: messages.reduce((sum, { size }) => sum + size, 0) },
});

/** A line for each message that is left; made only when it is sent. */
function* listed({ messages, deleted }: Transaction, line: (message: Listed) => string): Generator<string> {
  let number = 0;
  for (const message of messages) if (!deleted.has(++number)) yield `${number} ${line(message)}`;
}

/** The message an argument names, or the -ERR for one that is not there: 0, n+1, deleted or no number (RFC 1939 §5). */
function chosen(state: Transaction, argument: string): (Listed & { readonly number: number }) | Reply {
  if (!/^\d{1,9}$/.test(argument)) return err('a message number is needed');
  const number = Number(argument);
  const message = state.messages[number - 1];
  if (message === undefined) return err(`no such message, this maildrop has ${plural(state.messages.length)}`);
  return state.deleted.has(number) ? err(`message ${number} is marked as deleted`) : { ...message, number };
}

/** LIST and UIDL: all that is left, or one message. */
const listing =
  (title: (state: Transaction) => string, line: (message: Listed) => string): Handler<Transaction> =>
  (state, argument) => {
    if (argument.trim() === '') return answer(state, ok(title(state), listed(state, line)));
    const message = chosen(state, argument.trim());
    return answer(state, 'status' in message ? message : ok(`${message.number} ${line(message)}`));
  };

/** Commands that take nothing refuse an argument. */
const bare =
  <S extends State>(handler: (state: S) => Step): Handler<S> =>
  (state, argument) =>
    argument.trim() === '' ? handler(state) : answer(state, err('this command takes no argument'));

const summary = ({ left }: Transaction): string => `maildrop has ${plural(left.messages)} (${left.octets} octets)`;

const capa = (state: State): Step => answer(state, ok('capability list follows', CAPABILITIES));
/** Known commands that are not offered, so that the refusal can say so. */
const notOffered =
  (what: string) =>
  (state: State): Step =>
    answer(state, err(`${what} is not offered here`));

function login(state: Authorization, response: string): Step {
  const credentials = decodePlain(response);
  if (credentials === null) return answer(start(state), err('that is no PLAIN response in base64'));
  const { authorizeAs, user, password } = credentials;
  // RFC 4616 §2: asking to act as somebody else needs a right that nobody has here.
  if (authorizeAs !== '' && authorizeAs !== user) return refused(state, '[AUTH] nobody may act for another here');
  return tryLogin(state, user, password);
}

const COMMANDS: Readonly<Record<string, Row>> = {
  USER: {
    // +OK whoever it is: the answer must not tell which users there are (RFC 1939 §13).
    authorization: (state, argument) =>
      argument.trim() === ''
        ? answer(start(state), err('USER needs a name'))
        : answer({ ...start(state), user: argument.trim() }, ok('now send PASS')),
  },
  PASS: {
    authorization: (state, argument) =>
      state.user === null ? answer(start(state), err('USER comes first')) : tryLogin(state, state.user, argument),
  },
  AUTH: {
    authorization: (state, argument) => {
      const [mechanism = '', initial, ...more] = argument.trim().split(' ');
      if (mechanism === '') return answer(start(state), ok('these mechanisms are supported', ['PLAIN']));
      if (mechanism.toUpperCase() !== 'PLAIN') return answer(start(state), err('the only mechanism here is PLAIN'));
      if (more.length > 0) return answer(start(state), err('AUTH takes a mechanism and one response'));
      if (initial !== undefined) return login(state, initial);
      return answer({ ...start(state), challenged: true }, { status: '+', text: '' });
    },
  },
  STAT: {
    transaction: bare(state => answer(state, ok(`${state.left.messages} ${state.left.octets}`))),
  },
  LIST: {
    transaction: listing(
      ({ left }) => `${plural(left.messages)} (${left.octets} octets)`,
      message => String(message.size),
    ),
  },
  UIDL: {
    transaction: listing(
      () => 'unique-id listing follows',
      message => message.uidl,
    ),
  },
  RETR: {
    transaction: (state, argument) => {
      const message = chosen(state, argument.trim());
      if ('status' in message) return answer(state, message);
      return act(state, { kind: 'retrieve', number: message.number, size: message.size, lines: null });
    },
  },
  TOP: {
    transaction: (state, argument) => {
      const [number = '', lines = '', ...more] = argument.trim().split(/ +/);
      if (!/^\d{1,9}$/.test(lines) || more.length > 0) {
        return answer(state, err('TOP needs a message number and a count of lines'));
      }
      const message = chosen(state, number);
      if ('status' in message) return answer(state, message);
      return act(state, { kind: 'retrieve', number: message.number, size: message.size, lines: Number(lines) });
    },
  },
  DELE: {
    transaction: (state, argument) => {
      const message = chosen(state, argument.trim());
      if ('status' in message) return answer(state, message);
      const deleted = state.deleted.with(message.number);
      const left = { messages: state.left.messages - 1, octets: state.left.octets - message.size };
      return answer({ ...state, deleted, left }, ok(`message ${message.number} will be removed at QUIT`));
    },
  },
  RSET: {
    transaction: bare(state => {
      const fresh = unmarked(state);
      return answer(fresh, ok(summary(fresh)));
    }),
  },
  NOOP: { transaction: bare(state => answer(state, ok('nothing done'))) },
  CAPA: { authorization: bare(capa), transaction: bare(capa) },
  QUIT: {
    authorization: bare(() => leave(ok('goodbye'))),
    // The only way into UPDATE (RFC 1939 §6).
    transaction: bare(state =>
      act({ phase: 'update', left: state.left.messages }, { kind: 'update', deleted: [...state.deleted] }),
    ),
  },
  STLS: { authorization: notOffered('STLS'), transaction: notOffered('STLS') },
  UTF8: { authorization: notOffered('UTF8'), transaction: notOffered('UTF8') },
  APOP: { authorization: notOffered('APOP'), transaction: notOffered('APOP') },
};

/** What a line asks for in this state, in upper case; null where it is no command but the answer to a challenge. */
export const verbOf = (state: State, line: Buffer): string | null =>
  state.phase === 'authorization' && state.challenged ? null : parts(line).verb;

function command(state: Authorization | Transaction, line: Buffer): Step {
  if (state.phase === 'authorization' && state.challenged) {
    const response = line.toString('latin1').trimEnd();
    return response === '*' ? answer(start(state), err('AUTH was cancelled')) : login(state, response);
  }
  const { verb, argument } = parts(line);
  const row = Object.hasOwn(COMMANDS, verb) ? COMMANDS[verb] : undefined;
  if (row === undefined) return answer(state, err(verb === '' ? 'an empty line is no command' : 'unknown command'));
  if (state.phase === 'authorization') {
    return row.authorization?.(state, argument) ?? answer(state, err(`log in before ${verb}`));
  }
  return row.transaction?.(state, argument) ?? answer(state, err(`you are logged in, ${verb} comes before that`));
}

/** Answered -ERR whatever it was: a login is begun anew, and QUIT leaves without UPDATE (RFC 1939 §6). */
function refusedOnce(state: Authorization | Transaction, line: Buffer, why: string): Step {
  if (verbOf(state, line) === 'QUIT') return leave(err(why));
  return answer(state.phase === 'authorization' ? start(state) : state, err(why));
}

/** Refused for who asks, not for how: guessing ends after a while. */
function refused(state: { readonly failures: number }, why: string): Step {
  const failures = state.failures + 1;
  if (failures < MOST_FAILURES) return answer(start({ failures }), err(why));
  return leave(err(`${why}; too many failed logins, goodbye`));
}

function loggedIn(state: { readonly failures: number }, outcome: LoginOutcome): Step {
  switch (outcome.kind) {
    case 'opened': {
      const opened = unmarked(outcome);
      return answer(opened, ok(`${opened.mailbox}, your ${summary(opened)}`));
    }
    case 'denied':
      return refused(state, '[AUTH] wrong user name or password');
    case 'in-use':
      return answer(start(state), err('[IN-USE] another session is reading this mailbox'));
    case 'unavailable':
      return answer(start(state), err('[SYS/TEMP] this mailbox cannot be opened now'));
    default:
      return assertNever(outcome);
  }
}

function updated(left: number, failed: number): Step {
  if (failed > 0) return leave(err(`some deleted messages not removed (${failed})`));
  return leave(ok(left === 0 ? 'goodbye, your maildrop is empty' : `goodbye, ${plural(left)} left`));
}

/** One step: what was the state, and what has happened. Throws where an input comes that the state does not wait for. */
export function step(state: State, input: Input): Step {
  if (input.kind === 'login' && state.phase === 'login') return loggedIn(state, input.outcome);
  if (input.kind === 'updated' && state.phase === 'update') return updated(state.left, input.failed);
  if (state.phase === 'authorization' || state.phase === 'transaction') {
    if (input.kind === 'line' && input.refusal !== undefined) return refusedOnce(state, input.line, input.refusal);
    if (input.kind === 'line') return command(state, input.line);
    if (input.kind === 'line-too-long') {
      return answer(state.phase === 'authorization' ? start(state) : state, err('that line is too long'));
    }
  }
  throw new Error(`POP3 ${input.kind} while ${state.phase}`);
}
