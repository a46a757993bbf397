/** Opens regular files only, without ever waiting: a FIFO, a socket or a device that lies where a file should be is an error with its name. */
import { chmodSync, closeSync, constants, fchmodSync, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

type Kind = Pick<Stats, 'isFile' | 'isDirectory' | 'isFIFO' | 'isSocket' | 'isSymbolicLink'>;

/** What lies there, as a person says it. */
export function kindOf(entry: Kind): 'file' | 'folder' | 'FIFO' | 'socket' | 'symbolic link' | 'device' {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  if (entry.isFIFO()) return 'FIFO';
  if (entry.isSocket()) return 'socket';
  return entry.isSymbolicLink() ? 'symbolic link' : 'device';
}

/** `code` is the file system's: EISDIR, or EFTYPE for all that is neither file nor folder. */
export class OddFileError extends Error {
  readonly code: 'EISDIR' | 'EFTYPE';
  readonly path: string;
  /** "it is a FIFO and no file". */
  readonly what: string;
  constructor(path: string, kind: ReturnType<typeof kindOf>) {
    super(`${path} is a ${kind} and no file`);
    this.what = `it is a ${kind} and no file`;
    this.name = 'OddFileError';
    this.code = kind === 'folder' ? 'EISDIR' : 'EFTYPE';
    this.path = path;
  }
}

// Absent on Windows, which has no FIFOs in folders.
const { O_RDONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0 } = constants;
const NO_WAIT = O_RDONLY | O_NONBLOCK;

/** Opens it for reading. `follow`: a symbolic link to a file is one too. Rejects with OddFileError or the file system's error. */
async function openRegular(path: string, { follow = false } = {}): Promise<FileHandle> {
  const handle = await open(path, follow ? NO_WAIT : NO_WAIT | O_NOFOLLOW);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new OddFileError(path, kindOf(stats));
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The whole of it, or its first `most` octets and one more where it is longer. Rejects as `openRegular` does. */
export async function readRegular(path: string, options: { follow?: boolean; most?: number } = {}): Promise<Buffer> {
  const { follow = false, most = Number.POSITIVE_INFINITY } = options;
  const handle = await openRegular(path, { follow });
  try {
    const { size } = await handle.stat();
    if (size <= most) return await handle.readFile();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(most + 1), 0, most + 1, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Longer than the first line of any file that was ever written here. */
export const FIRST_LINE_BOUND = 16 * 1024 * 1024;
const FIRST_LINE_USUAL = 4096;

/** A file that is one line, then octets. */
export interface Headed {
  /** Without its LF; null where there is none. */
  readonly line: Buffer | null;
  /** Octets that follow the line. */
  readonly rest: number;
}

/**
 * Opens a regular file at once: a trip to the thread pool for each of many files costs ten times as much as the reading. Makes it
 * private (0600), also where that keeps us from reading it. Throws as `openRegular` rejects.
 */
function atOnce<T>(path: string, use: (file: number, size: number) => T): T {
  const file = openOurs(path);
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) throw new OddFileError(path, kindOf(stats));
    if ((stats.mode & 0o77) !== 0) fchmodSync(file, 0o600);
    return use(file, stats.size);
  } finally {
    closeSync(file);
  }
}

function openOurs(path: string): number {
  try {
    return openSync(path, NO_WAIT | O_NOFOLLOW);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EACCES')) throw error;
    chmodSync(path, 0o600);
    return openSync(path, NO_WAIT | O_NOFOLLOW);
  }
}

function start(file: number, octets: number): Buffer {
  const buffer = Buffer.allocUnsafe(octets);
  return buffer.subarray(0, readSync(file, buffer, 0, octets, 0));
}

/** The first line of a file, and how much follows. */
export const readHead = (path: string): Headed =>
  atOnce(path, (file, size) => {
    for (const bound of [FIRST_LINE_USUAL, FIRST_LINE_BOUND]) {
      const read = start(file, Math.min(bound, size));
      const end = read.indexOf('\n');
      if (end !== -1) return { line: read.subarray(0, end), rest: size - end - 1 };
      if (read.length < bound) break;
    }
    return { line: null, rest: size };
  });

/** The text of a file that is one line and no more; null where it is longer than any. */
export const readLine = (path: string): string | null =>
  atOnce(path, (file, size) => (size > FIRST_LINE_BOUND ? null : start(file, size).toString('utf8')));

/** Nothing that is written here nests deeper by far; what reads or compares a value calls itself at each level. */
const DEEPEST = 64;

/** Whether the brackets of a JSON text, right or wrong, open deeper than any of ours. */
export function nestsTooDeep(text: string): boolean {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (quoted && sign === '\\') at += 1;
    else if (sign === '"') quoted = !quoted;
    else if (!quoted && (sign === '[' || sign === '{')) depth += 1;
    else if (!quoted && (sign === ']' || sign === '}')) depth -= 1;
    if (depth > DEEPEST) return true;
  }
  return false;
}

/** The JSON of a text that may be anything; null where it is none, or nests too deep. */
export function jsonIn(text: string): unknown {
  if (nestsTooDeep(text)) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
