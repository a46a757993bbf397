// @ts-check
/** What is built from sources, the page and the server itself: made when it is missing or older than they are. Plain JavaScript, as what starts mailscope can read. */
import { execFile } from 'node:child_process';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';

/**
 * @typedef {object} Build
 * @property {string} root the folder of package.json
 * @property {string} config Vite's configuration, from there
 * @property {string} folder what is built, in dist/
 * @property {string} entry the file of it that is there once all is
 * @property {readonly string[]} sources files and folders that it is made of, from the root
 */

/** @type {(file: string) => Promise<number>} */
const modified = file =>
  stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );

/**
 * The newest change among the sources, in milliseconds.
 * @type {(root: string, sources: readonly string[]) => Promise<number>}
 */
async function newestOf(root, sources) {
  const files = [];
  for (const source of sources) {
    const path = join(root, source);
    files.push(path);
    if (source.includes('.')) continue;
    const entries = await readdir(path, { recursive: true }).catch(() => []);
    files.push(...entries.map(entry => join(path, entry)));
  }
  return Math.max(...(await Promise.all(files.map(modified))));
}

/**
 * `none`: there is none; `old`: older than its sources; `new`: as they are.
 * @param {Build} build
 * @returns {Promise<'none' | 'old' | 'new'>}
 */
export async function ageOf({ root, folder, entry, sources }) {
  const built = await modified(join(root, 'dist', folder, entry));
  if (built === 0) return 'none';
  return built >= (await newestOf(root, sources)) ? 'new' : 'old';
}

/**
 * Builds beside the old one and changes places at the end, so that nobody ever reads half of one. Rejects with a reason of one line.
 * @param {Build} build
 * @returns {Promise<void>}
 */
export async function build({ root, config, folder, entry }) {
  const dist = join(root, 'dist');
  const made = join(dist, folder);
  const fresh = join(dist, `${folder}.new-${process.pid}`);
  const old = join(dist, `${folder}.old-${process.pid}`);
  try {
    await mkdir(dist, { recursive: true });
    // In a process of its own: what a bundler takes of memory is not given back, and this one may run for weeks.
    const vite = join(dirname(createRequire(import.meta.url).resolve('vite/package.json')), 'bin', 'vite.js');
    const how = ['build', '--config', join(root, config), '--outDir', fresh, '--emptyOutDir', '--logLevel', 'error'];
    await promisify(execFile)(process.execPath, [vite, ...how], { cwd: root });
    // Two processes may build at once: whoever is last wins, and one is there all the time but for an instant.
    await rename(made, old).catch(() => undefined);
    await rename(fresh, made).catch(async error => {
      if ((await modified(join(made, entry))) === 0) throw error;
    });
  } catch (error) {
    throw new Error(reasonOf(error), { cause: error });
  } finally {
    await rm(fresh, { recursive: true, force: true });
    await rm(old, { recursive: true, force: true });
  }
}

/**
 * One line: what the bundler said first, or why it did not run.
 * @type {(error: unknown) => string}
 */
function reasonOf(error) {
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
  const lines = stripVTControlCharacters(said)
    .split('\n')
    .map(line => line.trim());
  const first = lines.find(line => line !== '' && !/error during build|Build failed/.test(line));
  return first ?? (error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error));
}
