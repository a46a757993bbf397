/** What every source of a trace has in common: it tells a sink, until it is closed. */
import type { UserOutbox } from '../../shared/api/letters.ts';
import type { ClockFacts } from '../../shared/api/world.ts';
import type { TraceEvent } from '../../shared/trace/event.ts';
import type { TraceHeader } from '../../shared/trace/header.ts';
import type { PublicWorld } from '../../shared/world/world.ts';

export interface Sink {
  /** A trace begins, or another than before. Events up to `last` are history; what comes after happens now. */
  begin(trace: string, header: TraceHeader, last: number): void;
  /** In order, without a gap, none twice. */
  events(events: readonly TraceEvent[]): void;
  /** `ended`: there is no such world any more, and nothing comes after. `why`: a sentence, where more is known than that it is away. */
  status(status: 'connecting' | 'live' | 'away' | 'ended', why?: string): void;
  /** So many events of this trace could not be read so far; they are kept as unknown, and the rest goes on. */
  unread(events: number): void;
  /** Whether the wire is held, and how many chunks wait in it. Told on every connection, and whenever it changes. */
  holding(state: Holding): void;
  /** The world of now, told on every connection and whenever something of it changes. Absent: it is not asked for. */
  readonly world?: (news: WorldNews) => void;
}

/** The world of now, wherever the viewer is in the story; `revision` rises with every change. */
export interface WorldFacts {
  readonly world: PublicWorld;
  readonly revision: number;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
}

/** `world` and `outbox` are null where they are as they were told before on this connection. */
export interface WorldNews extends Omit<WorldFacts, 'world'> {
  readonly world: PublicWorld | null;
  readonly clock: ClockFacts;
  readonly outbox: readonly UserOutbox[] | null;
}

export interface Holding {
  readonly on: boolean;
  readonly waiting: number;
  /** How many were let go one by one so far. */
  readonly gone: number;
  /** The last seq when this was so: what comes after has not been known yet. */
  readonly seq: number;
}

/** A world that runs, as far as this page can act on it. */
export interface LiveSource {
  /** Nothing is told afterwards. */
  close(): void;
  /** Stops the wire, or lets everything that waits go. Lost while the server is away. */
  hold(on: boolean): void;
  /** Lets the oldest chunk that waits go. */
  release(): void;
}
