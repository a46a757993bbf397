/** Tells a recording for a figure whose file is no told run: it comes by itself, where it is needed. */

import { withNotesTold } from '../../shared/compact/notes.ts';
import { isTold, readTold } from '../../shared/compact/told.ts';
import { createStoryteller } from '../../shared/reading/storyteller.ts';
import type { Story } from '../../shared/story/story.ts';
import { decodeTrace } from '../../shared/trace/codec.ts';

export type Telling = { readonly ok: true; readonly story: Story } | { readonly ok: false; readonly message: string };

/** `text` is a `.trace.ndjson` or a `.told.json`; what is wrong with it is one sentence for a person. */
export function tell(text: string): Telling {
  if (isTold(text)) return readTold(text);
  const decoded = decodeTrace(text);
  if (!decoded.ok) return { ok: false, message: `Line ${decoded.line}: ${decoded.message}` };
  const teller = createStoryteller(decoded.header);
  teller.append(decoded.events);
  return { ok: true, story: withNotesTold(teller.finish()) };
}
