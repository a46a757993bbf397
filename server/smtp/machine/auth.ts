/** AUTH PLAIN and AUTH LOGIN (RFC 4954, RFC 4616): the one command that is a conversation of its own. Pure. */
import { assertNever } from '../../../shared/world/world.ts';
import { decodeResponse, plainCredentials } from '../../base/sasl.ts';
import { reply } from '../reply.ts';
import {
  answer,
  badArgument,
  badSequence,
  type Challenged,
  idle,
  type Ready,
  type Setting,
  type State,
  type Step,
  say,
} from './state.ts';

const ask = ({ phase: _, ...memory }: Ready | Challenged, wanted: Challenged['wanted'], prompt: string): Step =>
  answer({ ...memory, phase: 'challenged', wanted }, reply(334, null, Buffer.from(prompt).toString('base64')));

const over = (state: State, code: number, enhanced: string, text: string): Step =>
  say(idle(state), code, enhanced, text);

const denied = (state: State): Step =>
  over({ ...state, failedLogins: state.failedLogins + 1 }, 535, '5.7.8', 'Authentication credentials invalid');

const logIn = (setting: Setting, state: State, user: string, password: string): Step => {
  const address = setting.authenticate(user, password);
  return address === null
    ? denied(state)
    : over({ ...state, user: address }, 235, '2.7.0', 'Authentication successful');
};

const notBase64 = (state: State): Step => over(state, 501, '5.5.2', 'That is not base64');

const plain = (setting: Setting, state: State, response: string): Step => {
  const decoded = decodeResponse(response);
  if (decoded === null) return notBase64(state);
  const credentials = plainCredentials(decoded);
  if (credentials === null) return over(state, 501, '5.5.2', 'PLAIN wants three parts divided by NUL');
  const { authorizeAs, user, password } = credentials;
  // Nobody here may act for somebody else (RFC 4616 §2).
  if (authorizeAs !== '' && authorizeAs.toLowerCase() !== user.toLowerCase()) {
    return denied(state);
  }
  return logIn(setting, state, user, password);
};

const loginUser = (state: Ready | Challenged, response: string): Step => {
  const user = decodeResponse(response);
  return user === null ? notBase64(state) : ask(state, { kind: 'login-password', user }, 'Password:');
};

/** Only after EHLO, once, and outside a transaction (RFC 4954 §4): the reply where it is too early or too late for a login, or null. */
export function refuseAuth(setting: Setting, state: State): Step | null {
  if (setting.role !== 'submission') return say(state, 502, '5.5.1', 'Nobody logs in on this port');
  if (!state.greeting?.extended) return badSequence(state, 'Send EHLO first');
  return state.user === null ? null : badSequence(state, 'Already authenticated');
}

export function auth(setting: Setting, state: Ready, argument: string): Step {
  const [mechanism = '', initial, ...others] = argument.split(/ +/);
  if (mechanism === '' || others.length > 0) return badArgument(state, 'Syntax: AUTH mechanism [initial-response]');
  // A lone "=" is an initial response of no octets (RFC 4954 §4).
  const response = initial === '=' ? '' : initial;
  switch (mechanism.toUpperCase()) {
    case 'PLAIN':
      return response === undefined ? ask(state, { kind: 'plain-response' }, '') : plain(setting, state, response);
    case 'LOGIN':
      return response === undefined ? ask(state, { kind: 'login-user' }, 'Username:') : loginUser(state, response);
    default:
      return say(state, 504, '5.5.4', 'Unknown mechanism; PLAIN and LOGIN are offered');
  }
}

/** A line that continues the exchange; null is one that was too long to keep. */
export function continueAuth(setting: Setting, state: Challenged, line: string | null): Step {
  const { wanted } = state;
  if (line === null) return over(state, 500, '5.5.6', 'Authentication line too long');
  if (line === '*') return over(state, 501, '5.7.0', 'Authentication cancelled');
  switch (wanted.kind) {
    case 'plain-response':
      return plain(setting, state, line);
    case 'login-user':
      return loginUser(state, line);
    case 'login-password': {
      const password = decodeResponse(line);
      return password === null ? notBase64(state) : logIn(setting, state, wanted.user, password);
    }
    default:
      return assertNever(wanted);
  }
}
