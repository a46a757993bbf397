/** Keeps a second mailscope out of a folder: a file that names its process beyond doubt, taken over from the dead by one only. */
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { constants, copyFile, link, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { isSystemError, unlinked, unlinkIfPossible } from './durable.ts';
import { readRegular } from './regular-file.ts';

/**
 * The file is four lines: process id; boot id of the machine, or `-`; start of the process, or `-`; a number used once.
 * A process id alone may by now be that of somebody else. Files of earlier versions have only the first line.
 */
interface Holder {
  readonly pid: number;
  readonly boot: string | null;
  readonly started: string | null;
}

/** Another process that lives has the folder. */
export class LockedError extends Error {
  readonly pid: number;
  constructor(pid: number) {
    super(`locked by process ${pid}`);
    this.name = 'LockedError';
    this.pid = pid;
  }
}

/** Of a lock file; more is none of ours. Octets. */
const LONGEST = 1024;
/** Takers that died while they took over from the dead. */
const DEEPEST = 8;

const run = promisify(execFile);
const read = (path: string): Promise<string | null> => readFile(path, 'utf8').catch(() => null);
const ask = (column: 'lstart' | 'command', pid: number): Promise<string | null> =>
  process.platform === 'win32'
    ? Promise.resolve(null)
    : run('ps', ['-o', `${column}=`, '-p', `${pid}`], { timeout: 5000, env: { LC_ALL: 'C' } }).then(
        ({ stdout }) => stdout.trim() || null,
        () => null,
      );

const bootId = async (): Promise<string | null> =>
  (await read('/proc/sys/kernel/random/boot_id'))?.trim().slice(0, 64) ?? null;

/** When the process began, in whatever words the system has for it, or that it has ended and waits to be reaped; null where it does not say. */
async function startOf(pid: number): Promise<string | null> {
  const stat = await read(`/proc/${pid}/stat`);
  // proc(5): fields 3 and 22, state and clock ticks since boot; the second field may hold blanks and brackets.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields === undefined) return ask('lstart', pid);
  return /^[ZX]/.test(fields[0] ?? '') ? 'ended' : (fields[19] ?? null);
}

const commandOf = async (pid: number): Promise<string | null> =>
  (await read(`/proc/${pid}/cmdline`)) ?? ask('command', pid);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    return isSystemError(error) && error.code === 'EPERM';
  }
}

function holderIn(text: string): Holder | null {
  const [first = '', boot = '-', started = '-'] = text.split('\n').map(line => line.trim());
  const pid = /^\d{1,10}$/.test(first) ? Number(first) : 0;
  const known = (word: string): string | null => (word === '-' || word === '' ? null : word);
  return pid > 0 ? { pid, boot: known(boot), started: known(started) } : null;
}

/** False where the process that wrote the lock has certainly ended. */
async function lives({ pid, boot, started }: Holder): Promise<boolean> {
  // A lock of ours that this process knows of is never asked about.
  if (pid === process.pid || !isAlive(pid)) return false;
  if (boot !== null && boot !== ((await bootId()) ?? boot)) return false;
  if (started !== null) return started === ((await startOf(pid)) ?? started);
  return /mailscope/i.test((await commandOf(pid)) ?? 'mailscope');
}

/** Makes a file of this content all at once; false where there is one. */
async function claim(file: string, mine: string): Promise<boolean> {
  try {
    await link(mine, file);
    return true;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (error.code === 'EEXIST') return false;
    // A file system without hard links.
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(error.code)) throw error;
  }
  try {
    await copyFile(mine, file, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if (isSystemError(error) && error.code === 'EEXIST') return false;
    throw error;
  }
}

const contentOf = async (file: string): Promise<string | null> => {
  try {
    return (await readRegular(file, { most: LONGEST })).toString('latin1');
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return null;
    throw error;
  }
};

/**
 * Gives `file` the content of `mine`. From a dead holder it is taken over by whoever first holds the lock `<file>.<digest of what
 * the dead one wrote>`: while that is held, nobody else takes over from this dead one. Whoever comes late finds another content.
 */
async function take(file: string, mine: string, depth: number): Promise<void> {
  for (;;) {
    if (await claim(file, mine)) return;
    const content = await contentOf(file);
    if (content === null) continue;
    const holder = holderIn(content);
    if (holder !== null && (depth === 0 || (await lives(holder)))) throw new LockedError(holder.pid);
    const turn = `${file}.${createHash('sha256').update(content).digest('hex').slice(0, 12)}`;
    await take(turn, mine, depth - 1);
    try {
      if ((await contentOf(file)) !== content) continue;
      const copy = `${mine}.${depth}`;
      if (!(await claim(copy, mine))) throw new Error(`${copy} is there already`);
      await rename(copy, file);
      return;
    } finally {
      await unlinkIfPossible(turn);
    }
  }
}

/** What takers left who died in the middle of it: nobody needs it while the lock is held. */
async function sweep(file: string): Promise<void> {
  for (const name of await readdir(dirname(file))) {
    const [, of, pid] = /^(.*)\.(?:[0-9a-f]{12}|(\d+)-[0-9a-f]{16}(?:\.\d)?)$/.exec(name) ?? [];
    if (of === basename(file) && (pid === undefined || !isAlive(Number(pid))))
      await unlinkIfPossible(join(dirname(file), name));
  }
}

/** Locks this process has, which its id alone cannot tell from a dead namesake's. */
const ours = new Set<string>();

/**
 * Locks; resolves with how to unlock. Of all processes that try at once one has it. Rejects with LockedError, OddFileError where
 * something else lies there, or the file system's error.
 */
export async function acquireLock(file: string): Promise<() => Promise<void>> {
  if (ours.has(file)) throw new LockedError(process.pid);
  ours.add(file);
  const nonce = randomBytes(8).toString('hex');
  const mine = `${file}.${process.pid}-${nonce}`;
  try {
    const [boot, started] = await Promise.all([bootId(), startOf(process.pid)]);
    await writeFile(mine, `${process.pid}\n${boot ?? '-'}\n${started ?? '-'}\n${nonce}\n`, { flag: 'wx', mode: 0o600 });
    await take(file, mine, DEEPEST);
    await sweep(file);
  } catch (error) {
    ours.delete(file);
    throw error;
  } finally {
    await unlinkIfPossible(mine);
  }
  return async () => {
    ours.delete(file);
    await unlinked(file);
  };
}
