/** Where the lines of a passing stream end, without keeping what passes. */

const CR = 13;
const LF = 10;
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
