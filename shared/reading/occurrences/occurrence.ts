/** What one event means for the story, before it has a time of its own. */

import type { BeatName } from '../../story/beat-name.ts';
import type { Caption, ChapterKind, InboxEntry, Line, Motion } from '../../story/story.ts';
import type { WireTime } from '../../trace/event.ts';
import type { HostId } from '../../world/world.ts';
import type { Change } from './fold.ts';

/** The beat an occurrence belongs to: it extends the open beat with the same key, or opens a new one with this caption. */
export interface BeatOf {
  readonly key: string;
  /** The last four open no beat of their own where all is told, or none that a script could be anchored to. */
  readonly name: BeatName | 'aside' | 'too-long' | 'beginning' | 'end';
  readonly chapter: ChapterKind;
  readonly caption: Caption;
}

export type LineOf = Omit<Line, 'index' | 'step' | 'beat' | 'shownAt' | 'wireAt' | 'seq'>;

export interface Occurrence {
  /** Occurrences of one thread keep their order; threads take turns. */
  readonly thread: string;
  readonly beat: BeatOf;
  readonly wireAt: WireTime;
  readonly seq: number;
  readonly motion: Motion | null;
  readonly hosts: readonly HostId[];
  readonly line: LineOf | null;
  /** What crossed in the same segment and is told with it. */
  readonly segment: readonly LineOf[];
  readonly change: Change | null;
  /** Microseconds of world time that it skips. */
  readonly jump: number;
  /** True for what cuts all threads: whatever came before it in the trace is told before it, and whatever follows after it. */
  readonly divides: boolean;
  /** True when nobody owes an answer after it, so that another thread may speak. */
  readonly settles: boolean;
  /** True while its thread may have more to say: a connection that is open. */
  readonly stays: boolean;
  /** Told in passing: takes no time, opens no beat. */
  readonly quiet: boolean;
  /** Quiet, and yet a part of a script may begin with it. */
  readonly notable: boolean;
  /** Here a script begins, or is over. */
  readonly script:
    | { readonly kind: 'begun'; readonly name: string; readonly source: string }
    | { readonly kind: 'ended'; readonly name: string }
    | null;
  readonly failed: boolean;
  /** Begins a new run with this title. */
  readonly run: string | null;
  /** What the run turns out to be about: its title from now on. */
  readonly titles: string | null;
  readonly inbox: Omit<InboxEntry, 'shownAt' | 'wireAt'> | null;
}

export const occurrence = (
  required: Pick<Occurrence, 'thread' | 'beat' | 'wireAt' | 'seq'>,
  given: Partial<Occurrence> = {},
): Occurrence => ({
  motion: null,
  hosts: [],
  line: null,
  segment: [],
  change: null,
  jump: 0,
  divides: false,
  settles: true,
  stays: false,
  quiet: false,
  notable: false,
  script: null,
  failed: false,
  run: null,
  titles: null,
  inbox: null,
  ...required,
  ...given,
});
