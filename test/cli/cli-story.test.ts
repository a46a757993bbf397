/** Stories on the command line: begun, checked, listed and run, each mistake with its line and the right exit status. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readArguments } from '../../server/cli/usage.ts';
import { decodeTrace } from '../../shared/trace/codec.ts';
import { doing, storyWith } from '../fixtures/stories.ts';

const BIN = fileURLToPath(new URL('../../bin/mailscope.js', import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mailscope-cli-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Runs mailscope in the folder of this test. */
function run(...args: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [BIN, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  return new Promise(resolve => child.once('close', code => resolve({ code, stdout, stderr })));
}

describe('story', () => {
  test('new writes a story that passes check, and never writes over one', async () => {
    const first = await run('story', 'new', 'my-letter');
    expect(first).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('my-letter.md') });
    const text = await readFile(join(folder, 'my-letter.md'), 'utf8');
    const checked = await run('story', 'check', 'my-letter.md');
    expect(checked).toMatchObject({ code: 0, stderr: '' });
    expect(checked.stdout).toMatch(/^ok my-letter\.md: 6 beats, 1 letter, \d+\.\d s on the wire\n$/);
    expect(await run('story', 'new', 'my-letter')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'mailscope: my-letter.md is there already, and stays as it is.\n',
    });
    expect(await readFile(join(folder, 'my-letter.md'), 'utf8')).toBe(text);
    expect(await run('story', 'new', 'My Letter')).toMatchObject({ code: 2, stdout: '' });
  }, 120_000);

  test('what a file brings cannot command the terminal, nor turn what stands beside it', async () => {
    await writeFile(join(folder, 'red.md'), storyWith(doing('\u009b31mred\u202e\u0007')));
    const { code, stdout, stderr } = await run('story', 'check', 'red.md');
    expect(code).toBe(1);
    expect(`${stdout}${stderr}`).not.toMatch(/(?!\n)\p{Cc}|\u202e/u);
    expect(stdout).toContain('\\u202e');
  });

  test('check names file, line and reason of every problem, and fails', async () => {
    await writeFile(join(folder, 'bad.md'), storyWith(doing('sned', 'wait a while')));
    await writeFile(join(folder, 'never.md'), storyWith(doing('send'), [['Never', 'at queue deferred']]));
    const { code, stdout } = await run('story', 'check', 'bad.md', './never.md');
    expect(code).toBe(1);
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^bad\.md:3: nobody knows how to “sned”; /),
      expect.stringMatching(/^bad\.md:4: “a while” is no time /),
      expect.stringMatching(/^\.\/never\.md:10: this moment never came.* What came: press-send, /),
      '',
    ]);
  });

  test('check and send say in one sentence that there is no such story', async () => {
    for (const command of [
      ['story', 'check'],
      ['send', '--story'],
    ]) {
      const named = await run(...command, 'no-such-story');
      expect(named).toMatchObject({ code: 1, stdout: '' });
      expect(named.stderr).toMatch(/^mailscope: There is no story “no-such-story”; .*\n$/);
      const filed = await run(...command, './none.md');
      expect(filed.stderr).toBe('mailscope: The story ./none.md cannot be read (ENOENT).\n');
    }
  }, 120_000);

  test('list has the stories that come with mailscope', async () => {
    expect(await run('story', 'list')).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('send --story', () => {
  test('prints the conversation part by part, whether all was told, and writes the trace', async () => {
    const parts = [
      ['**Alice** presses Send', 'at press-send'],
      ['Who takes it?', 'at the MX question'],
    ] as const;
    await writeFile(join(folder, 'one.md'), storyWith(doing('send'), parts));
    const { code, stdout, stderr } = await run('send', '--story', 'one.md', '-o', 'run.trace.ndjson');
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.split('\n');
    const at = (line: string): number => lines.indexOf(line);
    expect(at('# Alice presses Send')).toBeGreaterThanOrEqual(0);
    expect(at('-> EHLO alices-laptop')).toBeGreaterThan(at('# Alice presses Send'));
    expect(at('# Who takes it?')).toBeGreaterThan(at('-> QUIT'));
    expect(at('-> ? MX green.example')).toBeGreaterThan(at('# Who takes it?'));
    expect(stdout).toMatch(/\nAll 2 parts of “one” were told\.\n$/);
    const trace = decodeTrace(await readFile(join(folder, 'run.trace.ndjson'), 'utf8'));
    expect(trace.ok && trace.events[0]).toMatchObject({ kind: 'story.begun', name: 'one' });
  });

  test('fails where a moment never came, and where the file is wrong', async () => {
    await writeFile(join(folder, 'never.md'), storyWith(doing('send'), [['Never', 'at queue deferred']]));
    const never = await run('send', '--story', 'never.md');
    expect(never).toMatchObject({ code: 1, stdout: expect.stringMatching(/\nnever\.md:10: this moment never came/) });
    await writeFile(join(folder, 'bad.md'), 'Hello');
    const bad = await run('send', '--story', 'bad.md');
    expect(bad).toMatchObject({ code: 1, stdout: expect.stringMatching(/^bad\.md:1: /) });
  });
});

describe('usage', () => {
  test.each([
    ['story'],
    ['story', 'fly'],
    ['story', 'check'],
    ['story', 'new'],
    ['story', 'new', 'one', 'two'],
    ['story', 'list', 'all'],
    ['story', 'check', '--json', 'one'],
    ['send', '--story'],
    ['send', '--story', ''],
    ['send', '--story', 'one', '--from', 'alice@blue.example'],
    ['send', '--story', 'one', '--to', 'bob@green.example'],
    ['send', '--story', 'one', '--subject', 'Lunch?'],
    ['send', '--story', 'one', '--world', 'world.json'],
    ['send', '--story', 'one', '--retry', '1s'],
  ])('%s %s is wrong, with a sentence', (...args) => {
    expect(() => readArguments(args, {})).toThrow(
      expect.objectContaining({ exit: 2, message: expect.stringMatching(/\.$/) as string }),
    );
  });

  test('what is right is understood', () => {
    expect(readArguments(['send', '--story', 'one', '-o', 'x'], {})).toEqual({
      command: 'tell',
      story: 'one',
      output: 'x',
    });
    expect(readArguments(['story', 'check', 'a', './b.md'], {})).toEqual({
      command: 'story',
      what: 'check',
      stories: ['a', './b.md'],
    });
    expect(readArguments(['story', '--help'], {})).toEqual({ command: 'help' });
  });

  test('help has it all', async () => {
    expect(await run('--help')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /send --story STORY .*story check STORY.*story new NAME .*story list .*--story STORY/s,
      ),
    });
  });
});
