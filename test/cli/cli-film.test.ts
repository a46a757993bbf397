/** `mailscope export` makes a film by the page's own code, where there is a Chromium. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readGif } from '../help/moving-pictures.ts';

const run = promisify(execFile);
const MAILSCOPE = path.join(import.meta.dirname, '../..', 'bin', 'mailscope.js');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'mailscope-film-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Its exit status, and what it said on standard error. */
const refused = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<{ code: unknown; stderr: string }> =>
  run(process.execPath, [MAILSCOPE, 'export', ...args], { cwd: folder, env: { ...process.env, ...env } }).then(
    () => ({ code: 0, stderr: '' }),
    (error: { code: unknown; stderr: string }) => error,
  );

test('a GIF of one step, of the size that was asked for', { timeout: 120_000 }, async () => {
  const asked = ['youve-got-mail', '--to', 'gif', '--until', 'press-send', '--speed', '2', '--fps', '4'];
  const { stdout } = await run(
    process.execPath,
    [MAILSCOPE, 'export', ...asked, '--size', '480x340', '-o', 'step.gif'],
    { cwd: folder },
  );
  expect(stdout.trim()).toBe('step.gif');
  const { width, height, delays } = readGif(new Uint8Array(await readFile(path.join(folder, 'step.gif'))));
  expect([width, height]).toEqual([480, 340]);
  expect(delays.length).toBeGreaterThan(3);
  expect(delays[0]).toBe(25);
});

test('a browser that is named and not there is said', { timeout: 120_000 }, async () => {
  const { code, stderr } = await refused(['youve-got-mail', '--to', 'png'], { MAILSCOPE_BROWSER: '/nowhere/chromium' });
  expect(code).toBe(1);
  expect(stderr).toContain('MAILSCOPE_BROWSER names /nowhere/chromium');
});

test.each([
  [['--to', 'gif', '--size', 'large'], '--size needs WIDTHxHEIGHT'],
  [['--to', 'gif', '--speed', '0'], '--speed needs a number'],
  [['--to', 'text', '--fps', '10'], '--fps is of a picture or a film'],
])('%j is wrong usage', async (args, sentence) => {
  const { code, stderr } = await refused(['youve-got-mail', ...args]);
  expect(code).toBe(2);
  expect(stderr).toContain(sentence);
});
