/** A mail client's memory of what it has already fetched: the unique ids of messages that may still be on the server. */
import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface KnownIds {
  readonly ids: ReadonlySet<string>;
  /** Durable when it resolves, so that a message is not fetched twice after a crash. */
  add(uidl: string): Promise<void>;
  /** The server has let go of all of them. Never rejects: an id that stays in the file does no harm. */
  clear(): Promise<void>;
}

/** Keeps them in a file of the Maildir's folder, where other mail programs do not look. Rejects with the file system's error. */
export async function openKnownIds(directory: string): Promise<KnownIds> {
  const path = join(directory, 'pop3-known-ids');
  const ids = new Set<string>(await written(path));
  return {
    ids,
    async add(uidl) {
      ids.add(uidl);
      const file = await open(path, 'a', 0o600);
      try {
        await file.writeFile(`${uidl}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
    },
    async clear() {
      if (ids.size === 0) return;
      ids.clear();
      // A disk that refuses only makes the file longer than it need be.
      await writeFile(path, '', { mode: 0o600 }).catch(() => undefined);
    },
  };
}

async function written(path: string): Promise<string[]> {
  try {
    return (await readFile(path, 'latin1')).split('\n').filter(line => line !== '');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
