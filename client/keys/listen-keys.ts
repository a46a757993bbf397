/** Carries out the keys of a surface: only those that are in its rows are taken from the browser. */
import { type ActOn, type Condition, type KeyRow, keysOn, rowFor, type Surface } from '../player/keys.ts';
import { player } from '../session/store.ts';

/** `key` as the row has it. */
export type Act = (key: string) => void;

/** A surface's keys, each with what it does there. */
export interface Bound {
  readonly rows: readonly KeyRow[];
  readonly acts: Readonly<Record<string, Act>>;
  /** Whether something is so now. */
  readonly is: (condition: Condition) => boolean;
}

/** `acts`: all that the table names for that surface. */
export const bindKeys = <On extends Surface>(
  on: On,
  acts: Readonly<Record<ActOn<On>, Act>>,
  is: Bound['is'],
): Bound => ({ rows: keysOn(on), acts, is });

const TYPING = 'input, textarea, select, [contenteditable]';
/** In the dialog that edits the world, what was edited can be undone; every other dialog keeps all keys to itself. */
const keptByDialog = (row: KeyRow): boolean =>
  document.querySelector('dialog[open]') !== null && !(row.ctrl && player.getState().dialog?.kind === 'world');
const PRESSED_BY_SPACE = 'button, a, summary, [role=button], [role=tab]';

/** Listens on the whole page to the keys of that moment; answers what stops it. `letters`: single characters act too. */
export function listenForKeys(
  bound: () => Bound,
  letters: () => boolean = () => player.getState().letterKeys,
): () => void {
  const press = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || !(event.target instanceof Element)) return;
    if (event.target.closest(TYPING) !== null) return;
    if ((event.key === ' ' || event.key === 'Enter') && event.target.closest(PRESSED_BY_SPACE) !== null) return;
    const { rows, acts, is } = bound();
    const row = rowFor(event, rows, letters(), is);
    if (row === null || keptByDialog(row) || (player.getState().gallery && !row.gallery)) return;
    event.preventDefault();
    if (!event.repeat || row.repeats) acts[row.act]?.(event.key);
  };
  addEventListener('keydown', press);
  return () => removeEventListener('keydown', press);
}
