/** Where the lines and dot-terminated blocks of a passing stream end, without keeping what passes. */

const CR = 13;
const LF = 10;
const DOT = 46;
/** So much of a line is enough to tell what it is. */
const HEAD = 64;

/** Finds the ends of lines; a bare LF ends none (RFC 5321 §2.3.8). */
export class Lines {
  private begun = '';
  private cr = false;
  /** The first characters of the line that ended last, without its CRLF. */
  head = '';

  /** Where the line that goes on at `at` ends, CRLF included; -1 while it has no end. */
  end(chunk: Buffer, at: number): number {
    for (let lf = chunk.indexOf(LF, at); lf >= 0; lf = chunk.indexOf(LF, lf + 1)) {
      if (lf > at ? chunk[lf - 1] !== CR : !this.cr) continue;
      this.note(chunk, at, lf + 1);
      this.head = this.begun.replace(/\r\n?$/, '');
      this.reset();
      return lf + 1;
    }
    this.note(chunk, at, chunk.length);
    this.cr = chunk.at(-1) === CR;
    return -1;
  }

  /** Forgets a line that has begun; true where there was one. */
  reset(): boolean {
    const inside = this.begun !== '';
    this.begun = '';
    this.cr = false;
    return inside;
  }

  private note(chunk: Buffer, from: number, to: number): void {
    if (this.begun.length < HEAD)
      this.begun += chunk.toString('latin1', from, Math.min(to, from + HEAD - this.begun.length));
  }
}

/** Finds the end of a block: CRLF `.` CRLF, or `.` CRLF at its very start (RFC 5321 §4.1.1.4, RFC 1939 §3). */
export class Block {
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
        next = chunk.indexOf(CR, next);
        if (next < 0) break;
        this.matched = 1;
        continue;
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
