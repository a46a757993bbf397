/** What a POP3 server says, as octets: status lines, listings and messages with their dots stuffed (RFC 1939 §3). */
import { stuffed } from '../smtp/message/dot-stuffing.ts';

const CRLF = Buffer.from('\r\n', 'latin1');

/** Octets of a listing that are written at a time, about. */
const BLOCK = 32_768;

/** `+OK text` or `-ERR text`, or the `+ ` that asks for more; `listing` makes it a multi-line reply. */
export interface Reply {
  readonly status: '+OK' | '-ERR' | '+';
  readonly text: string;
  readonly listing?: Iterable<string>;
}

export const ok = (text: string, listing?: Iterable<string>): Reply =>
  listing === undefined ? { status: '+OK', text } : { status: '+OK', text, listing };
export const err = (text: string): Reply => ({ status: '-ERR', text });

/** RFC 2449 §6; the same in both states. */
export const CAPABILITIES = [
  'TOP',
  'UIDL',
  'USER',
  'SASL PLAIN',
  'RESP-CODES',
  'AUTH-RESP-CODE',
  'PIPELINING',
  'EXPIRE NEVER',
  'IMPLEMENTATION mailscope',
];

/** One reply as it crosses the wire. Our listings never begin a line with a dot. */
export function encodeReply(reply: Reply): Buffer {
  return Buffer.concat([...replyBlocks(reply)]);
}

/** The same in blocks of whole lines, each made when it is asked for: a listing may have any number of lines. */
export function* replyBlocks({ status, text, listing }: Reply): Generator<Buffer> {
  let block = `${status} ${text}\r\n`;
  for (const line of listing ?? []) {
    block += `${line}\r\n`;
    if (block.length < BLOCK) continue;
    yield Buffer.from(block, 'latin1');
    block = '';
  }
  yield Buffer.from(listing === undefined ? block : `${block}.\r\n`, 'latin1');
}

/** The reply to RETR and TOP: the status line, the message in CRLF form with each leading dot doubled, and the end. */
export const encodeMessage = (text: string, message: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`+OK ${text}\r\n`, 'latin1'), stuffed(message)]);

/** TOP: the whole header, the empty line, and the first `lines` lines of the body (RFC 1939 §7). Takes the CRLF form. */
export function topOf(message: Buffer, lines: number): Buffer {
  let end = headerLength(message);
  for (let line = 0; line < lines && end < message.length; line++) end = message.indexOf(CRLF, end) + CRLF.length;
  return message.subarray(0, end);
}

/** Octets of the header with the empty line; a message without an empty line is all header. */
function headerLength(message: Buffer): number {
  if (message.subarray(0, CRLF.length).equals(CRLF)) return CRLF.length;
  const at = message.indexOf('\r\n\r\n', 0, 'latin1');
  return at < 0 ? message.length : at + 4;
}
