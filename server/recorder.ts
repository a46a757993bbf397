/** The log of one room: numbers and times every fact, tells who watches, keeps the whole bounded. (Contract; see recorder's maker.) */
import type { Fact, TraceEvent, WireTime } from '../shared/trace/event.ts';

/** Where facts go. Servers and the wire only ever append. */
export interface Recorder {
  append(fact: Fact): TraceEvent;
  /** Wire time now: monotonic microseconds since the trace began. */
  now(): WireTime;
}
