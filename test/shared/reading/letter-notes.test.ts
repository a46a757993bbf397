/** What is said under a letter: its code and data, and the words that are made of them. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { noteText } from '../../../shared/explain/notes.ts';
import { type LetterNote, partlyLost } from '../../../shared/story/note.ts';

const notes: readonly (readonly [LetterNote, string])[] = [
  [{ code: 'stamped', times: 0, where: 'queue' }, 'not stamped yet · in the queue'],
  [{ code: 'stamped', times: 2, where: 'mailbox' }, 'stamped twice · in the mailbox'],
  [{ code: 'stamped', times: 7, where: 'queue' }, 'stamped 7 times · in the queue'],
  [{ code: 'refused', reply: '550 5.1.1 user unknown' }, 'refused: 550 5.1.1 user unknown'],
  [{ code: 'waits', status: '4.4.1' }, 'waits for another try (4.4.1)'],
  [{ code: 'told', words: 'as the file says' }, 'as the file says'],
];

describe('a note', () => {
  test.each(notes)('%j is said', (note, words) => {
    expect(noteText(note)).toBe(words);
  });

  test('says once how many recipients were given up, however often it happens', () => {
    const before = fc.constantFrom(...notes.map(([note]) => note));
    fc.assert(
      fc.property(before, fc.array(fc.nat(9), { minLength: 1, maxLength: 5 }), (note, losses) => {
        const last = losses.at(-1) ?? 0;
        const said = noteText(losses.reduce((now, lost) => partlyLost(now, lost, 9), note));
        expect(said).toBe(`${noteText(note)}; undeliverable for ${last} of 9`);
      }),
    );
  });

  test('keeps what it was, whatever a server wrote into its reply', () => {
    const reply = '550 no; undeliverable for anybody';
    expect(noteText(partlyLost({ code: 'refused', reply }, 1, 2))).toBe(`refused: ${reply}; undeliverable for 1 of 2`);
  });
});
