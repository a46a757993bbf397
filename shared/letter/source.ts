/** A letter as it lies there, octet by octet, with what servers stamped on it told apart. */
import { parseHeader } from '../decode/message.ts';

/** Octets [from, to) of the letter, and whether a server put them there. */
interface Piece {
  readonly from: number;
  readonly to: number;
  readonly stamped: boolean;
}

const STAMPS = new Set(['received', 'return-path']);

/** Every octet up to `end` once, in its place: fields, and whatever stands before, between and after them. */
export function piecesOf(raw: Uint8Array, end: number): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const { name, range } of parseHeader(raw).fields) {
    if (range.from >= end) break;
    if (range.from > at) pieces.push({ from: at, to: range.from, stamped: false });
    at = Math.min(range.to, end);
    pieces.push({ from: range.from, to: at, stamped: STAMPS.has(name.toLowerCase()) });
  }
  if (at < end) pieces.push({ from: at, to: end, stamped: false });
  return pieces;
}
