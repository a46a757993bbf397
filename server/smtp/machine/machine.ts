/** The SMTP server as a table of commands and phases (RFC 5321): no socket, no clock, nothing to await. */
import { assertNever } from '../../../shared/world/world.ts';
import { isHostName } from '../address.ts';
import { enhancedStatus, type Reply, reply } from '../reply.ts';
import { auth, continueAuth, refuseAuth } from './auth.ts';
import { bdat, bdatTooEarly, receiveChunk, skipRefused } from './chunking.ts';
import { extensions, keywordOf } from './extensions.ts';
import {
  answer,
  badArgument,
  badSequence,
  type Chunks,
  type Commanded,
  type Connected,
  type Handler,
  hangUp,
  type Input,
  idle,
  initialState,
  insist,
  type Ready,
  type Setting,
  type SmtpMoment,
  type State,
  type Step,
  say,
  type Transaction,
} from './state.ts';
import { data, mail, mustLogIn, rcpt, receiveMessage, receiveVerdict } from './transaction.ts';

/** RFC 5321 §4.5.3.1.4 says 512 octets and that extensions add to it; AUTH alone may fill the framer's bound. */
const COMMAND_LIMIT = 2048;
/** Wrong passwords in one connection; whoever guesses must dial again for more (RFC 4954 §9). */
const MOST_FAILED_LOGINS = 5;

/** A command is a row: what it does in each phase; where it has nothing, it is `refused`. */
interface Row {
  readonly connected?: Handler<Connected>;
  readonly ready?: Handler<Ready>;
  readonly transaction?: Handler<Transaction>;
  readonly chunks?: Handler<Chunks>;
  readonly 'turned-away'?: Handler<State>;
  readonly refused: Handler<Commanded>;
  /** What a fault that strikes at it is called. */
  readonly moment?: SmtpMoment;
  /** A line of it may be as long as the framer keeps. */
  readonly long?: true;
  /** Octets follow its line whatever is answered (RFC 3030 §2). */
  readonly octetsFollow?: true;
}

const outOfOrder =
  (text: (state: Commanded) => string): Handler<Commanded> =>
  (_, state) =>
    badSequence(state, text(state));
/** Nobody said that there is a service here: see `TurnedAway`. */
const noService = outOfOrder(() => 'There is no mail service here');
/** In every phase alike, once there is a service. */
const anywhere = (handler: Handler<State>): Row => ({
  connected: handler,
  ready: handler,
  transaction: handler,
  chunks: handler,
  refused: noService,
});

/** EHLO and HELO clear the transaction as RSET does, and leave the login alone (RFC 5321 §4.1.4, RFC 4954 §4). */
const greeted = (state: State, name: string, offered: readonly string[] | null): State => ({
  ...idle(state),
  phase: 'ready',
  greeting: { extended: offered !== null, name, offered: new Set(offered) },
});

const ehlo: Handler<State> = (setting, state, argument) => {
  // Neither this nor HELO has enhanced codes in any reply (RFC 2034 §3).
  if (!isHostName(argument)) return say(state, 501, null, 'Syntax: EHLO domain or [address]');
  const lines = extensions(setting);
  return answer(greeted(state, argument, lines.map(keywordOf)), {
    code: 250,
    lines: [`${setting.host} greets ${argument}`, ...lines],
  });
};

const helo: Handler<State> = (setting, state, argument) =>
  isHostName(argument)
    ? say(greeted(state, argument, null), 250, null, `${setting.host} greets ${argument}`)
    : say(state, 501, null, 'Syntax: HELO domain');

const rset: Handler<State> = (_, state, argument) =>
  argument === '' ? say(idle(state), 250, '2.0.0', 'Ok') : badArgument(state, 'Syntax: RSET');

const quit: Handler<State> = (setting, state, argument) =>
  argument === ''
    ? hangUp(state, 221, '2.0.0', `${setting.host} closing connection`)
    : badArgument(state, 'Syntax: QUIT');

const noop: Handler<State> = (_, state) => say(state, 250, '2.0.0', 'Ok');

const help: Handler<State> = (_, state) =>
  say(state, 214, '2.0.0', 'EHLO HELO MAIL RCPT DATA BDAT RSET NOOP VRFY HELP AUTH QUIT; see RFC 5321');

/** Telling strangers who exists helps those who guess (RFC 5321 §7.3); RCPT is the place to ask. */
const vrfy: Handler<State> = (_, state, argument) =>
  argument === ''
    ? badArgument(state, 'Syntax: VRFY string')
    : say(state, 252, '2.5.0', 'Cannot VRFY user, but will accept mail and attempt delivery');

const NOT_OFFERED = anywhere((_, state) => say(state, 502, '5.5.1', 'Command not implemented'));

/** A web page that makes a browser post to this port must not get its lines run as commands. */
const WEB = anywhere((setting, state) =>
  hangUp(state, 421, '4.7.0', `${setting.host} speaks SMTP, not HTTP; closing connection`),
);

const COMMANDS: Readonly<Record<string, Row>> = {
  EHLO: { ...anywhere(ehlo), moment: 'EHLO' },
  HELO: anywhere(helo),
  AUTH: {
    ready: (setting, state, argument) => refuseAuth(setting, state) ?? auth(setting, state, argument),
    refused: (setting, state) => refuseAuth(setting, state) ?? badSequence(state, 'Not during a mail transaction'),
    moment: 'AUTH',
    long: true,
  },
  MAIL: {
    ready: mail,
    refused: outOfOrder(({ phase }) =>
      phase === 'connected' ? 'Send EHLO or HELO first' : 'Sender already given; RSET starts over',
    ),
    moment: 'MAIL',
  },
  RCPT: {
    transaction: rcpt,
    refused: (setting, state) =>
      mustLogIn(setting, state) ??
      badSequence(state, state.phase === 'chunks' ? 'The message has begun' : 'Send MAIL first'),
    moment: 'RCPT',
  },
  DATA: {
    transaction: data,
    refused: (_, state, argument) => {
      if (argument !== '') return badArgument(state, 'Syntax: DATA');
      const begun = state.phase === 'chunks';
      return badSequence(state, begun ? 'The message has begun with BDAT and ends with BDAT' : 'Send MAIL first');
    },
    moment: 'DATA',
  },
  // Its first one stands where DATA would.
  BDAT: { transaction: bdat, chunks: bdat, refused: bdatTooEarly, moment: 'DATA', octetsFollow: true },
  RSET: anywhere(rset),
  NOOP: anywhere(noop),
  HELP: anywhere(help),
  VRFY: anywhere(vrfy),
  QUIT: { ...anywhere(quit), 'turned-away': quit, moment: 'QUIT' },
  STARTTLS: NOT_OFFERED,
  EXPN: NOT_OFFERED,
  ETRN: NOT_OFFERED,
  ATRN: NOT_OFFERED,
  TURN: NOT_OFFERED,
  SEND: NOT_OFFERED,
  SOML: NOT_OFFERED,
  SAML: NOT_OFFERED,
  GET: WEB,
  POST: WEB,
  PUT: WEB,
  HEAD: WEB,
  OPTIONS: WEB,
  CONNECT: WEB,
};

/** What the row does in this phase. */
function inPhase(row: Row, setting: Setting, state: Commanded, argument: string): Step {
  const refused = (): Step => row.refused(setting, state, argument);
  switch (state.phase) {
    case 'connected':
      return row.connected?.(setting, state, argument) ?? refused();
    case 'ready':
      return row.ready?.(setting, state, argument) ?? refused();
    case 'transaction':
      return row.transaction?.(setting, state, argument) ?? refused();
    case 'chunks':
      return row.chunks?.(setting, state, argument) ?? refused();
    case 'turned-away':
      return row['turned-away']?.(setting, state, argument) ?? noService(setting, state, argument);
    default:
      return assertNever(state);
  }
}

/** What a fault has the command answered in place of being done, or null. */
function mishap({ mishaps }: Setting, state: Commanded, row: Row): Step | null {
  const { moment, octetsFollow } = row;
  if (moment === undefined) return null;
  if (state.phase === 'turned-away' && row['turned-away'] === undefined) return null;
  // The later chunks of a letter are no moment of their own.
  if (octetsFollow && state.phase === 'chunks') return null;
  const said = mishaps.answer(moment);
  return said && insist(state, said, moment !== 'EHLO');
}

function command(setting: Setting, state: Commanded, line: string): Step {
  if (/[\0\r\n]/.test(line)) return say(state, 500, '5.5.2', 'A bare CR, LF or NUL in a command; commands end in CRLF');
  const [, word = '', argument = ''] = /^([^ \t]*)[ \t]?(.*?)[ \t]*$/s.exec(line) ?? [];
  const verb = word.toUpperCase();
  const row = Object.hasOwn(COMMANDS, verb) ? COMMANDS[verb] : undefined;
  if (row === undefined) return say(state, 500, '5.5.2', 'Command not recognised');
  if (!row.long && line.length > COMMAND_LIMIT) return say(state, 500, '5.5.2', 'Line too long');
  const done = mishap(setting, state, row) ?? inPhase(row, setting, state, argument);
  return row.octetsFollow ? skipRefused(argument, done) : done;
}

const isCommanded = (state: State): state is Commanded => {
  switch (state.phase) {
    case 'connected':
    case 'ready':
    case 'transaction':
    case 'chunks':
    case 'turned-away':
      return true;
    default:
      return false;
  }
};

/** What comes of an input in a phase that waits for it. */
function perform(setting: Setting, state: State, input: Input): Step {
  if (input.kind === 'line' || input.kind === 'overlong') {
    const line = input.kind === 'line' ? input.line : null;
    if (state.phase === 'challenged') return continueAuth(setting, state, line);
    if (isCommanded(state))
      return line === null ? say(state, 500, '5.5.2', 'Line too long') : command(setting, state, line);
  }
  if (input.kind === 'message' && state.phase === 'message') return receiveMessage(setting, state, input);
  if (input.kind === 'chunk' && state.phase === 'chunk') return receiveChunk(setting, state, input);
  if (input.kind === 'verdict' && state.phase === 'verdict') return receiveVerdict(state, input);
  throw new Error(`SMTP ${input.kind} while ${state.phase}`);
}

/** Not understood, out of order or not allowed. A recipient or a message refused is an answer, not the client's error. */
const isError = (code: number): boolean => (code >= 500 && code <= 504) || [530, 535, 555].includes(code);

/** Whoever was not offered ENHANCEDSTATUSCODES hears none (RFC 2034 §3). */
function spoken({ state, replies }: Step): readonly Reply[] {
  const { greeting } = state;
  if (!greeting?.extended || greeting.offered.has('ENHANCEDSTATUSCODES')) return replies;
  return replies.map(({ code, lines }) => ({
    code,
    lines: lines.map(line => (enhancedStatus({ code, lines: [line] }) === null ? line : line.replace(/^\S+ ?/, ''))),
  }));
}

/** One step: what was the state, and what has happened. Throws where an input comes that the state does not wait for. */
export function step(setting: Setting, state: State, input: Input): Step {
  const done = perform(setting, state, input);
  const errors = done.state.errors + done.replies.filter(({ code }) => isError(code)).length;
  const counted: Step = { ...done, replies: spoken(done), state: { ...done.state, errors } };
  const guessing = done.state.failedLogins >= MOST_FAILED_LOGINS;
  if (errors < setting.maxErrors && !guessing) return counted;
  const what = guessing ? 'failed logins' : 'errors';
  const last = hangUp(counted.state, 421, '4.7.0', `${setting.host} too many ${what}, closing connection`);
  return { ...last, replies: [...counted.replies, ...last.replies] };
}

/** The first word a server says (RFC 5321 §4.3.1). Where it refuses, it hears the client out until QUIT (§3.1). */
export function greet(setting: Setting): Step {
  const said = setting.mishaps.answer('GREETING');
  return said
    ? insist({ ...initialState, phase: 'turned-away' }, said, false)
    : say(initialState, 220, null, `${setting.host} ESMTP mailscope`);
}

/** What may be said at any moment before the server hangs up unasked (RFC 5321 §3.8). */
export const farewell = (setting: Setting, enhanced: '4.3.2' | '4.4.2', why: string) =>
  reply(421, enhanced, `${setting.host} ${why}, closing connection`);
