/** The folder of package.json, which the pages, the stories and the threads lie in, whether this runs as TypeScript or built. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

function rootAbove(folder: string): string {
  const above = dirname(folder);
  return above === folder || existsSync(join(folder, 'package.json')) ? folder : rootAbove(above);
}

export const ROOT = rootAbove(dirname(fileURLToPath(import.meta.url)));
