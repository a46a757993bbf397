/** The mail transaction: MAIL, RCPT, DATA and what follows the message (RFC 5321 §3.3). Pure. */
import { type PathRead, parsePath } from './address.ts';
import type { Envelope } from './envelope.ts';
import {
  badArgument,
  badSequence,
  type Command,
  type Input,
  type Outcome,
  type Session,
  type Setting,
  say,
} from './session.ts';
import { countReceived } from './trace-fields.ts';

type Parameters = ReadonlyMap<string, string | null>;

/** `*( SP keyword ["=" value] )`, keywords in upper case; null where it is something else or says a thing twice (RFC 5321 §4.1.2). */
function parseParameters(text: string): Parameters | null {
  const parameters = new Map<string, string | null>();
  if (text === '') return parameters;
  if (!text.startsWith(' ')) return null;
  for (const word of text.split(' ').filter(part => part !== '')) {
    const found = /^([A-Za-z0-9][A-Za-z0-9-]*)(?:=([!-<>-~]+))?$/.exec(word);
    const keyword = found?.[1]?.toUpperCase();
    if (keyword === undefined || parameters.has(keyword)) return null;
    parameters.set(keyword, found?.[2] ?? null);
  }
  return parameters;
}

const refusePath = (
  session: Session,
  read: Exclude<PathRead, { ok: true }>,
  whose: { syntax: string; status: string },
): Outcome => {
  if (read.problem === 'non-ascii') {
    return say(session, 553, '5.6.7', 'Addresses beyond ASCII need SMTPUTF8, which is not offered here');
  }
  return read.problem === 'too-long'
    ? say(session, 501, whose.status, 'Address too long (local part 64, domain 255, path 256 octets)')
    : say(session, 501, whose.status, `Syntax: ${whose.syntax}`);
};

const mustLogIn = (setting: Setting, session: Session): Outcome | null =>
  setting.role === 'submission' && session.user === null ? say(session, 530, '5.7.0', 'Authentication required') : null;

/** What is wrong with MAIL's parameters, or null. Only what EHLO offered is known (RFC 5321 §4.1.1.11). */
function refuseMailParameters(setting: Setting, session: Session, parameters: Parameters): Outcome | null {
  for (const [keyword, value] of parameters) {
    const offered =
      session.greeting?.extended &&
      (keyword === 'SIZE' || keyword === 'BODY' || (keyword === 'AUTH' && setting.role === 'submission'));
    if (!offered) return say(session, 555, '5.5.4', `Parameter ${keyword} is not known here`);
    if (keyword === 'SIZE') {
      if (value === null || !/^\d{1,20}$/.test(value)) return badArgument(session, 'Syntax: SIZE=octets');
      if (Number(value) > setting.limits.messageSize) {
        return say(session, 552, '5.3.4', `Message too big: at most ${setting.limits.messageSize} octets`);
      }
    }
    if (keyword === 'BODY' && !/^(?:7BIT|8BITMIME)$/i.test(value ?? '')) {
      return badArgument(session, 'Syntax: BODY=7BIT or BODY=8BITMIME');
    }
    if (keyword === 'AUTH' && value === null) return badArgument(session, 'Syntax: AUTH=<> or AUTH=mailbox');
  }
  return null;
}

const MAIL = { syntax: 'MAIL FROM:<address> [parameters]', status: '5.1.7' };
const RCPT = { syntax: 'RCPT TO:<address>', status: '5.1.3' };

export const mail: Command = (setting, session, argument) => {
  if (!session.greeting) return badSequence(session, 'Send EHLO or HELO first');
  const locked = mustLogIn(setting, session);
  if (locked) return locked;
  if (session.transaction) return badSequence(session, 'Sender already given; RSET starts over');
  const rest = /^FROM: *(.*)$/is.exec(argument)?.[1];
  if (rest === undefined) return badArgument(session, `Syntax: ${MAIL.syntax}`);
  const read = parsePath(rest);
  if (!read.ok) return refusePath(session, read, MAIL);
  if (read.path.kind === 'postmaster') return say(session, 501, MAIL.status, 'A sender needs a domain');
  const parameters = parseParameters(read.rest);
  if (!parameters) return badArgument(session, `Syntax: ${MAIL.syntax}`);
  const refused = refuseMailParameters(setting, session, parameters);
  if (refused) return refused;
  const reversePath = read.path.kind === 'null' ? '' : read.path.address;
  // The null reverse-path is never anybody's own, and never refused (RFC 5321 §4.5.5).
  const verdict = reversePath === '' ? { ok: true as const } : setting.sender(reversePath, { user: session.user });
  if (!verdict.ok) return say(session, verdict.code, verdict.enhanced, verdict.text);
  return say({ ...session, transaction: { reversePath, recipients: [] } }, 250, '2.1.0', 'Ok');
};

export const rcpt: Command = (setting, session, argument) => {
  const locked = mustLogIn(setting, session);
  if (locked) return locked;
  const { transaction } = session;
  if (!transaction) return badSequence(session, 'Send MAIL first');
  const rest = /^TO: *(.*)$/is.exec(argument)?.[1];
  if (rest === undefined) return badArgument(session, `Syntax: ${RCPT.syntax}`);
  const read = parsePath(rest);
  if (!read.ok) return refusePath(session, read, RCPT);
  if (read.path.kind === 'null') return say(session, 501, RCPT.status, 'Nobody can be sent mail at <>');
  const parameters = parseParameters(read.rest);
  if (!parameters) return badArgument(session, `Syntax: ${RCPT.syntax}`);
  const [unknown] = parameters.keys();
  if (unknown !== undefined) return say(session, 555, '5.5.4', `Parameter ${unknown} is not known here`);
  const address = read.path.kind === 'postmaster' ? `postmaster@${setting.host}` : read.path.address;
  const verdict = setting.recipient(address, { user: session.user, reversePath: transaction.reversePath });
  if (!verdict.ok) return say(session, verdict.code, verdict.enhanced, verdict.text);
  const accepted = { ...session, transaction: withRecipient(transaction, address) };
  return accepted.transaction.recipients.length > setting.limits.recipients
    ? say(session, 452, '4.5.3', `Too many recipients: at most ${setting.limits.recipients} a transaction`)
    : say(accepted, 250, '2.1.5', 'Ok');
};

/** Naming somebody twice brings one letter. */
const withRecipient = (envelope: Envelope, address: string): Envelope =>
  envelope.recipients.includes(address) ? envelope : { ...envelope, recipients: [...envelope.recipients, address] };

export const data: Command = (setting, session, argument) => {
  if (argument !== '') return badArgument(session, 'Syntax: DATA');
  if (!session.transaction) return badSequence(session, 'Send MAIL first');
  if (session.transaction.recipients.length === 0) return say(session, 554, '5.5.1', 'No valid recipients');
  return {
    ...say({ ...session, awaiting: { kind: 'message' } }, 354, null, 'End data with <CR><LF>.<CR><LF>'),
    effects: [{ kind: 'expect-message', limit: setting.limits.messageSize }],
  };
};

/** Whatever becomes of the message, the transaction is over and every buffer empty (RFC 5321 §4.1.1.4). */
export function takeMessage(
  setting: Setting,
  session: Session,
  { message, bare, oversize }: Extract<Input, { kind: 'message' }>,
): Outcome {
  const envelope = session.transaction;
  if (!envelope) throw new Error('a message without a transaction');
  const over: Session = { ...session, awaiting: { kind: 'command' }, transaction: null };
  if (oversize) {
    return say(over, 552, '5.3.4', `Message too big: at most ${setting.limits.messageSize} octets`);
  }
  if (bare) return say(over, 550, '5.5.2', 'A bare CR or LF in the message; lines end in CRLF');
  if (countReceived(message) >= setting.limits.hops) {
    return say(over, 554, '5.4.6', `Too many hops: ${setting.limits.hops} servers have stamped this message, it loops`);
  }
  return {
    session: { ...over, awaiting: { kind: 'verdict' } },
    replies: [],
    effects: [{ kind: 'accept', envelope, message }],
  };
}

/** The one reply for the message, whatever the number of recipients (RFC 5321 §4.2.5). */
export function takeVerdict(session: Session, { verdict, id }: Extract<Input, { kind: 'verdict' }>): Outcome {
  const over: Session = { ...session, awaiting: { kind: 'command' }, errors: 0 };
  return verdict.ok
    ? say(over, 250, '2.0.0', verdict.text ?? `Ok: queued as ${id}`)
    : say(over, verdict.code, verdict.enhanced, verdict.text);
}
