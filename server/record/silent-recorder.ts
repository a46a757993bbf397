/** A recorder that keeps, encodes and writes nothing: it only numbers facts and tells whoever watches. What the bench compares with. */
import type { Fact, TraceEvent, WireTime } from '../../shared/trace/event.ts';
import { wireTime } from '../../shared/trace/event.ts';
import type { TraceHeader } from '../../shared/trace/header.ts';
import type { RecorderOptions, RoomRecorder } from './recorder.ts';
import { type Notice, Watchers } from './watchers.ts';

class SilentRecorder implements RoomRecorder {
  readonly header: TraceHeader;
  readonly length = 0;
  readonly next = { connection: 1, exchange: 1 };
  readonly jumped = 0;
  private readonly origin = performance.now();
  private readonly watchers = new Watchers();
  private seq = 0;

  constructor(header: TraceHeader) {
    this.header = header;
  }

  get id(): string {
    return this.header.createdAt;
  }

  now(): WireTime {
    return wireTime(Math.floor((performance.now() - this.origin) * 1000));
  }

  append(fact: Fact): TraceEvent {
    this.seq += 1;
    const event: TraceEvent = { ...fact, seq: this.seq, at: this.now() };
    this.watchers.append(event);
    return event;
  }

  events(): readonly TraceEvent[] {
    return [];
  }

  lines(): readonly string[] {
    return [];
  }

  octets(): Iterable<Uint8Array> {
    return [];
  }

  watch(watcher: (notice: Notice) => void): () => void {
    return this.watchers.add(watcher);
  }

  async flush(): Promise<void> {
    // Nothing is kept.
  }

  async close(): Promise<void> {
    this.watchers.flush();
    this.watchers.clear();
  }
}

/** Leaves a file that is there as it is. */
export const openSilentRecorder = async ({ header }: Pick<RecorderOptions, 'header'>): Promise<RoomRecorder> =>
  new SilentRecorder(header);
