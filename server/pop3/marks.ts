/** Which messages of a maildrop are marked as deleted: a bit each, so that the mark of one more is cheap however many there are. Pure. */

/** Numbers from 1 to `count`. A value: nothing changes it. */
export class Marks implements Iterable<number> {
  private readonly bits: Uint8Array;

  constructor(bits: number | Uint8Array) {
    this.bits = typeof bits === 'number' ? new Uint8Array(Math.ceil((bits + 1) / 8)) : bits;
  }

  has(number: number): boolean {
    return ((this.bits[number >> 3] ?? 0) & (1 << (number & 7))) !== 0;
  }

  with(number: number): Marks {
    const bits = this.bits.slice();
    bits[number >> 3] = (bits[number >> 3] ?? 0) | (1 << (number & 7));
    return new Marks(bits);
  }

  *[Symbol.iterator](): Generator<number> {
    for (let number = 1; number < this.bits.length * 8; number++) if (this.has(number)) yield number;
  }
}
