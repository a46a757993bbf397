/** The folder that a room keeps its things in, locked against a second process. */
import { mkdir, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { HostId } from '../../shared/world/world.ts';

/**
 * What lies where:
 *
 *     lock                      process id of the mailscope that uses the folder
 *     current.trace.ndjson      the trace that grows
 *     world.json                the world as it was edited last, and the one it was made from
 *     traces/                   finished traces, the newest 20
 *     mail/ADDRESS/             Maildir of a mailbox, as POP3 serves it; `.mailscope-index` in it is a cache
 *     queue/HOST/               letters that HOST has yet to deliver
 *     clients/ADDRESS/          Maildir of what a person's mail client has fetched
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

const unwritable = (path: string, error: unknown): DataFolderError =>
  new DataFolderError(
    'data-unwritable',
    `The data folder ${path} cannot be written (${codeOf(error)}); choose another with --data.`,
  );

/** What is opened in the folder: the file system's refusal rejects with DataFolderError, a mistake of ours as it is. */
export async function openIn<T>(folder: DataFolder, opening: Promise<T>): Promise<T> {
  try {
    return await opening;
  } catch (error) {
    throw systemCode(error) === null ? error : unwritable(folder.path, error);
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

/** Folders this process has locked, which a process id alone cannot tell from a dead namesake's. */
const ours = new Set<string>();

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    return codeOf(error) === 'EPERM';
  }
}

async function lock(folder: string): Promise<string> {
  const file = join(folder, 'lock');
  for (let attempt = 0; ; attempt += 1) {
    try {
      const handle = await open(file, 'wx', 0o600);
      await handle.writeFile(`${process.pid}\n`);
      await handle.close();
      ours.add(file);
      return file;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST' || attempt > 2) throw error;
    }
    const pid = Number((await readFile(file, 'utf8').catch(() => '')).trim());
    if (ours.has(file) || (pid !== process.pid && isAlive(pid)))
      throw new DataFolderError(
        'data-in-use',
        `The data folder ${folder} is used by another mailscope (process ${pid}); stop it or choose another with --data.`,
      );
    await rm(file, { force: true });
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
    return { path, trace: null, world: null, ...layout(path), close: () => rm(path, { recursive: true, force: true }) };
  }
  const path = resolve(place);
  let file: string;
  try {
    await makeFolder(path);
    file = await lock(path);
  } catch (error) {
    if (error instanceof DataFolderError) throw error;
    throw unwritable(path, error);
  }
  return {
    path,
    trace: join(path, 'current.trace.ndjson'),
    world: join(path, 'world.json'),
    ...layout(path),
    async close() {
      ours.delete(file);
      await rm(file, { force: true });
    },
  };
}
