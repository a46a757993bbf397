/** `mailscope story`: checks stories, begins a new one, lists those that come with mailscope. */
import { writeFile } from 'node:fs/promises';
import { plain } from '../../shared/story/words.ts';
import { assertNever } from '../../shared/world/world.ts';
import { checkStory, measuresOf } from '../stories/check.ts';
import { STORY_NAME } from '../stories/front-matter.ts';
import { listStories } from '../stories/library.ts';
import { TEMPLATE } from '../stories/template.ts';
import { findStory } from './story-source.ts';
import type { StoryArguments } from './usage.ts';
import { CliError } from './usage.ts';

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** Resolves with the exit status. Throws CliError. */
export async function story(args: StoryArguments, print: (line: string) => void): Promise<number> {
  switch (args.what) {
    case 'check':
      return check(args.stories, print);
    case 'new':
      return begin(args.name, print);
    case 'list':
      return list(print);
    default:
      return assertNever(args);
  }
}

/** 0 when nothing is wrong with any of them. */
async function check(stories: readonly string[], print: (line: string) => void): Promise<number> {
  let wrong = 0;
  for (const word of stories) {
    const { name, said, source } = await findStory(word);
    const { problems, run } = await checkStory(source, name);
    wrong += problems.length;
    for (const { line, message } of problems) print(`${said}:${line}: ${message}`);
    if (problems.length > 0 || run === null) continue;
    const { beats, letters, took } = measuresOf(run);
    print(
      `ok ${said}: ${counted(beats, 'beat')}, ${counted(letters, 'letter')}, ${(took / 1000).toFixed(1)} s on the wire`,
    );
  }
  return wrong === 0 ? 0 : 1;
}

async function begin(name: string, print: (line: string) => void): Promise<number> {
  if (!STORY_NAME.test(name))
    throw new CliError(2, `A story is called by small letters, digits and hyphens, such as my-letter, not “${name}”.`);
  const file = `${name}.md`;
  try {
    await writeFile(file, TEMPLATE, { flag: 'wx' });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new CliError(
      1,
      code === 'EEXIST' ? `${file} is there already, and stays as it is.` : `${file} cannot be written (${code}).`,
    );
  }
  print(`${file} is a story to begin with. Check it with: mailscope story check ${file}`);
  print(`Run it with: mailscope send --story ${file}`);
  return 0;
}

async function list(print: (line: string) => void): Promise<number> {
  let group = '';
  for (const { name, facts, script } of await listStories()) {
    if (facts.group !== group) print(`${group === '' ? '' : '\n'}${facts.group}`);
    group = facts.group;
    print(`  ${name.padEnd(32)} ${plain(script.title)}`);
  }
  return 0;
}
