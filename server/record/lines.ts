/** The events of one trace in memory, once: as the octets of their NDJSON lines, outside the heap of the language, deflated once nothing is added to them. */
import { deflateRaw, inflateRawSync } from 'node:zlib';

const SMALLEST = 64 * 1024;
const LARGEST = 1024 * 1024;
/** UTF-8 takes at most so many octets for one code unit (RFC 3629 §3). */
const MOST_OCTETS = 3;
const LF = 10;
/** The least effort makes a tenth of NDJSON, in some 6 ms a megabyte of another thread. */
const LEVEL = 1;

interface Segment {
  /** Null once `deflated` is there. */
  octets: Buffer | null;
  /** The same as RFC 1951 has it. */
  deflated: Buffer | null;
  readonly size: number;
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
  /** Segments before this one are deflated, or are just being. */
  private packed = 0;
  private packing = false;
  /** The one that was inflated last: who reads a trace asks for the lines that follow. */
  private inflated: { readonly of: Segment; readonly octets: Buffer } | null = null;

  get count(): number {
    return this.lines;
  }

  /** Octets of all lines, their LFs included. */
  get octets(): number {
    return this.total;
  }

  /** Octets of memory that the lines take now. */
  get held(): number {
    return this.segments.reduce((sum, { octets, deflated }) => sum + (octets ?? deflated ?? '').length, 0);
  }

  /** `line` has no LF. */
  add(line: string): void {
    const { segment, octets } = this.segmentFor(line);
    const from = segment.filled;
    const written = octets.write(line, from, 'utf8');
    octets[from + written] = LF;
    segment.filled = from + written + 1;
    segment.ends.push(segment.filled);
    this.lines += 1;
    this.total += written + 1;
  }

  private segmentFor(line: string): { readonly segment: Segment; readonly octets: Buffer } {
    const last = this.segments.at(-1);
    const needed = line.length * MOST_OCTETS;
    if (last?.octets) {
      const room = last.size - last.filled;
      if (needed < room || Buffer.byteLength(line) < room) return { segment: last, octets: last.octets };
    }
    const size = Math.max(Buffer.byteLength(line) + 1, Math.min(LARGEST, Math.max(SMALLEST, this.total)));
    const octets = Buffer.allocUnsafeSlow(size);
    const segment = { octets, deflated: null, size, first: this.lines, ends: [], filled: 0 };
    this.segments.push(segment);
    this.deflateNext();
    return { segment, octets };
  }

  /** One segment after the other, never the last, which grows. What cannot be deflated stays as it is. */
  private deflateNext(): void {
    const segment = this.segments[this.packed];
    if (this.packing || !segment?.octets || this.packed >= this.segments.length - 1) return;
    this.packing = true;
    this.packed += 1;
    deflateRaw(segment.octets.subarray(0, segment.filled), { level: LEVEL }, (error, deflated) => {
      this.packing = false;
      if (error === null) {
        // A copy: what zlib gives may be a view of a larger piece of memory.
        segment.deflated = Buffer.allocUnsafeSlow(deflated.length);
        deflated.copy(segment.deflated);
        segment.octets = null;
      }
      this.deflateNext();
    });
  }

  private octetsOf(segment: Segment): Buffer {
    if (segment.octets !== null) return segment.octets;
    if (this.inflated?.of !== segment)
      this.inflated = { of: segment, octets: inflateRawSync(segment.deflated ?? Buffer.of()) };
    return this.inflated.octets;
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
      texts.push(this.octetsOf(segment).toString('utf8', start, (segment.ends[nth] ?? 1) - 1));
    }
    return texts;
  }

  /** The octets of whole lines from `from` on, as many as lie together, and the index after them; null where there are no more. */
  piece(from: number): { readonly octets: Uint8Array; readonly next: number } | null {
    const segment = this.segments[this.segmentAt(from)];
    if (segment === undefined || from >= this.lines) return null;
    const nth = from - segment.first;
    const start = nth === 0 ? 0 : (segment.ends[nth - 1] ?? 0);
    return {
      octets: this.octetsOf(segment).subarray(start, segment.filled),
      next: segment.first + segment.ends.length,
    };
  }

  /** All of them, as far as they have come when the last one is asked for. */
  *pieces(): Generator<Uint8Array> {
    for (let piece = this.piece(0); piece !== null; piece = this.piece(piece.next)) yield piece.octets;
  }
}
