/** The events of one trace in memory, once: as the octets of their NDJSON lines, outside the heap of the language. */

const SMALLEST = 64 * 1024;
const LARGEST = 1024 * 1024;
/** UTF-8 takes at most so many octets for one code unit (RFC 3629 §3). */
const MOST_OCTETS = 3;
const LF = 10;

interface Segment {
  readonly octets: Buffer;
  /** The index of its first line. */
  readonly first: number;
  /** Where each line ends, its LF included. */
  readonly ends: number[];
  filled: number;
}

/** Lines are only ever added; an index counts from 0. */
export class TraceLines {
  private readonly segments: Segment[] = [];
  private lines = 0;
  private total = 0;

  get count(): number {
    return this.lines;
  }

  /** Octets of all lines, their LFs included. */
  get octets(): number {
    return this.total;
  }

  /** `line` has no LF. */
  add(line: string): void {
    const segment = this.segmentFor(line);
    const from = segment.filled;
    const written = segment.octets.write(line, from, 'utf8');
    segment.octets[from + written] = LF;
    segment.filled = from + written + 1;
    segment.ends.push(segment.filled);
    this.lines += 1;
    this.total += written + 1;
  }

  private segmentFor(line: string): Segment {
    const last = this.segments.at(-1);
    const room = last === undefined ? 0 : last.octets.length - last.filled;
    if (last !== undefined && line.length * MOST_OCTETS < room) return last;
    const needed = Buffer.byteLength(line) + 1;
    if (last !== undefined && needed <= room) return last;
    const size = Math.max(needed, Math.min(LARGEST, Math.max(SMALLEST, this.total)));
    const segment = { octets: Buffer.allocUnsafeSlow(size), first: this.lines, ends: [], filled: 0 };
    this.segments.push(segment);
    return segment;
  }

  private segmentAt(index: number): number {
    return Math.max(
      0,
      this.segments.findLastIndex(({ first }) => first <= index),
    );
  }

  /** The lines [from, to), without their LFs. */
  texts(from: number, to = this.lines): string[] {
    const texts: string[] = [];
    const end = Math.min(to, this.lines);
    let at = this.segmentAt(from);
    for (let index = Math.max(0, from); index < end; index += 1) {
      let segment = this.segments[at];
      if (segment !== undefined && index >= segment.first + segment.ends.length) {
        at += 1;
        segment = this.segments[at];
      }
      if (segment === undefined) break;
      const nth = index - segment.first;
      const start = nth === 0 ? 0 : (segment.ends[nth - 1] ?? 0);
      texts.push(segment.octets.toString('utf8', start, (segment.ends[nth] ?? 1) - 1));
    }
    return texts;
  }

  /** The octets of whole lines from `from` on, as many as lie together, and the index after them; null where there are no more. */
  piece(from: number): { readonly octets: Uint8Array; readonly next: number } | null {
    const segment = this.segments[this.segmentAt(from)];
    if (segment === undefined || from >= this.lines) return null;
    const nth = from - segment.first;
    const start = nth === 0 ? 0 : (segment.ends[nth - 1] ?? 0);
    return { octets: segment.octets.subarray(start, segment.filled), next: segment.first + segment.ends.length };
  }

  /** All of them, as far as they have come when the last one is asked for. */
  *pieces(): Generator<Uint8Array> {
    for (let piece = this.piece(0); piece !== null; piece = this.piece(piece.next)) yield piece.octets;
  }
}
