/** The mail transaction: MAIL, RCPT, DATA and what follows the message (RFC 5321 §3.3). Pure. */
import { utf8 } from '../../shared/bytes.ts';
import { type Path, parsePath } from './address.ts';
import type { Envelope, RecipientDsn } from './envelope.ts';
import { headerFields, headerOctets } from './header-fields.ts';
import { type Parameters, parseParameters, readMailParameters, readRcptParameters } from './parameters.ts';
import {
  badArgument,
  badSequence,
  type Command,
  type Input,
  insist,
  noRoom,
  type Outcome,
  offers,
  type Session,
  type Setting,
  say,
} from './session.ts';
import { countReceived } from './trace-fields.ts';

const NEEDS_UTF8 = 'Addresses beyond ASCII need SMTPUTF8';

interface PathCommand {
  readonly syntax: string;
  /** The enhanced code of a path that is none (RFC 3463 §3.2). */
  readonly status: string;
  /** What stands before the path. */
  readonly opening: RegExp;
}
const MAIL: PathCommand = { syntax: 'MAIL FROM:<address> [parameters]', status: '5.1.7', opening: /^FROM: */i };
const RCPT: PathCommand = { syntax: 'RCPT TO:<address> [parameters]', status: '5.1.3', opening: /^TO: */i };

type ArgumentRead =
  | { readonly ok: true; readonly path: Path; readonly beyondAscii: boolean; readonly parameters: Parameters }
  | { readonly ok: false; readonly refusal: Outcome };

/** Path and parameters. The octets are read as UTF-8; who may say what beyond ASCII is for the command to judge. */
function readArgument(session: Session, argument: string, { syntax, status, opening }: PathCommand): ArgumentRead {
  const refuse = (enhanced: string, text: string): ArgumentRead => ({
    ok: false,
    refusal: say(session, 501, enhanced, text),
  });
  const found = opening.exec(argument)?.[0];
  if (found === undefined) return refuse('5.5.4', `Syntax: ${syntax}`);
  const text = utf8(Buffer.from(argument.slice(found.length), 'latin1'));
  if (text === null) return refuse(status, 'That is not UTF-8');
  const read = parsePath(text);
  if (!read.ok) {
    return read.problem === 'too-long'
      ? refuse(status, 'Address too long (local part 64, domain 255, path 256 octets)')
      : refuse(status, `Syntax: ${syntax}`);
  }
  const parameters = parseParameters(read.rest);
  return parameters ? { ...read, parameters } : refuse('5.5.4', `Syntax: ${syntax}`);
}

const mustLogIn = (setting: Setting, session: Session): Outcome | null =>
  setting.role === 'submission' && session.user === null ? say(session, 530, '5.7.0', 'Authentication required') : null;

const needsUtf8 = (session: Session): Outcome =>
  offers(session, 'SMTPUTF8')
    ? say(session, 553, '5.6.7', `${NEEDS_UTF8}, which MAIL must ask for`)
    : say(session, 553, '5.6.7', `${NEEDS_UTF8}, which is not offered here`);

export const mail: Command = (setting, session, argument) => {
  if (!session.greeting) return badSequence(session, 'Send EHLO or HELO first');
  const locked = mustLogIn(setting, session);
  if (locked) return locked;
  if (session.transaction) return badSequence(session, 'Sender already given; RSET starts over');
  const read = readArgument(session, argument, MAIL);
  if (!read.ok) return read.refusal;
  const { path, parameters } = read;
  if (path.kind === 'postmaster') return say(session, 501, MAIL.status, 'A sender needs a domain');
  const reversePath = path.kind === 'null' ? '' : path.address;
  const asked = readMailParameters(setting, session, parameters);
  if (!asked.ok) return asked.refusal;
  if (read.beyondAscii && !asked.wishes.smtpUtf8) return needsUtf8(session);
  // The null reverse-path is never anybody's own, and never refused (RFC 5321 §4.5.5).
  const verdict = reversePath === '' ? { ok: true as const } : setting.sender(reversePath, { user: session.user });
  if (!verdict.ok) return say(session, verdict.code, verdict.enhanced, verdict.text);
  if (reversePath !== '' && setting.mishaps.refusesSender(reversePath)) {
    return say(session, 550, '5.7.1', `<${reversePath}>: mail from this sender is refused here`);
  }
  const transaction: Envelope = { reversePath, recipients: [], ...asked.wishes };
  return say({ ...session, transaction, content: null }, 250, '2.1.0', 'Ok');
};

export const rcpt: Command = (setting, session, argument) => {
  const locked = mustLogIn(setting, session);
  if (locked) return locked;
  const { transaction } = session;
  if (!transaction) return badSequence(session, 'Send MAIL first');
  if (session.content) return badSequence(session, 'The message has begun');
  const read = readArgument(session, argument, RCPT);
  if (!read.ok) return read.refusal;
  const { path, parameters } = read;
  if (path.kind === 'null') return say(session, 501, RCPT.status, 'Nobody can be sent mail at <>');
  const asked = readRcptParameters(session, parameters);
  if (!asked.ok) return asked.refusal;
  const address = path.kind === 'postmaster' ? `postmaster@${setting.host}` : path.address;
  if (read.beyondAscii && !transaction.smtpUtf8) return needsUtf8(session);
  const refusal = refuseRecipient(setting, session, transaction, address);
  if (refusal) return refusal;
  const accepted = { ...session, transaction: withRecipient(transaction, address, asked.wishes) };
  const most = setting.limits().recipients;
  return accepted.transaction.recipients.length > most
    ? say(session, 452, '4.5.3', `Too many recipients: at most ${most} a transaction`)
    : say(accepted, 250, '2.1.5', 'Ok');
};

/** Whoever does not exist is told so at once; only then come the reasons to ask again. */
function refuseRecipient(
  setting: Setting,
  session: Session,
  { reversePath }: Envelope,
  address: string,
): Outcome | null {
  const verdict = setting.recipient(address, { user: session.user, reversePath });
  if (!verdict.ok) return say(session, verdict.code, verdict.enhanced, verdict.text);
  const wait = setting.mishaps.greylists(reversePath, address);
  if (wait !== null) {
    return say(session, 451, '4.7.1', `<${address}>: Greylisted, try again in ${wait} second${wait === 1 ? '' : 's'}`);
  }
  return setting.mishaps.mailboxFull(address)
    ? say(session, 452, '4.2.2', `<${address}>: The mailbox is full, try again later`)
    : null;
}

/** Naming somebody twice brings one letter. */
function withRecipient(envelope: Envelope, address: string, wishes: RecipientDsn): Envelope {
  if (envelope.recipients.includes(address)) return envelope;
  const named = { ...envelope, recipients: [...envelope.recipients, address] };
  return Object.keys(wishes).length > 0 ? { ...named, dsn: { ...envelope.dsn, [address]: wishes } } : named;
}

export const data: Command = (setting, session, argument) => {
  if (argument !== '') return badArgument(session, 'Syntax: DATA');
  if (!session.transaction) return badSequence(session, 'Send MAIL first');
  if (session.content) return badSequence(session, 'The message has begun with BDAT and ends with BDAT');
  // RFC 3030 §3: lines cannot carry it.
  if (session.transaction.body === 'BINARYMIME')
    return badSequence(session, 'BODY=BINARYMIME goes by BDAT, not by DATA');
  if (session.transaction.recipients.length === 0) return say(session, 554, '5.5.1', 'No valid recipients');
  return {
    ...say({ ...session, awaiting: { kind: 'message' } }, 354, null, 'End data with <CR><LF>.<CR><LF>'),
    effects: [{ kind: 'expect-message', limit: setting.limits().messageSize }],
  };
};

/** A header that costs too much to read is refused at once, not passed on for others to struggle with. */
function refuseHeader(setting: Setting, session: Session, message: Buffer): Outcome | null {
  const limits = setting.limits();
  if (headerOctets(message) > limits.headerOctets)
    return say(session, 552, '5.3.4', `Header too big: at most ${limits.headerOctets} octets`);
  return headerFields(message).length > limits.headerFields
    ? say(session, 554, '5.6.0', `Too many header fields: at most ${limits.headerFields}`)
    : null;
}

/** Whatever becomes of the message, the transaction is over and every buffer empty (RFC 5321 §4.1.1.4). */
export function takeMessage(
  setting: Setting,
  session: Session,
  { message, bare, oversize, dropped }: Extract<Input, { kind: 'message' }>,
): Outcome {
  const envelope = session.transaction;
  if (!envelope) throw new Error('a message without a transaction');
  const over: Session = { ...session, awaiting: { kind: 'command' }, transaction: null, content: null };
  const said = setting.mishaps.answer('END-OF-DATA');
  if (said) return insist(over, said, true);
  const { messageSize, hops } = setting.limits();
  if (oversize) return say(over, 552, '5.3.4', `Message too big: at most ${messageSize} octets`);
  if (dropped) return noRoom(over);
  if (bare) return say(over, 550, '5.5.2', 'A bare CR or LF in the message; lines end in CRLF');
  const header = refuseHeader(setting, over, message);
  if (header) return header;
  if (countReceived(message) >= hops) {
    return say(over, 554, '5.4.6', `Too many hops: ${hops} servers have stamped this message, it loops`);
  }
  if (setting.mishaps.diskFull()) return say(over, 452, '4.3.1', 'Insufficient system storage, try again later');
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
