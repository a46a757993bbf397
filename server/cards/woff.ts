/** A WOFF font as the sfnt that it was packed from: its tables inflated, its directory written anew (W3C WOFF 1.0). */
import { inflateSync } from 'node:zlib';

const SIGNATURE = 0x774f4646;
const HEADER = 44;
const ENTRY = 20;
const SFNT_HEADER = 12;
const SFNT_ENTRY = 16;
/** More than any face of Latin letters has. */
const LARGEST = 4_000_000;

const padded = (length: number): number => (length + 3) & ~3;

/** The tables of a font, each where it lies in the unpacked file. */
export interface Sfnt {
  readonly bytes: Uint8Array;
  /** By tag: "cmap", "hmtx". */
  readonly tables: ReadonlyMap<string, DataView>;
}

/** Throws where it is no WOFF 1.0. */
export function unpack(woff: Buffer): Sfnt {
  if (woff.length < HEADER || woff.readUInt32BE(0) !== SIGNATURE) throw new Error('This font is no WOFF 1.0.');
  const count = woff.readUInt16BE(12);
  const entries = Array.from({ length: count }, (_, index) => {
    const at = HEADER + index * ENTRY;
    return {
      tag: woff.toString('latin1', at, at + 4),
      offset: woff.readUInt32BE(at + 4),
      packed: woff.readUInt32BE(at + 8),
      length: woff.readUInt32BE(at + 12),
      checksum: woff.readUInt32BE(at + 16),
    };
  });
  const start = SFNT_HEADER + count * SFNT_ENTRY;
  const size = entries.reduce((sum, { length }) => sum + padded(length), start);
  if (size > LARGEST) throw new Error('This font is too large.');
  const sfnt = Buffer.alloc(size);
  sfnt.writeUInt32BE(woff.readUInt32BE(4), 0);
  sfnt.writeUInt16BE(count, 4);
  // So that a directory can be searched by halves (OpenType, "Table Directory").
  const halvings = Math.floor(Math.log2(Math.max(1, count)));
  sfnt.writeUInt16BE(2 ** halvings * SFNT_ENTRY, 6);
  sfnt.writeUInt16BE(halvings, 8);
  sfnt.writeUInt16BE(count * SFNT_ENTRY - 2 ** halvings * SFNT_ENTRY, 10);
  const tables = new Map<string, DataView>();
  let at = start;
  entries.forEach(({ tag, offset, packed, length, checksum }, index) => {
    const stored = woff.subarray(offset, offset + packed);
    const table = packed < length ? inflateSync(stored, { maxOutputLength: length }) : stored;
    if (table.length !== length) throw new Error(`The table ${tag} of this font is broken.`);
    table.copy(sfnt, at);
    const entry = SFNT_HEADER + index * SFNT_ENTRY;
    sfnt.write(tag, entry, 'latin1');
    sfnt.writeUInt32BE(checksum, entry + 4);
    sfnt.writeUInt32BE(at, entry + 8);
    sfnt.writeUInt32BE(length, entry + 12);
    tables.set(tag, new DataView(sfnt.buffer, sfnt.byteOffset + at, length));
    at += padded(length);
  });
  return { bytes: sfnt, tables };
}
