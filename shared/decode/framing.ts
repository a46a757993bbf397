/** The lines and blocks of a dialogue as whole octets, put together from the spans that follow each other. */
import { joined } from '../bytes.ts';

const CR = 13;
const LF = 10;
const DOT = 46;
/** A line longer than this is shown in pieces: what is recorded may be hostile. */
const LONGEST_LINE = 64 * 1024;

/** Octets that belong together, as they come. */
export class Gathering {
  private parts: Uint8Array[] = [];
  length = 0;

  add(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.parts.push(bytes);
    this.length += bytes.length;
  }

  /** All of it; it begins anew. */
  take(): Uint8Array {
    const whole = joined(this.parts);
    this.parts = [];
    this.length = 0;
    return whole;
  }

  /** Too long for one line; where it is, a line's worth of it goes. */
  takeOverlong(): Uint8Array | null {
    if (this.length <= LONGEST_LINE) return null;
    const whole = this.take();
    this.add(whole.subarray(LONGEST_LINE));
    return whole.subarray(0, LONGEST_LINE);
  }
}

/** Undoes the transparency of a block: the end marker goes, and one leading dot of each line (RFC 5321 §4.5.2). */
export function unstuffed(wire: Uint8Array): Uint8Array {
  const end = wire.length >= 3 && wire[wire.length - 3] === DOT ? wire.length - 3 : wire.length;
  const plain = new Uint8Array(end);
  let length = 0;
  let lineStart = true;
  for (let at = 0; at < end; at++) {
    const octet = wire[at] ?? 0;
    const stuffed = lineStart && octet === DOT;
    lineStart = octet === LF && wire[at - 1] === CR;
    if (!stuffed) plain[length++] = octet;
  }
  return plain.subarray(0, length);
}
