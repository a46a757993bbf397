/** Finds the end of a dot-terminated block in a stream, and keeps none of it. */

const CR = 13;
const LF = 10;
const DOT = 46;
const END = Buffer.from('\r\n.\r\n', 'latin1');

/** Finds the end of a block: CRLF `.` CRLF, or `.` CRLF at its very start (RFC 5321 §4.1.1.4, RFC 1939 §3). */
export class DotBlock {
  /** How much of CRLF.CRLF the last octets matched; 2 at a line's start. */
  private matched: number;

  constructor(atLineStart = true) {
    this.matched = atLineStart ? 2 : 0;
  }

  /**
   * Reads on at `at`: up to `dot` it is content; from there it is the marker, which ends at `end`, or else (`end` -1) perhaps
   * the beginning of the marker.
   */
  read(chunk: Buffer, at: number): { readonly dot: number; readonly end: number } {
    let dot = at;
    for (let next = at; next < chunk.length; next++) {
      if (this.matched === 0) {
        // The machine's own search for the whole marker; only what may be the beginning of one is looked at octet by octet.
        const found = chunk.indexOf(END, next);
        if (found >= 0) return { dot: found + 2, end: found + END.length };
        next = Math.max(next, chunk.length - END.length + 1);
      }
      const octet = chunk[next];
      if (this.matched === 2 && octet === DOT) {
        dot = next;
        this.matched = 3;
      } else if (this.matched === 3 && octet === CR) this.matched = 4;
      else if (this.matched === 4 && octet === LF) return { dot, end: next + 1 };
      else if (this.matched === 1 && octet === LF) this.matched = 2;
      else this.matched = octet === CR ? 1 : 0;
    }
    return { dot: this.matched >= 3 ? dot : chunk.length, end: -1 };
  }
}
