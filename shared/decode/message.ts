/** Reads a message's header: its fields with their byte ranges, unfolded, and encoded-words in plain text (RFC 5322, RFC 2047). */
import { fromLatin1, joined, latin1, readable, utf8 } from '../bytes.ts';
import { recordedMessageId } from '../trace/event.ts';

interface HeaderField {
  /** As written: "Received". */
  readonly name: string;
  /** Unfolded, without the space after the colon (RFC 5322 §2.2.3). */
  readonly value: string;
  /** Octets [from, to) of the whole field in the message, CRLF included. */
  readonly range: { readonly from: number; readonly to: number };
}

export interface Header {
  readonly fields: readonly HeaderField[];
  /** Where the body begins: after the first empty line, or at the end. */
  readonly body: number;
}

const CR = 13;
const LF = 10;
/** Of a header that is longer, only the end is looked for: fields, with the lines that are none. */
const MOST_FIELDS = 1000;
/** The same, octets: no world lets more through. */
const MOST_OCTETS = 1_048_576;

/** Never fails: a line that is no field is left out, and a message without an empty line is all header. Its time grows with the message and no more. */
export function parseHeader(message: Uint8Array): Header {
  const fields: HeaderField[] = [];
  let at = 0;
  for (let nth = 0; at < message.length; nth += 1) {
    if (message[at] === CR && message[at + 1] === LF) return { fields, body: at + 2 };
    const from = at;
    do {
      const end = message.indexOf(LF, at);
      at = end < 0 ? message.length : end + 1;
    } while (message[at] === 32 || message[at] === 9);
    if (nth >= MOST_FIELDS || at > MOST_OCTETS) continue;
    const text = readable(message.subarray(from, at))
      .replace(/\r?\n(?=[ \t])/g, '')
      .replace(/\r?\n$/, '');
    const colon = text.indexOf(':');
    if (colon > 0 && /^[\x21-\x39\x3b-\x7e]+[ \t]*$/.test(text.slice(0, colon))) {
      fields.push({ name: text.slice(0, colon).trim(), value: text.slice(colon + 1).trim(), range: { from, to: at } });
    }
  }
  return { fields, body: message.length };
}

/** The first field of that name, or ''. */
export const fieldOf = (header: Header, name: string): string =>
  header.fields.find(field => field.name.toLowerCase() === name.toLowerCase())?.value ?? '';

/** The Message-ID with its angle brackets, as much of it as is recorded, or ''. */
export const messageIdOf = (header: Header): string =>
  recordedMessageId(/<[^<>\s]+>/.exec(fieldOf(header, 'Message-ID'))?.[0] ?? '');

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Lenient as a mail reader must be: what is not of the alphabet is skipped (RFC 2045 §6.8). */
function fromBase64(text: string): Uint8Array {
  const bytes: number[] = [];
  let bits = 0;
  let width = 0;
  for (const character of text) {
    const value = BASE64.indexOf(character);
    if (value < 0) continue;
    bits = ((bits << 6) | value) & 0xffffff;
    width += 6;
    if (width >= 8) {
      width -= 8;
      bytes.push((bits >> width) & 0xff);
    }
  }
  return Uint8Array.from(bytes);
}

const fromQ = (text: string): Uint8Array =>
  fromLatin1(
    latin1(fromLatin1(text.replace(/_/g, ' '))).replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    ),
  );

/** Turns encoded-words into text; the white space between two of them disappears (RFC 2047 §6.2). Unknown charsets stay as they are. */
export function decodeWords(value: string): string {
  const parts: { readonly charset: string; readonly bytes: Uint8Array[] }[] = [];
  const flush = (): string => {
    const text = parts.map(({ charset, bytes }) => {
      const octets = joined(bytes);
      return charset === 'utf-8' || charset === 'us-ascii' ? (utf8(octets) ?? latin1(octets)) : latin1(octets);
    });
    parts.length = 0;
    return text.join('');
  };
  const word = /=\?(utf-8|us-ascii|iso-8859-1)(?:\*[^?]*)?\?([bq])\?([^? ]*)\?=/gi;
  let text = '';
  let last = 0;
  for (const match of value.matchAll(word)) {
    const between = value.slice(last, match.index);
    if (parts.length === 0 || between.trim() !== '') text += flush() + between;
    const charset = (match[1] ?? '').toLowerCase();
    const bytes = (match[2] ?? '').toLowerCase() === 'b' ? fromBase64(match[3] ?? '') : fromQ(match[3] ?? '');
    const open = parts.at(-1);
    // A character may have been cut between two words of one charset by a sender that should not have.
    if (open && open.charset === charset) open.bytes.push(bytes);
    else parts.push({ charset, bytes: [bytes] });
    last = match.index + match[0].length;
  }
  return text + flush() + value.slice(last);
}
