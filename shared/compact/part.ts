/** A span of a story as a story of its own, which begins at its own time 0. */
import { begunAt } from '../story/scene.ts';
import type { Span } from '../story/span.ts';
import { type Story, storyTime } from '../story/story.ts';

/**
 * Shows the same beats, captions and pictures, only earlier. The step before the first beat comes along: what was last to
 * happen still holds, and its times lie before 0.
 */
export function partOf(story: Story, { first, last, start, end }: Span): Story {
  const moved = <Times extends { readonly start: number; readonly end: number }>(times: Times) => ({
    ...times,
    start: storyTime(times.start - start),
    end: storyTime(times.end - start),
  });
  /** What began earlier begins with the part, and what goes on longer ends with it. */
  const clipped = <Times extends { readonly start: number; readonly end: number }>(times: Times) =>
    moved({ ...times, start: Math.max(times.start, start), end: Math.min(times.end, end) });
  const beats = story.beats.slice(first, last + 1);
  const firstStep = Math.max(0, (beats[0]?.firstStep ?? 0) - 1);
  const lastStep = beats.at(-1)?.lastStep ?? -1;
  const lineOf = (beat: number): number => begunAt(story.lines, beat, line => line.beat);
  const firstLine = lineOf(first - 1);
  const runs = story.runs.filter(({ firstBeat, lastBeat }) => lastBeat >= first && firstBeat <= last);
  const firstRun = runs[0]?.index ?? 0;
  return {
    ...story,
    beats: beats.map(beat => ({
      ...moved(beat),
      index: beat.index - first,
      firstStep: beat.firstStep - firstStep,
      lastStep: beat.lastStep - firstStep,
      run: beat.run - firstRun,
    })),
    steps: story.steps.slice(firstStep, lastStep + 1).map(step => ({
      ...moved(step),
      index: step.index - firstStep,
      beat: step.beat - first,
      lines: Math.max(0, step.lines - firstLine),
    })),
    lines: story.lines.slice(firstLine, lineOf(last)).map(line => ({
      ...line,
      index: line.index - firstLine,
      step: line.step - firstStep,
      beat: line.beat - first,
      shownAt: storyTime(line.shownAt - start),
    })),
    chapters: story.chapters
      .filter(chapter => chapter.start < end && chapter.end > start)
      .map(chapter => ({ ...clipped(chapter), run: chapter.run - firstRun })),
    runs: runs.map(run => ({
      ...clipped(run),
      index: run.index - firstRun,
      firstBeat: Math.max(run.firstBeat, first) - first,
      lastBeat: Math.min(run.lastBeat, last) - first,
    })),
    inbox: story.inbox
      .filter(entry => entry.shownAt < end)
      .map(entry => ({ ...entry, shownAt: storyTime(entry.shownAt - start) })),
    start: story.steps[firstStep - 1]?.after ?? story.start,
    end: storyTime(end - start),
  };
}
