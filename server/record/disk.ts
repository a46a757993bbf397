/** What the record asks of a file system, so that a test can put one in its place that fails. */
import * as system from 'node:fs/promises';

/** A file that is open for appending. Every call rejects as the file system does. */
export interface TraceHandle {
  appendFile(octets: Uint8Array): Promise<void>;
  truncate(length: number): Promise<void>;
  stat(): Promise<{ readonly size: number }>;
  close(): Promise<void>;
}

export interface TraceDisk {
  open(path: string, flags: 'a', mode: number): Promise<TraceHandle>;
  mkdir(path: string, options: { readonly recursive: true; readonly mode: number }): Promise<unknown>;
  readdir(path: string): Promise<readonly string[]>;
  stat(path: string): Promise<{ readonly size: number; readonly mtimeMs: number }>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string): Promise<void>;
}

export const realDisk: TraceDisk = {
  open: (path, flags, mode) => system.open(path, flags, mode),
  mkdir: (path, options) => system.mkdir(path, options),
  readdir: path => system.readdir(path),
  stat: path => system.stat(path),
  rename: (from, to) => system.rename(from, to),
  rm: path => system.rm(path),
};

/** The system's code, such as ENOSPC, or what else is known. */
export const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
};
