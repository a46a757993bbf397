/** The recordings that were given to a show because the server has them not: the newest few, compressed, each by a name made of its content. */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** Octets of one recording, as NDJSON. */
export const LARGEST_RECORDING = 8 * 1024 * 1024;
const MOST_RECORDINGS = 3;

const compress = promisify(gzip);

export interface Recordings {
  /** Answers its name. Where there is no place the oldest goes, but never the one named `shown`. */
  put(ndjson: Uint8Array, shown: string | null): Promise<string>;
  /** gzip, or null where there is none of that name. */
  get(name: string): Uint8Array | null;
}

export function createRecordings(): Recordings {
  const kept = new Map<string, Uint8Array>();
  return {
    async put(ndjson, shown) {
      const name = createHash('sha256').update(ndjson).digest('base64url').slice(0, 16);
      const zipped = await compress(ndjson);
      // Given once more, it is the newest again.
      kept.delete(name);
      kept.set(name, zipped);
      for (const old of kept.keys()) {
        if (kept.size <= MOST_RECORDINGS) break;
        if (old !== shown) kept.delete(old);
      }
      return name;
    },
    get: name => kept.get(name) ?? null,
  };
}
