/** The keys of present mode, those of a clicker among them: it sends PageDown, PageUp and “.” or “b”. */

import type { KeyRow } from '../player/keys.ts';
import { changeSpeed } from '../player/moves.ts';
import { player } from '../player/store.ts';
import { openDialog, present } from '../player/view.ts';
import { toggleFullScreen } from './full-screen.ts';
import { toggleLive, toRecording } from './live.ts';
import { back, jump, land, next, playThrough, toggleBlank } from './moves.ts';
import { goToMarked, OVERVIEW_KEYS, toggleOverview, walk } from './overview-moves.ts';
import { cover, openOverview, presentation, turnLight, type as typeDigits } from './presentation.ts';

const inOverview = (): boolean => presentation.getState().overview !== null;
const typing = (): boolean => presentation.getState().typed !== '';
const isLive = (): boolean => player.getState().source.kind === 'live';

const DIGITS = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];
/** No story has so many steps that one more digit would be needed. */
const MOST_DIGITS = 3;

/** The innermost first: what is typed, the overview, the blank, then present mode itself. */
export function leaveInnermost(): void {
  const { typed, overview, blank } = presentation.getState();
  if (typed !== '') typeDigits('');
  else if (overview !== null) openOverview(null);
  else if (blank !== null) cover(null);
  else present(false);
}

const typeOne = (key: string): void => typeDigits(`${presentation.getState().typed}${key}`.slice(-MOST_DIGITS));

function enter(): void {
  const { typed } = presentation.getState();
  if (typed === '') next();
  else jump(Number(typed));
}

export const PRESENT_KEYS: readonly KeyRow[] = [
  {
    keys: [' ', 'ArrowRight', 'ArrowDown', 'PageDown', 'n', 'l'],
    when: () => !inOverview(),
    shown: 'Space  →',
    does: 'Next, by a clicker too: plays the next step; while one plays, shows its end',
    act: next,
  },
  {
    keys: ['Backspace'],
    repeats: true,
    when: typing,
    shown: '⌫',
    does: 'While a number is typed: without its last digit',
    act: () => typeDigits(presentation.getState().typed.slice(0, -1)),
  },
  {
    keys: ['ArrowLeft', 'ArrowUp', 'PageUp', 'Backspace', 'p', 'j'],
    when: () => !inOverview(),
    shown: '←  p',
    does: 'Back, by a clicker too: the end of the step before',
    act: back,
  },
  { keys: DIGITS, shown: '0 … 9', does: 'The number of a step', act: typeOne },
  {
    keys: ['Enter'],
    when: () => !inOverview(),
    shown: 'Enter',
    does: 'To the step of that number; else Next',
    act: enter,
  },
  { keys: ['Home'], when: () => !inOverview(), shown: 'Home', does: 'Before the first step', act: () => land(-1) },
  {
    keys: ['End'],
    when: () => !inOverview(),
    shown: 'End',
    does: 'The last step',
    act: () => land(Number.POSITIVE_INFINITY),
  },
  { keys: ['k'], shown: 'k', does: 'Play on without standing still, or stop', act: playThrough },
  { keys: ['.', 'b'], shown: '.  b', does: 'Black, and back', act: () => toggleBlank('black') },
  { keys: ['w'], shown: 'w', does: 'White, and back', act: () => toggleBlank('white') },
  { keys: ['o'], shown: 'o', does: 'Overview of the steps', act: toggleOverview },
  {
    keys: OVERVIEW_KEYS,
    repeats: true,
    when: inOverview,
    shown: '← ↑ → ↓',
    does: 'In the overview: another step',
    act: walk,
  },
  {
    keys: ['Enter', ' '],
    when: inOverview,
    shown: 'Enter  Space',
    does: 'In the overview: to the marked step',
    act: goToMarked,
  },
  { keys: ['f'], shown: 'f', does: 'Full screen', act: toggleFullScreen },
  { keys: ['d'], shown: 'd', does: 'Dark or light, for this projector', act: turnLight },
  { keys: ['>'], repeats: true, shown: '>', does: 'Faster', act: () => changeSpeed(1) },
  { keys: ['<'], repeats: true, shown: '<', does: 'Slower', act: () => changeSpeed(-1) },
  {
    keys: ['h'],
    shown: 'h',
    does: 'Live: hold the wire, and let it go step by step',
    act: () => void toggleLive(),
  },
  {
    keys: ['r'],
    when: isLive,
    shown: 'r',
    does: 'From the live run to the recording, at the same step',
    act: () => void toRecording(),
  },
  {
    keys: ['c'],
    when: isLive,
    shown: 'c',
    does: 'Write a letter, to be sent live',
    act: () => openDialog({ kind: 'compose', draft: null }),
  },
  { keys: ['?'], shown: '?', does: 'These keys', act: () => openDialog({ kind: 'help' }) },
  { keys: ['Escape'], shown: 'Esc', does: 'Leave what is innermost; in the end, present mode', act: leaveInnermost },
];
