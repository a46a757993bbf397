/** Finds the end of a dot-terminated block in a stream, and keeps none of it (RFC 5321 §4.1.1.4, RFC 1939 §3). */

const CR = 13;
const LF = 10;
const DOT = 46;

/** How much of CRLF `.` CRLF the last octets match: 0 to 4. */
export type DotMatch = number;
/** At a line's start the CRLF before it counts. */
export const LINE_START: DotMatch = 2;
/** The dot, and all but the LF of what ends the block. */
const DOT_SEEN = 3;
const CR_SEEN = 4;

/** The match after one more octet, which does not end the block. */
export function dotMatch(match: DotMatch, octet: number | undefined): DotMatch {
  if (octet === CR) return match === DOT_SEEN ? CR_SEEN : 1;
  if (octet === LF) return match === 1 ? LINE_START : 0;
  return octet === DOT && match === LINE_START ? DOT_SEEN : 0;
}

/** True where an LF ends the block. */
export const endsWithLf = (match: DotMatch): boolean => match === CR_SEEN;

/** CRLF `.` CRLF. */
export const MARKER: readonly number[] = [CR, LF, DOT, CR, LF];

/** Where the marker begins, at the earliest at `at`; where there is none, the first place that has no room for it. */
export type SearchMarker = (chunk: Uint8Array, at: number) => number;

/** Horspool's search. */
const searchMarker: SearchMarker = (chunk, at) => {
  let start = at;
  while (start + MARKER.length <= chunk.length) {
    const last = chunk[start + 4];
    if (last === LF) {
      if (chunk[start + 3] === CR && chunk[start + 2] === DOT && chunk[start + 1] === LF && chunk[start] === CR) break;
      start += 3;
    } else if (last === CR) start += 1;
    else start += last === DOT ? 2 : MARKER.length;
  }
  return start;
};

export class DotBlock {
  private match: DotMatch;
  private readonly search: SearchMarker;

  /** `match`: what came before the block's first octet, of an unfinished line too. `search`: a faster one, where the machine has it. */
  constructor(match: DotMatch = LINE_START, search: SearchMarker = searchMarker) {
    this.match = match;
    this.search = search;
  }

  /**
   * Reads on at `at`: up to `dot` it is content; from there it is the marker, which ends at `end`, or else (`end` -1) perhaps
   * the beginning of the marker.
   */
  read(chunk: Uint8Array, at: number): { readonly dot: number; readonly end: number } {
    let { match } = this;
    let dot = at;
    const room = chunk.length - MARKER.length;
    for (let next = at; next < chunk.length; next++) {
      if (match === 0 && next <= room) next = this.search(chunk, next);
      const octet = chunk[next];
      if (octet === LF && endsWithLf(match)) return { dot, end: next + 1 };
      match = dotMatch(match, octet);
      if (match === DOT_SEEN) dot = next;
    }
    this.match = match;
    return { dot: match >= DOT_SEEN ? dot : chunk.length, end: -1 };
  }

  /** Octets that nobody saw: what comes next is in the middle of a line. */
  skip(): void {
    this.match = 0;
  }
}
