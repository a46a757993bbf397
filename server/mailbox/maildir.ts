/** One mailbox on disk as a Maildir: a file a message, complete or not there at all, readable by any other mail program. */
import { crlfSize } from '../base/crlf.ts';
import { isSystemError } from '../disk/durable.ts';
import { readRegular } from '../disk/regular-file.ts';
import { takeCensus, takeFirstCensus } from './census.ts';
import { type Inbox, type Ledger, openDelivery, type PlacedMessage } from './delivery.ts';
import { indexFileIn } from './index-file.ts';
import { type Contents, Letters } from './letters.ts';
import { inOrderOfArrival, uidlOf } from './names.ts';
import { isGone, placesIn } from './places.ts';
import { type Removal, removeFiles } from './removal.ts';
import { eachInTurns } from './turns.ts';

/** A message as it lies in the mailbox. */
export interface StoredMessage {
  /** The unique name, without the flags another program may have added to it. */
  readonly file: string;
  /** Octets of its CRLF form, as POP3 counts (RFC 1939 §11). */
  readonly size: number;
  /** 1 to 70 characters 0x21–0x7E, the same for ever, never used again (RFC 1939 §7). */
  readonly uidl: string;
}

export interface Maildir extends Inbox {
  /** As `deliver`, but `list` does not know of the message until it is shown. */
  place(message: Buffer): Promise<PlacedMessage>;
  /** What is in `new` and `cur`, in order of arrival. Reads no letter whose lines were counted before and that is still the same file. */
  list(): Promise<readonly StoredMessage[]>;
  /** The octets as stored. Rejects with MessageGoneError where another program has taken the message away. */
  read(file: string): Promise<Buffer>;
  /** Durable when it resolves. False where the message was gone already. */
  remove(file: string): Promise<boolean>;
  /** Many at once, and each folder is synced once. Rejects only for a mistake of ours. */
  removeAll(files: readonly string[]): Promise<Removal>;
  /**
   * How full it is, at no cost: what is placed counts from its first octet on, shown or not. What other programs add, change or
   * take away is noticed at the next `list`.
   */
  octets(): Contents;
  /** The same for what is shown. */
  shown(): Contents;
  /** Leaves an index for the next time. Nothing may be asked afterwards. */
  close(): Promise<void>;
}

export class MessageGoneError extends Error {
  readonly code = 'message-gone';
  constructor(file: string) {
    super(`The message ${file} is no longer in the mailbox.`);
    this.name = 'MessageGoneError';
  }
}

/** True for what the file system, or another program in the mailbox, is to blame for; anything else is a mistake of ours. */
export const isMailboxError = isSystemError;

/** Letters from which on an index is worth its file. */
const INDEX_FROM = 256;
/** A longer one is not read a second time for its line ends alone when it is delivered. */
const COUNTED_AT_ONCE = 1024 * 1024;

/**
 * Opens the Maildir in `directory`, and makes it where there is none. `host` goes into the names of delivered files.
 * Rejects with the file system's error.
 */
export async function openMaildir(directory: string, host: string): Promise<Maildir> {
  const { place } = await openDelivery(directory, host);
  const index = indexFileIn(directory);
  const letters = new Letters();
  const places = placesIn(directory, letters);
  /** Letters that have come, gone or been counted since the index was written. */
  let unindexed = 0;
  let indexing: Promise<void> = Promise.resolve();

  const ledger: Ledger = {
    begun(file, { length }) {
      unindexed++;
      letters.hide(file, { length, mtimeMs: 0, size: null, place: 'new' });
    },
    written(file, message, mtimeMs) {
      const size = message.length > COUNTED_AT_ONCE ? null : crlfSize(message);
      letters.correct(file, { length: message.length, mtimeMs, size, place: 'new' });
    },
    shown: file => letters.show(file),
    undone: file => letters.remove(file),
  };

  function writeIndex(): Promise<void> {
    unindexed = 0;
    indexing = indexing.then(() => index.write(letters.entries()));
    return indexing;
  }

  /** An index that was wrong, or a file that was written anew unnoticed, is found out at the first reading. */
  function doubt(file: string, message: Buffer): void {
    const known = letters.get(file);
    if (known === undefined || known.size === null || message.length > COUNTED_AT_ONCE) return;
    if (known.size !== crlfSize(message)) letters.correct(file, { ...known, size: null });
  }

  async function removeAll(files: readonly string[]): Promise<Removal> {
    const removal = await removeFiles(directory, places, files);
    unindexed += removal.removed.length;
    for (const file of [...removal.removed, ...removal.gone]) letters.remove(file);
    return removal;
  }

  unindexed += await takeFirstCensus(letters, places, await index.read());

  return {
    directory,
    place: message => place(message, ledger),
    removeAll,
    octets: () => letters.contents(),
    shown: () => letters.shown(),
    async deliver(message) {
      const placed = await place(message, ledger);
      placed.show();
      return placed.file;
    },
    async list() {
      const { seen, counts } = await takeCensus(letters, places);
      unindexed += counts;
      // A few are counted again sooner than the whole of it is written.
      if (seen.size >= INDEX_FROM && unindexed > seen.size / 8) void writeIndex();
      const messages: StoredMessage[] = [];
      await eachInTurns(await inOrderOfArrival(seen.keys()), file => {
        const size = seen.get(file)?.size ?? null;
        if (size !== null) messages.push({ file, size, uidl: uidlOf(file) });
      });
      return messages;
    },
    async read(file) {
      let message = null as Buffer | null;
      await places.whereverTheyLie([file], async found => {
        for (const [name, at] of found) {
          try {
            message = await readRegular(places.pathOf(name, at));
          } catch (error) {
            if (!isGone(error)) throw error;
            return [file];
          }
        }
        return [];
      });
      if (message === null) throw new MessageGoneError(file);
      doubt(file, message);
      return message;
    },
    async remove(file) {
      const { removed, failed } = await removeAll([file]);
      for (const { error } of failed) throw error;
      return removed.length > 0;
    },
    async close() {
      if (unindexed > 0 && letters.contents().messages >= INDEX_FROM) await writeIndex();
      await indexing;
    },
  };
}
