/** From what an author names to a story: a told run is read here, a recording by the teller, which comes when it is needed. */

import { isTold, readTold } from '../../shared/compact/told.ts';
import type { Story } from '../../shared/story/story.ts';
import { textAt } from '../source/text-at.ts';

export type Opened = { readonly ok: true; readonly story: Story } | { readonly ok: false; readonly message: string };

/** What tells recordings, or a promise of it that fails where its file is missing. */
export type FetchTeller = () => Promise<{ readonly tell: (text: string) => Opened }>;

const NO_TELLER =
  'A raw recording is told by mail-flow-teller.js, which must lie beside mail-flow.js and could not be loaded. ' +
  'Put it there, use mail-flow-all.js, or name a .told.json.';

/** Text that is a recording, rather than the address of one. */
export const isText = (given: string): boolean => given.trimStart().startsWith('{');

export async function openText(text: string, fetchTeller: FetchTeller): Promise<Opened> {
  if (isTold(text)) return readTold(text);
  const teller = await fetchTeller().catch(() => null);
  return teller?.tell(text) ?? { ok: false, message: NO_TELLER };
}

/** `src`: an address, or "#id" of an element of this page whose text is the recording. */
export async function openSource(
  src: string,
  page: Document | ShadowRoot,
  fetchTeller: FetchTeller,
  signal: AbortSignal,
): Promise<Opened> {
  if (src.startsWith('#')) {
    const text = page.getElementById(src.slice(1))?.textContent;
    return text == null
      ? { ok: false, message: `Nothing on this page has the id “${src.slice(1)}” that src names.` }
      : openText(text, fetchTeller);
  }
  const found = await textAt(src, 'a recording', signal);
  return found.ok ? openText(found.text, fetchTeller) : found;
}
