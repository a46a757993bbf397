/** A trace that is whole: from a file the viewer gives, or from an address. Needs no server of ours. */
import { decodingTrace } from '../../shared/trace/codec.ts';
import type { TraceEvent } from '../../shared/trace/event.ts';
import type { TraceHeader } from '../../shared/trace/header.ts';
import { inSlices } from './slices.ts';
import { LARGEST, textAt, tooLarge } from './text-at.ts';

export type Recording =
  | {
      readonly ok: true;
      readonly name: string;
      readonly header: TraceHeader;
      readonly events: readonly TraceEvent[];
      /** Events that could not be read. */
      readonly unread: number;
      /** It breaks off inside its last line. */
      readonly cut?: true;
    }
  /** `missing`: there is nothing at that address. */
  | { readonly ok: false; readonly message: string; readonly missing?: boolean };

async function recording(name: string, text: string): Promise<Recording> {
  const decoded = await inSlices(decodingTrace(text));
  return decoded.ok
    ? {
        ok: true,
        name,
        header: decoded.header,
        events: decoded.events,
        unread: decoded.unread,
        ...(decoded.cut && { cut: true }),
      }
    : { ok: false, message: `${name} is no trace this page can show (line ${decoded.line}: ${decoded.message}).` };
}

export async function fromFile(file: File): Promise<Recording> {
  if (file.size > LARGEST) return { ok: false, message: tooLarge(file.name) };
  try {
    return await recording(file.name, await file.text());
  } catch {
    return { ok: false, message: `${file.name} could not be read. Is it a folder, or has it been moved?` };
  }
}

/** `address` as in `?trace=`: on this site, or on one that lets other pages read it (CORS). */
export async function fromAddress(address: string): Promise<Recording> {
  const found = await textAt(address, 'a trace');
  return found.ok ? await recording(found.name, found.text) : found;
}

/** The recording of a story that comes with the page; it lies beside it, with a server or without. */
export const fromStory = (name: string): Promise<Recording> =>
  fromAddress(`stories/${encodeURIComponent(name)}.trace.ndjson`);
