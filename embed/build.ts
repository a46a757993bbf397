/** Builds the package of `<mail-flow>`: its scripts, and what npm wants to lie beside them. `npm run build` runs it. */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { EMBED_FILES, embedConfig } from '../vite.embed.config.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BESIDE = ['embed/package.json', 'embed/README.md', 'embed/mail-flow.d.ts', 'embed/mail-flow-teller.d.ts', 'LICENSE'];

/** Fills `folder`, which is emptied before. */
export async function buildEmbed(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await Promise.all([
    ...EMBED_FILES.filter(file => existsSync(join(ROOT, `client/embed/${file}.ts`))).map(file => build({ ...embedConfig(file, folder), logLevel: 'error' })),
    ...BESIDE.map(file => copyFile(join(ROOT, file), join(folder, file.slice(file.lastIndexOf('/') + 1)))),
  ]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildEmbed(join(ROOT, 'dist/embed'));
