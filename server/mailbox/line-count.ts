/** How long messages are in their CRLF form, read block by block without keeping any of them. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { CrlfMeter } from '../base/crlf.ts';
import type { Counted } from './letters.ts';

const BLOCK = 65_536;
/** A FIFO or a link that has taken the place of a file is neither waited for nor followed. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

/**
 * Counts one file, a block a step; the last step yields what it came to, or null where it is no file, and each one before it
 * `undefined`. Synchronous, because that is a tenth of the work of asking for each block; whoever asks takes turns. Throws the
 * file system's error.
 */
export function* countedLines(path: string, block: Buffer): Generator<Counted | null | undefined> {
  const file = openSync(path, FLAGS);
  try {
    const entry = fstatSync(file);
    if (!entry.isFile()) {
      yield null;
      return;
    }
    const meter = new CrlfMeter();
    for (let read = readSync(file, block, 0, BLOCK, null); read > 0; read = readSync(file, block, 0, BLOCK, null)) {
      meter.add(block.subarray(0, read));
      if (read === BLOCK) yield;
    }
    yield { length: entry.size, mtimeMs: entry.mtimeMs, size: meter.size() };
  } finally {
    closeSync(file);
  }
}

/** What `countedLines` reads into; it is free again after each step. */
export const lineBlock = (): Buffer => Buffer.allocUnsafeSlow(BLOCK);
