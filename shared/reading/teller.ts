/** Who tells a story: what a trace that grows is handed to, and what is told of it is got from. */

import type { Story, StoryTime } from '../story/story.ts';
import type { TraceEvent } from '../trace/event.ts';

export interface Storyteller {
  /** The story so far: a value that never changes afterwards, and the same one until something is added. */
  readonly story: Story;
  /** The last seq that was added; `story.seq` without a story being made. */
  readonly seq: number;
  /** `story.end`, likewise. */
  readonly end: StoryTime;
  /** Events must come in order; one whose seq is known already is ignored. Costs what the events cost: no story is made of them. */
  add(events: readonly TraceEvent[]): void;
  /** As `add`, and hands out what they come to. */
  append(events: readonly TraceEvent[]): Story;
  /** The trace is whole: what still waited for another to finish speaking is told. Nothing may be appended afterwards. */
  finish(): Story;
}
