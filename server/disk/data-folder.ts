/** The folder that a room keeps its things in, locked against a second process. */
import { lstat, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { HostId } from '../../shared/world/world.ts';
import { acquireLock, LockedError } from './lock.ts';
import { makePrivate } from './private.ts';
import { kindOf } from './regular-file.ts';

/**
 * What lies where:
 *
 *     lock                      the process that uses the folder
 *     current.trace.ndjson      the trace that grows
 *     world.json                the world as it was edited last, and the one it was made from
 *     traces/                   finished traces, the oldest go where they take too much room
 *     mail/ADDRESS/             Maildir of a mailbox, as POP3 serves it; `.mailscope-index` in it is a cache
 *     queue/HOST/               letters that HOST has yet to deliver
 *     clients/ADDRESS/          Maildir of what a person's mail client has fetched; .outbox/ in it holds what it has not got rid of
 *     world.DIGEST.json         edits of another world than the one given last
 *     *.unreadable              what could not be read and was put aside
 *
 * Only its owner may look into it: folders are 0700, files 0600.
 */
export interface DataFolder {
  readonly path: string;
  /** Where the trace is kept; null where nothing is to outlive the room. */
  readonly trace: string | null;
  /** Where edits of the world are kept; null where nothing is to outlive the room. */
  readonly world: string | null;
  mailbox(address: string): string;
  client(address: string): string;
  queue(host: HostId): string;
  /** What a path in the folder is called from there: "queue/smtp.blue.example/7F3A.letter". */
  nameOf(path: string): string;
  /** Gives the lock back; removes the folder if it was only borrowed. */
  close(): Promise<void>;
}

/** The folder is the outside's: somebody else uses it, or it cannot be written. The message is one sentence. */
export class DataFolderError extends Error {
  readonly code: 'data-in-use' | 'data-unwritable';
  constructor(code: DataFolderError['code'], message: string) {
    super(message);
    this.name = 'DataFolderError';
    this.code = code;
  }
}

const systemCode = (error: unknown): string | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
const codeOf = (error: unknown): string => systemCode(error) ?? 'unknown';

/** The first thing on the way to `path` that is no folder though it should be, as "mail is a FIFO where a folder should be". */
async function hindrance(root: string, path: string): Promise<string> {
  const itself = await stat(root).catch(() => null);
  if (itself?.isDirectory() === false) return ` is a ${kindOf(itself)} and no folder, and it`;
  // What is written on the way to the lock has names that nobody knows.
  const way = relative(root, path).replace(/^lock\..*$/, 'lock');
  if (way === '' || way.startsWith('..') || isAbsolute(way)) return '';
  const steps = way.split(sep);
  for (let depth = 1; depth <= steps.length; depth += 1) {
    const name = steps.slice(0, depth).join('/');
    const stats = await stat(join(root, name)).catch(() => lstat(join(root, name)).catch(() => null));
    if (stats === null) return `: ${name}`;
    if (stats.isDirectory() && (depth < steps.length || FOLDERS.test(name))) continue;
    const kind = kindOf(stats);
    if (depth < steps.length || FOLDERS.test(name)) return `: ${name} is a ${kind} where a folder should be, and it`;
    return kind === 'file' ? `: ${name}` : `: ${name} is a ${kind} where a file should be, and it`;
  }
  return `: ${way}`;
}
const FOLDERS = /^(?:mail|clients|queue|traces)(?:\/[^/]+)?$|^(?:mail|clients)\/[^/]+\/(?:new|cur|tmp|\.outbox)$/;

async function unwritable(path: string, error: unknown): Promise<DataFolderError> {
  const at = error instanceof Error && 'path' in error && typeof error.path === 'string' ? error.path : path;
  return new DataFolderError(
    'data-unwritable',
    `The data folder ${path}${await hindrance(path, at)} cannot be written (${codeOf(error)}); choose another with --data.`,
  );
}

/** What is opened in the folder: the file system's refusal rejects with DataFolderError, a mistake of ours as it is. */
export async function openIn<T>(folder: DataFolder, opening: Promise<T>): Promise<T> {
  try {
    return await opening;
  } catch (error) {
    throw systemCode(error) === null ? error : await unwritable(folder.path, error);
  }
}

/** Step by step, because `recursive` never ends where a file system has no room for folders, such as /proc (Node 20). */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await mkdir(path, { mode: 0o700 });
  }
}

async function lock(folder: string): Promise<() => Promise<void>> {
  try {
    return await acquireLock(join(folder, 'lock'));
  } catch (error) {
    if (!(error instanceof LockedError)) throw error;
    throw new DataFolderError(
      'data-in-use',
      `The data folder ${folder} is used by another mailscope (process ${error.pid}); stop it or choose another with --data.`,
    );
  }
}

const layout = (path: string): Pick<DataFolder, 'mailbox' | 'client' | 'queue'> => {
  const safe = (name: string) => encodeURIComponent(name.toLowerCase()).replaceAll('%40', '@');
  return {
    mailbox: address => join(path, 'mail', safe(address)),
    client: address => join(path, 'clients', safe(address)),
    queue: host => join(path, 'queue', safe(host)),
  };
};

/** Opens the folder at `place`, or borrows a private one where that is null. Rejects with DataFolderError. */
export async function openDataFolder(place: string | null): Promise<DataFolder> {
  if (place === null) {
    const path = await mkdtemp(join(tmpdir(), 'mailscope-'));
    return {
      path,
      trace: null,
      world: null,
      ...layout(path),
      nameOf: file => relative(path, file),
      close: () => rm(path, { recursive: true, force: true }),
    };
  }
  const path = resolve(place);
  let unlock: () => Promise<void>;
  try {
    await makeFolder(path);
    unlock = await lock(path);
    await makePrivate(path);
  } catch (error) {
    if (error instanceof DataFolderError) throw error;
    throw await unwritable(path, error);
  }
  return {
    path,
    trace: join(path, 'current.trace.ndjson'),
    world: join(path, 'world.json'),
    ...layout(path),
    nameOf: file => relative(path, file),
    close: unlock,
  };
}
