/** The mail transaction: MAIL, RCPT, DATA and what follows the message (RFC 5321 §3.3). Pure. */
import { utf8 } from '../../../shared/bytes.ts';
import { type Path, parsePath } from '../address.ts';
import type { Envelope, RecipientDsn } from '../envelope.ts';
import { headerFields, headerOctets } from '../message/header-fields.ts';
import { countReceived } from '../message/trace-fields.ts';
import { type Parameters, parseParameters, readMailParameters, readRcptParameters } from './parameters.ts';
import {
  awaitingVerdict,
  badArgument,
  badSequence,
  type Chunk,
  type Handler,
  type Input,
  idle,
  insist,
  type Message,
  noRoom,
  offers,
  type Ready,
  type Setting,
  type State,
  type Step,
  say,
  type Transaction,
} from './state.ts';

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
  | { readonly ok: false; readonly refusal: Step };

/** Path and parameters. The octets are read as UTF-8; who may say what beyond ASCII is for the command to judge. */
function readArgument(state: State, argument: string, { syntax, status, opening }: PathCommand): ArgumentRead {
  const refuse = (enhanced: string, text: string): ArgumentRead => ({
    ok: false,
    refusal: say(state, 501, enhanced, text),
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

export const mustLogIn = (setting: Setting, state: State): Step | null =>
  setting.role === 'submission' && state.user === null ? say(state, 530, '5.7.0', 'Authentication required') : null;

const needsUtf8 = (state: State): Step =>
  offers(state, 'SMTPUTF8')
    ? say(state, 553, '5.6.7', `${NEEDS_UTF8}, which MAIL must ask for`)
    : say(state, 553, '5.6.7', `${NEEDS_UTF8}, which is not offered here`);

export const mail: Handler<Ready> = (setting, state, argument) => {
  const locked = mustLogIn(setting, state);
  if (locked) return locked;
  const read = readArgument(state, argument, MAIL);
  if (!read.ok) return read.refusal;
  const { path, parameters } = read;
  if (path.kind === 'postmaster') return say(state, 501, MAIL.status, 'A sender needs a domain');
  const reversePath = path.kind === 'null' ? '' : path.address;
  const asked = readMailParameters(setting, state, parameters);
  if (!asked.ok) return asked.refusal;
  if (read.beyondAscii && !asked.wishes.smtpUtf8) return needsUtf8(state);
  // The null reverse-path is never anybody's own, and never refused (RFC 5321 §4.5.5).
  const verdict = reversePath === '' ? { ok: true as const } : setting.sender(reversePath, { user: state.user });
  if (!verdict.ok) return say(state, verdict.code, verdict.enhanced, verdict.text);
  if (reversePath !== '' && setting.mishaps.refusesSender(reversePath)) {
    return say(state, 550, '5.7.1', `<${reversePath}>: mail from this sender is refused here`);
  }
  const envelope: Envelope = { reversePath, recipients: [], ...asked.wishes };
  return say({ ...state, phase: 'transaction', envelope }, 250, '2.1.0', 'Ok');
};

export const rcpt: Handler<Transaction> = (setting, state, argument) => {
  const { envelope } = state;
  const read = readArgument(state, argument, RCPT);
  if (!read.ok) return read.refusal;
  const { path, parameters } = read;
  if (path.kind === 'null') return say(state, 501, RCPT.status, 'Nobody can be sent mail at <>');
  const asked = readRcptParameters(state, parameters);
  if (!asked.ok) return asked.refusal;
  const address = path.kind === 'postmaster' ? `postmaster@${setting.host}` : path.address;
  if (read.beyondAscii && !envelope.smtpUtf8) return needsUtf8(state);
  const refusal = refuseRecipient(setting, state, envelope, address);
  if (refusal) return refusal;
  const accepted = { ...state, envelope: withRecipient(envelope, address, asked.wishes) };
  const most = setting.limits().recipients;
  return accepted.envelope.recipients.length > most
    ? say(state, 452, '4.5.3', `Too many recipients: at most ${most} a transaction`)
    : say(accepted, 250, '2.1.5', 'Ok');
};

/** Whoever does not exist is told so at once; only then come the reasons to ask again. */
function refuseRecipient(setting: Setting, state: State, { reversePath }: Envelope, address: string): Step | null {
  const verdict = setting.recipient(address, { user: state.user, reversePath });
  if (!verdict.ok) return say(state, verdict.code, verdict.enhanced, verdict.text);
  const wait = setting.mishaps.greylists(reversePath, address);
  if (wait !== null) {
    return say(state, 451, '4.7.1', `<${address}>: Greylisted, try again in ${wait} second${wait === 1 ? '' : 's'}`);
  }
  return setting.mishaps.mailboxFull(address)
    ? say(state, 452, '4.2.2', `<${address}>: The mailbox is full, try again later`)
    : null;
}

/** Naming somebody twice brings one letter. */
function withRecipient(envelope: Envelope, address: string, wishes: RecipientDsn): Envelope {
  if (envelope.recipients.includes(address)) return envelope;
  const named = { ...envelope, recipients: [...envelope.recipients, address] };
  return Object.keys(wishes).length > 0 ? { ...named, dsn: { ...envelope.dsn, [address]: wishes } } : named;
}

export const data: Handler<Transaction> = (setting, state, argument) => {
  const { envelope } = state;
  if (argument !== '') return badArgument(state, 'Syntax: DATA');
  // RFC 3030 §3: lines cannot carry it.
  if (envelope.body === 'BINARYMIME') return badSequence(state, 'BODY=BINARYMIME goes by BDAT, not by DATA');
  if (envelope.recipients.length === 0) return say(state, 554, '5.5.1', 'No valid recipients');
  return {
    ...say({ ...state, phase: 'message' }, 354, null, 'End data with <CR><LF>.<CR><LF>'),
    effects: [{ kind: 'expect-message', limit: setting.limits().messageSize }],
  };
};

/** A header that costs too much to read is refused at once, not passed on for others to struggle with. */
function refuseHeader(setting: Setting, state: State, message: Buffer): Step | null {
  const limits = setting.limits();
  if (headerOctets(message) > limits.headerOctets)
    return say(state, 552, '5.3.4', `Header too big: at most ${limits.headerOctets} octets`);
  return headerFields(message).length > limits.headerFields
    ? say(state, 554, '5.6.0', `Too many header fields: at most ${limits.headerFields}`)
    : null;
}

/** Whatever becomes of the message, the transaction is over and every buffer empty (RFC 5321 §4.1.1.4). */
export function receiveMessage(
  setting: Setting,
  state: Message | Chunk,
  { message, bare, oversize, dropped }: Extract<Input, { kind: 'message' }>,
): Step {
  const { envelope } = state;
  const over = idle(state);
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
    state: awaitingVerdict(over),
    replies: [],
    effects: [{ kind: 'accept', envelope, message }],
  };
}

/** The one reply for the message, whatever the number of recipients (RFC 5321 §4.2.5). */
export function receiveVerdict(state: State, { verdict, id }: Extract<Input, { kind: 'verdict' }>): Step {
  const over = { ...idle(state), errors: 0 };
  return verdict.ok
    ? say(over, 250, '2.0.0', verdict.text ?? `Ok: queued as ${id}`)
    : say(over, verdict.code, verdict.enhanced, verdict.text);
}
