/**
 * Whether two checkouts make the same of the same recordings: `npx tsx bench/same.ts OTHER`. Exports each recording of either
 * (stories and tests) as text, markdown, mermaid, ladder (light and dark), told and letters, builds the pages of the stories, and compares the
 * octets. Prints what differs; exit status 1 if anything does. OTHER has its packages installed.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { HERE } from './served.ts';

const AT_ONCE = 2;
const ways: readonly (readonly [name: string, ...options: string[]])[] = [
  ['text'],
  ['markdown'],
  ['mermaid'],
  ['ladder', '--theme', 'light'],
  ['ladder', '--theme', 'dark'],
  ['told'],
  ['eml'],
];

const run = promisify(execFile);

async function recordingsOf(checkout: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const folder of ['stories', 'test']) {
    const entries = await readdir(path.join(checkout, folder), { recursive: true });
    found.push(
      ...entries.filter(each => each.endsWith('.trace.ndjson')).map(each => path.join(checkout, folder, each)),
    );
  }
  return found.toSorted();
}

/** The SHA-256 of each thing that `checkout` makes, by a name that does not say where it was made. */
async function everythingOf(checkout: string): Promise<ReadonlyMap<string, string>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mailscope-same-'));
  const bin = path.join(checkout, 'bin', 'mailscope.js');
  const orders: (() => Promise<unknown>)[] = [];
  for (const recording of await recordingsOf(checkout)) {
    const name = path.basename(recording, '.trace.ndjson');
    for (const [way, ...options] of ways) {
      const output = path.join(folder, [name, way, ...options].join(' '));
      // A recording without a whole letter has no letters to write, and says so in both.
      const how = [bin, 'export', recording, '--to', way, ...options, '-o', output];
      orders.push(() => run(process.execPath, how).catch(() => undefined));
    }
  }
  await run(process.execPath, [bin, 'story', 'list']);
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let order = orders.shift(); order !== undefined; order = orders.shift()) await order();
    }),
  );
  const pages = path.join(folder, 'page');
  await mkdir(pages);
  const vite = path.join(checkout, 'node_modules', 'vite', 'bin', 'vite.js');
  await run(process.execPath, [vite, 'build', '--outDir', pages, '--emptyOutDir', '--logLevel', 'error'], {
    cwd: checkout,
  });
  const made = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    const name = path.relative(folder, file);
    if (!entry.isFile() || (name.startsWith('page') && !name.startsWith(path.join('page', 'stories')))) continue;
    // The pages of the stories name scripts and styles by what is in them.
    const content = (await readFile(file, 'latin1')).replace(/(\/assets\/[\w.-]+?)-[\w-]{8}\.(js|css)/g, '$1.$2');
    made.set(name, createHash('sha256').update(content, 'latin1').digest('hex'));
  }
  await rm(folder, { recursive: true });
  return made;
}

const [other] = process.argv.slice(2);
if (other === undefined) throw new Error('say which checkout to compare with');
const before = await everythingOf(path.resolve(other));
const now = await everythingOf(HERE);
const different = [...new Set([...before.keys(), ...now.keys()])]
  .filter(name => before.get(name) !== now.get(name))
  .toSorted();
for (const name of different)
  console.log(`${name}: ${before.has(name) ? (now.has(name) ? 'differs' : 'is gone') : 'is new'}`);
console.log(`${before.size} before, ${now.size} now, ${different.length} different`);
process.exitCode = different.length === 0 ? 0 : 1;
