/** How a letter is made of parts: the tree of its MIME entities with their octets, without decoding them (RFC 2045, RFC 2046). */
import { fromLatin1, latin1 } from '../bytes.ts';
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
  /** Its content as it crossed, [from, to) in the message. */
  readonly range: { readonly from: number; readonly to: number };
  /** Octets once its transfer encoding is undone. */
  readonly decoded: number;
  readonly parts: readonly MimePart[];
}

/** A letter made to exhaust its reader is cut off here. */
const DEEPEST = 10;
const MOST_PARTS = 200;

/** `type/subtype; name=value; name="quoted"` (RFC 2045 §5.1). */
export function parameterised(value: string): {
  readonly first: string;
  readonly parameters: Readonly<Record<string, string>>;
} {
  const parameters = Object.fromEntries(
    [...value.matchAll(/;\s*([^\s=;]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;]*))/g)].map(
      ([, name = '', quoted, bare = '']) => [
        name.toLowerCase(),
        quoted === undefined ? bare : quoted.replace(/\\(.)/g, '$1'),
      ],
    ),
  );
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

function partAt(message: Uint8Array, from: number, to: number, depth: number): MimePart {
  const bytes = message.subarray(from, to);
  const header = parseHeader(bytes);
  const { first, parameters } = parameterised(fieldOf(header, 'Content-Type'));
  const type = /^[^\s/]+\/[^\s/]+$/.test(first) ? first : 'text/plain';
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
    name: disposition.filename ?? parameters.name ?? '',
    range,
    decoded: decodedSize(message.subarray(range.from, range.to), encoding),
    parts: inner.map(each => partAt(message, each.from, each.to, depth + 1)),
  };
}

/** Never fails: what is not MIME is one part of text. */
export const mimeTree = (message: Uint8Array): MimePart => partAt(message, 0, message.length, 0);
