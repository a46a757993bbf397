/** The keys of a show, on the page and in present mode. */
import { KEYS, type KeyRow } from '../player/keys.ts';
import { PRESENT_KEYS } from '../present/keys.ts';
import { openAudience, openSpeakerWindow, togglePoster } from './stage.ts';

const SHOW_KEYS: readonly KeyRow[] = [
  { keys: ['s'], shown: 's', does: 'Open the speaker window', act: openSpeakerWindow },
  { keys: ['a'], shown: 'a', does: 'Let the audience follow', act: openAudience },
  { keys: ['q'], shown: 'q', does: 'The code to follow by, large', act: togglePoster },
];

export const PAGE_KEYS: readonly KeyRow[] = [...KEYS, ...SHOW_KEYS];
export const STAGE_KEYS: readonly KeyRow[] = [...PRESENT_KEYS, ...SHOW_KEYS];
