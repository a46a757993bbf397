/** Text as HTML: every word that an author, a server or a stranger wrote passes through here, and only **bold** comes out as markup. */
import type { Reference, Words } from '../story/words.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Control characters, those that turn the direction of what follows, and those that XML has not: shown by number, so that no text can look like another. */
const HIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\p{Cs}]/gu;

const shown = (character: string): string => {
  const code = character.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
};

/** As the content of an element or, between quotes, of an attribute. */
export const escaped = (text: string): string =>
  text
    .replaceAll('\r\n', '\n')
    .replace(HIDDEN, shown)
    .replace(/[&<>"']/g, character => ENTITIES[character] ?? '');

/** `**bold**` as the page has it: every second piece. */
export const words = (text: Words): string =>
  text
    .split('**')
    .map((piece, index) => (index % 2 === 1 ? `<b>${escaped(piece)}</b>` : escaped(piece)))
    .join('');

/** Words without their markup, for a title or an attribute; not escaped. */
export const plain = (text: Words): string => text.replaceAll('**', '').replace(/\s+/g, ' ').trim();

export const paragraphsOf = (text: Words): readonly Words[] =>
  text
    .split(/\n[ \t]*\n/)
    .map(each => each.trim())
    .filter(each => each !== '');

export const paragraphs = (text: Words): string =>
  paragraphsOf(text)
    .map(each => `<p>${words(each)}</p>`)
    .join('\n');

/** Only the addresses of rules are linked. */
const isRule = (url: string): boolean => url.startsWith('https://www.rfc-editor.org/');

export const references = (all: readonly Reference[]): string =>
  all.length === 0
    ? ''
    : `<p class="rules">${all
        .map(({ label, url }) => (isRule(url) ? `<a href="${escaped(url)}">${escaped(label)}</a>` : escaped(label)))
        .join(' ')}</p>`;
