/** Domain names of DNS between the wire and the eye: labels, escapes, compression pointers (RFC 1035 §3.1, §4.1.4, §5.1). */

/** More jumps than a name of 255 octets can have labels. */
const HOPS = 127;
const HEADER = 12;

/** One label as people write it: a dot or backslash inside gets a backslash, what is not printable becomes \DDD (RFC 1035 §5.1). */
function labelText(bytes: Uint8Array): string {
  let text = '';
  for (const octet of bytes) {
    if (octet === 0x2e || octet === 0x5c) text += `\\${String.fromCharCode(octet)}`;
    else if (octet > 0x20 && octet < 0x7f) text += String.fromCharCode(octet);
    else text += `\\${String(octet).padStart(3, '0')}`;
  }
  return text;
}

export interface NameRead {
  /** Presentation form without the last dot; the root is `.`. Case as on the wire. */
  readonly name: string;
  /** The octet after the name where it stands (not where a pointer led). */
  readonly next: number;
  /** Where the first compression pointer points, or null. */
  readonly pointer: number | null;
}

/**
 * Reads the name that starts at `start` of a whole DNS message. Null where it is malformed: cut short, longer than 255 octets,
 * a reserved label type, or a pointer that does not lead backwards (RFC 1035 §4.1.4, RFC 9267 §2).
 */
export function readName(bytes: Uint8Array, start: number): NameRead | null {
  const labels: string[] = [];
  let at = start;
  let segment = start;
  let next = -1;
  let pointer: number | null = null;
  let octets = 1;
  let hops = 0;
  for (;;) {
    const length = bytes[at];
    if (length === undefined) return null;
    if (length === 0) {
      return { name: labels.length === 0 ? '.' : labels.join('.'), next: next < 0 ? at + 1 : next, pointer };
    }
    if (length < 0x40) {
      octets += length + 1;
      if (octets > 255 || at + 1 + length > bytes.length) return null;
      labels.push(labelText(bytes.subarray(at + 1, at + 1 + length)));
      at += length + 1;
    } else if (length >= 0xc0) {
      const low = bytes[at + 1];
      if (low === undefined) return null;
      const target = ((length & 0x3f) << 8) | low;
      hops += 1;
      // Always before the run of labels it was found in, so it cannot come round again.
      if (target < HEADER || target >= segment || hops > HOPS) return null;
      if (next < 0) {
        next = at + 2;
        pointer = target;
      }
      at = target;
      segment = target;
    } else {
      return null;
    }
  }
}

/** Labels of a presentation name, leftmost first, escapes kept; the root has none. */
export function labelsOf(name: string): readonly string[] {
  const labels: string[] = [];
  let label = '';
  for (let at = 0; at < name.length; at++) {
    const character = name.charAt(at);
    if (character === '\\') {
      label += character + name.charAt(at + 1);
      at += 1;
    } else if (character === '.') {
      labels.push(label);
      label = '';
    } else {
      label += character;
    }
  }
  if (label !== '') labels.push(label);
  return labels.length === 1 && labels[0] === '' ? [] : labels;
}

/** The form in which names are compared: ASCII letters in lower case and nothing else changed (RFC 4343 §3). */
export const canonicalName = (name: string): string =>
  name.replace(/[A-Z]/g, letter => String.fromCharCode(letter.charCodeAt(0) + 0x20));

export const sameName = (one: string, other: string): boolean => canonicalName(one) === canonicalName(other);
