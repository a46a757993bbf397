/** Tells where a script begins and where it is over: nothing moves and nobody is lit, but a part may be told there. */
import { caption } from '../explain/words/wording.ts';
import type { TraceEvent } from '../trace/event.ts';
import { type Occurrence, occurrence } from './occurrences/occurrence.ts';

const THREAD = 'script';

/** What came before a script in the trace is told before it, and what follows it after it. */
const direction = (event: TraceEvent, name: 'beginning' | 'end', script: Occurrence['script']): Occurrence => {
  const beat = { key: `${name} ${event.seq}`, name, chapter: 'other', caption: caption('store', '', '') } as const;
  const required = { thread: THREAD, beat, wireAt: event.at, seq: event.seq };
  return occurrence(required, { quiet: true, notable: true, divides: true, script });
};

export const scriptBegun = (event: TraceEvent & { readonly kind: 'story.begun' }): Occurrence =>
  direction(event, 'beginning', { kind: 'begun', name: event.name, source: event.source });

export const scriptEnded = (event: TraceEvent & { readonly kind: 'story.ended' }): Occurrence =>
  direction(event, 'end', { kind: 'ended', name: event.name });
