/** What the keys of present mode do. */

import type { Act } from '../../keys/listen-keys.ts';
import type { ActOn, Condition, ShowAct } from '../../player/keys.ts';
import { changeSpeed } from '../../session/moves.ts';
import { player } from '../../session/store.ts';
import { openDialog, present } from '../../session/view.ts';
import { toggleFullScreen } from './full-screen.ts';
import { toggleLive, toRecording } from './live.ts';
import { back, jump, land, next, playThrough, toggleBlank } from './moves.ts';
import { goToMarked, toggleOverview, walk } from './overview-moves.ts';
import { cover, openOverview, presentation, turnLight, type as typeDigits } from './presentation.ts';

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

export const talkActs: Readonly<Record<Exclude<ActOn<'talk'>, ShowAct>, Act>> = {
  next,
  erase: () => typeDigits(presentation.getState().typed.slice(0, -1)),
  back,
  digit: typeOne,
  enter,
  first: () => land(-1),
  last: () => land(Number.POSITIVE_INFINITY),
  play: playThrough,
  black: () => toggleBlank('black'),
  white: () => toggleBlank('white'),
  overview: toggleOverview,
  walk,
  marked: goToMarked,
  fullscreen: toggleFullScreen,
  theme: turnLight,
  faster: () => changeSpeed(1),
  slower: () => changeSpeed(-1),
  hold: () => void toggleLive(),
  recording: () => void toRecording(),
  compose: () => openDialog({ kind: 'compose', draft: null }),
  help: () => openDialog({ kind: 'help' }),
  leave: leaveInnermost,
};

/** What may be so on the stage. */
export function isOnStage(condition: Condition): boolean {
  const { overview, typed } = presentation.getState();
  if (condition === 'overview') return overview !== null;
  if (condition === 'typed') return typed !== '';
  return condition === 'live' && player.getState().source.kind === 'live';
}
