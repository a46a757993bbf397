/** Octets that come in pieces, gathered in blocks: a million pieces of one octet cost no more than their octets. */

const FIRST_BLOCK = 4096;
const BLOCK = 65_536;
/** Below this a loop is quicker than a call. */
const SHORT = 32;
const NOTHING = Buffer.alloc(0);

/** Blocks that nobody needs now, for whoever needs one next: what comes and goes all the time is not left for the collector to find. */
const spare: Buffer[] = [];
const MOST_SPARE = 512;

export class Gathered {
  private blocks: Buffer[] = [];
  private block: Buffer = NOTHING;
  private used = 0;
  /** Octets gathered so far. */
  size = 0;

  /** Octets [from, to) of `piece`, which may change afterwards. */
  add(piece: Buffer, from = 0, to = piece.length): void {
    for (let at = from; at < to; ) {
      if (this.used === this.block.length) this.begin();
      const octets = Math.min(to - at, this.block.length - this.used);
      if (octets < SHORT) for (let nth = 0; nth < octets; nth++) this.block[this.used + nth] = piece[at + nth] ?? 0;
      else piece.copy(this.block, this.used, at, at + octets);
      this.used += octets;
      this.size += octets;
      at += octets;
    }
  }

  /** A copy of all of them; nothing is gathered any more. */
  handOver(): Buffer {
    const whole = Buffer.concat([...this.blocks, this.block.subarray(0, this.used)]);
    this.clear();
    return whole;
  }

  clear(): void {
    for (const block of [...this.blocks, this.block])
      if (block.length === BLOCK && spare.length < MOST_SPARE) spare.push(block);
    this.blocks = [];
    this.block = NOTHING;
    this.used = 0;
    this.size = 0;
  }

  private begin(): void {
    if (this.block.length === 0) this.block = Buffer.allocUnsafeSlow(FIRST_BLOCK);
    else {
      this.blocks.push(this.block);
      this.block = spare.pop() ?? Buffer.allocUnsafeSlow(BLOCK);
    }
    this.used = 0;
  }
}
