/** The built page: made when it is missing or older than what it is made of. */
import { join } from 'node:path';
import { ageOf, build } from '../base/built.js';

const SOURCES = [
  'client',
  'shared',
  'stories',
  'server/stories',
  'index.html',
  'embed.html',
  'film.html',
  'letter-frame.html',
  'vite.config.ts',
  'embed/vite.config.ts',
  'package-lock.json',
];

/**
 * The folder of the page, built now if need be (`say` is told so first), or null where it cannot be built: `say` is told why.
 * `root` is the folder of package.json.
 */
export async function ensurePage(root: string, say: (sentence: string) => void): Promise<string | null> {
  const wanted = { root, config: 'vite.config.ts', folder: 'client', entry: 'index.html', sources: SOURCES };
  const page = join(root, 'dist', wanted.folder);
  const age = await ageOf(wanted);
  if (age === 'new') return page;
  say('building the page…');
  try {
    await build(wanted);
    return page;
  } catch (error) {
    say(`The page cannot be built (${error instanceof Error ? error.message : String(error)}); everything else works.`);
    return age === 'none' ? null : page;
  }
}
