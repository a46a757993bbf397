/** The runs of a story and their chapters: what its beats are gathered in, and how far each of them goes. */
import { captions } from '../explain/captions.ts';
import type { Chapter, ChapterKind, Run, StoryTime } from '../story/story.ts';
import { visible } from '../visible.ts';
import type { BeatOf } from './occurrences/occurrence.ts';

const CHAPTER_TITLES: Readonly<Record<ChapterKind, string>> = {
  'press-send': 'press Send',
  'find-the-server': 'find the server',
  'hand-over': 'hand over',
  deliver: 'deliver',
  collect: 'collect',
  other: 'meanwhile',
};

/** What a run is called that nobody has given a title. */
export const titleWithout = ({ chapter }: BeatOf): string =>
  chapter === 'collect'
    ? 'Checking the mail'
    : chapter === 'find-the-server'
      ? 'A question to DNS'
      : captions.other('store', 'On the wire').title;

export class Course {
  readonly runs: Run[] = [];
  readonly chapters: Chapter[] = [];

  beginRun(title: string, start: StoryTime, firstBeat: number): void {
    const last = this.runs.at(-1);
    if (last) this.runs[last.index] = { ...last, end: start };
    this.runs.push({
      index: this.runs.length,
      title: visible(title),
      start,
      end: start,
      firstBeat,
      lastBeat: firstBeat,
    });
  }

  /** What it turns out to be about. */
  retitle(title: string): void {
    const run = this.runs.at(-1);
    if (run) this.runs[run.index] = { ...run, title: visible(title) };
  }

  /** The chapter of a beat that opens. What has none of its own stays in the one that is on, unless a run `begins`. */
  openChapter({ chapter: kind, name }: BeatOf, start: StoryTime, begins: boolean): ChapterKind {
    const last = this.chapters.at(-1);
    if (last && !begins && (kind === 'other' || last.kind === kind)) return last.kind;
    if (last) this.chapters[this.chapters.length - 1] = { ...last, end: start };
    const title = name === 'beginning' ? 'to begin with' : CHAPTER_TITLES[kind];
    this.chapters.push({ kind, title, run: this.runs.length - 1, start, end: start });
    return kind;
  }

  /** Run and chapter that are on go as far as this beat, and until then. */
  extend(lastBeat: number, end: StoryTime): void {
    const run = this.runs.at(-1);
    if (run) this.runs[run.index] = { ...run, end, lastBeat };
    const chapter = this.chapters.at(-1);
    if (chapter) this.chapters[this.chapters.length - 1] = { ...chapter, end };
  }
}
