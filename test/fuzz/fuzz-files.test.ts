/** A short and always equal part of what `npm run fuzz` does to the files of a data folder. */
import { expect, test } from 'vitest';
import { fuzzQueueFiles, fuzzWorldFiles } from './files.ts';

test('whatever happens to world.json, a world runs, the file is kept, and what is not used is said', async () => {
  const { outcomes } = await fuzzWorldFiles(60, 1);
  // The damage was worth something: there is some of each.
  for (const outcome of ['used', 'put-aside', 'loaded', 'refused']) expect(outcomes[outcome]).toBeGreaterThan(0);
});

test('whatever happens to the files of a queue, each letter is sent, given back, or put aside and said', async () => {
  const { outcomes } = await fuzzQueueFiles(30, 1);
  for (const outcome of ['recovered', 'to be given back', 'put-aside']) expect(outcomes[outcome]).toBeGreaterThan(0);
});
