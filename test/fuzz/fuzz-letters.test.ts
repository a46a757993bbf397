/** A few seconds of what `npm run fuzz` does for hours: letters, recordings and told runs that nobody meant well. */
import { expect, test } from 'vitest';
import { fuzzLetters } from './letters.ts';
import { fuzzTold, fuzzTraces } from './traces.ts';

test('a hostile letter is accepted or refused, its record can be read, and the next honest one is shown', async () => {
  await expect(fuzzLetters(20, 1)).resolves.toBeUndefined();
});

test('a recording that somebody has changed is told, or refused with a sentence, and nothing stalls', async () => {
  await expect(fuzzTraces(80, 1)).resolves.toBeUndefined();
});

test('a told run that somebody has changed is shown, or refused with a sentence, and nothing stalls', async () => {
  await expect(fuzzTold(60, 1)).resolves.toBeUndefined();
});
