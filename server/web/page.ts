/** The built page: made when it is missing or older than what it is made of. */
import { execFile } from 'node:child_process';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';

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
  await mkdir(join(root, 'dist'), { recursive: true });
  try {
    // In a process of its own: what a bundler takes of memory is not given back, and this one may run for weeks.
    const config = join(root, 'vite.config.ts');
    const bundler = join(dirname(createRequire(import.meta.url).resolve('vite/package.json')), 'bin', 'vite.js');
    const how = ['build', '--config', config, '--outDir', fresh, '--emptyOutDir', '--logLevel', 'error'];
    await promisify(execFile)(process.execPath, [bundler, ...how], { cwd: root });
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

/** One line: what the bundler said first, or why it did not run. */
function reasonOf(error: unknown): string {
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
  const lines = stripVTControlCharacters(said)
    .split('\n')
    .map(line => line.trim());
  const first = lines.find(line => line !== '' && !/error during build|Build failed/.test(line));
  return first ?? (error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error));
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
