/** A letter or a listing on its way, told apart from the dot that ends it. */
import type { DotBlock } from './dot-block.ts';
import type { Span } from './span.ts';

/** Content up to its dot. */
export class ContentBlock {
  private readonly dots: DotBlock;
  private octets = 0;
  /** Octets that may yet be content. */
  private undecided = 0;

  constructor(dots: DotBlock) {
    this.dots = dots;
  }

  /** Where this chunk's part of it ends; `over`: the block does. */
  read(bytes: Uint8Array, at: number, spans: Span[]): { readonly at: number; readonly over: boolean } {
    const { dot, end } = this.dots.read(bytes, at);
    if (dot > at) {
      this.octets += this.undecided;
      this.undecided = 0;
      spans.push({ kind: 'content', from: at, to: dot, offset: this.octets, ends: false });
      this.octets += dot - at;
    }
    if (end >= 0) {
      spans.push({ kind: 'end', from: dot, to: end });
      return { at: end, over: true };
    }
    if (dot < bytes.length) spans.push({ kind: 'undecided', from: dot, to: bytes.length });
    this.undecided += bytes.length - dot;
    return { at: bytes.length, over: false };
  }

  skip(octets: number): void {
    this.octets += this.undecided + octets;
    this.undecided = 0;
    this.dots.skip();
  }
}
