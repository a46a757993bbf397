/** Keeps secrets out of the record: overwrites what authenticates in a client's octets, wherever the segments happen to be cut. */
import { passingAt } from '../base/passing.ts';

/** One connection's masker. Octets of both directions must be shown to it in the order in which they crossed. */
export interface Masker {
  /** What may be recorded of these octets of the client: a copy of the same length, secrets as '*'. */
  client(bytes: Uint8Array): Uint8Array;
  /** The server's octets hold no secrets; they tell which of the client's lines do. */
  server(bytes: Uint8Array): void;
}

const CR = 13;
const LF = 10;
const STAR = 0x2a;

/** The masker for a connection to this well-known port, or null where nothing secret crosses. */
export function maskerFor(port: number): Masker | null {
  const passing = passingAt(port);
  if (passing === null) return null;
  return {
    client(bytes) {
      const copy = new Uint8Array(bytes);
      for (const { kind, from, to } of passing.client(copy)) {
        if (kind !== 'secret') continue;
        // A line's end is none of the secret, and a bare CR or LF may be meant as one.
        for (let at = from; at < to; at++) if (copy[at] !== CR && copy[at] !== LF) copy[at] = STAR;
      }
      return copy;
    },
    server(bytes) {
      passing.server(bytes);
    },
  };
}
