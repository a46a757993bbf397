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
import { type Notice, Watchers } from './watchers.ts';
import { openTraceWriter, type TraceWriter } from './writer.ts';

/** Where facts go. Servers and the wire only ever append. */
export interface Recorder {
  append(fact: Fact): TraceEvent;
  /** Wire time now: monotonic microseconds since the trace began. */
  now(): WireTime;
}

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

/** The trace that grows. */
interface Trace {
  readonly header: TraceHeader;
  readonly lines: TraceLines;
  readonly openThings: OpenThings;
  /** Wire time 0 on the monotonic clock, in microseconds. */
  readonly origin: bigint;
}

const monotonic = (): bigint => process.hrtime.bigint() / 1000n;

class TraceRecorder implements RoomRecorder {
  private trace: Trace;
  private readonly limits: RecorderLimits;
  private readonly writer: TraceWriter | null;
  private readonly watchers = new Watchers(() => this.endTurn());
  private closed = false;

  constructor(trace: Trace, limits: RecorderLimits, writer: TraceWriter | null) {
    this.trace = trace;
    this.limits = limits;
    this.writer = writer;
    for (const fact of [...trace.openThings.endings(), ...trace.openThings.recoveries()]) this.append(fact);
  }

  get id(): string {
    return this.trace.header.createdAt;
  }

  get header(): TraceHeader {
    return this.trace.header;
  }

  get length(): number {
    return this.trace.lines.count;
  }

  get next(): RoomRecorder['next'] {
    const { connection, exchange } = this.trace.openThings;
    return { connection: connection + 1, exchange: exchange + 1 };
  }

  get jumped(): number {
    return this.trace.openThings.jumped;
  }

  now(): WireTime {
    return wireTime(Number(monotonic() - this.trace.origin));
  }

  append(given: Fact): TraceEvent {
    const fact = bounded(given);
    const { lines, openThings } = this.trace;
    const event: TraceEvent = { ...fact, seq: lines.count + 1, at: this.now() };
    lines.add(JSON.stringify(encodeEvent(event)));
    openThings.note(fact);
    this.watchers.append(event);
    return event;
  }

  events(from: number): readonly TraceEvent[] {
    return this.trace.lines.texts(from - 1).map(eventOf);
  }

  lines(from: number, most = Number.POSITIVE_INFINITY): readonly string[] {
    return this.trace.lines.texts(from - 1, Math.max(0, from - 1) + most);
  }

  octets(): Iterable<Uint8Array> {
    return this.trace.lines.pieces();
  }

  watch(watcher: (notice: Notice) => void): () => void {
    return this.watchers.add(watcher);
  }

  async flush(): Promise<void> {
    await this.writer?.flush();
  }

  async close(): Promise<void> {
    this.closed = true;
    this.watchers.flush();
    await this.writer?.close();
    this.watchers.clear();
  }

  /** Everything appended in a turn is written at once. */
  private endTurn(): void {
    this.writer?.wake();
    const { lines, openThings } = this.trace;
    const over = Math.max(lines.count / this.limits.events, lines.octets / this.limits.bytes);
    if (!this.closed && (over >= 1.25 || (over >= 1 && openThings.connections.size === 0))) this.beginAnother();
  }

  private beginAnother(): void {
    const { header: finished, openThings: before } = this.trace;
    const carried = before.beginnings();
    for (const fact of before.endings()) this.append(fact);
    // Two traces may not share a name, however soon the second begins.
    const begun = Math.max(Date.now(), Date.parse(finished.createdAt) + 1);
    const world = before.world ?? finished.world;
    const header = { ...finished, createdAt: new Date(begun).toISOString(), world };
    const openThings = new OpenThings();
    openThings.connection = before.connection;
    openThings.exchange = before.exchange;
    // Whoever watches reads the end of this trace while it still is the one.
    this.watchers.endTrace();
    this.trace = { header, lines: new TraceLines(), openThings, origin: monotonic() };
    this.writer?.begin(header, this.trace.lines);
    this.watchers.beginTrace(header);
    for (const fact of carried) this.append(fact);
  }
}

/** Opens the trace of a room, continuing the one in `file` if it is of the same world. Rejects as the file system does. */
export async function openRecorder(options: RecorderOptions): Promise<RoomRecorder> {
  const { file, limits = LIMITS, archives = ARCHIVES, disk = realDisk, retryWait } = options;
  const report = options.report ?? (() => undefined);
  const resumed = file === null ? null : await resume(options.header.world, { file, disk, archives, report });
  const header = resumed?.header ?? options.header;
  const lines = resumed?.lines ?? new TraceLines();
  const openThings = resumed?.openThings ?? new OpenThings();
  // A continued trace goes on at its age, and never earlier than its last event.
  const age = BigInt(Math.max(0, Date.now() - Date.parse(header.createdAt))) * 1000n;
  const last = BigInt(resumed?.last ?? 0);
  const origin = monotonic() - (age > last ? age : last);
  const writing = { disk, archives, report, ...(retryWait !== undefined && { retryWait }) };
  const writer = file === null ? null : await openTraceWriter(header, lines, resumed?.size ?? 0, { file, ...writing });
  return new TraceRecorder({ header, lines, openThings, origin }, limits, writer);
}
