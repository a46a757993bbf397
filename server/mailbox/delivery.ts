/** How a message gets into a Maildir: written whole in `tmp`, and then durable in `new`. */
import { readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory, unlinked, unlinkIfPossible, writeDurably } from '../disk/durable.ts';
import { privateFolder } from '../disk/folder.ts';
import { eachConcurrently } from './iterate.ts';
import { uniqueName } from './names.ts';

/** A message that is durable in `new`, and that readers in this process do not see yet. */
export interface PlacedMessage {
  readonly file: string;
  show(): void;
  /** Removes it again. Rejects with the file system's error. */
  takeBack(): Promise<void>;
}

/** A Maildir that is only delivered to. */
export interface Inbox {
  readonly directory: string;
  /** Resolves with the unique name once the message is durable in `new`; rejects with the file system's error and keeps nothing. */
  deliver(message: Buffer): Promise<string>;
}

/** Is told what becomes of a message. */
export interface Ledger {
  /** From its first octet on. */
  begun(file: string, message: Buffer): void;
  /** `mtimeMs` of the file. */
  written(file: string, message: Buffer, mtimeMs: number): void;
  shown(file: string): void;
  /** It could not be stored, or was taken back. */
  undone(file: string): void;
}

export interface Delivery {
  readonly folder: { readonly tmp: string; readonly new: string; readonly cur: string };
  /** Rejects with the file system's error and keeps nothing. */
  place(message: Buffer, ledger: Ledger): Promise<PlacedMessage>;
}

const STALE = 36 * 3600 * 1000;
const AT_ONCE = 8;

/** What a delivery that never ended left behind; nothing else is ever older than a day and a half in there (maildir(5)). */
async function sweep(tmp: string): Promise<void> {
  const files = (await readdir(tmp, { withFileTypes: true })).filter(entry => entry.isFile());
  await eachConcurrently(files, AT_ONCE, async ({ name }) => {
    const path = join(tmp, name);
    if (Date.now() - (await stat(path)).mtimeMs > STALE) await unlinked(path);
  });
}

/** Makes the folders where there are none. `host` goes into the names of delivered files. Rejects with the file system's error. */
export async function openDelivery(directory: string, host: string): Promise<Delivery> {
  const folder = { tmp: join(directory, 'tmp'), new: join(directory, 'new'), cur: join(directory, 'cur') };
  for (const path of [directory, ...Object.values(folder)]) await privateFolder(path);
  await sweep(folder.tmp);
  return {
    folder,
    async place(message, ledger) {
      const file = uniqueName(host);
      const tmp = join(folder.tmp, file);
      const path = join(folder.new, file);
      ledger.begun(file, message);
      try {
        await writeDurably(tmp, message);
        const { mtimeMs } = await stat(tmp);
        await rename(tmp, path);
        await syncDirectory(folder.new);
        ledger.written(file, message, mtimeMs);
      } catch (error) {
        // Whoever brought it keeps it and tries again: what may be half here must not become a second copy.
        await unlinkIfPossible(tmp);
        await unlinkIfPossible(path);
        ledger.undone(file);
        throw error;
      }
      return {
        file,
        show: () => ledger.shown(file),
        async takeBack() {
          await unlinked(path);
          ledger.undone(file);
        },
      };
    },
  };
}

const NOBODY: Ledger = {
  begun: () => undefined,
  written: () => undefined,
  shown: () => undefined,
  undone: () => undefined,
};

/** A Maildir that nobody reads or counts here, at no cost however much lies in it. Rejects as `openDelivery` does. */
export async function openInbox(directory: string, host: string): Promise<Inbox> {
  const { place } = await openDelivery(directory, host);
  return { directory, deliver: async message => (await place(message, NOBODY)).file };
}
