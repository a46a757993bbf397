/** Text as HTML: every word that an author, a server or a stranger wrote passes through here, and only **bold** comes out as markup. */
import type { Reference, Words } from '../story/words.ts';
import { visible } from '../visible.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** As the content of an element or, between quotes, of an attribute. */
export const escaped = (text: string): string =>
  visible(text.replaceAll('\r\n', '\n')).replace(/[&<>"']/g, character => ENTITIES[character] ?? '');

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
