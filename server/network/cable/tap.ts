/** What one connection leaves in the record: its octets, masked, and bounded once there are too many of them. */
import type { ConnectionId, Endpoint, Side } from '../../../shared/trace/event.ts';
import { maskerFor } from '../../record/mask.ts';
import type { Recorder } from '../../record/recorder.ts';

/** Octets of one direction that are recorded whole while few connections are open. */
const WHOLE = 1024 * 1024;
/** Octets that all directions share where many are open: recording a flood must not cost more than serving it. */
const SHARED = 8 * 1024 * 1024;
const LEAST = 32 * 1024;
/** Beyond its share, a chunk larger than this keeps only its two ends. */
const LARGE = 1024;
const END = 256;

/** What one direction may record whole while so many connections are open. */
const shareOf = (open: number): number => Math.max(LEAST, Math.min(WHOLE, SHARED / Math.max(1, open)));

/** What a network leaves in the record of all that crosses. */
export interface Tap {
  /**
   * Returns how to record a chunk just before it is passed on. `port` is the well-known one of the server, `open` how many
   * connections there are now.
   */
  connection(connection: ConnectionId, port: number, open: () => number): (from: Side, chunk: Uint8Array) => void;
  datagram(exchange: ConnectionId, from: Endpoint, to: Endpoint, bytes: Uint8Array): void;
}

/** Records nothing: what the bench compares with. */
export const silentTap: Tap = { connection: () => () => undefined, datagram: () => undefined };

export const createTap = (recorder: Recorder): Tap => ({
  connection(connection, port, open) {
    const masker = maskerFor(port);
    const kept: Record<Side, number> = { client: 0, server: 0 };
    return (from, chunk) => {
      if (from === 'server') masker?.server(chunk);
      // A chunk is a view of a larger pooled buffer, so keeping it would keep all of that.
      const bytes = from === 'client' && masker !== null ? masker.client(chunk) : new Uint8Array(chunk);
      if (kept[from] + bytes.length <= shareOf(open()) || bytes.length <= LARGE) {
        kept[from] += bytes.length;
        recorder.append({ kind: 'wire.bytes', connection, from, bytes });
        return;
      }
      const omitted = bytes.length - 2 * END;
      recorder.append({ kind: 'wire.bytes', connection, from, bytes: bytes.slice(0, END), omitted });
      recorder.append({ kind: 'wire.bytes', connection, from, bytes: bytes.slice(-END) });
    };
  },
  datagram(exchange, from, to, bytes) {
    recorder.append({ kind: 'udp.datagram', exchange, from, to, bytes: new Uint8Array(bytes) });
  },
});
