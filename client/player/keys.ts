/** One table of keys: it drives the handler and is what the help shows, so that the two cannot differ. */
import { nextLine, previousLine } from './navigate.ts';
import { holdWire, releaseOne } from './session.ts';
import {
  changeSpeed,
  goTo,
  goToPart,
  moment,
  openDialog,
  player,
  setTheme,
  showTab,
  step,
  stepChapter,
  toggle,
} from './store.ts';

export interface KeyRow {
  /** As `KeyboardEvent.key` says it; a letter in lower case. */
  readonly keys: readonly string[];
  /** With Shift held, for keys that mean something else without. */
  readonly shift?: true;
  /** As shown in the help. */
  readonly shown: string;
  readonly does: string;
  readonly act: (key: string) => void;
}

const line = (by: 1 | -1): void => {
  const { story } = player.getState();
  if (story !== null) goTo(by === 1 ? nextLine(story, moment()) : previousLine(story, moment()), false);
};

const hold = (): void => {
  const { holding } = player.getState();
  if (holding !== null) holdWire(!holding.on);
};

export const KEYS: readonly KeyRow[] = [
  { keys: [' ', 'k'], shown: 'Space  k', does: 'Play or pause', act: toggle },
  { keys: ['ArrowRight', 'l'], shown: '→  l', does: 'Next step', act: () => step(1) },
  { keys: ['ArrowLeft', 'j'], shown: '←  j', does: 'Previous step', act: () => step(-1) },
  { keys: ['ArrowRight'], shift: true, shown: 'Shift →', does: 'Next chapter', act: () => stepChapter(1) },
  { keys: ['ArrowLeft'], shift: true, shown: 'Shift ←', does: 'Previous chapter', act: () => stepChapter(-1) },
  { keys: [']'], shown: ']', does: 'Next chapter', act: () => stepChapter(1) },
  { keys: ['['], shown: '[', does: 'Previous chapter', act: () => stepChapter(-1) },
  { keys: ['.'], shown: '.', does: 'One line on the wire forward', act: () => line(1) },
  { keys: [','], shown: ',', does: 'One line on the wire back', act: () => line(-1) },
  { keys: ['Home'], shown: 'Home', does: 'To the start of this letter’s journey', act: () => goToPart(0) },
  { keys: ['End'], shown: 'End', does: 'To the newest moment', act: () => goTo(player.getState().end, false) },
  {
    keys: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    shown: '0 … 9',
    does: 'To 0 % … 90 % of the journey',
    act: key => goToPart(Number(key) / 10),
  },
  { keys: ['>'], shown: '>', does: 'Faster', act: () => changeSpeed(1) },
  { keys: ['<'], shown: '<', does: 'Slower', act: () => changeSpeed(-1) },
  { keys: ['h'], shown: 'h', does: 'Hold the wire, or let it run', act: hold },
  { keys: ['r'], shown: 'r', does: 'Let one chunk go while it is held', act: releaseOne },
  { keys: ['n'], shown: 'n', does: 'Write a new letter', act: () => openDialog({ kind: 'compose', draft: null }) },
  { keys: ['i'], shown: 'i', does: 'Open the inbox', act: () => showTab('inbox') },
  {
    keys: ['d'],
    shown: 'd',
    does: 'Light or dark',
    act: () => setTheme(player.getState().theme === 'dark' ? 'light' : 'dark'),
  },
  { keys: ['?'], shown: '?', does: 'This help', act: () => openDialog({ kind: 'help' }) },
];

export interface Press {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/** The row a key press means, or null. `letters`: single characters act too (WCAG 2.1.4); Space and named keys always do. */
export function rowFor(press: Press, letters: boolean): KeyRow | null {
  if (press.ctrlKey || press.metaKey || press.altKey) return null;
  const single = press.key.length === 1;
  if (single && press.key !== ' ' && !letters) return null;
  const key = single ? press.key.toLowerCase() : press.key;
  // A character such as ? already has its Shift in it.
  return KEYS.find(row => row.keys.includes(key) && (single || (row.shift ?? false) === press.shiftKey)) ?? null;
}

const TYPING = 'input, textarea, select, [contenteditable], dialog[open]';
const PRESSED_BY_SPACE = 'button, a, summary, [role=button], [role=tab]';

/** Listens on the whole page; answers what stops it. Only keys that are in the table are taken from the browser. */
export function listenForKeys(): () => void {
  const press = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || !(event.target instanceof Element)) return;
    if (event.target.closest(TYPING) !== null || document.querySelector('dialog[open]') !== null) return;
    if (event.key === ' ' && event.target.closest(PRESSED_BY_SPACE) !== null) return;
    const row = rowFor(event, player.getState().letterKeys);
    if (row === null) return;
    event.preventDefault();
    row.act(event.key);
  };
  addEventListener('keydown', press);
  return () => removeEventListener('keydown', press);
}
