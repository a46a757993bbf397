/** A mail client's memory of what it has already fetched: the unique ids of messages that may still be on the server. */
import { open, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from '../disk/durable.ts';

export interface KnownIds {
  /** Grows and shrinks as what is below says. */
  readonly ids: ReadonlySet<string>;
  /** Durable when it resolves, so that a message is not fetched twice after a crash. */
  add(uidl: string): Promise<void>;
  /** The server has let go of these. Never rejects: an id that stays in the file does no harm (RFC 1939 §7). */
  forget(uidls: readonly string[]): Promise<void>;
}

/** Keeps them in a file of the Maildir's folder, where other mail programs do not look. Rejects with the file system's error. */
export async function openKnownIds(directory: string): Promise<KnownIds> {
  const path = join(directory, 'pop3-known-ids');
  const ids = new Set<string>(await written(path));
  // Two sessions of one user may have something to write at once.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const turn = last.then(work, work);
    last = turn.catch(() => undefined);
    return turn;
  };
  return {
    ids,
    add(uidl) {
      ids.add(uidl);
      return inTurn(async () => {
        const file = await open(path, 'a', 0o600);
        try {
          await file.writeFile(`${uidl}\n`);
          await file.sync();
        } finally {
          await file.close();
        }
      });
    },
    async forget(uidls) {
      const gone = uidls.filter(uidl => ids.delete(uidl));
      if (gone.length === 0) return;
      await inTurn(async () => {
        await writeFile(`${path}.tmp`, [...ids].map(uidl => `${uidl}\n`).join(''), { mode: 0o600 });
        await rename(`${path}.tmp`, path);
      }).catch((error: unknown) => {
        // A disk that refuses only makes the file longer than it need be.
        if (!isSystemError(error)) throw error;
      });
    },
  };
}

async function written(path: string): Promise<string[]> {
  try {
    return (await readFile(path, 'latin1')).split('\n').filter(line => line !== '');
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return [];
    throw error;
  }
}
