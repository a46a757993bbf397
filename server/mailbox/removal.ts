/** Removes messages from a Maildir for good: however many, each folder is synced once. */
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError, syncDirectory } from '../disk/durable.ts';
import { eachConcurrently } from './iterate.ts';
import type { Place } from './letters.ts';
import { isGone, type Places } from './places.ts';

const AT_ONCE = 8;

/** What became of messages that were to be removed: each is in one of the three, in the order asked for. */
export interface Removal {
  readonly removed: readonly string[];
  /** Another program had taken them away already. */
  readonly gone: readonly string[];
  /** The file system refused. */
  readonly failed: readonly { readonly file: string; readonly error: Error }[];
}

/** Rejects only for a mistake of ours. */
export async function removeFiles(directory: string, places: Places, files: readonly string[]): Promise<Removal> {
  /** The folder that each was in. */
  const removed = new Map<string, string>();
  const failed = new Map<string, Error>();
  const removeFound = async (found: ReadonlyMap<string, Place>): Promise<readonly string[]> => {
    const moved: string[] = [];
    await eachConcurrently([...found], AT_ONCE, async ([file, at]) => {
      try {
        await unlink(places.pathOf(file, at));
        removed.set(file, join(directory, at.slice(0, 3)));
      } catch (error) {
        if (isGone(error)) moved.push(file);
        else if (isSystemError(error)) failed.set(file, error);
        else throw error;
      }
    });
    return moved;
  };
  try {
    await places.whereverTheyLie(files, removeFound);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    // Whether the rest is gone or only moved cannot be found out.
    for (const file of files) if (!removed.has(file) && !failed.has(file)) failed.set(file, error);
  }
  for (const path of new Set(removed.values())) {
    try {
      await syncDirectory(path);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      // It is gone, and may be back after a power cut.
      for (const [file, lay] of removed) if (lay === path) failed.set(file, error);
    }
  }
  return {
    removed: files.filter(file => removed.has(file) && !failed.has(file)),
    gone: files.filter(file => !removed.has(file) && !failed.has(file)),
    failed: files.flatMap(file => {
      const error = failed.get(file);
      return error === undefined ? [] : [{ file, error }];
    }),
  };
}
