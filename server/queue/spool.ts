/**
 * The queue on disk. `<id>.letter`: one line of JSON, then the message; written once, durable before it has its name.
 * `<id>.state`: what has become of it so far; absent until an attempt left something over. `*.tmp` is rubbish of a crash,
 * `*.unreadable` is what could not be understood and was put aside.
 */
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as z from 'zod/mini';
import type { Envelope } from '../smtp/envelope.ts';
import type { RecipientReport } from './bounce.ts';

export interface SpooledLetter {
  readonly id: string;
  readonly envelope: Envelope;
  readonly messageId: string;
  /** Milliseconds since 1970. */
  readonly arrivedAt: number;
  /** Of the message. */
  readonly octets: number;
}

/** What is still to be done. Times in milliseconds since 1970. */
export interface Progress {
  readonly pending: readonly string[];
  readonly attempts: number;
  readonly nextAt: number;
  readonly lastReason: string;
  /** What the sender has yet to be told about recipients who are no longer pending. */
  readonly owed: readonly RecipientReport[];
  /** The sender was told, or wanted not to be told, that the letter is late. */
  readonly warned: boolean;
}

export interface Spool {
  /** Durable when it resolves: file synced, named, directory synced. */
  write(letter: Omit<SpooledLetter, 'octets'>, message: Buffer): Promise<void>;
  read(id: string): Promise<Buffer>;
  /** `durably`: it must also survive a power cut. */
  saveProgress(id: string, progress: Progress, durably: boolean): Promise<void>;
  remove(id: string): Promise<void>;
}

export interface Recovered {
  readonly letter: SpooledLetter;
  readonly progress: Progress | null;
}

const ID = /^[0-9A-Z]{1,32}$/;
/**
 * The one bound for writing and for reading: what is longer is not taken. 10,000 recipients (the most a world allows), each named
 * twice with 256 octets and once with an ORCPT of 500, need less.
 */
const FIRST_LINE_BOUND = 16 * 1_048_576;
/** What is read at first; a longer line is read again, whole. */
const FIRST_LINE_USUAL = 4096;
/** Files read in one turn of the event loop when the queue is opened: a trip to the thread pool costs ten times as much as the reading. */
const A_TURN = 100;

const dsnSchema = z.object({
  notify: z.exactOptional(z.array(z.enum(['NEVER', 'SUCCESS', 'FAILURE', 'DELAY']))),
  orcpt: z.exactOptional(z.string()),
});
const envelopeSchema = z.object({
  reversePath: z.string(),
  recipients: z.array(z.string()).check(z.minLength(1)),
  smtpUtf8: z.exactOptional(z.boolean()),
  body: z.exactOptional(z.literal('BINARYMIME')),
  ret: z.exactOptional(z.enum(['FULL', 'HDRS'])),
  envid: z.exactOptional(z.string()),
  dsn: z.exactOptional(z.record(z.string(), dsnSchema)),
});
const letterSchema = z.object({
  id: z.string().check(z.regex(ID)),
  envelope: envelopeSchema,
  messageId: z.string(),
  arrivedAt: z.number(),
  octets: z.int().check(z.nonnegative()),
});
const reportSchema = z.object({
  recipient: z.string(),
  action: z.enum(['failed', 'delayed', 'delivered', 'relayed', 'expanded']),
  status: z.string(),
  reason: z.string(),
  exchange: z.nullable(z.string()),
  reply: z.nullable(z.object({ code: z.number(), lines: z.array(z.string()) })),
  at: z.number(),
});
const progressSchema = z.object({
  pending: z.array(z.string()),
  attempts: z.int().check(z.nonnegative()),
  nextAt: z.number(),
  lastReason: z.string(),
  owed: z._default(z.array(reportSchema), []),
  warned: z._default(z.boolean(), false),
});

/** What was to be written beside the letter is more than would be read back. */
export class EntryTooLarge extends Error {
  readonly code = 'entry-too-large';
  constructor() {
    super(`the envelope is larger than a queue entry may be, ${FIRST_LINE_BOUND} octets`);
    this.name = 'EntryTooLarge';
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Opens the directory, which is made where missing, sweeps it, and gives what an earlier process left. Rejects where it cannot be used. */
export async function openSpool(directory: string): Promise<{ spool: Spool; recovered: readonly Recovered[] }> {
  await mkdir(directory, { recursive: true });
  const letterFile = (id: string): string => join(directory, `${id}.letter`);
  const stateFile = (id: string): string => join(directory, `${id}.state`);

  const putAside = (name: string): Promise<void> =>
    rename(join(directory, name), join(directory, `${name}.unreadable`));

  /** The directory entry itself must survive a power cut (RFC 5321 §6.1). */
  const syncDirectory = async (): Promise<void> => {
    const handle = await open(directory, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  };

  const replace = async (file: string, parts: readonly Buffer[], durably: boolean): Promise<void> => {
    const temporary = `${file}.tmp`;
    try {
      const handle = await open(temporary, 'w');
      try {
        for (const part of parts) await handle.writeFile(part);
        if (durably) await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(temporary, file);
      if (durably) await syncDirectory();
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  };

  const readProgress = async (id: string, names: ReadonlySet<string>): Promise<Progress | null> => {
    if (!names.has(`${id}.state`)) return null;
    const read = progressSchema.safeParse(parseJson(readFileSync(stateFile(id), 'utf8')));
    if (read.success) return read.data;
    await putAside(`${id}.state`);
    return null;
  };

  const recovered: Recovered[] = [];
  const names = new Set(await readdir(directory));
  const recover = async (name: string): Promise<void> => {
    if (name.endsWith('.tmp')) await rm(join(directory, name));
    else if (name.endsWith('.letter')) {
      const letter = readLetter(join(directory, name));
      if (letter && `${letter.id}.letter` === name) {
        recovered.push({ letter, progress: await readProgress(letter.id, names) });
      } else await putAside(name);
    } else if (name.endsWith('.state') && !names.has(`${name.slice(0, -'.state'.length)}.letter`)) {
      // The letter went first when it was done with.
      await rm(join(directory, name));
    }
  };
  let read = 0;
  for (const name of names) {
    await recover(name);
    read += 1;
    if (read % A_TURN === 0) await nextTurn();
  }
  recovered.sort(
    ({ letter: one }, { letter: other }) => one.arrivedAt - other.arrivedAt || (one.id < other.id ? -1 : 1),
  );

  const spool: Spool = {
    write(letter, message) {
      if (!ID.test(letter.id)) throw new Error(`not a queue id: ${letter.id}`);
      const first = Buffer.from(`${JSON.stringify({ ...letter, octets: message.length })}\n`);
      if (first.length > FIRST_LINE_BOUND) return Promise.reject(new EntryTooLarge());
      return replace(letterFile(letter.id), [first, message], true);
    },
    async read(id) {
      const whole = await readFile(letterFile(id));
      return whole.subarray(whole.indexOf('\n') + 1);
    },
    saveProgress: (id, progress, durably) => replace(stateFile(id), [Buffer.from(JSON.stringify(progress))], durably),
    async remove(id) {
      // Not synced: what a power cut brings back is delivered twice, never lost (RFC 5321 §6.1 asks no more).
      await rm(letterFile(id), { force: true });
      await rm(stateFile(id), { force: true });
    },
  };
  return { spool, recovered };
}

function readFirstLine(file: number): Buffer | null {
  for (const bound of [FIRST_LINE_USUAL, FIRST_LINE_BOUND]) {
    const buffer = Buffer.allocUnsafe(bound);
    const octets = readSync(file, buffer, 0, bound, 0);
    const end = buffer.subarray(0, octets).indexOf('\n');
    if (end !== -1) return buffer.subarray(0, end);
    if (octets < bound) return null;
  }
  return null;
}

/** Null where it is no letter of ours, or not all of one. */
function readLetter(path: string): SpooledLetter | null {
  const file = openSync(path, 'r');
  try {
    const stat = fstatSync(file);
    const line = stat.isFile() ? readFirstLine(file) : null;
    const read = line && letterSchema.safeParse(parseJson(line.toString('utf8')));
    if (!line || !read?.success) return null;
    return stat.size === line.length + 1 + read.data.octets ? read.data : null;
  } finally {
    closeSync(file);
  }
}
