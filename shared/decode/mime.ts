/** How a letter is made of parts: the tree of its MIME entities with their octets, without decoding them (RFC 2045, RFC 2046). */
import { fromLatin1, latin1, toUtf8 } from '../bytes.ts';
import { decodeOctets, decodeWords, isKnownCharset } from './encoded-words.ts';
import { fieldOf, parseHeader } from './message.ts';

export interface MimePart {
  /** Lower case: "text/plain"; a part that says nothing is that too (RFC 2045 §5.2). */
  readonly type: string;
  /** Of Content-Type, names in lower case. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Lower case: "base64"; "7bit" where it is not said (RFC 2045 §6.1). */
  readonly encoding: string;
  /** Of Content-Disposition or Content-Type; '' for none. */
  readonly name: string;
  /** The whole part with its header, [from, to) in the message. */
  readonly entity: { readonly from: number; readonly to: number };
  /** Its content as it crossed, likewise. */
  readonly range: { readonly from: number; readonly to: number };
  /** Octets once its transfer encoding is undone. */
  readonly decoded: number;
  readonly parts: readonly MimePart[];
}

/** A letter made to exhaust its reader is cut off here. */
const DEEPEST = 10;
const MOST_PARTS = 200;

/** Of one value. */
const MOST_PARAMETERS = 200;

/** A section of a value in several (RFC 2231 §3): `name*0*`, `name*1`; `name*` alone is the first and only one, with its charset. */
const SECTION = /^(.+?)\*(?:(\d{1,3})(\*)?)?$/;

/** Percent-decoded; each character is an octet then, as it was before. */
const fromPercent = (text: string): string =>
  text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

interface Section {
  readonly nth: number;
  readonly value: string;
  readonly encoded: boolean;
}

/** The sections of a value put together: those that are encoded are octets of the charset that the first one names (RFC 2231 §4.1). */
function fromSections(sections: readonly Section[]): string {
  let charset = '';
  let text = '';
  let octets = '';
  const flush = (): void => {
    text += octets === '' ? '' : decodeOctets(fromLatin1(octets), charset);
    octets = '';
  };
  for (const { nth, value, encoded } of [...sections].sort((one, other) => one.nth - other.nth)) {
    if (!encoded) {
      flush();
      text += value;
      continue;
    }
    const [, named, rest = ''] = (nth === 0 && /^([^']*)'[^']*'(.*)$/s.exec(value)) || [];
    if (named !== undefined) charset = isKnownCharset(named) ? named : 'utf-8';
    octets += fromPercent(latin1(toUtf8(named === undefined ? value : rest)));
  }
  flush();
  return text;
}

/** `type/subtype; name=value; name="quoted"` (RFC 2045 §5.1), values in sections and in a charset put together (RFC 2231). */
export function parameterised(value: string): {
  readonly first: string;
  readonly parameters: Readonly<Record<string, string>>;
} {
  const parameters: Record<string, string> = {};
  const sections = new Map<string, Section[]>();
  const found = value.matchAll(/;\s*([^\s=;]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;]*))/g);
  let count = 0;
  for (const [, written = '', quoted, bare = ''] of found) {
    count += 1;
    if (count > MOST_PARAMETERS) break;
    const name = written.toLowerCase();
    const text = quoted === undefined ? bare : quoted.replace(/\\(.)/g, '$1');
    const [, whole, nth, star] = SECTION.exec(name) ?? [];
    if (whole === undefined) parameters[name] ??= text;
    else {
      const section = { nth: Number(nth ?? 0), value: text, encoded: nth === undefined || star !== undefined };
      sections.set(whole, [...(sections.get(whole) ?? []), section]);
    }
  }
  for (const [name, parts] of sections) parameters[name] = fromSections(parts);
  return { first: (value.split(';', 1)[0] ?? '').trim().toLowerCase(), parameters };
}

function decodedSize(content: Uint8Array, encoding: string): number {
  if (encoding === 'base64') {
    let digits = 0;
    for (const octet of content) {
      const isDigit = (octet >= 48 && octet <= 57) || (octet >= 65 && octet <= 90) || (octet >= 97 && octet <= 122);
      if (isDigit || octet === 43 || octet === 47) digits += 1;
    }
    return Math.floor((digits * 3) / 4);
  }
  if (encoding !== 'quoted-printable') return content.length;
  const text = latin1(content);
  const soft = text.match(/=[ \t]*\r\n/g)?.reduce((sum, each) => sum + each.length, 0) ?? 0;
  return text.length - soft - 2 * (text.match(/=[0-9A-Fa-f]{2}/g)?.length ?? 0);
}

/** The contents between boundaries; the CRLF before a boundary belongs to the boundary (RFC 2046 §5.1.1). */
function between(
  message: Uint8Array,
  boundary: string,
  from: number,
  to: number,
): readonly { from: number; to: number }[] {
  const text = latin1(message.subarray(from, to));
  const mark = latin1(fromLatin1(boundary)).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const line = new RegExp(`(?:^|\r\n)--${mark}(--)?[ \t]*(?=\r\n|$)`, 'g');
  const found: { from: number; to: number }[] = [];
  let open = -1;
  for (const match of text.matchAll(line)) {
    if (open >= 0) found.push({ from: from + open, to: from + Math.max(open, match.index) });
    open = match[1] === '--' ? -1 : Math.min(text.length, match.index + match[0].length + 2);
    if (open < 0 || found.length >= MOST_PARTS) return found;
  }
  if (open >= 0) found.push({ from: from + open, to });
  return found;
}

/** `unsaid`: the type of a part that says none. */
function partAt(message: Uint8Array, from: number, to: number, depth: number, unsaid: string): MimePart {
  const bytes = message.subarray(from, to);
  const header = parseHeader(bytes);
  const { first, parameters } = parameterised(fieldOf(header, 'Content-Type'));
  const type = /^[^\s/]+\/[^\s/]+$/.test(first) ? first : unsaid;
  const encoding = fieldOf(header, 'Content-Transfer-Encoding').trim().toLowerCase() || '7bit';
  const disposition = parameterised(fieldOf(header, 'Content-Disposition')).parameters;
  const range = { from: from + header.body, to };
  const inner =
    depth >= DEEPEST
      ? []
      : type.startsWith('multipart/') && parameters.boundary
        ? between(message, parameters.boundary, range.from, range.to)
        : type === 'message/rfc822'
          ? [range]
          : [];
  return {
    type,
    parameters,
    encoding,
    // RFC 2047 §5 forbids it in a parameter, and many write it all the same.
    name: decodeWords(disposition.filename ?? parameters.name ?? ''),
    entity: { from, to },
    range,
    decoded: decodedSize(message.subarray(range.from, range.to), encoding),
    // RFC 2046 §5.1.5.
    parts: inner.map(each =>
      partAt(message, each.from, each.to, depth + 1, type === 'multipart/digest' ? 'message/rfc822' : 'text/plain'),
    ),
  };
}

/** Never fails: what is not MIME is one part of text. */
export const mimeTree = (message: Uint8Array): MimePart => partAt(message, 0, message.length, 0, 'text/plain');
