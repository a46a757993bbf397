/** Files that outlive a power cut: written whole and synced before they have their name, in a directory that is synced too. */
import { open, unlink } from 'node:fs/promises';

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

/** Makes a file of these parts; rejects where there is one of that name. */
export async function writeDurably(path: string, ...parts: readonly Buffer[]): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    for (const part of parts) await handle.writeFile(part);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

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
