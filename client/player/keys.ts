/** One table of keys: it drives the handler and is what the help shows, so that the two cannot differ. */
import { choose } from './asking.ts';
import { keeper, redo, toNext, undo } from './keeper.ts';
import { changeSpeed, goToPart, step, stepChapter, stepLine, toggle } from './moves.ts';
import { type Press, pressedKey } from './press.ts';
import { holdWire, releaseOne } from './session.ts';
import { type Player, player } from './store.ts';
import { backToLive } from './travel.ts';
import { openDialog, present, setNotes, setTheme, showDns, showGallery, showTab } from './view.ts';

export interface KeyRow {
  /** As `KeyboardEvent.key` says it; a letter in lower case. */
  readonly keys: readonly string[];
  /** With Shift held, for keys that mean something else without. */
  readonly shift?: true;
  /** With Ctrl held, or Command on a Mac. Single characters with it act whether or not letters are keys. */
  readonly ctrl?: true;
  /** Also where the gallery stands in place of the page. */
  readonly gallery?: true;
  /** A held key goes on acting: only where that moves something. */
  readonly repeats?: true;
  /** Only then; the key may mean something else otherwise. */
  readonly when?: (state: Player) => boolean;
  /** As shown in the help. */
  readonly shown: string;
  readonly does: string;
  readonly act: (key: string) => void;
}

/** Only where there is something to be shared. */
const share = (): void => {
  if (player.getState().story !== null) openDialog({ kind: 'share' });
};

/** Only where there is a world that can be changed. */
const editWorld = (): void => {
  if (keeper.getState().facts !== null) openDialog({ kind: 'world' });
};

const skip = (): void => {
  if (keeper.getState().clock?.next) void toNext();
};

const hold = (): void => {
  const { holding } = player.getState();
  if (holding !== null) holdWire(!holding.on);
};

export const KEYS: readonly KeyRow[] = [
  { keys: [' ', 'k'], shown: 'Space  k', does: 'Play or pause', act: toggle },
  { keys: ['ArrowRight', 'l'], repeats: true, shown: '→  l', does: 'Next step', act: () => step(1) },
  { keys: ['ArrowLeft', 'j'], repeats: true, shown: '←  j', does: 'Previous step', act: () => step(-1) },
  {
    keys: ['ArrowRight'],
    shift: true,
    repeats: true,
    shown: 'Shift →',
    does: 'Next chapter',
    act: () => stepChapter(1),
  },
  {
    keys: ['ArrowLeft'],
    shift: true,
    repeats: true,
    shown: 'Shift ←',
    does: 'Previous chapter',
    act: () => stepChapter(-1),
  },
  { keys: [']'], repeats: true, shown: ']', does: 'Next chapter', act: () => stepChapter(1) },
  { keys: ['['], repeats: true, shown: '[', does: 'Previous chapter', act: () => stepChapter(-1) },
  { keys: ['.'], repeats: true, shown: '.', does: 'One line on the wire forward', act: () => stepLine(1) },
  { keys: [','], repeats: true, shown: ',', does: 'One line on the wire back', act: () => stepLine(-1) },
  { keys: ['Home'], shown: 'Home', does: 'To the start of this letter’s journey', act: () => goToPart(0) },
  { keys: ['End'], shown: 'End', does: 'To the newest moment', act: () => backToLive() },
  {
    keys: ['1', '2', '3', '4'],
    when: ({ asked }) => asked !== null,
    shown: '1 … 4',
    does: 'Answer a story’s question; Space shows what happens',
    act: key => choose(Number(key) - 1),
  },
  {
    keys: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    shown: '0 … 9',
    does: 'To 0 % … 90 % of the journey',
    act: key => goToPart(Number(key) / 10),
  },
  { keys: ['>'], repeats: true, shown: '>', does: 'Faster', act: () => changeSpeed(1) },
  { keys: ['<'], repeats: true, shown: '<', does: 'Slower', act: () => changeSpeed(-1) },
  { keys: ['h'], shown: 'h', does: 'Hold the wire, or let it run', act: hold },
  { keys: ['r'], shown: 'r', does: 'Let one chunk go while it is held', act: releaseOne },
  { keys: ['n'], shown: 'n', does: 'Write a new letter', act: () => openDialog({ kind: 'compose', draft: null }) },
  { keys: ['e'], shown: 'e', does: 'Share it, embed it, save it', act: () => share() },
  { keys: ['w'], shown: 'w', does: 'Edit the world', act: () => editWorld() },
  { keys: ['z'], shown: 'z', does: 'Open the DNS zones', act: () => showDns('zones') },
  { keys: ['t'], shown: 't', does: 'Skip to what is waited for', act: () => skip() },
  { keys: ['i'], shown: 'i', does: 'Open the inbox', act: () => showTab('inbox') },
  {
    keys: ['g'],
    gallery: true,
    shown: 'g',
    does: 'The stories, or back from them',
    act: () => showGallery(!player.getState().gallery),
  },
  { keys: ['p'], shown: 'p', does: 'Present it to a room', act: () => present(true) },
  {
    keys: ['m'],
    when: ({ story }) => story !== null && story.scripts.length > 0,
    shown: 'm',
    does: 'The notes of a story',
    act: () => setNotes(!player.getState().notes),
  },
  {
    keys: ['d'],
    gallery: true,
    shown: 'd',
    does: 'Light or dark',
    act: () => setTheme(player.getState().theme === 'dark' ? 'light' : 'dark'),
  },
  { keys: ['z'], ctrl: true, shown: 'Ctrl z', does: 'Undo the last change of the world', act: () => void undo() },
  {
    keys: ['z'],
    ctrl: true,
    shift: true,
    shown: 'Ctrl Shift z',
    does: 'Do it again',
    act: () => void redo(),
  },
  { keys: ['?'], gallery: true, shown: '?', does: 'This help', act: () => openDialog({ kind: 'help' }) },
];

/** The row a key press means, or null. `letters`: single characters act too (WCAG 2.1.4); Space and named keys always do. */
export function rowFor(
  press: Press,
  letters: boolean,
  state: Player = player.getState(),
  rows: readonly KeyRow[] = KEYS,
): KeyRow | null {
  const pressed = pressedKey(press);
  if (pressed === null) return null;
  const { key, character, ctrl } = pressed;
  if (character && !letters && !ctrl) return null;
  // A character such as ? already has its Shift in it.
  const fits = (row: KeyRow): boolean =>
    ((character || key === ' ') && !ctrl) || (row.shift ?? false) === press.shiftKey;
  return (
    rows.find(
      row => row.keys.includes(key) && (row.ctrl ?? false) === ctrl && fits(row) && (row.when?.(state) ?? true),
    ) ?? null
  );
}

const TYPING = 'input, textarea, select, [contenteditable]';
/** In the dialog that edits the world, what was edited can be undone; every other dialog keeps all keys to itself. */
const keptByDialog = (row: KeyRow): boolean =>
  document.querySelector('dialog[open]') !== null && !(row.ctrl && player.getState().dialog?.kind === 'world');
const PRESSED_BY_SPACE = 'button, a, summary, [role=button], [role=tab]';

/** Listens on the whole page; answers what stops it. Only keys that are in the table of that moment are taken from the browser. */
export function listenForKeys(table: () => readonly KeyRow[] = () => KEYS): () => void {
  const press = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || !(event.target instanceof Element)) return;
    if (event.target.closest(TYPING) !== null) return;
    if ((event.key === ' ' || event.key === 'Enter') && event.target.closest(PRESSED_BY_SPACE) !== null) return;
    const { letterKeys, gallery } = player.getState();
    const row = rowFor(event, letterKeys, player.getState(), table());
    if (row === null || keptByDialog(row) || (gallery && !row.gallery)) return;
    event.preventDefault();
    if (!event.repeat || row.repeats) row.act(event.key);
  };
  addEventListener('keydown', press);
  return () => removeEventListener('keydown', press);
}
