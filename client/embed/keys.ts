/** What a key means to the figure that has the focus, and to no other; the words are what its help shows. */

import { pressedKey } from '../player/press.ts';

export type Act =
  | { readonly kind: 'toggle' | 'next' | 'previous' | 'faster' | 'slower' | 'fullscreen' | 'help' }
  | { readonly kind: 'part'; readonly fraction: number }
  /** The key is held down, and has done its work. */
  | { readonly kind: 'held' };

interface Row {
  /** As `KeyboardEvent.key` says it; a letter in lower case. */
  readonly keys: readonly string[];
  readonly shown: string;
  readonly does: string;
  /** A held key goes on acting: only where that moves something. */
  readonly repeats?: true;
  readonly act: (key: string) => Act;
}

export const KEYS: readonly Row[] = [
  { keys: [' ', 'k'], shown: 'Space  k', does: 'Play or pause', act: () => ({ kind: 'toggle' }) },
  { keys: ['ArrowRight', 'l'], repeats: true, shown: '→  l', does: 'Next step', act: () => ({ kind: 'next' }) },
  { keys: ['ArrowLeft', 'j'], repeats: true, shown: '←  j', does: 'Previous step', act: () => ({ kind: 'previous' }) },
  {
    keys: ['Home', 'End', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    shown: 'Home  End  0 … 9',
    does: 'To the start, the end, a part',
    act: key => ({ kind: 'part', fraction: key === 'Home' ? 0 : key === 'End' ? 1 : Number(key) / 10 }),
  },
  {
    keys: ['<', '>'],
    repeats: true,
    shown: '<  >',
    does: 'Slower, faster',
    act: key => ({ kind: key === '<' ? 'slower' : 'faster' }),
  },
  { keys: ['f'], shown: 'f', does: 'Full screen', act: () => ({ kind: 'fullscreen' }) },
  { keys: ['?'], shown: '?', does: 'This text', act: () => ({ kind: 'help' }) },
];

const TYPING = 'input, textarea, select, [contenteditable]';
const PRESSED_BY_SPACE = 'button, a, summary';
const MOVES_BY_ITSELF = '.figure-panel';

/** Null for a press that is not ours: its default stays. */
export function actOf(event: KeyboardEvent): Act | null {
  const pressed = pressedKey(event);
  if (event.defaultPrevented || pressed === null || pressed.ctrl) return null;
  const [target] = event.composedPath();
  if (!(target instanceof Element) || target.closest(TYPING) !== null) return null;
  if (event.key === ' ' && target.closest(PRESSED_BY_SPACE) !== null) return null;
  // What scrolls keeps the keys that scroll it.
  if (/^(?:Home|End|Arrow| )/.test(event.key) && target.closest(MOVES_BY_ITSELF) !== null) return null;
  const { key } = pressed;
  if (event.shiftKey && key.length > 1) return null;
  const row = KEYS.find(({ keys }) => keys.includes(key));
  if (row === undefined) return null;
  return event.repeat && !row.repeats ? { kind: 'held' } : row.act(key);
}
