/** Builds the package of `<mail-flow>`: its scripts, and what npm wants to lie beside them. `npm run build` runs it. */
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { figureScripts } from './vite.config.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BESIDE = ['package.json', 'README.md', 'mail-flow.d.ts', 'mail-flow-teller.d.ts'];

/** Fills `folder`, which is emptied before. */
export async function buildEmbed(folder: string): Promise<void> {
  const scripts = await figureScripts();
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await Promise.all([
    ...[...scripts].map(([name, code]) => writeFile(join(folder, name), code)),
    ...BESIDE.map(name => copyFile(join(ROOT, 'embed', name), join(folder, name))),
    copyFile(join(ROOT, 'LICENSE'), join(folder, 'LICENSE')),
  ]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildEmbed(join(ROOT, 'dist/embed'));
