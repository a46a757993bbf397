/** Where present mode stands and where it goes from there: pure answers from a story and a moment. */
import { begunAt } from '../../../shared/story/scene.ts';
import type { Beat, Story } from '../../../shared/story/story.ts';
import { settled } from '../../player/navigate.ts';
import type { Asked } from '../../player/questions.ts';

/** A viewer who presents. `at` in milliseconds of story time. */
export interface Standing {
  readonly story: Story;
  readonly at: number;
  readonly playing: boolean;
  readonly asked: Asked | null;
}

/** The index of the beat that is seen; -1 before the first, where the title stands, and while its question is asked. */
export function beatOf({ story, at, playing, asked }: Standing): number {
  if (asked !== null) return asked.beat - 1;
  const first = story.beats[0];
  if (first === undefined || (!playing && at <= first.start)) return -1;
  return begunAt(story.beats, at, beat => beat.start) - 1;
}

/** What a speaker calls by Next: the end of the beat that is on, or the beat after it. */
export type Call =
  | { readonly what: 'finish'; readonly beat: Beat }
  /** There may be no such beat yet. */
  | { readonly what: 'begin'; readonly beat: number };

export function nextFrom(standing: Standing): Call {
  const index = beatOf(standing);
  const beat = standing.story.beats[index];
  const runs = standing.asked === null && beat !== undefined && standing.at < settled(beat);
  return runs ? { what: 'finish', beat } : { what: 'begin', beat: index + 1 };
}

/** How many beats of this name there are up to this one. */
const nth = (story: Story, { name, index }: Beat): number =>
  story.beats.slice(0, index + 1).filter(each => each.name === name).length;

/**
 * The same beat in another telling of the same story: the one that tells the same part of its script, else the one of the same
 * name, as far in; else the one of the same number.
 */
export function sameBeat(from: Story, beat: Beat, to: Story): Beat | null {
  const { told } = beat;
  const byPart = told === null ? undefined : to.beats.find(each => each.told?.part === told.part);
  if (byPart !== undefined) return byPart;
  const alike = to.beats.filter(each => each.name === beat.name);
  return alike[nth(from, beat) - 1] ?? to.beats[beat.index] ?? to.beats.at(-1) ?? null;
}
