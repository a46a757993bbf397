/** The stage's keys in the speaker's window: they ask the stage, and two are this window's own, for the size of the notes. */
import type { Steer } from '../../shared/show.ts';
import { savedLetterKeys } from '../player/place.ts';
import { pressedKey } from '../player/press.ts';
import { player } from '../player/store.ts';
import { setTheme } from '../player/view.ts';
import { ask, goToStep } from './speaker.ts';

type Plain = Exclude<Steer, { readonly do: 'to' }>['do'];

/** As `KeyboardEvent.key` says it; a letter in lower case. What clickers send is among them. */
const MEANS: Readonly<Record<string, Plain>> = {
  ' ': 'next',
  ArrowRight: 'next',
  ArrowDown: 'next',
  PageDown: 'next',
  n: 'next',
  ArrowLeft: 'back',
  ArrowUp: 'back',
  PageUp: 'back',
  p: 'back',
  k: 'play',
  '.': 'blank',
  b: 'blank',
  Home: 'first',
  End: 'last',
  r: 'recording',
};

const SIZES: Readonly<Record<string, 1 | -1>> = { '+': 1, '=': 1, '-': -1 };
const PRESSED = 'button, a, summary, [role=button]';

/** `resize`: larger or smaller notes. Answers what stops it. */
export function listenForSpeakerKeys(resize: (by: 1 | -1) => void): () => void {
  let digits = '';
  const act = (key: string): boolean => {
    const by = SIZES[key];
    const means = MEANS[key];
    if (/^\d$/.test(key)) digits = `${digits}${key}`.slice(-3);
    else if (key === 'Enter') {
      if (digits === '') ask({ do: 'next' });
      else goToStep(Number(digits));
      digits = '';
    } else if (by !== undefined) resize(by);
    else if (key === 'd') setTheme(player.getState().theme === 'dark' ? 'light' : 'dark');
    else if (means !== undefined) {
      digits = '';
      ask({ do: means });
    } else return false;
    return true;
  };
  const press = (event: KeyboardEvent): void => {
    const pressed = pressedKey(event);
    if (event.defaultPrevented || pressed === null || pressed.ctrl) return;
    const { key, character } = pressed;
    const { target } = event;
    if ((key === ' ' || key === 'Enter') && target instanceof Element && target.closest(PRESSED) !== null) return;
    if (character && !savedLetterKeys()) return;
    // A held key is one press, but for the size of the notes.
    if (event.repeat && SIZES[key] === undefined) event.preventDefault();
    else if (act(key)) event.preventDefault();
  };
  addEventListener('keydown', press);
  return () => removeEventListener('keydown', press);
}
