/** `mailscope export` on the command line: from a file, from a story, from a pipe, each format to where it belongs, each mistake with its status. */
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exportRun } from '../../server/cli/export.ts';
import { CliError } from '../../server/cli/parse.ts';
import { readArguments } from '../../server/cli/usage.ts';
import { traceOf } from '../fixtures/recordings.ts';

const BIN = fileURLToPath(new URL('../../bin/mailscope.js', import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mailscope-export-'));
});
afterEach(() => rm(folder, { recursive: true }));

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `mailscope export` as a process of its own, in the folder of this test. */
function spawned(args: readonly string[], input: string): Promise<Ran> {
  const child = spawn(process.execPath, [BIN, 'export', ...args], { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  // Whoever has nothing to read may have ended before all is written.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return new Promise(resolve => child.once('close', code => resolve({ code, stdout, stderr })));
}

/** The same without a process: what would be printed, said and answered. */
async function run(...args: readonly string[]): Promise<Ran> {
  const [printed, said]: [string[], string[]] = [[], []];
  const read = readArguments(['export', ...args], {});
  if (read.command !== 'export') throw new Error(`understood as ${read.command}`);
  const code = await exportRun(
    read,
    line => printed.push(`${line}\n`),
    sentence => said.push(sentence),
  ).catch((error: unknown) => {
    if (!(error instanceof CliError)) throw error;
    said.push(error.message);
    return error.exit;
  });
  return { code, stdout: printed.join(''), stderr: said.join('\n') };
}

describe('what is exported', () => {
  test('a story by its name, as Mermaid on standard output, part of it', async () => {
    const part = ['--from', 'mx-question', '--until', 'mx-answer'];
    const { code, stdout, stderr } = await run('youve-got-mail', '--to', 'mermaid', ...part);
    expect([code, stderr]).toEqual([0, '']);
    const rows = stdout.split('\n');
    expect(rows[1]).toBe('sequenceDiagram');
    expect(rows).toContain('    h1->>h2: ? MX green.example');
    expect(stdout).not.toContain('EHLO');
    expect(stdout.endsWith('\n') && !stdout.endsWith('\n\n')).toBe(true);
  });

  test('a file in every format of text, to a file', async () => {
    const file = join(folder, 'run.trace.ndjson');
    await writeFile(file, traceOf('unknown-recipient'));
    const begins: Readonly<Record<string, RegExp>> = {
      text: /^Lunch/,
      markdown: /^# /,
      mermaid: /^%% /,
      ladder: /^<svg /,
      told: /^\{"told":/,
    };
    for (const [format, beginning] of Object.entries(begins)) {
      const out = join(folder, `out.${format}`);
      expect(await run(file, '--to', format, '-o', out), format).toEqual({ code: 0, stdout: '', stderr: '' });
      expect(await readFile(out, 'utf8')).toMatch(beginning);
    }
  });

  test('what comes through a pipe goes out through one', async () => {
    const { code, stdout, stderr } = await spawned(['-', '--to', 'text', '-o', '-'], traceOf('dns-silence'));
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('No answer: asked once more');
    expect(stdout).toContain('-> ? MX green.example');
  }, 60_000);

  test('letters are files of a folder, and are listed', async () => {
    const into = join(folder, 'letters');
    const { code, stdout } = await run('youve-got-mail', '--to', 'eml', '-o', into);
    expect(code).toBe(0);
    const files = (await readdir(into)).toSorted();
    expect(files).toEqual([
      '1-from-alice-to-smtp.blue.example.eml',
      '2-from-smtp.blue.example-to-mx1.green.example.eml',
      '3-from-pop.green.example-to-bob.eml',
    ]);
    expect(stdout.trimEnd().split('\n')).toHaveLength(3);
    expect(stdout).toContain('new in it: Return-Path, Received');
    const last = await readFile(join(into, files[2] ?? ''), 'latin1');
    expect(last).toMatch(/^Return-Path: <alice@blue\.example>\r\nReceived: /);
  });
});

describe('what is wrong', () => {
  test('with an event of a recording, or with its end, is said, and the rest is exported', async () => {
    const lines = traceOf('youve-got-mail').split('\n');
    const cut = lines.join('\n').slice(0, -40);
    lines[6] = '{"seq": "six"}';
    await writeFile(join(folder, 'bad.trace.ndjson'), lines.join('\n'));
    await writeFile(join(folder, 'cut.trace.ndjson'), cut);
    const bad = await spawned(['bad.trace.ndjson', '--to', 'text'], '');
    expect([bad.code, bad.stdout.includes('EHLO')]).toEqual([0, true]);
    expect(bad.stderr).toMatch(/One event of bad\.trace\.ndjson could not be read/);
    const torn = await spawned(['cut.trace.ndjson', '--to', 'text'], '');
    expect([torn.code, torn.stdout.includes('EHLO')]).toEqual([0, true]);
    expect(torn.stderr).toMatch(/The end of cut\.trace\.ndjson is missing/);
  });

  test('in the header of a recording is said with its line, and ends with 1', async () => {
    await writeFile(join(folder, 'none.trace.ndjson'), '{"mailscope": "one"}\n');
    const { code, stdout, stderr } = await spawned(['none.trace.ndjson', '--to', 'text'], '');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^mailscope: none\.trace\.ndjson:1: .+\.\n$/);
  }, 60_000);

  test.each([
    [1, ['./none.trace.ndjson', '--to', 'text'], /cannot be read \(ENOENT\)/],
    [1, ['no-such-story', '--to', 'text'], /There is no story “no-such-story”/],
    [1, ['youve-got-mail', '--to', 'text', '-o', 'no/such/folder.txt'], /cannot be written \(ENOENT\)/],
    [1, ['youve-got-mail', '--to', 'eml', '--until', 'press-send'], /No letter crosses/],
    [2, ['youve-got-mail', '--to', 'text', '--from', 'nowhere'], /No step .*“nowhere”.*mx-question/],
    [2, ['youve-got-mail', '--to', 'text', '--from', 'address', '--until', '1'], /comes before/],
  ] as const)('ends with %i: %j', async (status, args, sentence) => {
    const { code, stdout, stderr } = await run(...args);
    expect([code, stdout]).toEqual([status, '']);
    expect(stderr).toMatch(sentence);
    expect(stderr.split('\n')).toHaveLength(1);
  });
});

describe('usage', () => {
  test.each([
    [],
    ['run.trace.ndjson'],
    ['run.trace.ndjson', '--to'],
    ['run.trace.ndjson', '--to', 'pdf'],
    ['one', 'two', '--to', 'text'],
    ['run', '--to', 'text', '--theme', 'pink'],
    ['run', '--to', 'text', '--from', ''],
    ['run', '--to', 'eml', '-o', '-'],
    ['run', '--to', 'text', '--world', 'w.json'],
  ])('export %s %s %s %s %s is wrong, with a sentence', (...args) => {
    expect(() => readArguments(['export', ...args], {})).toThrow(
      expect.objectContaining({ exit: 2, message: expect.stringMatching(/\.$/) as string }),
    );
  });

  test('what is right is understood', () => {
    expect(
      readArguments(
        ['export', '-', '--to', 'html', '-o', 'x', '--from', '2', '--until', 'address', '--theme', 'dark'],
        {},
      ),
    ).toMatchObject({
      command: 'export',
      run: '-',
      format: 'html',
      output: 'x',
      from: '2',
      until: 'address',
      theme: 'dark',
    });
    expect(readArguments(['export', '--help'], {})).toEqual({ command: 'help' });
  });
});
