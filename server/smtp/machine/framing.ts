/** Cuts what a client sends into command lines and messages. CRLF ends a line, CRLF.CRLF ends a message, and nothing else does. */
import { DotBlock, LINE_START } from '../../../shared/decode/dot-block.ts';
import { searchMarker } from '../../base/passing.ts';
import { Gathered } from './gathered.ts';

/** A command line without its CRLF; a line that was longer than the bound and is gone; a whole message; or the octets of a chunk. */
export type Frame =
  | { readonly kind: 'line'; readonly line: Buffer }
  | { readonly kind: 'overlong' }
  | {
      readonly kind: 'message';
      /** Dots unstuffed, end marker removed; empty when `oversize` or `dropped`. */
      readonly message: Buffer;
      /** A CR or LF stood alone somewhere (RFC 5321 §2.3.8 forbids it; smuggling lives on it). */
      readonly bare: boolean;
      readonly oversize: boolean;
      /** It was not kept: there was no room for it. */
      readonly dropped?: true;
    }
  /** `octets` is empty when `dropped`. */
  | { readonly kind: 'chunk'; readonly octets: Buffer; readonly dropped?: true };

export interface Framer {
  push(chunk: Buffer): void;
  /** The next complete frame, or null until more octets come. */
  next(): Frame | null;
  /** What follows the line just given is a message of at most `limit` octets; more are counted but not kept. */
  expectMessage(limit: number): void;
  /** What follows the line just given are so many octets, and they are no lines (BDAT, RFC 3030 §2). */
  expectChunk(octets: number): void;
  /** What follows the line just given are `octets` that nobody wants (a refused BDAT, RFC 3030 §2). */
  skip(octets: number): void;
  /** Octets of a message or chunk that are kept until its end comes. */
  kept(): number;
  /** Lets go of what is kept, and keeps no more of that message or chunk: it is read over to its end. */
  drop(): void;
}

/** RFC 4954 §4: an AUTH line may need 12288 octets; no command needs more. */
const LINE_LIMIT = 12_288;

const CR = 0x0d;
const LF = 0x0a;
const DOT = 0x2e;
const NOTHING = Buffer.alloc(0);
/** What an end marker begins with at a line's start. */
const MARKER_BEGUN = Buffer.from([DOT, CR]);

/** Where in a line of a message the last octet left us. */
type TextState = 'line-start' | 'text' | 'cr';

/** What is neither line nor junk. */
interface Scanner {
  /** Takes octets up to the end and tells how many it took. */
  take(chunk: Buffer): number;
  /** The message or chunk, once its end has been seen. */
  result(): Frame | null;
  kept(): number;
  drop(): void;
}

function createChunkScanner(octets: number): Scanner {
  const kept = new Gathered();
  let missing = octets;
  let dropped = false;
  return {
    take(chunk) {
      const taken = Math.min(missing, chunk.length);
      if (!dropped) kept.add(chunk, 0, taken);
      missing -= taken;
      return taken;
    },
    result: () => (missing === 0 ? { kind: 'chunk', octets: kept.handOver(), ...(dropped && { dropped }) } : null),
    kept: () => kept.size,
    drop() {
      dropped = true;
      kept.clear();
    },
  };
}

/** Where the next CR or LF is, at the earliest at `at`; `to` where there is none. */
function lineBreakAt(octets: Buffer, at: number, to: number): number {
  let next = at;
  for (; next < to; next += 1) {
    const octet = octets[next];
    if (octet === CR || octet === LF) break;
  }
  return next;
}

function createMessageScanner(limit: number): Scanner {
  // The CRLF of the DATA line serves as the first CRLF of the end marker (RFC 5321 §4.1.1.4).
  const block = new DotBlock(LINE_START, searchMarker);
  let state: TextState = 'line-start';
  /** Octets that may be the beginning of the end marker. */
  let undecided = 0;
  const kept = new Gathered();
  let size = 0;
  let bare = false;
  let ended = false;
  let dropped = false;

  const keep = (octets: Buffer, from: number, to: number): void => {
    size += to - from;
    if (size > limit) kept.clear();
    else if (!dropped) kept.add(octets, from, to);
  };

  /** Keeps what is of the message, without the dots that lines begin with (RFC 5321 §4.5.2). */
  const readText = (octets: Buffer, begin: number, to: number): void => {
    let from = begin;
    for (let at = begin; at < to; at += 1) {
      if (state === 'text') {
        at = lineBreakAt(octets, at, to);
        if (at === to) break;
      }
      const octet = octets[at];
      if (octet === LF && state === 'cr') {
        state = 'line-start';
        continue;
      }
      if (state === 'cr' || octet === LF) bare = true;
      if (state === 'line-start' && octet === DOT) {
        keep(octets, from, at);
        from = at + 1;
      }
      state = octet === CR ? 'cr' : 'text';
    }
    keep(octets, from, to);
  };

  return {
    take(chunk) {
      const { dot, end } = block.read(chunk, 0);
      if (dot > 0) {
        readText(MARKER_BEGUN, 0, undecided);
        undecided = 0;
        readText(chunk, 0, dot);
      }
      ended = end >= 0;
      if (ended) return end;
      undecided += chunk.length - dot;
      return chunk.length;
    },
    result: () =>
      ended
        ? { kind: 'message', message: kept.handOver(), bare, oversize: size > limit, ...(dropped && { dropped }) }
        : null,
    kept: () => kept.size,
    drop() {
      dropped = true;
      kept.clear();
    },
  };
}

/** A framer that begins with command lines of at most `lineLimit` octets, CRLF not counted. Memory stays bounded whatever comes. */
export function createFramer(lineLimit = LINE_LIMIT): Framer {
  let held: Buffer = NOTHING;
  let searched = 0;
  let discarding = false;
  let unwanted = 0;
  let scanner: Scanner | null = null;

  const advance = (octets: number): void => {
    held = held.subarray(octets);
    searched = 0;
  };

  const nextLine = (): Frame | null => {
    const end = held.indexOf('\r\n', searched);
    if (end === -1) {
      if (held.length > lineLimit + 1) {
        discarding = true;
        advance(held.length - 1);
      }
      // The last octet may be the CR of a CRLF cut in two.
      searched = Math.max(0, held.length - 1);
      return null;
    }
    const line = held.subarray(0, end);
    advance(end + 2);
    if (discarding || line.length > lineLimit) {
      discarding = false;
      return { kind: 'overlong' };
    }
    return { kind: 'line', line };
  };

  return {
    push(chunk) {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    },
    next() {
      if (unwanted > 0) {
        const gone = Math.min(unwanted, held.length);
        unwanted -= gone;
        advance(gone);
        if (unwanted > 0) return null;
      }
      if (!scanner) return nextLine();
      advance(scanner.take(held));
      const frame = scanner.result();
      if (frame) scanner = null;
      return frame;
    },
    expectMessage(limit) {
      scanner = createMessageScanner(limit);
    },
    expectChunk(octets) {
      scanner = createChunkScanner(octets);
    },
    skip(octets) {
      unwanted = octets;
    },
    kept: () => scanner?.kept() ?? 0,
    drop: () => scanner?.drop(),
  };
}
