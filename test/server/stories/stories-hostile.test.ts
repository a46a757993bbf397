/** A story file from a stranger is read or refused, soon and in our own words, however it is nested. */
import { expect, test } from 'vitest';
import { readStory } from '../../../server/stories/story-file.ts';
import { fuzzStoryFiles } from '../../fuzz/stories.ts';

const WORDS = '\n---\n# A\n\n## B\n*at the beginning*\n\nWords.\n';

test.each(['[', '{', '- ', '? ', '[a, ', '{a: ', '> ', '*', '**', '`'])(
  '15,000 times %j: what is wrong is said',
  mark => {
    const count = Math.floor(15_000 / mark.length);
    for (const source of [
      `---\n${mark.repeat(count)}${WORDS}`,
      `---\ndo: ${mark.repeat(count)}${WORDS}`,
      `---\ndo: []\n---\n# A\n\n## B\n*at the beginning*\n\n${mark.repeat(count)}\n`,
    ]) {
      const story = readStory(source, 'nested');
      const said = story.ok ? [] : story.problems.map(({ message }) => message);
      expect(said.join(' ')).not.toMatch(/call stack|range/i);
      if (!story.ok) expect(said.length).toBeGreaterThan(0);
    }
  },
);

test('nesting that is too deep is said with its line, and how deep it may be', () => {
  const deep = readStory(`---\nworld: blue and green\ndo: ${'['.repeat(15_000)}${WORDS}`, 'nested');
  expect(deep.ok ? [] : deep.problems).toContainEqual({
    line: 3,
    message: 'lists and tables stand in each other at most 32 deep: write it flatter.',
  });
  const flat = readStory(`---\ndo: ${'['.repeat(30)}${']'.repeat(30)}${WORDS}`, 'nested');
  expect(flat.ok ? '' : flat.problems.map(({ message }) => message).join(' ')).not.toContain('deep');
});

test('seeded story files: no crash, no stall, and every refusal in our own words', () => {
  const { iterations, refused } = fuzzStoryFiles(150, 7);
  expect(refused).toBeGreaterThan(iterations / 2);
});
