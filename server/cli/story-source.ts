/** Finds the story that a person names on the command line: one that comes with mailscope, or a file. */
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { storySource } from '../stories/library.ts';
import { CliError } from './usage.ts';

export interface NamedStory {
  /** As a story may be called. */
  readonly name: string;
  /** As the person called it. */
  readonly said: string;
  readonly source: string;
}

/** Larger than any story; what is too large for one is said when it is read. */
const LARGEST = 1024 * 1024;

const isFile = (said: string): boolean => /[./\\]/.test(said);

/** A name for a story in a file of any name. */
const nameFrom = (file: string): string =>
  basename(file)
    .replace(/\.[^.]*$/, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 64) || 'a-story';

/** Throws CliError with exit 1. */
export async function findStory(said: string): Promise<NamedStory> {
  if (!isFile(said)) {
    const source = await storySource(said);
    if (source !== null) return { name: said, said, source };
    throw new CliError(
      1,
      `There is no story “${said}”; mailscope story list has them all, and a file is named as in ./${said}.md.`,
    );
  }
  try {
    if ((await stat(said)).size > LARGEST) throw new CliError(1, `The story ${said} is larger than 1 MiB.`);
    return { name: nameFrom(said), said, source: await readFile(said, 'utf8') };
  } catch (error) {
    if (error instanceof CliError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new CliError(1, `The story ${said} cannot be read (${code}).`);
  }
}
