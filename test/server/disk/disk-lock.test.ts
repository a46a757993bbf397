/** One mailscope a folder: whoever lives keeps the other out, whoever is dead or a stranger does not, and of all who come at once one has it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DataFolderError, openDataFolder } from '../../../server/disk/data-folder.ts';
import { takeLock } from '../../../server/disk/lock.ts';
import { runProgram, temporaryFolder } from '../../help/loopback/pop3-loopback.ts';

let folder: string;
let removeFolder: () => Promise<void>;
let file: string;
let children: ChildProcess[];
beforeEach(async () => {
  [folder, removeFolder] = await temporaryFolder();
  file = join(folder, 'lock');
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await removeFolder();
});

class Taker {
  readonly #child: ChildProcess;
  readonly #lines: Interface;
  readonly ready: Promise<unknown>;
  constructor() {
    const script = join(import.meta.dirname, '../../fixtures', 'lock-taker.ts');
    this.#child = spawn(process.execPath, ['--import', 'tsx', script], { stdio: ['pipe', 'pipe', 'inherit'] });
    children.push(this.#child);
    if (this.#child.stdout === null) throw new Error('no pipes');
    this.#lines = createInterface(this.#child.stdout);
    this.ready = once(this.#lines, 'line');
  }
  get pid(): number {
    return this.#child.pid ?? 0;
  }
  async say(path: string): Promise<string> {
    const heard = once(this.#lines, 'line');
    this.#child.stdin?.write(`${path}\n`);
    return String((await heard)[0]);
  }
  async kill(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}

/** A process of somebody else. */
function stranger(): number {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  children.push(child);
  return child.pid ?? 0;
}

test('of four processes that find a dead one’s lock at once, one has it, every time', async () => {
  const takers = Array.from({ length: 4 }, () => new Taker());
  await Promise.all(takers.map(({ ready }) => ready));
  const dead = 4_194_303;
  for (let round = 0; round < 60; round += 1) {
    if (round % 3 !== 0) await writeFile(file, round % 3 === 1 ? `${dead}\n` : '');
    const said = await Promise.all(takers.map(taker => taker.say(file)));
    expect(said.filter(line => line === 'locked')).toHaveLength(1);
    expect(said.filter(line => line.startsWith('taken by '))).toHaveLength(3);
    await takers[said.indexOf('locked')]?.say('');
    expect(await readdir(folder)).toEqual([]);
  }
});

test('a process that lives keeps others out, and its death lets them in', async () => {
  const taker = new Taker();
  await taker.ready;
  expect(await taker.say(file)).toBe('locked');
  const refused = await openDataFolder(folder).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(DataFolderError);
  expect(refused).toMatchObject({
    message: expect.stringContaining(`is used by another mailscope (process ${taker.pid})`),
  });
  await taker.kill();
  await (await openDataFolder(folder)).close();
  expect(await readdir(folder)).toEqual([]);
});

describe('a lock that keeps nobody out', () => {
  const open = async (): Promise<void> => {
    await (await openDataFolder(folder)).close();
    expect(await readdir(folder)).toEqual([]);
  };

  test('of an earlier version, whose process id is a stranger’s now', async () => {
    await writeFile(file, `${stranger()}\n`);
    await open();
  });

  test('whose process id is that of a process which began at another time', async () => {
    const taker = new Taker();
    await taker.ready;
    await taker.say(file);
    const left = (await readFile(file, 'latin1')).split('\n');
    await taker.kill();
    await writeFile(file, [stranger(), ...left.slice(1)].join('\n'));
    await open();
  });

  test('of before the machine was started anew', async () => {
    const taker = new Taker();
    await taker.ready;
    await taker.say(file);
    const [pid, boot = '', ...others] = (await readFile(file, 'latin1')).split('\n');
    expect(boot).toMatch(/^[0-9a-f-]{36}$/);
    await writeFile(file, [pid, boot.replace(/^./, boot.startsWith('0') ? '1' : '0'), ...others].join('\n'));
    await open();
  });

  test.each(['', '\n', 'rubbish', '-1\n', '0\n', '99999999999999999999\n', '\0\0\0\0', 'x'.repeat(5000)])(
    'torn or not one at all (%#)',
    async content => {
      await writeFile(file, content);
      await open();
    },
  );

  test('and what takers left who died in the middle', async () => {
    await writeFile(file, '4194303\n');
    await writeFile(`${file}.${'0'.repeat(12)}`, '4194303\n');
    await writeFile(`${file}.4194303-${'0'.repeat(16)}`, '4194303\n');
    await open();
  });
});

test.each([
  ['a folder', async () => mkdir(file)],
  ['a FIFO', async () => runProgram('mkfifo', [file])],
  ['a symbolic link to nowhere', async () => symlink(join(folder, 'nowhere'), file)],
  ['a symbolic link to itself', async () => symlink(file, file)],
])('%s in its place is one sentence that names it, at once', async (_what, make) => {
  await make();
  await expect(openDataFolder(folder)).rejects.toThrow(
    /: lock is a (?:folder|FIFO|symbolic link) where a file should be, and it cannot be written \([A-Z]+\); choose/,
  );
});

test('this process has it once', async () => {
  const unlock = await takeLock(file);
  await expect(takeLock(file)).rejects.toMatchObject({ pid: process.pid });
  await unlock();
  await (await takeLock(file))();
});
