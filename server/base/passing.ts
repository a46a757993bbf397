/** A connection's dialogue, followed with the search of this machine: a letter of many megabytes passes in a few milliseconds. */
import { MARKER, type SearchMarker } from '../../shared/decode/dot-block.ts';
import { Passing } from '../../shared/decode/passing.ts';
import { dialogueAt } from '../../shared/protocols.ts';

const END = Buffer.from(MARKER);

export const searchMarker: SearchMarker = (chunk, at) => {
  const octets = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
  const found = octets.indexOf(END, at);
  return found < 0 ? Math.max(at, octets.length - END.length + 1) : found;
};

/** For the dialogue of this well-known port; null where no lines are exchanged. */
export function passingAt(port: number): Passing | null {
  const dialogue = dialogueAt(port);
  return dialogue && new Passing(dialogue, searchMarker);
}
