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
  /** `missing`: there is nothing at that address. */
  | { readonly ok: false; readonly message: string; readonly missing?: boolean };

const tooLarge = (name: string): Recording => ({
  ok: false,
  message: `${name} is larger than 64 MB, which is more than this page opens.`,
});

function recording(name: string, text: string): Recording {
  const decoded = decodeTrace(text);
  return decoded.ok
    ? { ok: true, name, header: decoded.header, events: decoded.events }
    : { ok: false, message: `${name} is no trace this page can show (line ${decoded.line}: ${decoded.message}).` };
}

export async function fromFile(file: File): Promise<Recording> {
  if (file.size > LARGEST) return tooLarge(file.name);
  try {
    return recording(file.name, await file.text());
  } catch {
    return { ok: false, message: `${file.name} could not be read. Is it a folder, or has it been moved?` };
  }
}

/** The body's text, or null once it turns out larger than we open: the rest is not even fetched. */
async function boundedText(response: Response): Promise<string | null> {
  if (Number(response.headers.get('content-length') ?? 0) > LARGEST) {
    await response.body?.cancel();
    return null;
  }
  const reader = response.body?.getReader();
  if (reader === undefined) return '';
  const decoder = new TextDecoder();
  const parts: string[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > LARGEST) {
      await reader.cancel();
      return null;
    }
    parts.push(decoder.decode(value, { stream: true }));
  }
  return parts.join('') + decoder.decode();
}

/** The last part of a path, as a person would write it; an address that is no address names itself. */
function fileName(address: string): string {
  try {
    return decodeURIComponent(new URL(address, 'http://this.site.invalid').pathname.split('/').pop() ?? '') || address;
  } catch {
    return address;
  }
}

/** `address` as in `?trace=`: on this site, or on one that lets other pages read it (CORS). */
export async function fromAddress(address: string): Promise<Recording> {
  const name = fileName(address);
  let text: string | null;
  try {
    const response = await fetch(address, { credentials: 'same-origin' });
    if (!response.ok) {
      const missing = response.status === 404;
      return { ok: false, message: `${address} answered ${response.status} instead of a trace.`, missing };
    }
    text = await boundedText(response);
  } catch {
    return {
      ok: false,
      message: `${address} could not be fetched: no answer, or its site does not let other pages read it.`,
    };
  }
  return text === null ? tooLarge(name) : recording(name, text);
}

/** The recording of a story that comes with the page; it lies beside it, with a server or without. */
export const fromStory = (name: string): Promise<Recording> =>
  fromAddress(`stories/${encodeURIComponent(name)}.trace.ndjson`);
