/** Hostile story files: nested marks, brackets and quotes in the words and in the front matter. Each is read, or refused in our own words. */

import { seededRandom } from '../../server/base/chance.ts';
import { readStory } from '../../server/stories/story-file.ts';

/** What a run has shown; it throws where a promise is broken, and names seed and iteration. */
export interface StoryFuzz {
  readonly iterations: number;
  readonly read: number;
  readonly refused: number;
  /** Milliseconds of this process's time for the slowest file. */
  readonly slowest: number;
}

/** Milliseconds of this process's time that no file may take; a slow one is tried again, for the first time may have been the compiler's. */
const STALL = 200;
const TRIES = 3;

const MARKS = [
  '[',
  ']',
  '(',
  ')',
  '{',
  '}',
  '<',
  '>',
  '*',
  '**',
  '***',
  '_',
  '__',
  '`',
  '```',
  '~~',
  '~~~',
  '#',
  '##',
  '>',
  '> ',
  '- ',
  '+ ',
  '? ',
  ': ',
  '1. ',
  '|',
  '![',
  '](',
  '[x] ',
  '[ ] ',
  '[RFC 5321 §4.5.2]',
  '**Predict:** ',
  '*at the second 250 from mx1*',
  '{reply}',
  '{',
  '“',
  '"',
  "'",
  '&a ',
  '*a ',
  '!t ',
  '!!',
  '%',
  '@',
  ',',
  ', ',
  ';',
  '\\',
  '\t',
  '  ',
  '    ',
  '\n',
  '\n\n',
  '\r\n',
  '\n---\n',
  '---',
  '...',
  'a',
  'é',
  '\u202e',
  '\0',
  '\ud800',
  '<a b="',
  '<!--',
  'x: ',
  'do: ',
  'send: ',
  '- send: {to: bob}',
  '<<: ',
  '0x',
  '1e999',
  '.inf',
  'null',
  '~',
] as const;
const LENGTHS = [1, 2, 3, 10, 100, 1_000, 8_000, 15_000, 32_000] as const;

const PLACES: readonly ((text: string) => string)[] = [
  text => text,
  text => `---\n${text}\n---\n# A\n\n## B\n*at the beginning*\n\nWords.\n`,
  text => `---\nx: ${text}\n---\n# A\n\n## B\n*at the beginning*\n\nWords.\n`,
  text => `---\ndo:\n  - ${text}\n---\n# A\n\n## B\n*at the beginning*\n\nWords.\n`,
  text => `---\ndo: []\n---\n# ${text}\n\n## B\n*at the beginning*\n\nWords.\n`,
  text => `---\ndo: []\n---\n# A\n\n## B\n*at ${text}*\n\nWords.\n`,
  text => `---\ndo: []\n---\n# A\n\n## B\n*at the beginning*\n\n${text}\n`,
  text => `---\ndo: []\n---\n# A\n\n## B\n*at the beginning*\n\n**Predict:** ${text}\n\n- [x] ${text}\n- [ ] no\n`,
  text =>
    `---\ndo: []\n---\n# A\n\n${text}\n\n## B\n*at the beginning*\n\nWords.\n\n## What you now know\n\n- ${text}\n`,
];

/** Our own words: nothing of an engine's, and no more of the file than a person can read. */
const FOREIGN = /call stack|RangeError|TypeError|undefined|\[object|Invalid regular|not a function/i;
const LONGEST_MESSAGE = 500;

/** Milliseconds of this process's time for the fastest of some tries, where the first is too slow. */
function costOf(run: () => void): number {
  let fastest = Number.POSITIVE_INFINITY;
  for (let nth = 0; nth < TRIES && fastest > STALL; nth += 1) {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    fastest = Math.min(fastest, (user + system) / 1000);
  }
  return fastest;
}

/** The file of this iteration: one mark over and over, a few in turn, or many as they come. */
function storyFile(seed: number, iteration: number): string {
  const random = seededRandom(seed, `story ${iteration}`);
  const of = <T>(list: readonly T[], otherwise: T): T => list[Math.floor(random() * list.length)] ?? otherwise;
  const length = of<number>(LENGTHS, 1);
  const some = Array.from({ length: of([1, 1, 2, 3, 40], 1) }, () => of<string>(MARKS, '['));
  let text = '';
  while (text.length < length) text += random() < 0.7 ? (some[0] ?? '[') : of(some, '[');
  if (random() < 0.2) text += [...text].reverse().join('');
  return of(PLACES, PLACES[0] ?? String)(text);
}

/** Reads so many story files; throws where one crashes, stalls, or is refused in words that are not ours. */
export function fuzzStoryFiles(iterations: number, seed: number): StoryFuzz {
  let read = 0;
  let slowest = 0;
  for (let iteration = 0; iteration < iterations; iteration += 1) {
    const source = storyFile(seed, iteration);
    const which = `seed ${seed}, iteration ${iteration}: ${JSON.stringify(source.slice(0, 120))}`;
    const cost = costOf(() => {
      const story = readStory(source, 'fuzzed');
      if (story.ok) {
        read += 1;
        return;
      }
      if (story.problems.length === 0) throw new Error(`refused without a word; ${which}`);
      for (const { line, message } of story.problems)
        if (FOREIGN.test(message) || message.length > LONGEST_MESSAGE || line < 1)
          throw new Error(`“${message.slice(0, 200)}”; ${which}`);
    });
    if (cost > STALL) throw new Error(`${Math.round(cost)} ms for one file; ${which}`);
    slowest = Math.max(slowest, cost);
  }
  return { iterations, read, refused: iterations - read, slowest };
}
