/** A trace that is whole: from a file the viewer gives, or from an address. Needs no server of ours. */
import { decodeTrace } from '../../shared/trace/codec.ts';
import type { TraceEvent } from '../../shared/trace/event.ts';
import type { TraceHeader } from '../../shared/trace/header.ts';

/** The codec's own bound; a bigger file is not even read. */
const LARGEST = 64 * 1024 * 1024;

export type Recording =
  | {
      readonly ok: true;
      readonly name: string;
      readonly header: TraceHeader;
      readonly events: readonly TraceEvent[];
    }
  | { readonly ok: false; readonly message: string };

function recording(name: string, text: string): Recording {
  const decoded = decodeTrace(text);
  return decoded.ok
    ? { ok: true, name, header: decoded.header, events: decoded.events }
    : { ok: false, message: `${name} is not a trace we can show. Line ${decoded.line}: ${decoded.message}` };
}

export async function fromFile(file: File): Promise<Recording> {
  if (file.size > LARGEST)
    return { ok: false, message: `${file.name} is larger than 64 MB; that is no trace of ours.` };
  try {
    return recording(file.name, await file.text());
  } catch {
    return { ok: false, message: `${file.name} could not be read. Is it a folder, or has it been moved?` };
  }
}

/** `address` as in `?trace=`: on this site, or on one that lets other pages read it (CORS). */
export async function fromAddress(address: string): Promise<Recording> {
  try {
    const response = await fetch(address, { credentials: 'same-origin' });
    if (!response.ok) return { ok: false, message: `${address} answered ${response.status} instead of a trace.` };
    return recording(decodeURIComponent(address.split('/').pop() ?? address), await response.text());
  } catch {
    return {
      ok: false,
      message: `${address} could not be fetched: no answer, or its site does not let other pages read it.`,
    };
  }
}
