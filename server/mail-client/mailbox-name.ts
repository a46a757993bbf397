/** Addresses as a person may write them: those of RFC 5321, and those with a local part beyond ASCII (RFC 6531 §3.3). Pure. */
import { parseMailbox } from '../smtp/address.ts';

/** RFC 5321 §4.5.3.1.1, in octets. */
const LOCAL_PART_LIMIT = 64;
const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~\\u{a1}-\\u{10ffff}-]+";
/** Nothing that cannot be seen, is half a character, or turns the writing round. */
const UNSOUND = /[\p{C}\p{Z}]/u;
const LOCAL_PART = new RegExp(`^${ATOM}(?:\\.${ATOM})*$`, 'u');

// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
export const isAscii = (text: string): boolean => /^[\x00-\x7f]*$/.test(text);

/** The whole address with its domain in lower case, or null where it is none. */
export function readMailbox(address: string): string | null {
  const at = address.lastIndexOf('@');
  const localPart = address.slice(0, Math.max(0, at));
  if (isAscii(localPart)) return parseMailbox(address)?.address ?? null;
  if (Buffer.byteLength(localPart, 'utf8') > LOCAL_PART_LIMIT) return null;
  if (UNSOUND.test(localPart) || !LOCAL_PART.test(localPart)) return null;
  // The domain is held to the same rules as everybody's.
  const ascii = parseMailbox(`x${address.slice(at)}`);
  return ascii === null ? null : `${localPart}@${ascii.domain}`;
}
