/** A story whose letters have the words of their notes: a figure that draws it need not know how they are made. */
import { noteText } from '../explain/notes.ts';
import type { Letter, State, Story } from '../story/story.ts';

/** The same story with every note told; what states share, they share still. */
export function withNotesTold<Told extends Pick<Story, 'steps' | 'start'>>(story: Told): Told {
  const letters = new Map<Letter, Letter>();
  const states = new Map<State, State>();
  const toldLetter = (letter: Letter): Letter => {
    const known = letters.get(letter);
    if (known !== undefined) return known;
    const told: Letter = { ...letter, note: { code: 'told', words: noteText(letter.note) } };
    letters.set(letter, told);
    return told;
  };
  const toldState = (state: State): State => {
    const known = states.get(state);
    if (known !== undefined) return known;
    const told: State = { ...state, letters: state.letters.map(toldLetter) };
    states.set(state, told);
    return told;
  };
  return {
    ...story,
    start: toldState(story.start),
    steps: story.steps.map(step => ({ ...step, after: toldState(step.after) })),
  };
}
