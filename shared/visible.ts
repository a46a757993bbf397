/** Characters that nobody sees, or that turn, hide or command what stands around them: which they are, and how they are shown. */

/**
 * Controls but TAB and LF (C0, DEL, C1); what turns the direction of text (U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to
 * U+2069: UAX #9); what has no width or breaks lines unasked; the tags of plane 14, which can hold a whole hidden text; what XML
 * has not. Joiners (U+200C, U+200D) and variation selectors are not among them: scripts and pictures are written with them.
 */
const INVISIBLE = new RegExp(
  [
    '(?![\\t\\n])\\p{Cc}',
    '\\p{Cs}',
    '\\u034f',
    '[\\u00ad\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180e\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u3164]',
    '[\\ufeff\\uffa0\\ufff0-\\ufffb\\ufffe\\uffff\\u{1d173}-\\u{1d17a}\\u{e0000}-\\u{e0fff}]',
  ].join('|'),
  'gu',
);

const byNumber = (character: string): string => {
  const code = character.codePointAt(0) ?? 0;
  const digits = code.toString(16);
  return code < 0x100
    ? `\\x${digits.padStart(2, '0')}`
    : code < 0x10000
      ? `\\u${digits.padStart(4, '0')}`
      : `\\u{${digits}}`;
};

/** Each of them by its number, "\x1b" or "\u202e", so that no text can look like another; all else, right-to-left text too, as it stands. */
export const visible = (text: string): string => text.replace(INVISIBLE, byNumber);

/** JSON in which they are escapes: the same value, with nothing in it that commands a terminal. */
export const visibleJson = (json: string): string =>
  json.replace(INVISIBLE, character =>
    Array.from(
      { length: character.length },
      (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
