/** Files that outlive a power cut: written whole and synced before they have their name, in a directory that is synced too. */
import { open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

/** True for what the file system is to blame for; anything else is a mistake of ours. */
export const isSystemError = (error: unknown): error is Error & { readonly code: string } =>
  error instanceof Error && 'code' in error && typeof error.code === 'string';

/** A new directory entry, or one gone, is durable only when the directory itself is (RFC 5321 §6.1). */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function write(path: string, parts: readonly Buffer[], durably: boolean): Promise<void> {
  // Never an older file of that name: it could be a FIFO, which nobody reads.
  const handle = await open(path, 'wx', 0o600);
  try {
    for (const part of parts) await handle.writeFile(part);
    if (durably) await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a file of these parts; rejects where there is one of that name. */
export const writeDurably = (path: string, ...parts: readonly Buffer[]): Promise<void> => write(path, parts, true);

/** Deletes a file; false where there was none. */
export async function unlinked(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if (!isSystemError(error) || error.code !== 'ENOENT') throw error;
    return false;
  }
}

/** Removes a half-written file; false also where that fails, since the first failure is reported already. */
export const unlinkIfPossible = (path: string): Promise<boolean> => unlinked(path).catch(() => false);

/**
 * Puts a file of these parts in the place of `file`, by way of `<file>.tmp`. `durably`: it must also survive a power cut.
 * Rejects with the file system's error; `file` is then the old one or, where only the directory could not be synced, the new one.
 */
export async function replaceFile(file: string, parts: readonly Buffer[], durably = true): Promise<void> {
  const temporary = `${file}.tmp`;
  try {
    await unlinked(temporary);
    await write(temporary, parts, durably);
    await rename(temporary, file);
    if (durably) await syncDirectory(dirname(file));
  } catch (error) {
    await unlinkIfPossible(temporary);
    throw error;
  }
}
