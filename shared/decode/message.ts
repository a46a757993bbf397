/** Reads a message's header: its fields with their byte ranges, unfolded (RFC 5322). */
import { latin1, readable } from '../bytes.ts';
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
  /** Where the body begins: after the first empty line, at the first line that cannot be of the header, or at the end. */
  readonly body: number;
}

const CR = 13;
const LF = 10;
/** Of a header that is longer, only the end is looked for: fields, and octets; no world lets more through. */
const MOST_FIELDS = 1000;
const MOST_OCTETS = 1_048_576;
/** Octets of one field that are read; more is nobody's field (RFC 5322 §2.1.1 allows 998 a line). */
const LONGEST_FIELD = 262_144;
/** RFC 5322 §2.2: printable ASCII but the colon. */
const FIELD = /^([!-9;-~]+)[ \t]*:/;
const NAME_BOUND = 256;

const endsLine = (message: Uint8Array, at: number): number => {
  const end = message.indexOf(LF, at);
  return end < 0 ? message.length : end + 1;
};
const isEmptyLine = (message: Uint8Array, at: number): boolean =>
  message[at] === LF || (message[at] === CR && message[at + 1] === LF);
/** Where the line at `at` ends with what is folded to it. */
function endOfField(message: Uint8Array, at: number): number {
  let end = endsLine(message, at);
  while (message[end] === 32 || message[end] === 9) end = endsLine(message, end);
  return end;
}
const startOf = (message: Uint8Array, at: number): string => latin1(message.subarray(at, at + NAME_BOUND));

/** Names that stand in a header and hardly ever at the beginning of a letter's text. */
const KNOWN =
  /^(?:(?:x|list|arc|content|resent|mime|dkim|authentication|received|auto|return|original|in-reply)-|(?:from|to|cc|bcc|date|subject|sender|reply-to|message-id|references|received|importance|priority|precedence|organization|user-agent|comments|keywords)$)/i;

/**
 * Whether the header goes on after a line that is no field (RFC 5322 §2.1): a field that is known follows before the next empty
 * line; or it has a colon as a field has, and the empty line comes right after it. Otherwise the body has begun without one.
 */
function goesOnAfter(message: Uint8Array, bad: number): boolean {
  let at = endOfField(message, bad);
  if (at < message.length && isEmptyLine(message, at)) return /^[^\s:][^:\r\n]*:/.test(startOf(message, bad));
  for (let lines = 0; lines < MOST_FIELDS && at < message.length && !isEmptyLine(message, at); lines += 1) {
    const [, name = ''] = FIELD.exec(startOf(message, at)) ?? [];
    if (KNOWN.test(name)) return true;
    at = endOfField(message, at);
  }
  return false;
}

/** Mail programs that keep many letters in one file part them by such a line (RFC 4155). */
const isMboxLine = (message: Uint8Array): boolean => /^>?From /.test(startOf(message, 0));

/** Never fails: a line that is no field is left out where the header goes on after it, and ends the header where it does not. */
export function parseHeader(message: Uint8Array): Header {
  const fields: HeaderField[] = [];
  let at = isMboxLine(message) ? endsLine(message, 0) : 0;
  // A line that was looked past once need not be looked past again.
  let goesOn = false;
  while (at < message.length) {
    if (isEmptyLine(message, at)) return { fields, body: endsLine(message, at) };
    const from = at;
    const [whole, name] = FIELD.exec(startOf(message, from)) ?? [];
    if (whole === undefined || name === undefined) {
      goesOn ||= goesOnAfter(message, from);
      if (!goesOn) return { fields, body: from };
    } else goesOn = false;
    at = endOfField(message, from);
    if (whole === undefined || name === undefined || fields.length >= MOST_FIELDS || at > MOST_OCTETS) continue;
    const value = readable(message.subarray(from + whole.length, Math.min(at, from + LONGEST_FIELD)))
      .replace(/\r?\n(?=[ \t])/g, '')
      .trim();
    fields.push({ name, value, range: { from, to: at } });
  }
  return { fields, body: message.length };
}

/** The first field of that name, or ''. */
export const fieldOf = (header: Header, name: string): string =>
  header.fields.find(field => field.name.toLowerCase() === name.toLowerCase())?.value ?? '';

/** The Message-ID with its angle brackets, as much of it as is recorded, or ''. */
export const messageIdOf = (header: Header): string =>
  recordedMessageId(/<[^<>\s]+>/.exec(fieldOf(header, 'Message-ID'))?.[0] ?? '');
