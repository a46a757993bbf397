/** Turns a growing trace into a story that only grows: what was there for a moment stays there for that moment. */
import { captions } from '../explain/captions.ts';
import { type Cue, captionOf, Prompter } from '../script/prompter.ts';
import {
  type Beat,
  type Cable,
  type Caption,
  type InboxEntry,
  type Line,
  type State,
  type Step,
  type Story,
  type StoryTime,
  storyTime,
} from '../story/story.ts';
import { plain } from '../story/words.ts';
import type { TraceEvent, WireTime } from '../trace/event.ts';
import type { TraceHeader } from '../trace/header.ts';
import { visible } from '../visible.ts';
import { Course, titleWithout } from './course.ts';
import { firstState } from './occurrences/fold.ts';
import { type BeatOf, type Occurrence, occurrence } from './occurrences/occurrence.ts';
import { Schedule } from './occurrences/schedule.ts';
import { briskTime, LEAD, readingTime, travelTime } from './pace.ts';
import { Reader } from './reader.ts';
import type { Storyteller } from './teller.ts';

export type { Storyteller };

const TOO_LONG: BeatOf = {
  key: 'too long',
  name: 'too-long',
  chapter: 'other',
  caption: captions.tooLong(),
};

/** A few hours of story; a trace that would need more is hostile, or nobody's to watch. */
const MOST_STEPS = 400_000;

const readUntil = ({ start, caption, told }: Beat): number =>
  start + readingTime(caption, told === null ? 'product' : 'author');

/** What a caption quotes of a letter or a server hides nothing and turns nothing, wherever it is shown, said or sent. */
function seen(caption: Caption): Caption {
  const [title, body] = [visible(caption.title), visible(caption.body)];
  return title === caption.title && body === caption.body ? caption : { ...caption, title, body };
}

class Composition implements Storyteller {
  private readonly beats: Beat[] = [];
  private readonly steps: Step[] = [];
  private readonly lines: Line[] = [];
  private readonly course = new Course();
  private readonly inbox: InboxEntry[] = [];
  private readonly header: TraceHeader;
  private readonly start: State;
  private readonly reader: Reader;
  private readonly schedule = new Schedule(next => this.place(next));
  private readonly prompter = new Prompter();
  /** The beat that may still be extended: the key of what was told last, and how often and how long something moved in it. */
  private openBeat: { key: string; moves: number; spent: number } | null = null;
  /** The next beat opens a run: with this title, or with null by what begins there. */
  private nextRun: { readonly title: string | null } | null = { title: null };
  private head = 0;
  seq = 0;
  /** What was handed out last, while it is all there is. */
  private handedOut: Story | null = null;

  private readonly most: number;

  constructor(header: TraceHeader, most: number) {
    this.most = most;
    this.header = header;
    this.start = firstState(header.world);
    this.reader = new Reader(header.world);
  }

  get story(): Story {
    this.handedOut ??= this.told();
    return this.handedOut;
  }

  get end(): StoryTime {
    return storyTime(this.head);
  }

  append(events: readonly TraceEvent[]): Story {
    this.add(events);
    return this.story;
  }

  add(events: readonly TraceEvent[]): void {
    const before = this.seq;
    for (const event of events) {
      if (event.seq <= this.seq) continue;
      this.seq = event.seq;
      if (this.steps.length >= this.most) this.cut(event);
      else for (const occurrence of this.reader.read(event)) this.schedule.accept(occurrence);
      this.schedule.advance(event.at);
    }
    if (this.seq !== before) this.handedOut = null;
  }

  finish(): Story {
    this.schedule.finish();
    this.handedOut = null;
    return this.story;
  }

  /** What is too long to be told is said to be so, once. */
  private cut({ at, seq }: TraceEvent): void {
    if (this.openBeat?.key === TOO_LONG.key) return;
    this.prompter.end(this.nextRun !== null);
    this.place(occurrence({ thread: TOO_LONG.key, beat: TOO_LONG, wireAt: at, seq }, { failed: true }));
  }

  /** Copies of lists that go on growing, and whose last entries are replaced: what is in them never changes. */
  private told(): Story {
    const { header, start, end, seq } = this;
    return {
      header,
      beats: [...this.beats],
      steps: [...this.steps],
      lines: [...this.lines],
      chapters: [...this.course.chapters],
      runs: [...this.course.runs],
      inbox: [...this.inbox],
      scripts: [...this.prompter.scripts],
      start,
      end,
      seq,
    };
  }

  private place(given: Occurrence): void {
    const previous = this.steps.at(-1);
    const before = previous?.after ?? this.start;
    const after = given.change ? given.change(before) : before;
    if (given.script?.kind === 'begun') this.beginScript(given.script);
    const quiet = !this.openFor(given, after);
    const occurrence = quiet === given.quiet ? given : { ...given, quiet };
    if (this.prompter.script === null && occurrence.titles !== null) this.course.retitle(occurrence.titles);
    const beat = this.beats.at(-1);
    const opening = beat !== undefined && beat.lastStep < beat.firstStep;
    const start = storyTime(opening ? beat.start + LEAD : this.head);
    const end = storyTime(start + (quiet ? 0 : this.lasting(occurrence)));
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
      motion: quiet ? null : occurrence.motion,
      cable: this.cableOf(occurrence) ?? inherits?.cable ?? null,
      hosts: occurrence.hosts.length > 0 && !quiet ? occurrence.hosts : (inherits?.hosts ?? []),
      after,
      jump: occurrence.jump,
      lines: this.lines.length,
    });
    if (occurrence.inbox) this.inbox.push({ ...occurrence.inbox, wireAt: occurrence.wireAt, shownAt: end });
    this.head = Math.max(this.head, end);
    if (beat) this.extend(beat, index, end, occurrence);
    if (given.script?.kind === 'ended' && this.prompter.isOn(given.script.name)) this.endScript();
  }

  /** How long it moves; a beat of a script that tells nothing but its parts may have to hold much. */
  private lasting({ motion, jump }: Occurrence): number {
    const open = this.openBeat ?? { moves: 0, spent: 0 };
    const lasts = this.prompter.script?.onlyParts
      ? briskTime(motion, open.spent, jump)
      : travelTime(motion, open.moves, jump);
    open.moves += 1;
    open.spent += lasts;
    return lasts;
  }

  private beginScript(begun: { readonly name: string; readonly source: string }): void {
    this.endScript();
    const script = this.prompter.begin(begun, this.course.runs.length);
    if (script === null) return;
    this.nextRun = { title: plain(script.title) };
    this.openBeat = null;
  }

  /** What follows is no part of its run. */
  private endScript(): void {
    if (this.prompter.script === null) return;
    this.prompter.end(this.nextRun !== null);
    const last = this.beats.at(-1);
    // Nothing follows that would give its last caption the time to be read.
    if (last && this.nextRun === null) {
      this.head = Math.max(this.head, readUntil(last));
      this.extend(last, last.lastStep, storyTime(this.head), { wireAt: last.wireEnd, failed: false, quiet: true });
    }
    this.nextRun = { title: null };
    this.openBeat = null;
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

  /** Makes sure that the last beat and the last run are the ones this belongs to; false for what is told in passing. */
  private openFor(occurrence: Occurrence, after: State): boolean {
    const { prompter, openBeat, nextRun } = this;
    const { beat, run, quiet } = occurrence;
    const opens = run !== null || nextRun !== null || openBeat?.key !== beat.key;
    const cue = prompter.cue(occurrence, opens);
    if (quiet && cue === null) return false;
    const { script } = prompter;
    const joins = cue === null && (script?.onlyParts && nextRun === null ? openBeat !== null : !opens);
    // What only a part is told for leaves open what was: the product would not have opened anything here.
    const key = quiet ? (openBeat?.key ?? '') : beat.key;
    if (joins && openBeat) openBeat.key = key;
    else this.openBeatFor(occurrence, cue, after, key);
    return true;
  }

  private openBeatFor(occurrence: Occurrence, cue: Cue | null, after: State, key: string): void {
    const { beat, run, wireAt, failed } = occurrence;
    const { nextRun } = this;
    const begins = nextRun !== null || (run !== null && this.prompter.script === null);
    const last = this.beats.at(-1);
    const start = storyTime(last ? Math.max(this.head, readUntil(last)) : this.head);
    if (last) this.beats[last.index] = { ...last, end: start };
    if (begins) this.course.beginRun(nextRun?.title ?? run ?? titleWithout(beat), start, this.beats.length);
    this.nextRun = null;
    this.head = start;
    this.openBeat = { key, moves: 0, spent: 0 };
    this.beats.push({
      index: this.beats.length,
      name: beat.name,
      chapter: this.course.openChapter(beat, start, begins),
      caption: seen(cue === null ? beat.caption : captionOf(cue, occurrence, after)),
      start,
      end: start,
      wireStart: wireAt,
      wireEnd: wireAt,
      firstStep: this.steps.length,
      lastStep: this.steps.length - 1,
      run: this.course.runs.length - 1,
      failed,
      told: cue?.told ?? null,
    });
  }

  private extend(
    beat: Beat,
    lastStep: number,
    end: StoryTime,
    { wireAt, failed, quiet }: Pick<Occurrence, 'wireAt' | 'failed' | 'quiet'>,
  ): void {
    const wireEnd: WireTime = quiet || wireAt < beat.wireEnd ? beat.wireEnd : wireAt;
    this.beats[beat.index] = {
      ...beat,
      lastStep,
      end: storyTime(Math.max(beat.end, end)),
      wireEnd,
      failed: beat.failed || failed,
    };
    this.course.extend(beat.index, storyTime(this.head));
  }
}

/** `most`: steps after which the rest of a trace is only said to be there. */
export const createStoryteller = (header: TraceHeader, most = MOST_STEPS): Storyteller => new Composition(header, most);

/** Events that are told between two places where the listener may do something else. */
const EVENTS_AT_ONCE = 64;

/** The story of a trace that is whole, in steps: whoever runs it may do something else between any two. */
export function* tellingWhole(header: TraceHeader, events: readonly TraceEvent[]): Generator<undefined, Story> {
  const teller = createStoryteller(header);
  for (let at = 0; at < events.length; at += EVENTS_AT_ONCE) {
    teller.add(events.slice(at, at + EVENTS_AT_ONCE));
    yield;
  }
  return teller.finish();
}
