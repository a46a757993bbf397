/** Text of a header as its reader sees it: encoded-words in any charset that a browser knows (RFC 2047, WHATWG Encoding). */
import { fromLatin1, joined, latin1, toUtf8 } from '../bytes.ts';

const WORD = /=\?([^?\s*]+)(?:\*[^?\s]*)?\?([bq])\?([^?]*)\?=/gi;

const upperHalf = Uint8Array.from({ length: 128 }, (_, nth) => nth + 128);

/** 0x80 to 0x9f of windows-1252, which some runtimes leave as control characters. */
const C1 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';
/** The labels that mean windows-1252 (WHATWG Encoding §4.2), ISO-8859-1 among them. */
const WINDOWS_1252 = new Set(
  'ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 iso_8859-1 iso_8859-1:1987 l1 latin1 us-ascii windows-1252 x-cp1252'.split(
    ' ',
  ),
);

const isWindows1252 = (charset: string): boolean => WINDOWS_1252.has(charset.trim().toLowerCase());
/** What text in `charset` has become where the runtime left control characters in it. */
export const withoutC1 = (text: string, charset: string): string =>
  isWindows1252(charset) ? text.replace(/[\u0080-\u009f]/g, each => C1[each.charCodeAt(0) - 0x80] ?? each) : text;

/** Code pages by their numbers, as in cp932, windows-932, ms932 and ibm932. */
const CODE_PAGES: Readonly<Record<string, string>> = {
  874: 'windows-874',
  932: 'shift_jis',
  936: 'gbk',
  949: 'euc-kr',
  950: 'big5',
  50220: 'iso-2022-jp',
  50221: 'iso-2022-jp',
  50222: 'iso-2022-jp',
  51932: 'euc-jp',
};
/** Other labels that mail has and the Encoding standard has not, without prefix and separators. */
const ALIASES: Readonly<Record<string, string>> = {
  iso88598i: 'iso-8859-8',
  iso88598e: 'iso-8859-8',
  shiftjis: 'shift_jis',
  windows31j: 'shift_jis',
  mskanji: 'shift_jis',
  eucjp: 'euc-jp',
  iso2022jp: 'iso-2022-jp',
  iso2022jp1: 'iso-2022-jp',
  iso2022jp2: 'iso-2022-jp',
  junet: 'iso-2022-jp',
  euckr: 'euc-kr',
  uhc: 'euc-kr',
  tis620: 'windows-874',
};

/** A letter may make up as many labels as it likes. */
const MOST_LABELS = 500;
/** Of the Encoding standard: browsers and Node have it, the library of the language has not. */
declare const TextDecoder: new (label: string) => Decoder;
interface Decoder {
  decode(octets: Uint8Array): string;
}
const decoders = new Map<string, Decoder>();

function decoderNamed(label: string): Decoder | null {
  try {
    return new TextDecoder(label);
  } catch {
    return null;
  }
}

const entryOf = (table: Readonly<Record<string, string>>, key: string): string | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;

/** By its label as written, or by what is meant; of an unknown one that of windows-1252. A language may stand behind it (RFC 2231 §5). */
function decoderOf(charset: string): Decoder {
  const label = charset.replace(/\*.*/s, '').trim().toLowerCase() || 'utf-8';
  const before = decoders.get(label);
  if (before !== undefined) return before;
  const bare = label.replace(/^(?:x-ms-|x-|cs)/, '').replace(/[\s._-]+/g, '');
  const [, page = ''] = /^(?:cp|windows|ms|ibm)(\d+)$/.exec(bare) ?? [];
  const meant = entryOf(CODE_PAGES, page) ?? entryOf(ALIASES, bare) ?? bare;
  const found = decoderNamed(label) ?? decoderNamed(meant) ?? new TextDecoder('windows-1252');
  if (decoders.size >= MOST_LABELS) decoders.clear();
  decoders.set(label, found);
  return found;
}

/** Octets in a charset as text; in an unknown one they are read as windows-1252. */
export const decodeOctets = (octets: Uint8Array, charset: string): string =>
  withoutC1(decoderOf(charset).decode(octets), charset);

/** What a charset is read as that is not known. */
const ASSUMED = decodeOctets(upperHalf, 'windows-1252');
const known = new Map<string, boolean>();
const LONGEST_LABEL = 64;

/** Whether text in this charset can be read; a label as it stands in a letter. */
export function isKnownCharset(label: string): boolean {
  const name = label.trim().toLowerCase();
  if (name.length > LONGEST_LABEL || !/^[!->@-~]+$/.test(name)) return false;
  if (isWindows1252(name)) return true;
  const before = known.get(name);
  if (before !== undefined) return before;
  const found = withoutC1(decodeOctets(upperHalf, name), 'windows-1252') !== ASSUMED;
  if (known.size >= MOST_LABELS) known.clear();
  known.set(name, found);
  return found;
}

/** The charsets of encoded-words that cannot be read, as they are written, each once. */
export const unknownCharsets = (value: string): readonly string[] => [
  ...new Set([...value.matchAll(WORD)].map(([, charset = '']) => charset).filter(charset => !isKnownCharset(charset))),
];

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Lenient as a mail reader must be: what is not of the alphabet is skipped (RFC 2045 §6.8). */
function fromBase64(text: string): Uint8Array {
  const bytes: number[] = [];
  let bits = 0;
  let width = 0;
  for (const character of text) {
    const value = DIGITS.indexOf(character);
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

/** A character beyond ASCII should not be there, and stands for itself. */
const fromQ = (text: string): Uint8Array =>
  fromLatin1(
    latin1(toUtf8(text.replaceAll('_', ' '))).replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    ),
  );

/** Encoded-words that follow one another. */
interface Run {
  readonly charset: string;
  readonly words: Uint8Array[];
}

/** A character may have been cut between two words of one charset by a sender that should not have; where joining them goes wrong, each stands alone. */
function textOf({ charset, words }: Run): string {
  const together = decodeOctets(joined(words), charset);
  return together.includes('\ufffd') ? words.map(word => decodeOctets(word, charset)).join('') : together;
}

/** Turns encoded-words into text; the white space between two of them disappears (RFC 2047 §6.2). Words in an unknown charset stay as they are. */
export function decodeWords(value: string): string {
  if (!value.includes('=?')) return value;
  const runs: Run[] = [];
  const flush = (): string => runs.splice(0).map(textOf).join('');
  let text = '';
  let last = 0;
  for (const match of value.matchAll(WORD)) {
    const [whole, charset = '', encoding = '', content = ''] = match;
    if (!isKnownCharset(charset)) continue;
    const between = value.slice(last, match.index);
    if (runs.length === 0 || between.trim() !== '') text += flush() + between;
    const octets = encoding.toLowerCase() === 'b' ? fromBase64(content) : fromQ(content);
    const open = runs.at(-1);
    if (open?.charset.toLowerCase() === charset.toLowerCase()) open.words.push(octets);
    else runs.push({ charset, words: [octets] });
    last = match.index + whole.length;
  }
  return text + flush() + value.slice(last);
}
