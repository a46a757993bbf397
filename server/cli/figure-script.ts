/** The player of figures as one script: it comes with the page, which is built now where it is missing or old. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../base/root.ts';
import { ensurePage } from '../web/page.ts';
import { CliError } from './parse.ts';

/** `say` is told before it is built. Throws CliError with exit 1 where it cannot be. */
export async function figureScript(say: (sentence: string) => void): Promise<string> {
  const page = await ensurePage(ROOT, say);
  const script =
    page === null ? null : await readFile(join(page, 'embed', 'mail-flow-all.js'), 'utf8').catch(() => null);
  if (script === null)
    throw new CliError(1, 'The player’s script, embed/mail-flow-all.js, is not there; try npm run build.');
  return script;
}
