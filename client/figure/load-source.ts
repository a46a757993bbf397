/** Loads the story that an author names: a compact file is read here, a trace by the teller module, which is fetched when it is needed. */

import { isCompact, readCompact } from '../../shared/compact/compact.ts';
import type { Story } from '../../shared/story/story.ts';
import { textAt } from '../source/text-at.ts';

export type LoadedStory =
  | { readonly ok: true; readonly story: Story }
  | { readonly ok: false; readonly message: string };

/** Fetches the module that reads traces; rejects where its file is missing. */
export type FetchTeller = () => Promise<{ readonly tell: (text: string) => LoadedStory }>;

const NO_TELLER =
  'A raw recording is told by mail-flow-teller.js, which must lie beside mail-flow.js and could not be loaded. ' +
  'Put it there, use mail-flow-all.js, or name a .told.json.';

/** Text that is a recording, rather than the address of one. */
export const isText = (given: string): boolean => given.trimStart().startsWith('{');

export async function loadText(text: string, fetchTeller: FetchTeller): Promise<LoadedStory> {
  if (isCompact(text)) return readCompact(text);
  const teller = await fetchTeller().catch(() => null);
  return teller?.tell(text) ?? { ok: false, message: NO_TELLER };
}

/** `src`: an address, or "#id" of an element of this page whose text is the recording. */
export async function loadSource(
  src: string,
  page: Document | ShadowRoot,
  fetchTeller: FetchTeller,
  signal: AbortSignal,
): Promise<LoadedStory> {
  if (src.startsWith('#')) {
    const text = page.getElementById(src.slice(1))?.textContent;
    return text == null
      ? { ok: false, message: `Nothing on this page has the id “${src.slice(1)}” that src names.` }
      : loadText(text, fetchTeller);
  }
  const found = await textAt(src, 'a recording', signal);
  return found.ok ? loadText(found.text, fetchTeller) : found;
}
