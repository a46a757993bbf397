/** How a story comes to be shown, and what a viewer sees of it as it grows. */
import { begunAt } from '../../shared/story/scene.ts';
import { type Story, type StoryTime, storyTime } from '../../shared/story/story.ts';
import { settled } from '../player/navigate.ts';
import { savedAnswers } from '../player/place.ts';
import { lastAnswered, questionAt } from '../player/questions.ts';
import { isRushing, keepUp, stayAtNow } from './rush.ts';
import { player } from './store.ts';
import { ask, comeTo, goTo, pinClock, stay, storyEnd } from './travel.ts';

const { getState: get, setState: set } = player;

/** Shows a story from where `t` says, standing still unless `playing`. `shared`: a link leads to what is seen there, not to a question. */
export function open(story: Story, trace: string | null, t: number, playing: boolean, shared = false): void {
  const answers = trace === null ? {} : savedAnswers(trace);
  set({
    story,
    trace,
    awaiting: null,
    jumped: null,
    inspect: null,
    answers,
    reached: lastAnswered(answers),
  });
  // Before a room, nothing begins by itself, and nothing is asked before somebody says so.
  if (get().presenting) goTo(t, false);
  else if (shared) goTo(t, playing);
  else comeTo(t, playing);
}

/** How many beats have begun before `from`, without those that begin then. */
function begunBefore(story: Story, from: StoryTime): number {
  let count = begunAt(story.beats, from, beat => beat.start);
  while (count > 0 && story.beats[count - 1]?.start === from) count -= 1;
  return count;
}

/** Where a run that just began is first shown: moving from its start, or as a still card of its first beat. */
function begin(story: Story, from: StoryTime): void {
  if (get().presenting) {
    goTo(from, false);
    return;
  }
  const first = story.beats[begunBefore(story, from)];
  if (!get().reducedMotion) {
    comeTo(from, true);
    set({ follows: get().playing });
  } else if (first === undefined) goTo(from, false);
  else if (questionAt(story, get().answers, first.start) !== null) ask(first, false);
  else goTo(settled(first), false);
}

/** Shows a story from its start, moving, or as a still card of its first beat. */
export function openAtStart(story: Story, trace: string): void {
  open(story, trace, 0, false);
  begin(story, storyTime(0));
}

/**
 * The story has grown. A viewer who waits at the end, or who asked for what now begins, sees it from its beginning; every
 * other viewer's picture does not move.
 */
export function grow(story: Story): void {
  const { story: before, playing, source, gate, presenting, follows } = get();
  const end = storyEnd();
  const runs = before?.runs.length ?? 0;
  // Before a room, what begins waits until it is called.
  const awaiting = presenting ? null : get().awaiting;
  const at = pinClock();
  const waiting = at >= end && source.kind === 'live' && !presenting;
  set({ story });
  const awaited = awaiting !== null && 'run' in awaiting ? story.runs[awaiting.run] : undefined;
  if (awaited !== undefined) {
    set({ awaiting: null });
    begin(story, awaited.start);
  } else if (awaiting !== null && 'after' in awaiting && story.end > awaiting.after) {
    set({ awaiting: null });
    begin(story, awaiting.after);
  } else if (gate !== null && at >= gate) {
    comeTo(gate, playing);
  } else if (waiting && story.end > end) {
    if (isRushing()) stayAtNow(story, at);
    else begin(story, story.runs.length > runs ? (story.runs[runs]?.start ?? end) : end);
  } else {
    stay();
    set({ follows });
  }
  if (get().follows && source.kind === 'live' && source.story === null) keepUp(story);
}
