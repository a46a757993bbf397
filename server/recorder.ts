/** The log of one room: numbers and times every fact, keeps the whole bounded and on disk, and tells who watches. */
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { encodeEvent, encodeHeader } from '../shared/trace/codec.ts';
import type { Fact, TraceEvent, WireTime } from '../shared/trace/event.ts';
import { wireTime } from '../shared/trace/event.ts';
import type { TraceHeader } from '../shared/trace/header.ts';
import { OpenThings } from './open-things.ts';
import { archive, resume } from './trace-file.ts';

/** Where facts go. Servers and the wire only ever append. */
export interface Recorder {
  append(fact: Fact): TraceEvent;
  /** Wire time now: monotonic microseconds since the trace began. */
  now(): WireTime;
}

/** What a watcher is told: a new trace has begun, or events followed. `lines` are the events as NDJSON lines without their LF. */
export type Notice =
  | { readonly kind: 'trace'; readonly id: string; readonly header: TraceHeader }
  | { readonly kind: 'events'; readonly events: readonly TraceEvent[]; readonly lines: readonly string[] };

/** The recorder of one room, with what its keepers may do. */
export interface RoomRecorder extends Recorder {
  /** Names the trace: its `createdAt`. Changes when a new trace begins. */
  readonly id: string;
  readonly header: TraceHeader;
  /** How many events there are: the newest seq, 0 for none. */
  readonly length: number;
  /** The events from `seq` on, that one included. */
  events(from: number): readonly TraceEvent[];
  /** The same as NDJSON lines without their LF, at most `most` of them. */
  lines(from: number, most?: number): readonly string[];
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
  /** Characters of NDJSON, likewise. */
  readonly bytes: number;
}

export interface RecorderOptions {
  /** Title and world of a trace; a continued one keeps its own `createdAt`. */
  readonly header: TraceHeader;
  /** Where the trace is kept, or null for memory only. */
  readonly file: string | null;
  readonly limits?: RecorderLimits;
  /** False keeps, encodes and writes nothing; watchers are still told of facts, without lines. What the bench compares with. */
  readonly recording?: boolean;
  /** The file could not be written: one sentence. Recording goes on in memory. */
  readonly onTrouble?: (sentence: string) => void;
}

const LIMITS: RecorderLimits = { events: 100_000, bytes: 48_000_000 };
/** Opens the trace of a room, continuing the one in `file` if it is of the same world. Rejects as the file system does. */
export async function openRecorder(options: RecorderOptions): Promise<RoomRecorder> {
  const { file, limits = LIMITS, recording = true, onTrouble } = options;
  const resumed = file === null ? null : await resume(file, options.header);
  let header = resumed?.header ?? options.header;
  let events: TraceEvent[] = [...(resumed?.events ?? [])];
  let lines: string[] = events.map(event => JSON.stringify(encodeEvent(event)));
  let bytes = lines.reduce((sum, line) => sum + line.length + 1, 0);
  let openThings = new OpenThings();
  for (const event of events) openThings.note(event);

  /** Wire time 0 on the monotonic clock. A continued trace goes on at its age, and never earlier than its last event. */
  const age = BigInt(Math.max(0, Date.now() - Date.parse(header.createdAt))) * 1000n;
  const last = BigInt(events.at(-1)?.at ?? 0);
  let origin = process.hrtime.bigint() / 1000n - (age > last ? age : last);
  const now = (): WireTime => wireTime(Number(process.hrtime.bigint() / 1000n - origin));

  let handle: FileHandle | null = null;
  let written = events.length;
  let work: Promise<void> = Promise.resolve();
  let batchFrom = events.length;
  let scheduled = false;
  let seqWhenOff = 0;
  let untold: TraceEvent[] = [];
  let closed = false;
  const watchers = new Set<(notice: Notice) => void>();

  if (file !== null) {
    handle = await open(file, 'a', 0o600);
    if (resumed === null) await handle.appendFile(`${JSON.stringify(encodeHeader(header))}\n`);
  }

  /** File work happens one after the other; trouble is told once and ends it. */
  function enqueue(job: () => Promise<void>): void {
    work = work.then(job).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      if (handle !== null) onTrouble?.(`The trace is not written to disk any more: ${reason}.`);
      handle = null;
    });
  }

  function write(): void {
    if (handle === null || written === lines.length) return;
    const text = `${lines.slice(written).join('\n')}\n`;
    written = lines.length;
    enqueue(async () => {
      await handle?.appendFile(text);
    });
  }

  function tell(notice: Notice): void {
    for (const watcher of watchers) watcher(notice);
  }

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(settle);
  }

  function tellBatch(): void {
    if (untold.length > 0) {
      const passing = untold;
      untold = [];
      tell({ kind: 'events', events: passing, lines: [] });
    }
    const from = batchFrom;
    batchFrom = events.length;
    if (from < events.length) tell({ kind: 'events', events: events.slice(from), lines: lines.slice(from) });
  }

  /** Ends a turn: everything appended in it is told and written at once. */
  function settle(): void {
    scheduled = false;
    tellBatch();
    write();
    const over = Math.max(events.length / limits.events, bytes / limits.bytes);
    if (!closed && (over >= 1.25 || (over >= 1 && openThings.connections.size === 0))) beginAnother();
  }

  function add(fact: Fact): TraceEvent {
    const event: TraceEvent = { ...fact, seq: events.length + 1, at: now() };
    const line = JSON.stringify(encodeEvent(event));
    events.push(event);
    lines.push(line);
    bytes += line.length + 1;
    openThings.note(fact);
    schedule();
    return event;
  }

  function beginAnother(): void {
    const before = openThings;
    const carried = before.beginnings();
    for (const fact of before.endings()) add(fact);
    tellBatch();
    write();
    const finished = header.createdAt;
    // Two traces may not share a name, however soon the second begins.
    const begun = Math.max(Date.now(), Date.parse(finished) + 1);
    header = { ...header, createdAt: new Date(begun).toISOString(), world: openThings.world ?? header.world };
    origin = process.hrtime.bigint() / 1000n;
    events = [];
    lines = [];
    bytes = 0;
    written = 0;
    batchFrom = 0;
    openThings = new OpenThings();
    openThings.connection = before.connection;
    openThings.exchange = before.exchange;
    const first = `${JSON.stringify(encodeHeader(header))}\n`;
    enqueue(async () => {
      if (handle === null || file === null) return;
      await handle.close();
      await archive(file, finished);
      handle = await open(file, 'a', 0o600);
      await handle.appendFile(first);
    });
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
      return events.length;
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
    events: from => events.slice(Math.max(0, from - 1)),
    lines: (from, most = Number.POSITIVE_INFINITY) => lines.slice(Math.max(0, from - 1), Math.max(0, from - 1) + most),
    watch(watcher) {
      watchers.add(watcher);
      return () => {
        watchers.delete(watcher);
      };
    },
    async flush() {
      write();
      await work;
    },
    async close() {
      closed = true;
      if (events.length > batchFrom) settle();
      await recorder.flush();
      await handle?.close();
      handle = null;
      watchers.clear();
    },
  };
  for (const fact of openThings.endings()) add(fact);
  return recorder;
}
