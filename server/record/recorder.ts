/** The log of one room: numbers and times every fact, keeps the whole bounded and on disk, and tells who watches. */
import type { Trouble } from '../../shared/explain/troubles.ts';
import { bounded } from '../../shared/trace/bounds.ts';
import { decodeEvent, encodeEvent } from '../../shared/trace/codec.ts';
import type { Fact, TraceEvent, WireTime } from '../../shared/trace/event.ts';
import { wireTime } from '../../shared/trace/event.ts';
import type { TraceHeader } from '../../shared/trace/header.ts';
import { realDisk, type TraceDisk } from './disk.ts';
import { TraceLines } from './lines.ts';
import { OpenThings } from './open-things.ts';
import { resume } from './resume.ts';
import { openTraceWriter } from './writer.ts';

/** Where facts go. Servers and the wire only ever append. */
export interface Recorder {
  append(fact: Fact): TraceEvent;
  /** Wire time now: monotonic microseconds since the trace began. */
  now(): WireTime;
}

/** What a watcher is told: a new trace has begun, or events followed. */
export type Notice =
  | { readonly kind: 'trace'; readonly id: string; readonly header: TraceHeader }
  | { readonly kind: 'events'; readonly events: readonly TraceEvent[] };

/** The recorder of one room, with what its keepers may do. */
export interface RoomRecorder extends Recorder {
  /** Names the trace: its `createdAt`. Changes when a new trace begins. */
  readonly id: string;
  readonly header: TraceHeader;
  /** How many events there are: the newest seq, 0 for none. */
  readonly length: number;
  /** The events from `seq` on, that one included; each call reads them anew from their lines. */
  events(from: number): readonly TraceEvent[];
  /** The same as NDJSON lines without their LF, at most `most` of them. */
  lines(from: number, most?: number): readonly string[];
  /** All so far as octets of NDJSON, a piece at a time; goes on giving this trace when another begins. */
  octets(): Iterable<Uint8Array>;
  /** Tells `watcher` of everything that follows, batched per turn; returns how to stop. */
  watch(watcher: (notice: Notice) => void): () => void;
  /** The numbers that the next connection and exchange may take. */
  readonly next: { readonly connection: number; readonly exchange: number };
  /** Microseconds by which world time has been moved on in this trace. */
  readonly jumped: number;
  /** Resolves once everything appended so far is in the file. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

interface RecorderLimits {
  /** Events after which a new trace begins once no connection is open; a quarter more and it begins anyway. */
  readonly events: number;
  /** Octets of NDJSON, likewise. */
  readonly bytes: number;
}

export interface RecorderOptions {
  /** Title and world of a trace; a continued one keeps its own `createdAt`. */
  readonly header: TraceHeader;
  /** Where the trace is kept, or null for memory only. */
  readonly file: string | null;
  readonly limits?: RecorderLimits;
  /** False keeps, encodes and writes nothing; watchers are still told of facts. What the bench compares with. */
  readonly recording?: boolean;
  /** Told when the file cannot be written and when it can again; recording goes on in memory meanwhile. */
  readonly report?: (trouble: Trouble) => void;
  /** Octets that finished traces may take together; default 200 million. */
  readonly archives?: number;
  /** Where the file is; default the system's own. */
  readonly disk?: TraceDisk;
  /** Milliseconds before a disk that failed is tried again; default 1000. */
  readonly retryWait?: number;
}

const LIMITS: RecorderLimits = { events: 100_000, bytes: 48_000_000 };
const ARCHIVES = 200_000_000;

/** An event from its line; what was written can be read, or the recorder is wrong. */
function eventOf(line: string): TraceEvent {
  const decoded = decodeEvent(JSON.parse(line));
  if (decoded.ok) return decoded.event;
  throw new Error(`the record holds what cannot be read: ${decoded.message}`);
}

/** Opens the trace of a room, continuing the one in `file` if it is of the same world. Rejects as the file system does. */
export async function openRecorder(options: RecorderOptions): Promise<RoomRecorder> {
  const { file, limits = LIMITS, recording = true, archives = ARCHIVES, disk = realDisk } = options;
  const report = options.report ?? (() => undefined);
  const resumed = file === null ? null : await resume(options.header.world, { file, disk, archives, report });
  let header = resumed?.header ?? options.header;
  let lines = resumed?.lines ?? new TraceLines();
  let openThings = resumed?.openThings ?? new OpenThings();

  /** Wire time 0 on the monotonic clock. A continued trace goes on at its age, and never earlier than its last event. */
  const age = BigInt(Math.max(0, Date.now() - Date.parse(header.createdAt))) * 1000n;
  const last = BigInt(resumed?.last ?? 0);
  let origin = process.hrtime.bigint() / 1000n - (age > last ? age : last);
  const now = (): WireTime => wireTime(Number(process.hrtime.bigint() / 1000n - origin));

  let scheduled = false;
  let seqWhenOff = 0;
  /** Appended since watchers were told. */
  let untold: TraceEvent[] = [];
  let closed = false;
  const watchers = new Set<(notice: Notice) => void>();
  const { retryWait } = options;
  const writer =
    file === null
      ? null
      : await openTraceWriter(header, lines, resumed?.size ?? 0, {
          file,
          disk,
          archives,
          report,
          ...(retryWait !== undefined && { retryWait }),
        });

  function tell(notice: Notice): void {
    for (const watcher of watchers) watcher(notice);
  }

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(settle);
  }

  function tellBatch(): void {
    const events = untold;
    untold = [];
    if (events.length > 0) tell({ kind: 'events', events });
  }

  /** Ends a turn: everything appended in it is told and written at once. */
  function settle(): void {
    scheduled = false;
    tellBatch();
    writer?.wake();
    const over = Math.max(lines.count / limits.events, lines.octets / limits.bytes);
    if (!closed && (over >= 1.25 || (over >= 1 && openThings.connections.size === 0))) beginAnother();
  }

  function add(given: Fact): TraceEvent {
    const fact = bounded(given);
    const event: TraceEvent = { ...fact, seq: lines.count + 1, at: now() };
    lines.add(JSON.stringify(encodeEvent(event)));
    openThings.note(fact);
    untold.push(event);
    schedule();
    return event;
  }

  function beginAnother(): void {
    const before = openThings;
    const carried = before.beginnings();
    for (const fact of before.endings()) add(fact);
    tellBatch();
    const finished = header.createdAt;
    // Two traces may not share a name, however soon the second begins.
    const begun = Math.max(Date.now(), Date.parse(finished) + 1);
    header = { ...header, createdAt: new Date(begun).toISOString(), world: openThings.world ?? header.world };
    origin = process.hrtime.bigint() / 1000n;
    lines = new TraceLines();
    openThings = new OpenThings();
    openThings.connection = before.connection;
    openThings.exchange = before.exchange;
    writer?.begin(header, lines);
    tell({ kind: 'trace', id: header.createdAt, header });
    for (const fact of carried) add(fact);
  }

  const recorder: RoomRecorder = {
    get id() {
      return header.createdAt;
    },
    get header() {
      return header;
    },
    get length() {
      return lines.count;
    },
    get next() {
      return { connection: openThings.connection + 1, exchange: openThings.exchange + 1 };
    },
    get jumped() {
      return openThings.jumped;
    },
    now,
    append(fact) {
      if (recording) return add(fact);
      seqWhenOff += 1;
      const event: TraceEvent = { ...fact, seq: seqWhenOff, at: now() };
      untold.push(event);
      schedule();
      return event;
    },
    events: from => lines.texts(from - 1).map(eventOf),
    lines: (from, most = Number.POSITIVE_INFINITY) => lines.texts(from - 1, Math.max(0, from - 1) + most),
    octets: () => lines.pieces(),
    watch(watcher) {
      watchers.add(watcher);
      return () => {
        watchers.delete(watcher);
      };
    },
    async flush() {
      await writer?.flush();
    },
    async close() {
      closed = true;
      if (untold.length > 0) settle();
      await writer?.close();
      watchers.clear();
    },
  };
  for (const fact of [...openThings.endings(), ...openThings.recoveries()]) add(fact);
  return recorder;
}
