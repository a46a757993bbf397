/** The stories that come with mailscope: the folder stories/, read by name. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../base/root.ts';
import { GROUPS, STORY_NAME } from './front-matter.ts';
import { readStory, type StoryFile } from './story-file.ts';

const FOLDER = join(ROOT, 'stories');

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

async function fileOf(name: string, ending: string, folder: string): Promise<string | null> {
  if (!STORY_NAME.test(name)) return null;
  try {
    return await readFile(join(folder, `${name}${ending}`), 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** The Markdown of a story; null where there is none of this name. */
export const storySource = (name: string, folder = FOLDER): Promise<string | null> => fileOf(name, '.md', folder);

/** The recording of a story as its file has it; null where there is none of this name. */
export const storyRecording = (name: string, folder = FOLDER): Promise<string | null> =>
  fileOf(name, '.trace.ndjson', folder);

/** In no order. */
async function storyNames(folder: string): Promise<readonly string[]> {
  try {
    const files = await readdir(folder);
    return files.flatMap(file =>
      file.endsWith('.md') && STORY_NAME.test(file.slice(0, -3)) ? [file.slice(0, -3)] : [],
    );
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** All that can be read, in the order of the gallery. */
export async function listStories(folder = FOLDER): Promise<readonly StoryFile[]> {
  const stories: StoryFile[] = [];
  for (const name of await storyNames(folder)) {
    const read = readStory((await storySource(name, folder)) ?? '', name);
    if (read.ok) stories.push(read.story);
  }
  const place = ({ facts }: StoryFile): number => GROUPS.indexOf(facts.group);
  return stories.sort(
    (one, other) =>
      place(one) - place(other) || one.facts.order - other.facts.order || (one.name < other.name ? -1 : 1),
  );
}
