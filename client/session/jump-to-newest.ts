/** Jumps to the newest event when the page is too far behind, counts the beats left out, and offers the way back. */
import { begunAt } from '../../shared/story/scene.ts';
import type { Story, StoryTime } from '../../shared/story/story.ts';
import { player } from './store.ts';
import { goTo } from './travel.ts';

const { getState: get, setState: set } = player;

/** Beats that a live page may be behind: more than half an hour of watching. */
const FAR = 500;

export function jumpIfFarBehind(story: Story): void {
  const { clock } = get();
  if (beatsAfter(story, clock.at) > FAR) jumpToNewest(story, clock.at);
}

const beatsAfter = (story: Story, t: StoryTime): number =>
  story.beats.length - begunAt(story.beats, t, beat => beat.start);

/** Milliseconds without anything new after which a rush is over, and what comes next is played from its beginning. */
const RUSH = 1000;

/** True while more comes than can be watched, and the page stands at the newest of it. */
export function isRushing(): boolean {
  const { jumped } = get();
  return jumped !== null && performance.now() - jumped.at < RUSH;
}

/** Goes to the newest beat, and counts the beats left out since `from`. */
export function jumpToNewest(story: Story, from: StoryTime): void {
  const { jumped } = get();
  const beats = (jumped?.beats ?? 0) + beatsAfter(story, from);
  goTo(story.end, false);
  set({ jumped: { from: jumped?.from ?? from, beats, at: performance.now() } });
}

/** Back to where the page was before the jump; it plays on from there and does not jump again. */
export function returnFromJump(): void {
  const { jumped } = get();
  if (jumped !== null) goTo(jumped.from, true);
  forgetJump();
}

export const forgetJump = (): void => set({ jumped: null });
