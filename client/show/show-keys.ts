/** The keys of a show, on the page and in present mode. */
import type { KeyRow } from '../player/keys.ts';
import { openAudience, openSpeakerWindow, togglePoster } from './stage.ts';

export const SHOW_KEYS: readonly KeyRow[] = [
  { keys: ['s'], shown: 's', does: 'Open the speaker window', act: openSpeakerWindow },
  { keys: ['a'], shown: 'a', does: 'Let the audience follow', act: openAudience },
  { keys: ['q'], shown: 'q', does: 'The code to follow by, large', act: togglePoster },
];
