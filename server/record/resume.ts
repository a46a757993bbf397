/** Takes the trace up again that an earlier process left, a piece at a time: its whole text is never in memory. */
import { lstat, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Trouble } from '../../shared/explain/troubles.ts';
import { decodeHeader, EventReader, encodeEvent, parseLine } from '../../shared/trace/codec.ts';
import type { WireTime } from '../../shared/trace/event.ts';
import { wireTime } from '../../shared/trace/event.ts';
import type { TraceHeader } from '../../shared/trace/header.ts';
import type { PublicWorld } from '../../shared/world/world.ts';
import { archive, prune, putAside } from './archives.ts';
import { reasonOf, type TraceDisk } from './disk.ts';
import { TraceLines } from './lines.ts';
import { OpenThings } from './open-things.ts';

/** Octets of a trace that is taken up; the recorder begins another one long before. */
const LARGEST = 256 * 1024 * 1024;
const PIECE = 256 * 1024;
const LF = 10;

export interface Resumed {
  readonly header: TraceHeader;
  readonly lines: TraceLines;
  readonly openThings: OpenThings;
  /** Of its last event. */
  readonly last: WireTime;
  /** Octets of its whole lines: what lies beyond is a torn one. */
  readonly size: number;
}

export interface ResumeOptions {
  readonly file: string;
  readonly disk: TraceDisk;
  readonly archives: number;
  readonly report: (trouble: Trouble) => void;
}

/** As JSON has it: a member that is absent and one that is undefined are the same. */
const sameWorld = (a: PublicWorld, b: PublicWorld): boolean =>
  isDeepStrictEqual(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b)));

/** Each whole line of a file, without its LF, and the octets up to its end; the torn one at the end is left out. */
async function* wholeLines(file: string): AsyncGenerator<{ readonly text: string; readonly end: number }> {
  const handle = await open(file, 'r');
  try {
    const piece = Buffer.allocUnsafe(PIECE);
    let rest = Buffer.alloc(0);
    let end = 0;
    for (;;) {
      const { bytesRead } = await handle.read(piece, 0, PIECE);
      if (bytesRead === 0) return;
      const octets = Buffer.concat([rest, piece.subarray(0, bytesRead)]);
      let from = 0;
      for (let at = octets.indexOf(LF); at >= 0; at = octets.indexOf(LF, from)) {
        end += at + 1 - from;
        yield { text: octets.toString('utf8', from, at), end };
        from = at + 1;
      }
      rest = Buffer.from(octets.subarray(from));
    }
  } finally {
    await handle.close();
  }
}

/** Why nobody can go on with what is in the file: one short phrase. */
interface Unusable {
  readonly reason: string;
}

async function readTrace(file: string): Promise<(Resumed & { readonly unread: number }) | Unusable | null> {
  let header: TraceHeader | null = null;
  const lines = new TraceLines();
  const openThings = new OpenThings();
  const reader = new EventReader();
  let last = wireTime(0);
  let size = 0;
  for await (const { text, end } of wholeLines(file)) {
    size = end;
    const value = parseLine(text);
    if (header === null) {
      const head = decodeHeader(value);
      if (!head.ok) return { reason: `line 1 ${head.message}` };
      header = head.header;
      continue;
    }
    const read = reader.read(value);
    if ('ok' in read) return { reason: read.message };
    for (const event of read) {
      openThings.note(event);
      last = event.at;
      lines.add(JSON.stringify(encodeEvent(event)));
    }
  }
  return header === null ? null : { header, lines, openThings, last, size, unread: reader.unread + reader.repeated };
}

/** What kind of thing lies at the path: only a file is read, or a pipe would never end. */
async function problemOf(file: string): Promise<string | null> {
  const found = await lstat(file);
  if (!found.isFile()) return 'it is no file';
  return found.size > LARGEST ? 'it is larger than 256 MiB' : null;
}

const isMissing = (error: unknown): boolean => reasonOf(error) === 'ENOENT';

/**
 * The trace that goes on; null where none can: there is none, or it is of another world and has been put with the finished ones.
 * What cannot be read is put aside and said. Rejects as the file system does.
 */
export async function resume(world: PublicWorld, options: ResumeOptions): Promise<Resumed | null> {
  const { file, disk, archives, report } = options;
  let found: Awaited<ReturnType<typeof readTrace>>;
  try {
    const reason = await problemOf(file);
    found = reason === null ? await readTrace(file) : { reason };
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
  if (found === null) return null;
  if ('reason' in found) report({ code: 'put-aside', file: await putAside(disk, file), reason: found.reason });
  else if (sameWorld(found.openThings.world ?? found.header.world, world)) {
    const { unread } = found;
    if (unread > 0)
      report({ code: 'trace-damaged', file: basename(file), reason: unread === 1 ? 'one event' : `${unread} events` });
    return found;
  } else await archive(disk, file, found.header.createdAt);
  await prune(disk, file, archives);
  return null;
}
