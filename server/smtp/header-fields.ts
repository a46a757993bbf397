/** Finds header fields by their octets, so that a message can be stamped and mended without being taken apart. Pure. */

/** One field with its folded lines: octets [from, to) of the message, last CRLF included. */
export interface FieldRange {
  /** In lower case. */
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** Where the value begins: right after the colon. */
  readonly value: number;
}

const FIELD = /^([!-9;-~]+)[ \t]*:/;
/** RFC 5322 §2.1.1 allows 998; a name longer than this is not one we look for. */
const NAME_BOUND = 256;
const isBlank = (octet: number | undefined): boolean => octet === 0x20 || octet === 0x09;

/** The fields from the top down to the first empty line, or to the first line that is neither a field nor folded. */
export function headerFields(message: Buffer): readonly FieldRange[] {
  const fields: FieldRange[] = [];
  for (let from = 0; from < message.length; ) {
    const found = FIELD.exec(message.toString('latin1', from, Math.min(message.length, from + NAME_BOUND)));
    if (!found?.[1]) break;
    let to = from;
    do {
      const end = message.indexOf('\r\n', to);
      to = end === -1 ? message.length : end + 2;
    } while (isBlank(message[to]));
    fields.push({ name: found[1].toLowerCase(), from, to, value: from + found[0].length });
    from = to;
  }
  return fields;
}

/** A field's value unfolded: the CRLF before white space removed, ends trimmed (RFC 5322 §2.2.3). Octets stay octets (latin1). */
export const fieldValue = (message: Buffer, field: FieldRange): string =>
  message.toString('latin1', field.value, field.to).replaceAll('\r\n', '').trim();

/** Puts whole fields on top, in UTF-8 where ASCII does not do (RFC 6532 §3.2). A message that has no header gets the empty line that keeps its first line out of ours. */
export function withFieldsOnTop(message: Buffer, fields: string): Buffer {
  const startsWithEmptyLine = message[0] === 0x0d && message[1] === 0x0a;
  const hasHeader = message.length === 0 || startsWithEmptyLine || headerFields(message).length > 0;
  return Buffer.concat([Buffer.from(hasHeader ? fields : `${fields}\r\n`), message]);
}

/** The message without any field of these names (lower case). */
export function withoutFields(message: Buffer, names: readonly string[]): Buffer {
  const unwanted = headerFields(message).filter(field => names.includes(field.name));
  if (unwanted.length === 0) return message;
  const kept: Buffer[] = [];
  let from = 0;
  for (const field of unwanted) {
    kept.push(message.subarray(from, field.from));
    from = field.to;
  }
  kept.push(message.subarray(from));
  return Buffer.concat(kept);
}
