/** Turns a growing trace into a story that only grows: what was there for a moment stays there for that moment. */
import { captions } from '../explain/captions.ts';
import type { ToldScript } from '../script/script.ts';
import type { TraceEvent, WireTime } from '../trace/event.ts';
import type { TraceHeader } from '../trace/header.ts';
import { firstState } from './fold.ts';
import { type BeatOf, type Occurrence, occurrence } from './occurrence.ts';
import { LEAD, readingTime, travelTime } from './pace.ts';
import { Reader } from './reader.ts';
import { Schedule } from './schedule.ts';
import {
  type Beat,
  type Cable,
  type Chapter,
  type ChapterKind,
  type InboxEntry,
  type Line,
  type Run,
  type State,
  type Step,
  type Story,
  type StoryTime,
  storyTime,
} from './story.ts';

export interface Storyteller {
  /** The story so far; a new object after each `append`, sharing its arrays. */
  readonly story: Story;
  /** Events must come in order; one whose seq is known already is ignored. */
  append(events: readonly TraceEvent[]): Story;
  /** The trace is whole: what still waited for another to finish speaking is told. Nothing may be appended afterwards. */
  finish(): Story;
}

const CHAPTER_TITLES: Readonly<Record<ChapterKind, string>> = {
  'press-send': 'press Send',
  'find-the-server': 'find the server',
  'hand-over': 'hand over',
  deliver: 'deliver',
  collect: 'collect',
  other: 'meanwhile',
};

const TOO_LONG: BeatOf = {
  key: 'too long',
  name: 'too-long',
  chapter: 'other',
  caption: captions.tooLong(),
};

/** A few hours of story; a trace that would need more is hostile, or nobody's to watch. */
const MOST_STEPS = 400_000;

class Composition implements Storyteller {
  private readonly beats: Beat[] = [];
  private readonly steps: Step[] = [];
  private readonly lines: Line[] = [];
  private readonly chapters: Chapter[] = [];
  private readonly runs: Run[] = [];
  private readonly inbox: InboxEntry[] = [];
  private readonly scripts: ToldScript[] = [];
  private readonly header: TraceHeader;
  private readonly start: State;
  private readonly reader: Reader;
  private readonly schedule = new Schedule(next => this.place(next));
  /** The key of the beat that may still be extended, and how often something moved in it. */
  private openBeat: { readonly key: string; moves: number } | null = null;
  private head = 0;
  private seq = 0;
  private revision = 0;
  story: Story;

  private readonly most: number;

  constructor(header: TraceHeader, most: number) {
    this.most = most;
    this.header = header;
    this.start = firstState(header.world);
    this.reader = new Reader(header.world);
    this.story = this.told();
  }

  append(events: readonly TraceEvent[]): Story {
    const before = this.seq;
    for (const event of events) {
      if (event.seq <= this.seq) continue;
      this.seq = event.seq;
      if (this.steps.length >= this.most) this.cut(event);
      else for (const occurrence of this.reader.read(event)) this.schedule.accept(occurrence);
      this.schedule.advance(event.at);
    }
    if (this.seq !== before) {
      this.revision += 1;
      this.story = this.told();
    }
    return this.story;
  }

  finish(): Story {
    this.schedule.finish();
    this.revision += 1;
    this.story = this.told();
    return this.story;
  }

  /** What is too long to be told is said to be so, once. */
  private cut({ at, seq }: TraceEvent): void {
    if (this.openBeat?.key === TOO_LONG.key) return;
    this.place(occurrence({ thread: TOO_LONG.key, beat: TOO_LONG, wireAt: at, seq }, { failed: true }));
  }

  private told(): Story {
    const { header, beats, steps, lines, chapters, runs, inbox, scripts, start, seq, revision } = this;
    return {
      header,
      beats,
      steps,
      lines,
      chapters,
      runs,
      inbox,
      scripts,
      start,
      end: storyTime(this.head),
      seq,
      revision,
    };
  }

  private place(occurrence: Occurrence): void {
    if (!occurrence.quiet) this.openFor(occurrence);
    this.retitle(occurrence.titles);
    const previous = this.steps.at(-1);
    const beat = this.beats.at(-1);
    const opening = beat !== undefined && beat.lastStep < beat.firstStep;
    const start = storyTime(opening ? beat.start + LEAD : this.head);
    const moves = this.openBeat?.moves ?? 0;
    const lasts = occurrence.quiet ? 0 : travelTime(occurrence.motion, moves, occurrence.jump);
    if (this.openBeat && !occurrence.quiet) this.openBeat.moves += 1;
    const end = storyTime(start + lasts);
    const before = previous?.after ?? this.start;
    const inherits = previous && previous.beat === beat?.index ? previous : null;
    const index = this.steps.length;
    if (occurrence.line) this.addLine(occurrence.line, index, beat?.index ?? -1, start, occurrence);
    this.steps.push({
      index,
      beat: beat?.index ?? -1,
      start,
      end,
      wireAt: occurrence.wireAt,
      seq: occurrence.seq,
      motion: occurrence.quiet ? null : occurrence.motion,
      cable: this.cableOf(occurrence) ?? inherits?.cable ?? null,
      hosts: occurrence.hosts.length > 0 && !occurrence.quiet ? occurrence.hosts : (inherits?.hosts ?? []),
      after: occurrence.change ? occurrence.change(before) : before,
      jump: occurrence.jump,
      lines: this.lines.length,
    });
    if (occurrence.inbox) this.inbox.push({ ...occurrence.inbox, wireAt: occurrence.wireAt, shownAt: end });
    this.head = Math.max(this.head, end);
    if (beat) this.extend(beat, index, end, occurrence);
  }

  private cableOf({ motion, quiet }: Occurrence): Cable | null {
    return motion && !quiet ? { from: motion.from, to: motion.to, protocol: motion.protocol } : null;
  }

  private addLine(
    line: NonNullable<Occurrence['line']>,
    step: number,
    beat: number,
    shownAt: StoryTime,
    { wireAt, seq }: Occurrence,
  ): void {
    this.lines.push({ ...line, index: this.lines.length, step, beat, shownAt, wireAt, seq });
  }

  /** Makes sure that the last beat and the last run are the ones this belongs to. */
  private openFor({ beat, run, wireAt, failed }: Occurrence): void {
    const begins = run !== null || this.runs.length === 0;
    const same = this.openBeat?.key === beat.key && !begins;
    if (same) return;
    const last = this.beats.at(-1);
    const start = storyTime(last ? Math.max(this.head, last.start + readingTime(last.caption)) : this.head);
    if (last) this.beats[last.index] = { ...last, end: start };
    if (begins) this.beginRun(run ?? this.titleWithout(beat), start);
    this.head = start;
    this.openBeat = { key: beat.key, moves: 0 };
    this.openChapter(beat.chapter, start, begins);
    this.beats.push({
      index: this.beats.length,
      name: beat.name,
      chapter: this.chapters.at(-1)?.kind ?? beat.chapter,
      caption: beat.caption,
      start,
      end: start,
      wireStart: wireAt,
      wireEnd: wireAt,
      firstStep: this.steps.length,
      lastStep: this.steps.length - 1,
      run: this.runs.length - 1,
      failed,
      told: null,
    });
  }

  private retitle(title: string | null): void {
    const run = this.runs.at(-1);
    if (run && title !== null) this.runs[run.index] = { ...run, title };
  }

  private titleWithout(beat: BeatOf): string {
    return beat.chapter === 'collect'
      ? 'Checking the mail'
      : beat.chapter === 'find-the-server'
        ? 'A question to DNS'
        : captions.other('store', 'On the wire').title;
  }

  private beginRun(title: string, start: StoryTime): void {
    const last = this.runs.at(-1);
    if (last) this.runs[last.index] = { ...last, end: start };
    const index = this.runs.length;
    this.runs.push({ index, title, start, end: start, firstBeat: this.beats.length, lastBeat: this.beats.length });
  }

  /** What has no chapter of its own stays in the one that is on. */
  private openChapter(kind: ChapterKind, start: StoryTime, begins: boolean): void {
    const last = this.chapters.at(-1);
    if (last && !begins && (kind === 'other' || last.kind === kind)) return;
    if (last) this.chapters[this.chapters.length - 1] = { ...last, end: start };
    this.chapters.push({ kind, title: CHAPTER_TITLES[kind], run: this.runs.length - 1, start, end: start });
  }

  private extend(beat: Beat, lastStep: number, end: StoryTime, { wireAt, failed, quiet }: Occurrence): void {
    const wireEnd: WireTime = quiet || wireAt < beat.wireEnd ? beat.wireEnd : wireAt;
    this.beats[beat.index] = {
      ...beat,
      lastStep,
      end: storyTime(Math.max(beat.end, end)),
      wireEnd,
      failed: beat.failed || failed,
    };
    const run = this.runs.at(-1);
    if (run) this.runs[run.index] = { ...run, end: storyTime(this.head), lastBeat: beat.index };
    const chapter = this.chapters.at(-1);
    if (chapter) this.chapters[this.chapters.length - 1] = { ...chapter, end: storyTime(this.head) };
  }
}

/** `most`: steps after which the rest of a trace is only said to be there. */
export const createStoryteller = (header: TraceHeader, most = MOST_STEPS): Storyteller => new Composition(header, most);
