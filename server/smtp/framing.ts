/** Cuts what a client sends into command lines and messages. CRLF ends a line, CRLF.CRLF ends a message, and nothing else does. */
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
const LONE_CR = Buffer.from([CR]);

/** Where in the transparency procedure (RFC 5321 §4.5.2) the last octet left us. */
type DataState = 'line-start' | 'text' | 'cr' | 'dot' | 'dot-cr';

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

/** Where the next CR or LF is, at the earliest at `at`; the chunk's length where there is none. */
function lineBreakAt(chunk: Buffer, at: number): number {
  let next = at;
  for (; next < chunk.length; next += 1) {
    const octet = chunk[next];
    if (octet === CR || octet === LF) break;
  }
  return next;
}

function createMessageScanner(limit: number): Scanner {
  // The CRLF of the DATA line serves as the first CRLF of the end marker (RFC 5321 §4.1.1.4).
  let state: DataState = 'line-start';
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

  /** The state after an ordinary octet of a line. */
  const afterText = (octet: number | undefined): DataState => {
    if (octet === CR) return 'cr';
    if (octet === LF) bare = true;
    return 'text';
  };

  return {
    take(chunk) {
      let from = 0;
      let at = 0;
      for (; at < chunk.length; at += 1) {
        if (state === 'text') {
          at = lineBreakAt(chunk, at);
          if (at === chunk.length) break;
          state = afterText(chunk[at]);
          continue;
        }
        const octet = chunk[at];
        if (state === 'cr') {
          if (octet === LF) state = 'line-start';
          else {
            bare = true;
            state = afterText(octet);
          }
        } else if (state === 'line-start') {
          if (octet === DOT) {
            // Whatever follows, this dot is not part of the message.
            keep(chunk, from, at);
            from = at + 1;
            state = 'dot';
          } else state = afterText(octet);
        } else if (state === 'dot') {
          if (octet === CR) {
            from = at + 1;
            state = 'dot-cr';
          } else state = afterText(octet);
        } else if (octet === LF) {
          ended = true;
          return at + 1;
        } else {
          // The CR that might have begun the end marker was a bare one.
          bare = true;
          keep(LONE_CR, 0, 1);
          state = afterText(octet);
        }
      }
      keep(chunk, from, at);
      return at;
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
