/** What every source of a trace has in common: it tells a sink, until it is closed. */
import type { TraceEvent } from '../../shared/trace/event.ts';
import type { TraceHeader } from '../../shared/trace/header.ts';

export interface Sink {
  /** A trace begins, or another than before. Events up to `last` are history; what comes after happens now. */
  begin(trace: string, header: TraceHeader, last: number): void;
  /** In order, without a gap, none twice. */
  events(events: readonly TraceEvent[]): void;
  status(status: 'connecting' | 'live' | 'away'): void;
}

/** Closes it: nothing is told afterwards. */
export type Source = () => void;
