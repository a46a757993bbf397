/** What a viewer does with a question: take a choice, have it shown, or be asked again. */
import type { Beat } from '../../shared/story/story.ts';
import { settled } from '../player/navigate.ts';
import { saveAnswers } from '../player/place.ts';
import { type Answer, type Answers, questionOf } from '../player/questions.ts';
import { player } from './store.ts';
import { ask, goTo } from './travel.ts';

const { getState: get, setState: set } = player;

function keep(answers: Answers): void {
  const { trace } = get();
  set({ answers });
  if (trace !== null) saveAnswers(trace, answers);
}

function deal(answer: Answer, goesOn: boolean): void {
  const { story, asked, answers, reducedMotion } = get();
  const beat = asked === null ? undefined : story?.beats[asked.beat];
  if (asked === null || beat === undefined) return;
  keep({ ...answers, [beat.index]: answer });
  const still = reducedMotion && !asked.resumes;
  goTo(still ? settled(beat) : beat.start, asked.resumes || (goesOn && !still));
}

/** Takes a choice, from 0, of the question that is asked; what happens is shown at once. */
export function choose(choice: number): void {
  const { story, asked } = get();
  const beat = asked === null ? undefined : story?.beats[asked.beat];
  if (story === null || beat === undefined) return;
  if (questionOf(story, beat)?.choices[choice] !== undefined) deal(choice, true);
}

/** Shows what happens, without an answer, and plays on. */
export const showMe = (): void => deal(null, true);

/** Goes by the question as one goes by a step: whoever steps goes on stepping. */
export const pass = (): void => deal(null, false);

export function askAgain(beat: Beat): void {
  const { [beat.index]: _, ...others } = get().answers;
  keep(others);
  ask(beat, false);
}
