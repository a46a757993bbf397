/** The history of a room for those who have just come: a page at a time to each in turn, made once for all who need the same one. */
import { encodeHeader } from '../../../shared/trace/codec.ts';
import type { TraceHeader } from '../../../shared/trace/header.ts';
import type { RoomRecorder } from '../../record/recorder.ts';

/** Characters of history in one message. */
const PAGE = 256 * 1024;
/** Events looked at for one message of history. */
const PAGE_EVENTS = 1000;
/** Pages that are kept for the next who need them. */
const MOST_KEPT = 8;
/** Milliseconds for which they are kept. */
const KEPT_FOR = 2_000;

interface Page {
  readonly message: Uint8Array;
  /** The seq that follows it. */
  readonly next: number;
  /** Full: it stays as it is while the trace grows. */
  readonly full: boolean;
}

export interface History {
  /** The message that a trace has begun, or is this one. */
  traceMessage(): Uint8Array;
  /** Events from this seq on; `message` is empty where there are none. */
  page(from: number): Page;
  close(): void;
}

/** Encoded once, for however many. */
export const eventsMessage = (lines: readonly string[]): Uint8Array =>
  Buffer.from(`{"type":"events","events":[${lines.join(',')}]}`);

export function createHistory(recorder: Pick<RoomRecorder, 'id' | 'header' | 'length' | 'lines'>): History {
  let trace = '';
  let header: { readonly of: TraceHeader; readonly text: string } | null = null;
  const kept = new Map<number, Page>();
  let forget: NodeJS.Timeout | null = null;

  function make(from: number): Page {
    const lines: string[] = [];
    let size = 0;
    for (const line of recorder.lines(from, PAGE_EVENTS)) {
      lines.push(line);
      size += line.length;
      if (size >= PAGE) break;
    }
    const full = size >= PAGE || lines.length === PAGE_EVENTS;
    return { message: lines.length === 0 ? new Uint8Array() : eventsMessage(lines), next: from + lines.length, full };
  }

  return {
    traceMessage() {
      if (header?.of !== recorder.header)
        header = { of: recorder.header, text: JSON.stringify(encodeHeader(recorder.header)) };
      const { id, length } = recorder;
      return Buffer.from(`{"type":"trace","id":${JSON.stringify(id)},"header":${header.text},"last":${length}}`);
    },
    page(from) {
      if (trace !== recorder.id) kept.clear();
      trace = recorder.id;
      const known = kept.get(from);
      if (known !== undefined && (known.full || known.next > recorder.length)) return known;
      const page = make(from);
      kept.delete(from);
      kept.set(from, page);
      for (const oldest of kept.keys()) if (kept.size > MOST_KEPT) kept.delete(oldest);
      forget ??= setTimeout(() => {
        forget = null;
        kept.clear();
      }, KEPT_FOR).unref();
      return page;
    },
    close() {
      if (forget !== null) clearTimeout(forget);
      kept.clear();
    },
  };
}
