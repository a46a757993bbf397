/** Finds header fields by their octets, so that a message can be stamped and mended without being taken apart. Each message is parsed once, whoever asks. */
import { type FieldRange, parseFields } from './parse-header.ts';

export type { FieldRange };

/** What is known of a message's header, for as long as its Buffer lives; a letter's octets are never changed in place. */
const parsed = new WeakMap<Buffer, readonly FieldRange[]>();

/** The fields from the top down to the first empty line, or to the first line that is neither a field nor folded. */
export function headerFields(message: Buffer): readonly FieldRange[] {
  const known = parsed.get(message);
  if (known !== undefined) return known;
  const fields = parseFields(message);
  parsed.set(message, fields);
  return fields;
}

/** Octets up to the end of the last field. */
export const headerOctets = (message: Buffer): number => headerFields(message).at(-1)?.to ?? 0;

const moved = ({ name, from, to, value }: FieldRange, by: number): FieldRange => ({
  name,
  from: from + by,
  to: to + by,
  value: value + by,
});

/** A field's value unfolded: the CRLF before white space removed, ends trimmed (RFC 5322 §2.2.3). Octets stay octets (latin1). */
export const fieldValue = (message: Buffer, field: FieldRange): string =>
  message.toString('latin1', field.value, field.to).replaceAll('\r\n', '').trim();

/** Puts whole fields on top, in UTF-8 where ASCII does not do (RFC 6532 §3.2). A message that has no header gets the empty line that keeps its first line out of ours. */
export function withFieldsOnTop(message: Buffer, fields: string): Buffer {
  const below = headerFields(message);
  const startsWithEmptyLine = message[0] === 0x0d && message[1] === 0x0a;
  const hasHeader = message.length === 0 || startsWithEmptyLine || below.length > 0;
  const top = Buffer.from(hasHeader ? fields : `${fields}\r\n`);
  const whole = Buffer.concat([top, message]);
  parsed.set(whole, [...parseFields(top), ...below.map(field => moved(field, top.length))]);
  return whole;
}

/** The message without any field of these names (lower case). */
export function withoutFields(message: Buffer, names: readonly string[]): Buffer {
  const fields = headerFields(message);
  if (!fields.some(field => names.includes(field.name))) return message;
  const pieces: Buffer[] = [];
  const kept: FieldRange[] = [];
  let from = 0;
  let gone = 0;
  for (const field of fields) {
    if (names.includes(field.name)) {
      pieces.push(message.subarray(from, field.from));
      from = field.to;
      gone += field.to - field.from;
    } else kept.push(moved(field, -gone));
  }
  pieces.push(message.subarray(from));
  const whole = Buffer.concat(pieces);
  parsed.set(whole, kept);
  return whole;
}
