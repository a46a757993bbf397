/** The picture at one moment: a pure function of story and t, the same forwards, backwards and from the middle. */
import { wireTime } from '../trace/event.ts';
import type { Run, Scene, Step, Story, StoryTime } from './story.ts';

/** How many of the items, sorted by `start`, have begun at `t`. */
export function begunAt<Item>(items: readonly Item[], t: number, start: (item: Item) => number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = items[middle];
    if (item !== undefined && start(item) <= t) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The run that is on at `t`; before the first, the first. */
export function runAt(story: Story, t: number): Run | null {
  return story.runs[Math.max(0, begunAt(story.runs, t, run => run.start) - 1)] ?? null;
}

/** How many letters the story's inboxes hold at `t`. */
const inboxAt = (story: Story, t: number): number => begunAt(story.inbox, t, entry => entry.shownAt);

/** O(log n) in the length of the story; allocates only the Scene itself. `t` beyond either end is the picture at that end. */
export function sceneAt(story: Story, t: StoryTime): Scene {
  const beatIndex = begunAt(story.beats, t, beat => beat.start) - 1;
  const beat = story.beats[beatIndex] ?? null;
  const stepIndex = begunAt(story.steps, t, step => step.start) - 1;
  const step: Step | null = story.steps[stepIndex] ?? null;
  const run = runAt(story, t);
  const moving = step !== null && t < step.end;
  const state = step === null ? story.start : moving ? (story.steps[stepIndex - 1]?.after ?? story.start) : step.after;
  // While the caption of a new beat is read and nothing has moved yet, its first step lights the stage.
  const current = beat === null ? null : step?.beat === beat.index ? step : (story.steps[beat.firstStep] ?? null);
  const motion = moving ? step.motion : null;
  // Once nothing is left to tell and nobody is on the line, the stage is whole again.
  const over = t >= story.end && state.connections.length === 0;
  const lineCount = step?.lines ?? 0;
  return {
    at: t,
    wireAt: step?.wireAt ?? wireTime(0),
    beat,
    step,
    run,
    stepNumber: beat && run ? beat.index - run.firstBeat + 1 : 0,
    stepCount: run ? run.lastBeat - run.firstBeat + 1 : 0,
    chapter: beat?.chapter ?? null,
    caption: beat?.caption ?? null,
    state,
    motion:
      motion && step
        ? {
            ...motion,
            start: step.start,
            end: step.end,
            progress: Math.min(1, Math.max(0, (t - step.start) / Math.max(1, step.end - step.start))),
          }
        : null,
    lit: over ? [] : (current?.hosts ?? []),
    litCable: over ? null : (current?.cable ?? null),
    lineCount,
    currentLine: lineCount - 1,
    inboxCount: inboxAt(story, t),
  };
}
