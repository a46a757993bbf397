/** One mailbox on disk as a Maildir: a file a message, complete or not there at all, readable by any other mail program. */
import { createHash, randomBytes } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { readdir, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { crlfSize } from '../crlf.ts';
import { isSystemError, swept, syncDirectory, unlinked, writeDurably } from '../disk/durable.ts';
import { privateFolder } from '../disk/folder.ts';
import { readRegular } from '../disk/regular-file.ts';
import { type Contents, Tally } from './tally.ts';

/** A message as it lies in the mailbox. */
export interface StoredMessage {
  /** The unique name, without the flags another program may have added to it. */
  readonly file: string;
  /** Octets of its CRLF form, as POP3 counts (RFC 1939 §11). */
  readonly size: number;
  /** 1 to 70 characters 0x21–0x7E, the same for ever, never used again (RFC 1939 §7). */
  readonly uidl: string;
}

/** A message that is durable in `new`, and that readers in this process do not see yet. */
export interface PlacedMessage {
  readonly file: string;
  show(): void;
  /** Removes it again. Rejects with the file system's error. */
  takeBack(): Promise<void>;
}

export interface Maildir {
  readonly directory: string;
  /** Resolves with the unique name once the message is durable in `new`; rejects with the file system's error and keeps nothing. */
  deliver(message: Buffer): Promise<string>;
  /** The same, but `list` does not know of the message until it is shown. */
  place(message: Buffer): Promise<PlacedMessage>;
  /** What is in `new` and `cur`, in order of arrival. */
  list(): Promise<readonly StoredMessage[]>;
  /** The octets as stored. Rejects with MessageGoneError where another program has taken the message away. */
  read(file: string): Promise<Buffer>;
  /** Durable when it resolves. False where the message was gone already. */
  remove(file: string): Promise<boolean>;
  /**
   * How full it is, at no cost: what is placed counts from its first octet on, shown or not. What other programs add or take
   * away is noticed at the next `list`.
   */
  octets(): Contents;
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

const STALE = 36 * 3600 * 1000;
const UIDL_LENGTH = 70;

/** Time of the last delivery in microseconds: each is later than the one before, also when the clock is set back. */
let lastArrival = 0;
let deliveries = 0;

/** `seconds.M<microseconds>P<pid>Q<counter>R<random>.<host>`, as maildir(5) asks; `/` and `:` of the host escaped. */
function uniqueName(host: string): string {
  lastArrival = Math.max(lastArrival + 1, Date.now() * 1000);
  deliveries++;
  const seconds = Math.floor(lastArrival / 1_000_000);
  const micro = String(lastArrival % 1_000_000).padStart(6, '0');
  const place = host.replaceAll('/', '\\057').replaceAll(':', '\\072');
  return `${seconds}.M${micro}P${process.pid}Q${deliveries}R${randomBytes(6).toString('hex')}.${place}`;
}

/** Seconds, microseconds and counter of a unique name, as far as its maker wrote them. */
function arrival(file: string): readonly [number, number, number] {
  const [, seconds = '0', rest = ''] = /^(\d{1,15})\.([^.]*)/.exec(file) ?? [];
  const micro = /M(\d{1,6})/.exec(rest)?.[1] ?? '0';
  const counter = /Q(\d{1,15})/.exec(rest)?.[1] ?? '0';
  return [Number(seconds), Number(micro), Number(counter)];
}

function byArrival(left: string, right: string): number {
  const [seconds, micro, counter] = arrival(left);
  const [otherSeconds, otherMicro, otherCounter] = arrival(right);
  return (
    seconds - otherSeconds || micro - otherMicro || counter - otherCounter || (left < right ? -1 : left > right ? 1 : 0)
  );
}

/** The file name itself where POP3 can say it, else a digest of it: both last as long as the file does. */
const uidlOf = (file: string): string =>
  file.length <= UIDL_LENGTH && /^[\x21-\x7e]+$/.test(file)
    ? file
    : createHash('sha256').update(file, 'utf8').digest('hex');

/** What a delivery that never ended left behind; nothing else is ever older than a day and a half in there (maildir(5)). */
async function sweep(tmp: string): Promise<void> {
  for (const entry of await readdir(tmp, { withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(tmp, entry.name);
    if (Date.now() - (await stat(path)).mtimeMs > STALE) await unlinked(path);
  }
}

interface Counted {
  readonly mtimeMs: number;
  /** Octets of the file. */
  readonly length: number;
  /** Octets of its CRLF form. */
  readonly size: number;
}

const isMessage = (entry: Dirent): boolean => entry.isFile() && !entry.name.startsWith('.');
const uniquePart = (name: string): string => name.split(':', 1)[0] ?? name;

/**
 * Opens the Maildir in `directory`, and makes it where there is none. `host` goes into the names of delivered files.
 * Rejects with the file system's error.
 */
export async function openMaildir(directory: string, host: string): Promise<Maildir> {
  const folder = { tmp: join(directory, 'tmp'), new: join(directory, 'new'), cur: join(directory, 'cur') };
  await privateFolder(directory);
  for (const path of Object.values(folder)) await privateFolder(path);
  await sweep(folder.tmp);

  /** Counted octets by path, for as long as the file stays as it was then: mail programs may rewrite what they have read. */
  const counted = new Map<string, Counted>();
  const count = async (path: string): Promise<Counted> => {
    const { mtimeMs, size: length } = await stat(path);
    const before = counted.get(path);
    if (before?.mtimeMs === mtimeMs && before.length === length) return before;
    const now = { mtimeMs, length, size: crlfSize(await readRegular(path)) };
    counted.set(path, now);
    return now;
  };

  /** Unique name to path. `new` is read first: a message that moves to `cur` in between is seen twice, never missed. */
  async function scan(): Promise<Map<string, string>> {
    const paths = new Map<string, string>();
    for (const path of [folder.new, folder.cur]) {
      for (const entry of await readdir(path, { withFileTypes: true })) {
        const file = uniquePart(entry.name);
        if (isMessage(entry) && !hidden.has(file)) paths.set(file, join(path, entry.name));
      }
    }
    return paths;
  }

  /** Placed and not shown yet. */
  const hidden = new Set<string>();
  const tally = new Tally();

  function forget(file: string): void {
    hidden.delete(file);
    tally.remove(file);
  }

  async function place(message: Buffer): Promise<PlacedMessage> {
    const file = uniqueName(host);
    const tmp = join(folder.tmp, file);
    const path = join(folder.new, file);
    hidden.add(file);
    tally.add(file, message.length);
    try {
      await writeDurably(tmp, message);
      await rename(tmp, path);
      await syncDirectory(folder.new);
    } catch (error) {
      // Whoever brought it keeps it and tries again: what may be half here must not become a second copy.
      await swept(tmp);
      await swept(path);
      forget(file);
      throw error;
    }
    return {
      file,
      show: () => {
        hidden.delete(file);
        tally.changes++;
      },
      async takeBack() {
        await unlinked(path);
        forget(file);
      },
    };
  }

  /** Does `act` on the file where it lay `last`, looks for it afresh where another program has moved or flagged it; null where it is gone. */
  async function found<T>(file: string, act: (path: string) => Promise<T>, last?: string): Promise<T | null> {
    let path: string | undefined = last ?? join(folder.new, file);
    for (let attempt = 0; path !== undefined && attempt < 3; attempt++) {
      try {
        return await act(path);
      } catch (error) {
        if (!isMailboxError(error) || error.code !== 'ENOENT') throw error;
      }
      path = (await scan()).get(file);
    }
    return null;
  }

  for (const [file, path] of await scan()) {
    const length = await found(file, async at => (await stat(at)).size, path);
    if (length !== null) tally.add(file, length);
  }

  return {
    directory,
    place,
    octets: () => tally.contents(),
    async deliver(message) {
      const placed = await place(message);
      placed.show();
      return placed.file;
    },
    async list() {
      const { changes } = tally;
      const paths = await scan();
      const messages: StoredMessage[] = [];
      const lengths = new Map<string, number>();
      for (const file of [...paths.keys()].sort(byArrival)) {
        const seen = await found(file, count, paths.get(file));
        if (seen === null) continue;
        messages.push({ file, size: seen.size, uidl: uidlOf(file) });
        lengths.set(file, seen.length);
      }
      // Where something came or went meanwhile the tally knows better.
      if (tally.changes === changes) {
        tally.reset(file => hidden.has(file));
        for (const [file, length] of lengths) tally.add(file, length);
      }
      const present = new Set(paths.values());
      for (const path of counted.keys()) if (!present.has(path)) counted.delete(path);
      return messages;
    },
    async read(file) {
      const message = await found(file, readRegular);
      if (message === null) throw new MessageGoneError(file);
      return message;
    },
    async remove(file) {
      const removed = await found(file, async path => {
        await unlink(path);
        await syncDirectory(dirname(path));
        return true;
      });
      tally.remove(file);
      return removed ?? false;
    },
  };
}
