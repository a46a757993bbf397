/** Octets that come in pieces, gathered in blocks: a million pieces of one octet cost no more than their octets. */

const FIRST_BLOCK = 4096;
const LARGEST_BLOCK = 1_048_576;
/** Below this a loop is quicker than a call. */
const SHORT = 32;
const NOTHING = Buffer.alloc(0);

export class Gathered {
  private blocks: Buffer[] = [];
  private block: Buffer = NOTHING;
  private used = 0;
  /** Octets gathered so far. */
  size = 0;

  /** Octets [from, to) of `piece`, which may change afterwards. */
  add(piece: Buffer, from = 0, to = piece.length): void {
    for (let at = from; at < to; ) {
      if (this.used === this.block.length) this.grow(to - at);
      const octets = Math.min(to - at, this.block.length - this.used);
      if (octets < SHORT) for (let nth = 0; nth < octets; nth++) this.block[this.used + nth] = piece[at + nth] ?? 0;
      else piece.copy(this.block, this.used, at, at + octets);
      this.used += octets;
      this.size += octets;
      at += octets;
    }
  }

  /** All of them, whose memory is this one's no longer. */
  handOver(): Buffer {
    const whole = Buffer.concat([...this.blocks, this.block.subarray(0, this.used)]);
    this.clear();
    return whole;
  }

  clear(): void {
    this.blocks = [];
    this.block = NOTHING;
    this.used = 0;
    this.size = 0;
  }

  private grow(wanted: number): void {
    if (this.block.length > 0) this.blocks.push(this.block);
    const octets = Math.min(LARGEST_BLOCK, Math.max(FIRST_BLOCK, this.block.length * 2, wanted));
    this.block = Buffer.allocUnsafeSlow(octets);
    this.used = 0;
  }
}
