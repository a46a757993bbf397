/** The player of figures as one script, from dist/embed: built now where it is not there yet. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildEmbed } from '../../embed/build.ts';
import { CliError } from './parse.ts';

const FOLDER = fileURLToPath(new URL('../../dist/embed', import.meta.url));
const FILE = join(FOLDER, 'mail-flow-all.js');

/** `say` is told before it is built. Throws CliError with exit 1 where it cannot be. */
export async function figureScript(say: (sentence: string) => void): Promise<string> {
  const built = await readFile(FILE, 'utf8').catch(() => null);
  if (built !== null) return built;
  say('building the figure’s script…');
  try {
    await buildEmbed(FOLDER);
    return await readFile(FILE, 'utf8');
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
    throw new CliError(1, `dist/embed/mail-flow-all.js is missing and cannot be built (${reason}); try npm run build.`);
  }
}
