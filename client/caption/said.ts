/** What a viewer said to a question, and what it was: in words that do not judge. */
import type { Words } from '../../shared/story/words.ts';

export interface Said {
  readonly words: Words;
  /** What it was, where they said something else. */
  readonly instead: Words | null;
}

/** Ends as a sentence, whatever it ends with. */
const sentence = (text: Words): Words => (/[.!?…]$/.test(text) ? text : `${text}.`);

/** You said “250”. It was: 550, no such user. */
export const saidText = ({ words, instead }: Said): string =>
  (instead === null
    ? `You said “${words}”, and so it was.`
    : `You said “${words}”. It was: ${sentence(instead)}`
  ).replaceAll('**', '');
