/** What one event means for the story, before it has a time of its own. */
import type { WireTime } from '../trace/event.ts';
import type { HostId } from '../world/world.ts';
import type { Change } from './fold.ts';
import type { Caption, ChapterKind, InboxEntry, Line, Motion } from './story.ts';

/** The beat an occurrence belongs to: it extends the open beat with the same key, or opens a new one with this caption. */
export interface BeatOf {
  readonly key: string;
  readonly name: string;
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
  change: null,
  jump: 0,
  divides: false,
  settles: true,
  stays: false,
  quiet: false,
  failed: false,
  run: null,
  titles: null,
  inbox: null,
  ...required,
  ...given,
});
