/** A mail client's memory of what it has already fetched: the unique ids of messages that may still be on the server. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError, replaceFile } from '../disk/durable.ts';
import { putFileAside, type Report, whyUnread } from '../disk/put-aside.ts';
import { readRegular } from '../disk/regular-file.ts';

export interface KnownIds {
  /** Grows and shrinks as what is below says. */
  readonly ids: ReadonlySet<string>;
  /** Durable when it resolves, so that a message is not fetched twice after a crash. */
  add(uidl: string): Promise<void>;
  /** The server has let go of these. Never rejects: an id that stays in the file does no harm (RFC 1939 §7). */
  forget(uidls: readonly string[]): Promise<void>;
}

/** Keeps them in a file of the Maildir's folder, where other mail programs do not look. Rejects with the file system's error. */
export async function openKnownIds(directory: string, report: Report): Promise<KnownIds> {
  const path = join(directory, 'pop3-known-ids');
  const text = await written(path, report);
  const ids = new Set<string>(text.split('\n').filter(line => line !== ''));
  // A line that a crash has torn must not swallow the next one.
  let before = text === '' || text.endsWith('\n') ? '' : '\n';
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
          await file.writeFile(`${before}${uidl}\n`);
          await file.sync();
          before = '';
        } finally {
          await file.close();
        }
      });
    },
    async forget(uidls) {
      const gone = uidls.filter(uidl => ids.delete(uidl));
      if (gone.length === 0) return;
      await inTurn(async () => {
        await replaceFile(path, [Buffer.from([...ids].map(uidl => `${uidl}\n`).join(''), 'latin1')], false);
        before = '';
      }).catch((error: unknown) => {
        // A disk that refuses only makes the file longer than it need be.
        if (!isSystemError(error)) throw error;
      });
    },
  };
}

/** What cannot be read is put aside: then what is on the server is fetched a second time, and nothing is missed. */
async function written(path: string, report: Report): Promise<string> {
  try {
    return (await readRegular(path)).toString('latin1');
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (error.code !== 'ENOENT') await putFileAside(path, whyUnread(error), report);
    return '';
  }
}
