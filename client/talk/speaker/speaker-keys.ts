/** What the keys of the speaker's window do: they ask the stage for the same as its own, and two are for the size of the notes. */

import { type Act, bindKeys, listenForKeys } from '../../keys/listen-keys.ts';
import { toggleTheme } from '../../keys/watch-acts.ts';
import type { ActOn } from '../../player/keys.ts';
import { savedLetterKeys } from '../../player/place.ts';
import { ask, goToStep } from './speaker.ts';

/** `resize`: larger or smaller notes. Answers what stops it. */
export function listenForSpeakerKeys(resize: (by: 1 | -1) => void): () => void {
  let digits = '';
  const asks =
    (what: 'next' | 'back' | 'play' | 'blank' | 'first' | 'last' | 'recording'): Act =>
    () => {
      digits = '';
      ask({ do: what });
    };
  const acts: Readonly<Record<ActOn<'speaker'>, Act>> = {
    next: asks('next'),
    back: asks('back'),
    play: asks('play'),
    black: asks('blank'),
    first: asks('first'),
    last: asks('last'),
    recording: asks('recording'),
    digit(key) {
      digits = `${digits}${key}`.slice(-3);
    },
    enter() {
      if (digits === '') ask({ do: 'next' });
      else goToStep(Number(digits));
      digits = '';
    },
    larger: () => resize(1),
    smaller: () => resize(-1),
    theme: toggleTheme,
  };
  // Whether what is shown is live, the stage knows.
  const keys = bindKeys('speaker', acts, condition => condition === 'live');
  // The switch is in another window, and may be turned while this one is open.
  return listenForKeys(() => keys, savedLetterKeys);
}
