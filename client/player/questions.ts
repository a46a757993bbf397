/** Which question stands between two moments, and what must not be seen before it is answered: pure answers from a story. */

import { begunAt, sceneAt } from '../../shared/story/scene.ts';
import type { Part, Question, ToldScript } from '../../shared/story/script.ts';
import type { Beat, Run, Scene, Story } from '../../shared/story/story.ts';
import type { Said } from '../caption/said.ts';

/** Which of the choices a viewer took; null where they had it shown without one. */
export type Answer = number | null;
/** By the index of the beat that is asked about. What is not in it has not been asked yet. */
export type Answers = Readonly<Record<number, Answer>>;

/** A question that is asked now. */
export interface Asked {
  /** The index of the beat that begins once it is answered. */
  readonly beat: number;
  /** The story was playing when it came to it. */
  readonly resumes: boolean;
}

/** As much of a viewer as questions need to know. */
export interface Viewing {
  readonly story: Story | null;
  readonly answers: Answers;
  /** The last beat that they have seen, or -1. */
  readonly reached: number;
  readonly asked: Asked | null;
}

/** The script that tells this run, or null. */
export const scriptOf = (story: Story, run: Run | null): ToldScript | null =>
  run === null ? null : (story.scripts.findLast(told => told.run === run.index) ?? null);

/** What its author says of this beat, or null. */
export function partOf(story: Story, beat: Beat | null): Part | null {
  if (beat === null || beat.told === null) return null;
  return story.scripts[beat.told.script]?.script.parts[beat.told.part] ?? null;
}

export const questionOf = (story: Story, beat: Beat): Question | null => partOf(story, beat)?.question ?? null;

const open = (story: Story, answers: Answers, beat: Beat): boolean =>
  answers[beat.index] === undefined && questionOf(story, beat) !== null;

/** The first beat that begins after `from` and not after `to`, and whose question has not been answered. */
export function questionBetween(story: Story, answers: Answers, from: number, to: number): Beat | null {
  if (story.scripts.length === 0) return null;
  for (let at = begunAt(story.beats, from, beat => beat.start); at < story.beats.length; at += 1) {
    const beat = story.beats[at];
    if (beat === undefined || beat.start > to) return null;
    if (open(story, answers, beat)) return beat;
  }
  return null;
}

/** The beat that begins at exactly this moment and whose question has not been answered. */
export function questionAt(story: Story, answers: Answers, t: number): Beat | null {
  const beat = story.beats[begunAt(story.beats, t, each => each.start) - 1];
  return beat !== undefined && beat.start === t && open(story, answers, beat) ? beat : null;
}

/** The picture in which a beat's question is asked: all that was before, and nothing that says what comes. */
export function sceneBefore(story: Story, beat: Beat): Scene {
  const scene = sceneAt(story, beat.start);
  const previous = story.beats[beat.index - 1] ?? null;
  const before = previous?.run === beat.run ? previous : null;
  const step = before === null ? null : (story.steps[before.lastStep] ?? null);
  return {
    ...scene,
    beat: before,
    caption: before?.caption ?? null,
    chapter: before?.chapter ?? null,
    stepNumber: before === null ? 0 : scene.stepNumber - 1,
    motion: null,
    lit: step?.hosts ?? [],
    litCable: step?.cable ?? null,
  };
}

/**
 * The index of the first beat that must not be told ahead, in a list, a label or a colour: a question that the viewer has
 * not come to yet stands before it. Infinity where nothing is hidden.
 */
export function hiddenFrom({ story, answers, reached, asked }: Viewing): number {
  if (asked !== null) return asked.beat;
  if (story === null || story.scripts.length === 0) return Number.POSITIVE_INFINITY;
  for (let at = reached + 1; at < story.beats.length; at += 1) {
    const beat = story.beats[at];
    if (beat !== undefined && open(story, answers, beat)) return at;
  }
  return Number.POSITIVE_INFINITY;
}

/** The last beat whose question has been dealt with: whoever dealt with it has seen what came. -1 for none. */
export const lastAnswered = (answers: Answers): number => Math.max(-1, ...Object.keys(answers).map(Number));

/** What a viewer said to this beat's question; null where they said nothing. */
export function saidTo(story: Story, answers: Answers, beat: Beat): Said | null {
  const choices = questionOf(story, beat)?.choices ?? [];
  const choice = choices[answers[beat.index] ?? -1];
  if (choice === undefined) return null;
  return { words: choice.words, instead: choice.right ? null : (choices.find(({ right }) => right)?.words ?? null) };
}

/** How many steps a run has, where its script says that there are more than have been told. */
export function stepsOf(told: ToldScript | null, run: Run): number {
  const soFar = run.lastBeat - run.firstBeat + 1;
  return told === null || told.ended || !told.script.onlyParts ? soFar : soFar + told.script.parts.length - told.met;
}
