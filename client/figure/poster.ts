/** The picture before anything has moved: the moment of a step, or of the whole figure, that tells most. Pure. */
import type { Span } from '../../shared/story/span.ts';
import { type Beat, type Step, type Story, type StoryTime, storyTime } from '../../shared/story/story.ts';

/** What moves, the most telling first: most who see a figure never press Play, and should see a letter between two houses. */
const RANK = { letter: 0, postcard: 1, line: 2, dial: 3 } as const;

/** How far a thing has come along its way when it is clearly neither here nor there. */
const MIDWAY = 0.52;

const rankOf = (step: Step): number => (step.motion === null ? 4 : RANK[step.motion.kind]);

const crosses = (story: Story, { motion }: Step): boolean => {
  const domainOf = (id: string | undefined) => story.header.world.hosts.find(host => host.id === id)?.domain;
  return motion !== null && domainOf(motion.from) !== domainOf(motion.to);
};

function tellingMoment(story: Story, steps: readonly Step[]): StoryTime | null {
  const cost = (step: Step): number => rankOf(step) + (crosses(story, step) ? 0 : 0.5);
  const best = steps.reduce<Step | null>((one, step) => (one === null || cost(step) < cost(one) ? step : one), null);
  if (best === null || best.motion === null) return null;
  return storyTime(best.start + (best.end - best.start) * MIDWAY);
}

const stepsOf = (story: Story, first: number, last: number): readonly Step[] =>
  story.steps.slice(story.beats[first]?.firstStep ?? 0, (story.beats[last]?.lastStep ?? -1) + 1);

/** The most telling moment of one beat; where nothing moves in it, all of it has happened. */
export const momentOf = (story: Story, beat: Beat): StoryTime =>
  tellingMoment(story, stepsOf(story, beat.index, beat.index)) ??
  storyTime(Math.max(beat.start, Math.min(beat.end, story.end) - 1));

/** Of all that a figure shows: the letter on its way from one house to another, if there is one. */
export const posterOf = (story: Story, { first, last, start }: Span): StoryTime =>
  tellingMoment(story, stepsOf(story, first, last)) ?? start;
