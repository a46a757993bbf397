/** AUTH PLAIN and AUTH LOGIN (RFC 4954, RFC 4616): the one command that is a conversation of its own. Pure. */
import { decodeResponse, plainCredentials } from '../sasl.ts';
import { reply } from './reply.ts';
import {
  answer,
  badArgument,
  badSequence,
  type Command,
  type Outcome,
  type Session,
  type Setting,
  say,
} from './session.ts';

const ask = (session: Session, awaiting: Session['awaiting'], prompt: string): Outcome =>
  answer({ ...session, awaiting }, reply(334, null, Buffer.from(prompt).toString('base64')));

const over = (session: Session, code: number, enhanced: string, text: string): Outcome =>
  say({ ...session, awaiting: { kind: 'command' } }, code, enhanced, text);

const denied = (session: Session): Outcome =>
  over({ ...session, failedLogins: session.failedLogins + 1 }, 535, '5.7.8', 'Authentication credentials invalid');

const logIn = (setting: Setting, session: Session, user: string, password: string): Outcome => {
  const address = setting.authenticate(user, password);
  return address === null
    ? denied(session)
    : over({ ...session, user: address }, 235, '2.7.0', 'Authentication successful');
};

const notBase64 = (session: Session): Outcome => over(session, 501, '5.5.2', 'That is not base64');

const plain = (setting: Setting, session: Session, response: string): Outcome => {
  const decoded = decodeResponse(response);
  if (decoded === null) return notBase64(session);
  const credentials = plainCredentials(decoded);
  if (credentials === null) return over(session, 501, '5.5.2', 'PLAIN wants three parts divided by NUL');
  const { authorizeAs, user, password } = credentials;
  // Nobody here may act for somebody else (RFC 4616 §2).
  if (authorizeAs !== '' && authorizeAs.toLowerCase() !== user.toLowerCase()) {
    return denied(session);
  }
  return logIn(setting, session, user, password);
};

const loginUser = (session: Session, response: string): Outcome => {
  const user = decodeResponse(response);
  return user === null ? notBase64(session) : ask(session, { kind: 'login-password', user }, 'Password:');
};

export const auth: Command = (setting, session, argument) => {
  if (setting.role !== 'submission') return say(session, 502, '5.5.1', 'Nobody logs in on this port');
  if (!session.greeting?.extended) return badSequence(session, 'Send EHLO first');
  if (session.user !== null) return badSequence(session, 'Already authenticated');
  if (session.transaction) return badSequence(session, 'Not during a mail transaction');
  const [mechanism = '', initial, ...others] = argument.split(/ +/);
  if (mechanism === '' || others.length > 0) return badArgument(session, 'Syntax: AUTH mechanism [initial-response]');
  // A lone "=" is an initial response of no octets (RFC 4954 §4).
  const response = initial === '=' ? '' : initial;
  switch (mechanism.toUpperCase()) {
    case 'PLAIN':
      return response === undefined ? ask(session, { kind: 'plain-response' }, '') : plain(setting, session, response);
    case 'LOGIN':
      return response === undefined ? ask(session, { kind: 'login-user' }, 'Username:') : loginUser(session, response);
    default:
      return say(session, 504, '5.5.4', 'Unknown mechanism; PLAIN and LOGIN are offered');
  }
};

/** A line that continues the exchange; null is one that was too long to keep. */
export function continueAuth(setting: Setting, session: Session, line: string | null): Outcome {
  const { awaiting } = session;
  if (line === null) return over(session, 500, '5.5.6', 'Authentication line too long');
  if (line === '*') return over(session, 501, '5.7.0', 'Authentication cancelled');
  if (awaiting.kind === 'plain-response') return plain(setting, session, line);
  if (awaiting.kind === 'login-user') return loginUser(session, line);
  if (awaiting.kind === 'login-password') {
    const password = decodeResponse(line);
    return password === null ? notBase64(session) : logIn(setting, session, awaiting.user, password);
  }
  throw new Error(`no authentication is going on: ${awaiting.kind}`);
}
