/** Replaces the codes of letter notes by their words, so that a figure need not carry the code that makes them. */
import { noteText } from '../explain/notes.ts';
import type { Letter, State, Story } from '../story/story.ts';

/** The same story with every note in words; letters and states that were shared are shared still. */
export function withNotesInWords<S extends Pick<Story, 'steps' | 'start'>>(story: S): S {
  const letters = new Map<Letter, Letter>();
  const states = new Map<State, State>();
  const letterInWords = (letter: Letter): Letter => {
    const known = letters.get(letter);
    if (known !== undefined) return known;
    const changed: Letter = { ...letter, note: { code: 'told', words: noteText(letter.note) } };
    letters.set(letter, changed);
    return changed;
  };
  const stateInWords = (state: State): State => {
    const known = states.get(state);
    if (known !== undefined) return known;
    const changed: State = { ...state, letters: state.letters.map(letterInWords) };
    states.set(state, changed);
    return changed;
  };
  return {
    ...story,
    start: stateInWords(story.start),
    steps: story.steps.map(step => ({ ...step, after: stateInWords(step.after) })),
  };
}
