/** What the keys of one who watches do: they look at the story, and change nothing but this page. */

import type { ActOn, Condition } from '../player/keys.ts';
import { choose } from '../session/asking.ts';
import { changeSpeed, goToPart, step, stepChapter, stepLine, toggle } from '../session/moves.ts';
import { player } from '../session/store.ts';
import { backToLive } from '../session/travel.ts';
import { openDialog, setNotes, setTheme, showDns, showTab } from '../session/view.ts';
import type { Act } from './listen-keys.ts';

const { getState: get } = player;

/** Only where there is something to be shared. */
const share = (): void => {
  if (get().story !== null) openDialog({ kind: 'share' });
};

export const toggleTheme = (): void => setTheme(get().theme === 'dark' ? 'light' : 'dark');

export const watchActs: Readonly<Record<ActOn<'follower'>, Act>> = {
  toggle,
  next: () => step(1),
  previous: () => step(-1),
  'next-chapter': () => stepChapter(1),
  'previous-chapter': () => stepChapter(-1),
  'next-line': () => stepLine(1),
  'previous-line': () => stepLine(-1),
  start: () => goToPart(0),
  newest: backToLive,
  answer: key => choose(Number(key) - 1),
  part: key => goToPart(Number(key) / 10),
  faster: () => changeSpeed(1),
  slower: () => changeSpeed(-1),
  share,
  zones: () => showDns('zones'),
  inbox: () => showTab('inbox'),
  notes: () => setNotes(!get().notes),
  theme: toggleTheme,
  help: () => openDialog({ kind: 'help' }),
};

/** What may be so on a page. */
export function isOnPage(condition: Condition): boolean {
  const { asked, story } = get();
  if (condition === 'asked') return asked !== null;
  return condition === 'notes' && story !== null && story.scripts.length > 0;
}
