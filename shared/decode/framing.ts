/** Cuts a stream of octets into protocol lines and dot-terminated blocks, wherever the segments were cut. */
import { joined } from '../bytes.ts';

const CR = 13;
const LF = 10;
const DOT = 46;
/** A line longer than this is shown in pieces: what is recorded may be hostile. */
const LONGEST_LINE = 64 * 1024;

/** Octets waiting to be understood; `take` hands out what is complete. */
export class Inflow {
  private parts: Uint8Array[] = [];
  private gathered: Uint8Array | null = null;
  private size = 0;

  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.parts.push(bytes);
    this.size += bytes.length;
    this.gathered = null;
  }

  private whole(): Uint8Array {
    this.gathered ??= joined(this.parts);
    return this.gathered;
  }

  get length(): number {
    return this.size;
  }

  /** The next line with its CRLF, or null while it is not complete. Bare LF ends nothing (RFC 5321 §2.3.8). */
  takeLine(): Uint8Array | null {
    const whole = this.whole();
    for (let at = whole.indexOf(LF); at >= 0; at = whole.indexOf(LF, at + 1)) {
      if (at > 0 && whole[at - 1] === CR) return this.take(at + 1);
    }
    return whole.length > LONGEST_LINE ? this.take(LONGEST_LINE) : null;
  }

  take(length: number): Uint8Array {
    const whole = this.whole();
    const taken = whole.subarray(0, length);
    const rest = whole.subarray(length);
    this.parts = rest.length > 0 ? [rest] : [];
    this.size = rest.length;
    this.gathered = null;
    return taken;
  }

  takeAll(): Uint8Array {
    return this.take(this.length);
  }
}

/** Collects a block that ends in CRLF `.` CRLF, or in `.` CRLF at its very start (RFC 5321 §4.1.1.4, RFC 1939 §3). */
export class DotBlock {
  private readonly parts: Uint8Array[] = [];
  /** How much of CRLF.CRLF the last octets matched; 2 at the start, because the line before ended in CRLF. */
  private matched = 2;
  omitted = 0;

  /** Takes from `bytes` what belongs to the block; `rest` is what follows its end, or null while it has none. */
  push(bytes: Uint8Array): { readonly rest: Uint8Array | null } {
    let matched = this.matched;
    for (let at = 0; at < bytes.length; at++) {
      const octet = bytes[at];
      if (matched === 2 && octet === DOT) matched = 3;
      else if (matched === 3 && octet === CR) matched = 4;
      else if (matched === 4 && octet === LF) {
        this.parts.push(bytes.subarray(0, at + 1));
        return { rest: bytes.subarray(at + 1) };
      } else if (matched === 1 && octet === LF) matched = 2;
      else matched = octet === CR ? 1 : 0;
    }
    this.parts.push(bytes);
    this.matched = matched;
    return { rest: null };
  }

  skip(octets: number): void {
    this.omitted += octets;
    this.matched = 0;
  }

  /** The block as it crossed, end marker included. */
  wire(): Uint8Array {
    return joined(this.parts);
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
