/** The SMTP server as a pure machine: session and input in, session, replies and effects out. A command is a row of the table. */
import { assertNever } from '../../shared/world/world.ts';
import { isHostName } from './address.ts';
import { auth, continueAuth } from './auth.ts';
import { bdat, swallowing, takeChunk } from './chunking.ts';
import { extensions, keywordOf } from './extensions.ts';
import { enhancedStatus, type Reply, reply } from './reply.ts';
import {
  answer,
  badArgument,
  badSequence,
  type Command,
  hangUp,
  type Input,
  insist,
  newSession,
  type Outcome,
  type Session,
  type Setting,
  type SmtpMoment,
  say,
} from './session.ts';
import { data, mail, rcpt, takeMessage, takeVerdict } from './transaction.ts';

/** RFC 5321 §4.5.3.1.4 says 512 octets and that extensions add to it; AUTH alone may fill the framer's bound. */
const COMMAND_LIMIT = 2048;
/** Wrong passwords in one connection; whoever guesses must dial again for more (RFC 4954 §9). */
const MOST_FAILED_LOGINS = 5;

/** EHLO and HELO clear the transaction as RSET does, and leave the login alone (RFC 5321 §4.1.4, RFC 4954 §4). */
const greeted = (session: Session, name: string, offered: readonly string[] | null): Session => ({
  ...session,
  greeting: { extended: offered !== null, name, offered: new Set(offered) },
  transaction: null,
  content: null,
});

const ehlo: Command = (setting, session, argument) => {
  // Neither this nor HELO has enhanced codes in any reply (RFC 2034 §3).
  if (!isHostName(argument)) return say(session, 501, null, 'Syntax: EHLO domain or [address]');
  const lines = extensions(setting);
  return answer(greeted(session, argument, lines.map(keywordOf)), {
    code: 250,
    lines: [`${setting.host} greets ${argument}`, ...lines],
  });
};

const helo: Command = (setting, session, argument) =>
  isHostName(argument)
    ? say(greeted(session, argument, null), 250, null, `${setting.host} greets ${argument}`)
    : say(session, 501, null, 'Syntax: HELO domain');

const rset: Command = (_, session, argument) =>
  argument === ''
    ? say({ ...session, transaction: null, content: null }, 250, '2.0.0', 'Ok')
    : badArgument(session, 'Syntax: RSET');

const quit: Command = (setting, session, argument) =>
  argument === ''
    ? hangUp(session, 221, '2.0.0', `${setting.host} closing connection`)
    : badArgument(session, 'Syntax: QUIT');

const help: Command = (_, session) =>
  say(session, 214, '2.0.0', 'EHLO HELO MAIL RCPT DATA BDAT RSET NOOP VRFY HELP AUTH QUIT; see RFC 5321');

/** Telling strangers who exists helps those who guess (RFC 5321 §7.3); RCPT is the place to ask. */
const vrfy: Command = (_, session, argument) =>
  argument === ''
    ? badArgument(session, 'Syntax: VRFY string')
    : say(session, 252, '2.5.0', 'Cannot VRFY user, but will accept mail and attempt delivery');

const notOffered: Command = (_, session) => say(session, 502, '5.5.1', 'Command not implemented');

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

/** The commands that can be made to fail on purpose. The first BDAT stands where DATA would. */
const MOMENTS: ReadonlyMap<string, SmtpMoment> = new Map<string, SmtpMoment>([
  ['EHLO', 'EHLO'],
  ['AUTH', 'AUTH'],
  ['MAIL', 'MAIL'],
  ['RCPT', 'RCPT'],
  ['DATA', 'DATA'],
  ['BDAT', 'DATA'],
  ['QUIT', 'QUIT'],
]);

function mishap(setting: Setting, session: Session, verb: string): Outcome | null {
  const moment = MOMENTS.get(verb);
  if (moment === undefined || (verb === 'BDAT' && session.content !== null)) return null;
  const said = setting.mishaps.answer(moment);
  return said && insist(session, said, moment !== 'EHLO');
}

function takeCommand(setting: Setting, session: Session, line: string): Outcome {
  if (/[\0\r\n]/.test(line))
    return say(session, 500, '5.5.2', 'A bare CR, LF or NUL in a command; commands end in CRLF');
  const [, verb = '', argument = ''] = /^([^ \t]*)[ \t]?(.*?)[ \t]*$/s.exec(line) ?? [];
  const command = COMMANDS.get(verb.toUpperCase());
  if (!command) return say(session, 500, '5.5.2', 'Command not recognised');
  if (command !== auth && line.length > COMMAND_LIMIT) return say(session, 500, '5.5.2', 'Line too long');
  const outcome =
    session.noService && command !== quit
      ? badSequence(session, 'There is no mail service here')
      : (mishap(setting, session, verb.toUpperCase()) ?? command(setting, session, argument));
  return command === bdat ? swallowing(argument, outcome) : outcome;
}

function take(setting: Setting, session: Session, input: Input): Outcome {
  switch (input.kind) {
    case 'message':
      return takeMessage(setting, session, input);
    case 'chunk':
      return takeChunk(setting, session, input);
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

/** Whoever was not offered ENHANCEDSTATUSCODES hears none (RFC 2034 §3). */
function spoken({ session, replies }: Outcome): readonly Reply[] {
  const { greeting } = session;
  if (!greeting?.extended || greeting.offered.has('ENHANCEDSTATUSCODES')) return replies;
  return replies.map(({ code, lines }) => ({
    code,
    lines: lines.map(line => (enhancedStatus({ code, lines: [line] }) === null ? line : line.replace(/^\S+ ?/, ''))),
  }));
}

/** One step of the conversation. */
export function step(setting: Setting, session: Session, input: Input): Outcome {
  const outcome = take(setting, session, input);
  const errors = outcome.session.errors + outcome.replies.filter(({ code }) => isError(code)).length;
  const counted = { ...outcome, replies: spoken(outcome), session: { ...outcome.session, errors } };
  const guessing = outcome.session.failedLogins >= MOST_FAILED_LOGINS;
  if (errors < setting.maxErrors && !guessing) return counted;
  const what = guessing ? 'failed logins' : 'errors';
  const last = hangUp(counted.session, 421, '4.7.0', `${setting.host} too many ${what}, closing connection`);
  return { ...last, replies: [...counted.replies, ...last.replies] };
}

/** The first word a server says (RFC 5321 §4.3.1). Where it refuses, it hears the client out until QUIT (§3.1). */
export function greet(setting: Setting): Outcome {
  const said = setting.mishaps.answer('GREETING');
  return said
    ? insist({ ...newSession, noService: true }, said, false)
    : say(newSession, 220, null, `${setting.host} ESMTP mailscope`);
}

/** What may be said at any moment before the server hangs up unasked (RFC 5321 §3.8). */
export const farewell = (setting: Setting, enhanced: '4.3.2' | '4.4.2', why: string) =>
  reply(421, enhanced, `${setting.host} ${why}, closing connection`);
