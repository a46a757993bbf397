/** Where a step forward or back leads: pure answers from a story and a moment, shared by keys, buttons and the timeline. */
import { begunAt } from '../../shared/story/scene.ts';
import {
  type Beat,
  type Chapter,
  type Run,
  type State,
  type Story,
  type StoryTime,
  storyTime,
} from '../../shared/story/story.ts';
import type { PublicWorld } from '../../shared/world/world.ts';

/** The index of the last item that has begun at `t`, or -1. Items are in order of `start`. */
const latest = (items: readonly { readonly start: StoryTime }[], t: number): number =>
  begunAt(items, t, item => item.start) - 1;

/** A beat's settled picture: the last moment at which all of it has happened and nothing of the next one has begun. */
export const settled = (beat: Beat): StoryTime => storyTime(Math.max(beat.start, beat.end - 1));

/** How long after a beat's start "back" still means the beat before. */
const SLACK = 400;

/** The start of the next beat, or the story's end. `still`: the settled picture of each beat instead of its start. */
export function nextBeat(story: Story, t: StoryTime, still: boolean): StoryTime {
  const at = latest(story.beats, t);
  const current = story.beats[at];
  if (still && current !== undefined && t < settled(current)) return settled(current);
  const next = story.beats[at + 1];
  if (next === undefined) return story.end;
  return still ? settled(next) : next.start;
}

/** The start of this beat when well inside it, else of the one before. */
export function previousBeat(story: Story, t: StoryTime, still: boolean): StoryTime {
  const at = latest(story.beats, t);
  const current = story.beats[at];
  if (current === undefined) return storyTime(0);
  if (still) {
    const before = story.beats[at - 1];
    return before === undefined ? current.start : settled(before);
  }
  if (t - current.start > SLACK) return current.start;
  return story.beats[at - 1]?.start ?? current.start;
}

export function nextChapter(story: Story, t: StoryTime): StoryTime {
  return story.chapters[latest(story.chapters, t) + 1]?.start ?? story.end;
}

export function previousChapter(story: Story, t: StoryTime): StoryTime {
  const at = latest(story.chapters, t);
  const current = story.chapters[at];
  if (current === undefined) return storyTime(0);
  if (t - current.start > SLACK) return current.start;
  return story.chapters[at - 1]?.start ?? current.start;
}

/** The moment the next line of the conversation crosses the wire. */
export function nextLine(story: Story, t: StoryTime): StoryTime {
  return story.lines[begunAt(story.lines, t, line => line.shownAt)]?.shownAt ?? story.end;
}

export function previousLine(story: Story, t: StoryTime): StoryTime {
  let before = begunAt(story.lines, t, line => line.shownAt) - 1;
  while ((story.lines[before]?.shownAt ?? -1) >= t) before -= 1;
  return story.lines[before]?.shownAt ?? storyTime(0);
}

export const chaptersOf = (story: Story, run: Run): readonly Chapter[] =>
  story.chapters.slice(
    begunAt(story.chapters, run.index - 1, chapter => chapter.run),
    begunAt(story.chapters, run.index, chapter => chapter.run),
  );

/** The lines of one run, as [from, to) of `story.lines`. */
export const linesOf = (story: Story, run: Run): { readonly from: number; readonly to: number } => ({
  from: firstLineOf(story, run),
  to: begunAt(story.lines, run.lastBeat, line => line.beat),
});

/** Whether a mail client outside the box has a part in this run. */
export function visitorIn(story: Story, run: Run | undefined, world: PublicWorld): boolean {
  const outside = world.hosts.filter(host => host.kind === 'visitor').map(host => host.id);
  if (run === undefined || outside.length === 0) return false;
  const { from, to } = linesOf(story, run);
  for (let at = from; at < to; at += 1) if (outside.includes(story.lines[at]?.client ?? '')) return true;
  return false;
}

/** What has happened by the story's end, wherever the viewer is: what one does now is done to this. */
const newestState = (story: Story): State => story.steps.at(-1)?.after ?? story.start;
export const newestWorld = (story: Story): PublicWorld => newestState(story).world;

/** The run's first entry in `story.lines`. */
export const firstLineOf = (story: Story, run: Run): number =>
  begunAt(story.lines, run.firstBeat - 1, line => line.beat);
