/** What a key press means to the figure that has the focus, and to no other. */
import { type ActOn, FIGURE_KEYS } from '../../player/keys.ts';
import { rowPressed } from '../../player/press.ts';

/** What a figure is asked for, by a key or a button. `key`: the one of several that mean it. */
export type Act = (act: ActOn<'figure'>, key?: string) => void;

const TYPING = 'input, textarea, select, [contenteditable]';
const PRESSED_BY_SPACE = 'button, a, summary';
const MOVES_BY_ITSELF = '.figure-panel';

/** Null for a press that is not ours: its default stays. */
export function rowOf(event: KeyboardEvent): (typeof FIGURE_KEYS)[number] | null {
  const [target] = event.composedPath();
  if (event.defaultPrevented || !(target instanceof Element) || target.closest(TYPING) !== null) return null;
  if (event.key === ' ' && target.closest(PRESSED_BY_SPACE) !== null) return null;
  // What scrolls keeps the keys that scroll it.
  if (/^(?:Home|End|Arrow| )/.test(event.key) && target.closest(MOVES_BY_ITSELF) !== null) return null;
  return rowPressed(event, FIGURE_KEYS);
}

/** Which part of the figure a key leads to: 0 its start, 1 its end. */
export const partOf = (key: string): number => (key === 'Home' ? 0 : key === 'End' ? 1 : Number(key) / 10);
