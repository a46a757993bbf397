/** The SMTP server as a pure machine: session and input in, session, replies and effects out. A command is a row of the table. */
import { assertNever } from '../../shared/world/world.ts';
import { isHostName } from './address.ts';
import { auth, continueAuth } from './auth.ts';
import { reply } from './reply.ts';
import {
  answer,
  badArgument,
  type Command,
  type Input,
  type Outcome,
  type Session,
  type Setting,
  say,
} from './session.ts';
import { data, mail, rcpt, takeMessage, takeVerdict } from './transaction.ts';

/** RFC 5321 §4.5.3.1.4 says 512 octets and that extensions add to it; AUTH alone may fill the framer's bound. */
const COMMAND_LIMIT = 2048;
/** Wrong passwords in one connection; whoever guesses must dial again for more (RFC 4954 §9). */
const MOST_FAILED_LOGINS = 5;

/** EHLO and HELO clear the transaction as RSET does, and leave the login alone (RFC 5321 §4.1.4, RFC 4954 §4). */
const greeted = (session: Session, extended: boolean, name: string): Session => ({
  ...session,
  greeting: { extended, name },
  transaction: null,
});

const ehlo: Command = (setting, session, argument) => {
  // Neither this nor HELO has enhanced codes in any reply (RFC 2034 §3).
  if (!isHostName(argument)) return say(session, 501, null, 'Syntax: EHLO domain or [address]');
  return answer(greeted(session, true, argument), {
    code: 250,
    lines: [
      `${setting.host} greets ${argument}`,
      'PIPELINING',
      `SIZE ${setting.limits.messageSize}`,
      '8BITMIME',
      ...(setting.role === 'submission' ? ['AUTH PLAIN LOGIN'] : []),
      'ENHANCEDSTATUSCODES',
    ],
  });
};

const helo: Command = (setting, session, argument) =>
  isHostName(argument)
    ? say(greeted(session, false, argument), 250, null, `${setting.host} greets ${argument}`)
    : say(session, 501, null, 'Syntax: HELO domain');

const rset: Command = (_, session, argument) =>
  argument === '' ? say({ ...session, transaction: null }, 250, '2.0.0', 'Ok') : badArgument(session, 'Syntax: RSET');

const quit: Command = (setting, session, argument) =>
  argument === ''
    ? hangUp(session, 221, '2.0.0', `${setting.host} closing connection`)
    : badArgument(session, 'Syntax: QUIT');

const help: Command = (_, session) =>
  say(session, 214, '2.0.0', 'EHLO HELO MAIL RCPT DATA RSET NOOP VRFY HELP AUTH QUIT; see RFC 5321');

/** Telling strangers who exists helps those who guess (RFC 5321 §7.3); RCPT is the place to ask. */
const vrfy: Command = (_, session, argument) =>
  argument === ''
    ? badArgument(session, 'Syntax: VRFY string')
    : say(session, 252, '2.5.0', 'Cannot VRFY user, but will accept mail and attempt delivery');

const notOffered: Command = (_, session) => say(session, 502, '5.5.1', 'Command not implemented');

/** The client goes on with its octets whatever we answer, and they are not commands (RFC 3030 §2). */
const bdat: Command = (setting, session, argument) => {
  const octets = /^(\d{1,15})(?: +LAST)?$/i.exec(argument)?.[1];
  const outcome = notOffered(setting, session, argument);
  return octets === undefined ? outcome : { ...outcome, effects: [{ kind: 'skip', octets: Number(octets) }] };
};

/** A web page that makes a browser post to this port must not get its lines run as commands. */
const web: Command = (setting, session) =>
  hangUp(session, 421, '4.7.0', `${setting.host} speaks SMTP, not HTTP; closing connection`);

const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['EHLO', ehlo],
  ['HELO', helo],
  ['MAIL', mail],
  ['RCPT', rcpt],
  ['DATA', data],
  ['RSET', rset],
  ['NOOP', (_, session) => say(session, 250, '2.0.0', 'Ok')],
  ['HELP', help],
  ['VRFY', vrfy],
  ['EXPN', notOffered],
  ['QUIT', quit],
  ['AUTH', auth],
  ['STARTTLS', notOffered],
  ['BDAT', bdat],
  ['ETRN', notOffered],
  ['ATRN', notOffered],
  ['TURN', notOffered],
  ['SEND', notOffered],
  ['SOML', notOffered],
  ['SAML', notOffered],
  ['GET', web],
  ['POST', web],
  ['PUT', web],
  ['HEAD', web],
  ['OPTIONS', web],
  ['CONNECT', web],
]);

function hangUp(session: Session, code: number, enhanced: string, text: string): Outcome {
  return {
    ...say({ ...session, awaiting: { kind: 'nothing' }, transaction: null }, code, enhanced, text),
    effects: [{ kind: 'close' }],
  };
}

function takeCommand(setting: Setting, session: Session, line: string): Outcome {
  if (/[\0\r\n]/.test(line))
    return say(session, 500, '5.5.2', 'A bare CR, LF or NUL in a command; commands end in CRLF');
  const [, verb = '', argument = ''] = /^([^ \t]*)[ \t]?(.*?)[ \t]*$/s.exec(line) ?? [];
  const command = COMMANDS.get(verb.toUpperCase());
  if (!command) return say(session, 500, '5.5.2', 'Command not recognised');
  if (command !== auth && line.length > COMMAND_LIMIT) return say(session, 500, '5.5.2', 'Line too long');
  return command(setting, session, argument);
}

function take(setting: Setting, session: Session, input: Input): Outcome {
  switch (input.kind) {
    case 'message':
      return takeMessage(setting, session, input);
    case 'verdict':
      return takeVerdict(session, input);
    case 'overlong':
      return session.awaiting.kind === 'command'
        ? say(session, 500, '5.5.2', 'Line too long')
        : continueAuth(setting, session, null);
    case 'line':
      return session.awaiting.kind === 'command'
        ? takeCommand(setting, session, input.line)
        : continueAuth(setting, session, input.line);
    default:
      return assertNever(input);
  }
}

/** Not understood, out of order or not allowed. A recipient or a message refused is an answer, not the client's error. */
const isError = (code: number): boolean => (code >= 500 && code <= 504) || [530, 535, 555].includes(code);

/** One step of the conversation. */
export function step(setting: Setting, session: Session, input: Input): Outcome {
  const outcome = take(setting, session, input);
  const errors = outcome.session.errors + outcome.replies.filter(({ code }) => isError(code)).length;
  const counted = { ...outcome, session: { ...outcome.session, errors } };
  const guessing = outcome.session.failedLogins >= MOST_FAILED_LOGINS;
  if (errors < setting.maxErrors && !guessing) return counted;
  const what = guessing ? 'failed logins' : 'errors';
  const last = hangUp(counted.session, 421, '4.7.0', `${setting.host} too many ${what}, closing connection`);
  return { ...last, replies: [...outcome.replies, ...last.replies] };
}

/** The first word a server says (RFC 5321 §4.3.1). */
export const banner = (setting: Setting) => reply(220, null, `${setting.host} ESMTP mailscope`);

/** What may be said at any moment before the server hangs up unasked (RFC 5321 §3.8). */
export const farewell = (setting: Setting, enhanced: '4.3.2' | '4.4.2', why: string) =>
  reply(421, enhanced, `${setting.host} ${why}, closing connection`);
