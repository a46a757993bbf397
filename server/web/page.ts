/** The built page: made when it is missing or older than what it is made of. */
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

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
  'vite.embed.config.ts',
  'package-lock.json',
];

const modified = (file: string): Promise<number> =>
  stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );

/** The newest change among the page's sources, in milliseconds; 0 where this is an installation without sources. */
async function newestSource(root: string): Promise<number> {
  const files = [];
  for (const source of SOURCES) {
    const path = join(root, source);
    files.push(path);
    if (source.includes('.')) continue;
    const entries = await readdir(path, { recursive: true }).catch(() => []);
    files.push(...entries.map(entry => join(path, entry)));
  }
  return Math.max(...(await Promise.all(files.map(modified))));
}

/** Builds beside the old page and changes places at the end, so that nobody is ever served half of one. */
async function build(root: string, page: string): Promise<void> {
  const fresh = join(root, 'dist', `client.new-${process.pid}`);
  const old = join(root, 'dist', `client.old-${process.pid}`);
  const vite = await import('vite');
  await mkdir(join(root, 'dist'), { recursive: true });
  try {
    await vite.build({
      root,
      configFile: join(root, 'vite.config.ts'),
      logLevel: 'error',
      build: { outDir: fresh, emptyOutDir: true },
    });
    // Two processes may build at once: whoever is last wins, and the page is there all the time but for an instant.
    await rename(page, old).catch(() => undefined);
    await rename(fresh, page).catch(async (error: unknown) => {
      if ((await modified(join(page, 'index.html'))) === 0) throw error;
    });
  } finally {
    await rm(fresh, { recursive: true, force: true });
    await rm(old, { recursive: true, force: true });
  }
}

/** One line: what went wrong first, where the bundler has collected several. */
function reasonOf(error: unknown): string {
  const all: readonly unknown[] =
    error instanceof Error && 'errors' in error && Array.isArray(error.errors) ? error.errors : [];
  const first = all[0] ?? error;
  return (first instanceof Error ? first.message : String(first)).split('\n', 1)[0] ?? '';
}

/**
 * The folder of the page, built now if need be (`say` is told so first), or null where it cannot be built: `say` is told why.
 * `root` is the folder of package.json.
 */
export async function ensurePage(root: string, say: (sentence: string) => void): Promise<string | null> {
  const page = join(root, 'dist', 'client');
  const built = await modified(join(page, 'index.html'));
  if (built > 0 && built >= (await newestSource(root))) return page;
  say('building the page…');
  try {
    await build(root, page);
    return page;
  } catch (error) {
    say(`The page cannot be built (${reasonOf(error)}); everything else works.`);
    return built > 0 ? page : null;
  }
}
