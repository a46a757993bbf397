/** The keys of one who follows: those of the page that look at the story, and none that would change a world. */
import { KEYS } from '../player/keys.ts';

/** What is left out writes, holds, edits, or leads away from the show. */
const OTHERS: readonly string[] = ['h', 'r', 'n', 'w', 't', 'g', 'p'];

export const FOLLOW_KEYS = KEYS.filter(row => !row.ctrl && !row.keys.some(key => OTHERS.includes(key)));
