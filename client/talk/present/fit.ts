/** Which words fit under the stage, and how large: nothing is set smaller than can be read from the last row, and nothing is cut within a word. Pure but for the measuring that is given. */
import type { Words } from '../../../shared/story/words.ts';

/** How many lines these words take at a size, in units of a stage 720 high. */
export type Measure = (words: Words, kind: 'title' | 'body', size: number) => number;

/** 1/22 of 720, rounded up: what is read from the last row is no smaller. */
export const LEAST = 33;
/** From the largest to the smallest. */
const TITLES = [46, 42, 38, 34] as const;
/** With two lines of title, the largest that leaves room for the body. */
const TWO_LINES = [36, 34] as const;
const BODY_LINES = 2;

export interface Fitted {
  readonly title: Words;
  readonly size: number;
  readonly lines: 1 | 2;
  readonly body: Words;
}

/** Bold that was begun and cut off is ended. */
const balanced = (words: Words): Words => (words.split('**').length % 2 === 0 ? `${words}**` : words);

/** A sentence ends at its mark and what closes it, before something that can begin one: not within “mx1.green.example” or “§6.1.2”. */
const SENTENCE = /(?<=[.!?…][”’"')\]]*(?:\*\*)?)\s+(?=(?:\*\*)?[“‘"'([]?[\p{Lu}\d])/u;
/** Where a sentence can be left before its end, and still says something. */
const CLAUSE = /(?<=[,;:](?:\*\*)?)\s+|\s+(?=[–(])/u;
const WORD = /\s+/u;

/** The longest beginning, cut only where `at` says, that `fits`; '' where there is none. */
function longest(words: Words, at: RegExp, end: string, fits: (words: Words) => boolean): Words {
  const pieces = words.split(at);
  for (let count = pieces.length; count > 0; count -= 1) {
    const cut = pieces.slice(0, count).join(' ');
    const open = count < pieces.length && end !== '';
    const shown = open ? `${balanced(cut.replace(/[,;:.]$/u, ''))}${end}` : balanced(cut);
    if (fits(shown)) return shown;
  }
  return '';
}

/** Half a line of a sentence says too little; then it is rather cut between words. */
const TELLING = 40;

/** The first sentences that fit; of one that is too long, its first clauses or words. */
export function shortened(words: Words, fits: (words: Words) => boolean): Words {
  const one = words.replaceAll(/\s+/gu, ' ').trim();
  const sentences = longest(one, SENTENCE, '', fits);
  if (sentences !== '' || one === '') return sentences;
  const clauses = longest(one, CLAUSE, ' …', fits);
  return clauses.length >= TELLING ? clauses : longest(one, WORD, ' …', fits);
}

/** Title and body of one beat, as they are shown. */
export function fitted(title: Words, body: Words, measure: Measure): Fitted {
  const single = TITLES.find(size => measure(title, 'title', size) <= 1);
  const double = TWO_LINES.find(size => measure(title, 'title', size) <= 2);
  const size = single ?? double ?? TWO_LINES[1];
  const fits = (words: Words): boolean => measure(words, 'body', LEAST) <= BODY_LINES;
  return {
    title:
      single === undefined && double === undefined
        ? shortened(title, words => measure(words, 'title', size) <= 2)
        : title,
    size,
    lines: single === undefined ? 2 : 1,
    body: shortened(body, fits),
  };
}
