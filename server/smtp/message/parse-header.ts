/** Takes a message's header apart by its octets, once, in a time that grows with the header and no more. Pure. */
import { MOST_HEADER_FIELDS, MOST_HEADER_OCTETS } from '../../../shared/world/world.ts';

/** One field with its folded lines: octets [from, to) of the message, last CRLF included. */
export interface FieldRange {
  /** In lower case. */
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** Where the value begins: right after the colon. */
  readonly value: number;
}

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const BLANK = 0x20;
const COLON = 0x3a;
/** RFC 5322 §2.1.1 allows 998; a name longer than this is not one we look for. */
const NAME_BOUND = 256;
/** What the servers of a path put on top is read over the bound as well, so that a letter at its very bound keeps its header. */
const STAMPS = 1000;

/** Where the name that begins at `from` ends, and where its colon stands; null where that is no field. */
function nameAt(message: Buffer, from: number): { readonly end: number; readonly colon: number } | null {
  const bound = Math.min(message.length, from + NAME_BOUND);
  let end = from;
  for (; end < bound; end += 1) {
    const octet = message[end] ?? 0;
    if (octet <= BLANK || octet >= 0x7f || octet === COLON) break;
  }
  let colon = end;
  while (colon < bound && (message[colon] === BLANK || message[colon] === TAB)) colon += 1;
  return end > from && colon < bound && message[colon] === COLON ? { end, colon } : null;
}

/** Where the line that goes on at `from` ends, CRLF included. */
function lineEnd(message: Buffer, from: number): number {
  for (let at = message.indexOf(LF, from); at !== -1; at = message.indexOf(LF, at + 1))
    if (at > from && message[at - 1] === CR) return at + 1;
  return message.length;
}

/**
 * The fields from the top down to the first empty line, or to the first line that is neither a field nor folded. No more is read than
 * any world allows (`MOST_HEADER_OCTETS`, `MOST_HEADER_FIELDS`) and a path may add.
 */
export function parseFields(whole: Buffer): readonly FieldRange[] {
  const fields: FieldRange[] = [];
  const message = whole.subarray(0, MOST_HEADER_OCTETS + STAMPS * NAME_BOUND);
  for (let from = 0; from < message.length && fields.length < MOST_HEADER_FIELDS + STAMPS; ) {
    const name = nameAt(message, from);
    if (name === null) break;
    const { end, colon } = name;
    let to = lineEnd(message, colon);
    while (message[to] === BLANK || message[to] === TAB) to = lineEnd(message, to);
    fields.push({ name: message.toString('latin1', from, end).toLowerCase(), from, to, value: colon + 1 });
    from = to;
  }
  return fields;
}
