/** Base64 for octets that are not text (RFC 4648 §4), without a platform. */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUES: ReadonlyMap<string, number> = new Map([...ALPHABET].map((letter, value) => [letter, value]));
const letter = (value: number): string => ALPHABET.charAt(value & 63);

export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at;
    const group = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    text += letter(group >> 18) + letter(group >> 12);
    text += (left > 1 ? letter(group >> 6) : '=') + (left > 2 ? letter(group) : '=');
  }
  return text;
}

/** Null where `text` is not padded base64 of its alphabet. */
export function fromBase64(text: string): Uint8Array | null {
  if (text.length % 4 !== 0) return null;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let group = 0;
  let length = 0;
  for (let at = 0; at < text.length; at += 1) {
    const value = at >= text.length - padding ? 0 : VALUES.get(text.charAt(at));
    if (value === undefined) return null;
    group = (group << 6) | value;
    if (at % 4 !== 3) continue;
    for (const shift of [16, 8, 0]) {
      if (length < bytes.length) bytes[length] = (group >> shift) & 0xff;
      length += 1;
    }
    group = 0;
  }
  return bytes;
}
