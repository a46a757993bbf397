/** mailscope starts from what it builds of itself, and from its sources where it cannot build. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const ROOT = path.join(import.meta.dirname, '../..');
const COPIED = ['bin', 'server', 'shared', 'stories', 'package.json', 'package-lock.json', 'tsconfig.json'];

let checkout: string;
beforeEach(async () => {
  checkout = await mkdtemp(path.join(tmpdir(), 'mailscope-built-'));
  for (const each of COPIED) await cp(path.join(ROOT, each), path.join(checkout, each), { recursive: true });
});
afterEach(() => rm(checkout, { recursive: true }));

/** The packages of this checkout, but for `missing`. */
async function linkPackages(missing: readonly string[]): Promise<void> {
  const packages = path.join(checkout, 'node_modules');
  await mkdir(packages);
  for (const each of await readdir(path.join(ROOT, 'node_modules')))
    if (!missing.includes(each)) await symlink(path.join(ROOT, 'node_modules', each), path.join(packages, each));
}

const mailscope = async (...args: readonly string[]): Promise<string> =>
  (await promisify(execFile)(process.execPath, [path.join(checkout, 'bin', 'mailscope.js'), ...args])).stdout;
const built = () => path.join(checkout, 'dist', 'server', 'cli.js');
const madeAt = async () => (await stat(built())).mtimeMs;

describe('what is started', () => {
  test('starts without a compiler, once it is built', async () => {
    await linkPackages(['tsx', 'esbuild', '@esbuild']);
    expect(await mailscope('--version')).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(await mailscope('story', 'list')).toContain('the-lost-250');
  });

  test('is built anew when a source has changed, and not before', async () => {
    await linkPackages([]);
    await mailscope('--version');
    const first = await madeAt();
    await mailscope('--version');
    expect(await madeAt()).toBe(first);
    const later = new Date(Date.now() + 60_000);
    await utimes(path.join(checkout, 'shared', 'bytes.ts'), later, later);
    await mailscope('--version');
    expect(await madeAt()).toBeGreaterThan(first);
  });

  test('is read from the sources where nothing can be built', async () => {
    await linkPackages([]);
    await writeFile(path.join(checkout, 'dist'), 'a file where the folder should be');
    expect(await mailscope('--version')).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
