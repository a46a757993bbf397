/**
 * The queue on disk. `<id>.letter`: one line of JSON, then the message; written once, durable before it has its name.
 * `<id>.state`: what has become of it so far; absent until an attempt left something over. `*.tmp` is rubbish of a crash,
 * `*.unreadable` is what could not be understood and was put aside.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as z from 'zod/mini';
import { recordedMessageId } from '../../shared/trace/event.ts';
import { replaceFile, unlinkIfPossible } from '../disk/durable.ts';
import { filesIn, privateFolder } from '../disk/folder.ts';
import { putFileAside, type Report, whyUnread } from '../disk/put-aside.ts';
import { FIRST_LINE_BOUND, type Headed, jsonIn, readHead, readLine, readRegular } from '../disk/regular-file.ts';
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
  /** Rejects with DamagedLetter or the file system's error. */
  read(id: string): Promise<Buffer>;
  /** `durably`: it must also survive a power cut. */
  saveProgress(id: string, progress: Progress, durably: boolean): Promise<void>;
  /** A damaged letter is put aside instead. */
  remove(id: string): Promise<void>;
}

/** The envelope is known, and the message is not what was written. `code` is there because the disk is to blame. */
export class DamagedLetter extends Error {
  readonly code = 'damaged';
  /** What there is of the message. */
  readonly rest: Buffer;
  constructor(rest: Buffer, reason: string) {
    super(reason);
    this.name = 'DamagedLetter';
    this.rest = rest;
  }
}

export interface Recovered {
  readonly letter: SpooledLetter;
  readonly progress: Progress | null;
  /** Only the envelope can be trusted: its sender is to be told. */
  readonly damaged: boolean;
}

const ID = /^[0-9A-Z]{1,32}$/;
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

/** What is enough for telling the sender, whatever else has happened to the line. */
const envelopeAlone = z.object({
  envelope: z.object({ reversePath: z.string(), recipients: z.array(z.string()).check(z.minLength(1)) }),
  messageId: z.catch(z.string(), ''),
  arrivedAt: z.catch(z.number(), 0),
});

/** What was to be written beside the letter is more than would be read back. */
export class EntryTooLarge extends Error {
  readonly code = 'entry-too-large';
  constructor() {
    super(`the envelope is larger than a queue entry may be, ${FIRST_LINE_BOUND} octets`);
    this.name = 'EntryTooLarge';
  }
}

/** What a file is worth: all of a letter, its envelope, or nothing, and then why. */
function understood(id: string, { line, rest }: Headed): Omit<Recovered, 'progress'> | string {
  if (line === null) return 'it is not all of a letter';
  const value = jsonIn(line.toString('utf8'));
  const read = letterSchema.safeParse(value);
  if (read.success) {
    if (read.data.id !== id) return `it is a copy of ${read.data.id}`;
    // Earlier versions wrote any.
    const messageId = recordedMessageId(read.data.messageId);
    return { letter: { ...read.data, messageId }, damaged: rest !== read.data.octets };
  }
  const some = ID.test(id) ? envelopeAlone.safeParse(value) : null;
  if (!some?.success) return 'its envelope cannot be read';
  const { envelope, messageId, arrivedAt } = some.data;
  const letter = { id, envelope, messageId: recordedMessageId(messageId), arrivedAt, octets: rest };
  return { letter, damaged: true };
}

/** Opens the directory, which is made where missing, sweeps it, and gives what an earlier process left. Rejects where it cannot be used. */
export async function openSpool(
  directory: string,
  report: Report,
): Promise<{ spool: Spool; recovered: readonly Recovered[] }> {
  await privateFolder(directory);
  const letterFile = (id: string): string => join(directory, `${id}.letter`);
  const stateFile = (id: string): string => join(directory, `${id}.state`);
  const damaged = new Set<string>();

  /** `read` of one file; null where it was put aside. */
  const reading = async <T>(path: string, read: () => T | string): Promise<T | null> => {
    let result: T | string;
    try {
      result = read();
    } catch (error) {
      result = whyUnread(error);
    }
    if (typeof result !== 'string') return result;
    await putFileAside(path, result, report);
    return null;
  };

  const readProgress = (id: string): Promise<Progress | null> =>
    reading(stateFile(id), () => {
      const read = progressSchema.safeParse(jsonIn(readLine(stateFile(id)) ?? ''));
      return read.success ? read.data : 'it does not say what has become of the letter';
    });

  const recovered: Recovered[] = [];
  const names = new Set(await filesIn(directory, report));
  const recover = async (name: string): Promise<void> => {
    const path = join(directory, name);
    const id = name.replace(/\.(?:letter|state)$/, '');
    if (name.endsWith('.tmp')) await unlinkIfPossible(path);
    else if (name.endsWith('.letter')) {
      const found = await reading(path, () => understood(id, readHead(path)));
      if (found === null) return;
      if (found.damaged) damaged.add(id);
      recovered.push({ ...found, progress: names.has(`${id}.state`) ? await readProgress(id) : null });
    } else if (name.endsWith('.state') && !names.has(`${id}.letter`)) {
      // The letter went first when it was done with.
      await unlinkIfPossible(path);
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
    async write(letter, message) {
      if (!ID.test(letter.id)) throw new Error(`not a queue id: ${letter.id}`);
      const first = Buffer.from(`${JSON.stringify({ ...letter, octets: message.length })}\n`);
      if (first.length > FIRST_LINE_BOUND) throw new EntryTooLarge();
      try {
        await replaceFile(letterFile(letter.id), [first, message]);
      } catch (error) {
        // Whoever brought it keeps it and tries again: what has its name already must not become a second copy.
        await unlinkIfPossible(letterFile(letter.id));
        throw error;
      }
    },
    async read(id) {
      const whole = await readRegular(letterFile(id));
      const end = whole.indexOf('\n');
      const message = whole.subarray(end + 1);
      const line = end === -1 ? null : whole.subarray(0, end);
      const found = understood(id, { line, rest: message.length });
      if (typeof found !== 'string' && !found.damaged && !damaged.has(id)) return message;
      damaged.add(id);
      throw new DamagedLetter(message, `${id}.letter is not as it was written`);
    },
    saveProgress: (id, progress, durably) =>
      replaceFile(stateFile(id), [Buffer.from(JSON.stringify(progress))], durably),
    async remove(id) {
      // Not synced: what a power cut brings back is delivered twice, never lost (RFC 5321 §6.1 asks no more).
      if (damaged.delete(id))
        await putFileAside(letterFile(id), 'it is damaged; whoever wants to be told of failures has been told', report);
      else await rm(letterFile(id), { force: true });
      await rm(stateFile(id), { force: true });
    },
  };
  return { spool, recovered };
}
