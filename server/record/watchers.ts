/** Whoever watches a trace: told once a turn of the event loop of everything that was appended in it. */
import type { TraceEvent } from '../../shared/trace/event.ts';
import type { TraceHeader } from '../../shared/trace/header.ts';

/** What a watcher is told: a new trace has begun, or events followed. */
export type Notice =
  | { readonly kind: 'trace'; readonly id: string; readonly header: TraceHeader }
  | { readonly kind: 'events'; readonly events: readonly TraceEvent[] };

export class Watchers {
  private readonly watchers = new Set<(notice: Notice) => void>();
  private batch: TraceEvent[] = [];
  private scheduled = false;
  private readonly onTurn: () => void;

  /** `onTurn` is called after each turn in which something was appended, once the watchers know. */
  constructor(onTurn: () => void = () => undefined) {
    this.onTurn = onTurn;
  }

  /** Returns how to stop. */
  add(watcher: (notice: Notice) => void): () => void {
    this.watchers.add(watcher);
    return () => {
      this.watchers.delete(watcher);
    };
  }

  append(event: TraceEvent): void {
    this.batch.push(event);
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => this.endTurn());
  }

  /** Tells what was appended so far, as the turn's end does, where there is any. */
  flush(): void {
    if (this.batch.length > 0) this.endTurn();
  }

  /** Tells the last events of a trace, before another begins. */
  endTrace(): void {
    this.notifyEvents();
  }

  beginTrace(header: TraceHeader): void {
    this.notify({ kind: 'trace', id: header.createdAt, header });
  }

  /** Nobody is told any more. */
  clear(): void {
    this.watchers.clear();
  }

  private endTurn(): void {
    this.scheduled = false;
    this.notifyEvents();
    this.onTurn();
  }

  private notifyEvents(): void {
    const events = this.batch;
    this.batch = [];
    if (events.length > 0) this.notify({ kind: 'events', events });
  }

  private notify(notice: Notice): void {
    for (const watcher of this.watchers) watcher(notice);
  }
}
