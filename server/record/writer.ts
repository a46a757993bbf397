/** Keeps the trace on disk: writes what is added, tries again where the disk fails, and closes the gap when it works again. */
import { basename } from 'node:path';
import type { Trouble } from '../../shared/explain/troubles.ts';
import { encodeHeader } from '../../shared/trace/codec.ts';
import type { TraceHeader } from '../../shared/trace/header.ts';
import { archive, prune } from './archives.ts';
import type { TraceDisk, TraceHandle } from './disk.ts';
import { reasonOf } from './disk.ts';
import type { TraceLines } from './lines.ts';

/**
 * Milliseconds before a disk that failed is tried again. Never longer: what the queue does meanwhile on a disk that works again
 * is on record only here, and a kill would take that with it.
 */
const RETRY_WAIT = 1000;
/** The trace that is being finished and the one that grows: more are not kept in memory for a disk that does not work. */
const MOST_VOLUMES = 2;

interface Volume {
  readonly header: TraceHeader;
  readonly lines: TraceLines;
  /** Lines that are in the file. */
  written: number;
  /** Octets of the file when they were: what lies beyond is a line torn by a write that failed. 0: not even its header. */
  size: number;
}

export interface WriterOptions {
  readonly file: string;
  readonly disk: TraceDisk;
  /** Octets that finished traces may take together. */
  readonly archives: number;
  readonly report: (trouble: Trouble) => void;
  /** Milliseconds before each new attempt, default 1000. */
  readonly retryWait?: number;
}

export interface TraceWriter {
  /** Something was added to the newest trace. */
  wake(): void;
  /** Another trace begins; the one before it is put aside as soon as all of it is written. */
  begin(header: TraceHeader, lines: TraceLines): void;
  /** Resolves once everything added so far is written, or the disk has been tried and failed. */
  flush(): Promise<void>;
  /** Writes what it can, and lets the file go. */
  close(): Promise<void>;
}

/**
 * Opens `file` and writes what is not in it. `size`: octets of what an earlier process left in it, with all of `lines`; 0 for a
 * trace that begins. Rejects as the file system does; afterwards nothing does.
 */
export async function openTraceWriter(
  header: TraceHeader,
  lines: TraceLines,
  size: number,
  options: WriterOptions,
): Promise<TraceWriter> {
  const writer = new Writer({ header, lines, written: size === 0 ? 0 : lines.count, size }, options);
  await writer.open();
  return writer;
}

class Writer implements TraceWriter {
  private readonly volumes: [Volume, ...Volume[]];
  private readonly options: WriterOptions;
  private handle: TraceHandle | null = null;
  private running: Promise<void> | null = null;
  private timer: NodeJS.Timeout | null = null;
  private broken = false;
  private closed = false;

  constructor(first: Volume, options: WriterOptions) {
    this.volumes = [first];
    this.options = options;
  }

  async open(): Promise<void> {
    try {
      await this.openFile(this.volumes[0]);
    } catch (error) {
      await this.letGo();
      throw error;
    }
  }

  wake(): void {
    if (this.closed || this.timer !== null || this.running !== null) return;
    this.running = this.run();
  }

  begin(header: TraceHeader, lines: TraceLines): void {
    this.volumes.push({ header, lines, written: 0, size: 0 });
    if (this.volumes.length > MOST_VOLUMES) {
      const [lost] = this.volumes.splice(1, 1);
      const reason = `${lost?.lines.count ?? 0} events since ${lost?.header.createdAt ?? ''}`;
      this.options.report({ code: 'trace-lost', file: basename(this.options.file), reason });
    }
    this.wake();
  }

  async flush(): Promise<void> {
    await this.running;
    this.stopWaiting();
    this.wake();
    await this.running;
  }

  async close(): Promise<void> {
    await this.flush();
    this.closed = true;
    this.stopWaiting();
    await this.letGo();
  }

  private stopWaiting(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  /** Never rejects: where the disk fails, that is said once, and it is tried again later. */
  private async run(): Promise<void> {
    try {
      await this.writeAll();
      this.running = null;
      this.recovered();
    } catch (error) {
      await this.letGo();
      this.running = null;
      this.failed(error);
    }
  }

  private recovered(): void {
    if (!this.broken) return;
    this.broken = false;
    this.options.report({ code: 'trace-writable', file: basename(this.options.file) });
  }

  private failed(error: unknown): void {
    this.timer = setTimeout(() => {
      this.timer = null;
      this.wake();
    }, this.options.retryWait ?? RETRY_WAIT);
    this.timer.unref();
    if (this.broken) return;
    this.broken = true;
    this.options.report({ code: 'trace-unwritable', file: basename(this.options.file), reason: reasonOf(error) });
  }

  private async writeAll(): Promise<void> {
    for (;;) {
      const [volume, following] = this.volumes;
      this.handle ??= await this.openFile(volume);
      const piece = volume.lines.piece(volume.written);
      if (piece !== null) {
        await this.handle.appendFile(piece.octets);
        volume.written = piece.next;
        volume.size += piece.octets.length;
      } else if (following === undefined) return;
      else await this.finish(following);
    }
  }

  /** Puts the finished trace aside; the next one is then the first. */
  private async finish(following: Volume): Promise<void> {
    const { file, disk, archives } = this.options;
    const finished = this.volumes[0];
    const { handle } = this;
    this.handle = null;
    await handle?.close();
    await archive(disk, file, finished.header.createdAt);
    this.volumes.splice(0, this.volumes.length, following, ...this.volumes.slice(2));
    try {
      await prune(disk, file, archives);
    } catch (error) {
      this.options.report({ code: 'archives-unpruned', file: 'traces', reason: reasonOf(error) });
    }
  }

  /** The file as it was when its last whole line was written; from its beginning where it has lost some of that. */
  private async openFile(volume: Volume): Promise<TraceHandle> {
    const handle = await this.options.disk.open(this.options.file, 'a', 0o600);
    this.handle = handle;
    const { size } = await handle.stat();
    if (volume.size === 0 || size < volume.size) {
      if (size > 0) await handle.truncate(0);
      volume.written = 0;
      volume.size = 0;
      const first = Buffer.from(`${JSON.stringify(encodeHeader(volume.header))}\n`);
      await handle.appendFile(first);
      volume.size = first.length;
    } else if (size > volume.size) await handle.truncate(volume.size);
    return handle;
  }

  /** A handle that fails is not kept: a Node that finds one left over ends the process. */
  private async letGo(): Promise<void> {
    const { handle } = this;
    this.handle = null;
    try {
      await handle?.close();
    } catch {
      // The system has taken it back all the same (close(2)), and what was not written is written again.
    }
  }
}
