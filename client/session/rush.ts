/** More happens than can be watched: the page goes to the newest, says how much it left out, and leads back. */
import { begunAt } from '../../shared/story/scene.ts';
import type { Story, StoryTime } from '../../shared/story/story.ts';
import { player } from './store.ts';
import { goTo } from './travel.ts';

const { getState: get, setState: set } = player;

/** Beats that a page which follows may be behind: more than half an hour of watching. */
const FAR = 500;

/** A page that is far behind what happens jumps there; it says so, and how one comes back. */
export function keepUp(story: Story): void {
  const { clock } = get();
  if (beatsAfter(story, clock.at) > FAR) stayAtNow(story, clock.at);
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

/** Stands at the newest, and counts what is left out from `from` on. */
export function stayAtNow(story: Story, from: StoryTime): void {
  const { jumped } = get();
  const beats = (jumped?.beats ?? 0) + beatsAfter(story, from);
  goTo(story.end, false);
  set({ jumped: { from: jumped?.from ?? from, beats, at: performance.now() } });
}

/** To where a page was before it jumped to the newest; it plays on from there, and jumps no more. */
export function backFromJump(): void {
  const { jumped } = get();
  if (jumped !== null) goTo(jumped.from, true);
  forgetJump();
}

export const forgetJump = (): void => set({ jumped: null });
