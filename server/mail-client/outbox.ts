/**
 * The letters a mail client has not got rid of yet, on disk: `<id>.letter` is one line of JSON, then the message; written
 * before anybody is asked to take it, gone once it has been taken. `*.tmp` is rubbish of a crash, `*.unreadable` was put aside.
 */
import { join } from 'node:path';
import * as z from 'zod/mini';
import { replaceFile, unlinked, unlinkIfPossible } from '../disk/durable.ts';
import { filesIn, privateFolder } from '../disk/folder.ts';
import { putFileAside, type Report, whyUnread } from '../disk/put-aside.ts';
import { type Headed, jsonIn, readHead, readRegular } from '../disk/regular-file.ts';
import type { Envelope } from '../smtp/envelope.ts';

/** A letter as it was composed, for those who have not got it yet. */
export interface UnsentLetter {
  /** As `mail.composed` has it. */
  readonly id: string;
  readonly messageId: string;
  readonly subject: string;
  readonly envelope: Envelope;
  /** Milliseconds since 1970, of world time. */
  readonly composedAt: number;
  /** Of the message. */
  readonly octets: number;
}

export interface Outbox {
  /** In the order in which they were composed. */
  letters(): readonly UnsentLetter[];
  find(id: string): UnsentLetter | null;
  /** Durable when it resolves; replaces the letter of this id. Rejects with OutboxFull or the file system's error, and changes nothing then. */
  put(letter: Omit<UnsentLetter, 'octets'>, message: Buffer): Promise<void>;
  /** Rejects with the file system's error. */
  message(id: string): Promise<Buffer>;
  /** False where there was none. Rejects with the file system's error. */
  remove(id: string): Promise<boolean>;
}

/** There is no room for one more. */
export class OutboxFull extends Error {
  readonly code = 'outbox-full';
  constructor() {
    super('there is no room in the outbox for one more letter');
    this.name = 'OutboxFull';
  }
}

/** Octets of all letters together, each counted with the block of the disk that the smallest takes. */
const OUTBOX_LIMIT = 256 * 1024 * 1024;
const LEAST = 4096;
const NAME = /^([0-9a-f]{1,32})\.letter$/;

const notify = z.array(z.enum(['NEVER', 'SUCCESS', 'FAILURE', 'DELAY']));
const firstLine = z.object({
  messageId: z.string(),
  subject: z.string(),
  envelope: z.object({
    reversePath: z.string(),
    recipients: z.array(z.string()).check(z.minLength(1)),
    smtpUtf8: z.exactOptional(z.boolean()),
    body: z.exactOptional(z.literal('BINARYMIME')),
    ret: z.exactOptional(z.enum(['FULL', 'HDRS'])),
    envid: z.exactOptional(z.string()),
    dsn: z.exactOptional(
      z.record(z.string(), z.object({ notify: z.exactOptional(notify), orcpt: z.exactOptional(z.string()) })),
    ),
  }),
  composedAt: z.number(),
  octets: z.int().check(z.nonnegative()),
});

/** What the file is, or why it is no letter of ours, or not all of one. */
function understood(id: string, { line, rest }: Headed): UnsentLetter | string {
  const read = firstLine.safeParse(jsonIn(line?.toString('utf8') ?? ''));
  if (!read.success) return 'it is no letter';
  return read.data.octets === rest ? { id, ...read.data } : 'it is not all of a letter';
}

function readLetter(id: string, path: string): UnsentLetter | string {
  try {
    return understood(id, readHead(path));
  } catch (error) {
    return whyUnread(error);
  }
}

/** Opens the outbox in `directory`, which is made where it is missing. Rejects with the file system's error. */
export async function openOutbox(directory: string, report: Report): Promise<Outbox> {
  await privateFolder(directory);
  const pathOf = (id: string): string => join(directory, `${id}.letter`);
  const letters = new Map<string, UnsentLetter>();
  for (const name of [...(await filesIn(directory, report))].sort()) {
    const path = join(directory, name);
    const [, id] = NAME.exec(name) ?? [];
    if (name.endsWith('.tmp')) await unlinkIfPossible(path);
    if (id === undefined) continue;
    const letter = readLetter(id, path);
    if (typeof letter === 'string') await putFileAside(path, letter, report);
    else letters.set(id, letter);
  }
  const inOrder = (): UnsentLetter[] => [...letters.values()].sort((one, other) => one.composedAt - other.composedAt);

  return {
    letters: inOrder,
    find: id => letters.get(id) ?? null,
    async put({ id, ...facts }, message) {
      let octets = Math.max(LEAST, message.length);
      for (const each of letters.values()) if (each.id !== id) octets += Math.max(LEAST, each.octets);
      if (octets > OUTBOX_LIMIT) throw new OutboxFull();
      const letter = { ...facts, octets: message.length };
      const before = letters.get(id);
      // Before it is written, so that those who come at once are counted too.
      letters.set(id, { id, ...letter });
      try {
        await replaceFile(pathOf(id), [Buffer.from(`${JSON.stringify(letter)}\n`), message]);
      } catch (error) {
        if (before === undefined) {
          letters.delete(id);
          // It is told that it was not kept: it may not be sent again after a restart.
          await unlinkIfPossible(pathOf(id));
        } else letters.set(id, before);
        throw error;
      }
    },
    async message(id) {
      const file = await readRegular(pathOf(id));
      return file.subarray(file.indexOf('\n') + 1);
    },
    remove(id) {
      letters.delete(id);
      // Not synced: what a power cut brings back is there to be sent again, never lost.
      return unlinked(pathOf(id));
    },
  };
}
