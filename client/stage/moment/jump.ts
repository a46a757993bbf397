/** The clock of a scene in which world time jumps: where it stands and how its hands turn. Pure. */
import type { Scene, Story } from '../../../shared/story/story.ts';
import { envelopePlace } from '../plan/letter-place.ts';
import type { Layout } from '../plan/plan.ts';
import { memoriesIn, pilesIn } from './asides.ts';
import { type ClockPlace, clockPlace, type Turn } from './clock-face.ts';

export interface Jump {
  /** The step that it lasts. */
  readonly step: number;
  /** Story time in milliseconds. */
  readonly start: number;
  readonly end: number;
  readonly place: ClockPlace;
  readonly turn: Turn;
}

/** Null where time goes as always. */
export function jumpIn(layout: Layout, story: Story, scene: Scene): Jump | null {
  const { step, caption, state, motion } = scene;
  if (step === null || step.jump <= 0 || motion !== null) return null;
  const words = (caption?.title ?? '').replaceAll('**', '');
  const focus = state.letters.find(({ id }) => id === state.focus);
  const piles = pilesIn(layout, scene);
  const lying = focus === undefined ? null : envelopePlace(layout, focus.at);
  const taken = [...piles, ...memoriesIn(layout, scene, piles)].map(({ box }) => box);
  // `jumped` of what follows the step holds its jump already.
  const until = Date.parse(story.header.createdAt) + (step.wireAt + step.after.jumped) / 1000;
  return {
    step: step.index,
    start: step.start,
    end: step.end,
    place: clockPlace(layout, words, lying === null ? taken : [...taken, lying]),
    turn: { until, jump: step.jump / 1000 },
  };
}
