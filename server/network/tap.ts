/** What one connection leaves in the record: its octets, masked, and bounded once there are too many of them. */
import type { ConnectionId, Side } from '../../shared/trace/event.ts';
import { maskerFor } from '../mask.ts';
import type { Recorder } from '../recorder.ts';

/** Octets of one direction that are recorded whole. */
const WHOLE = 1024 * 1024;
/** Beyond `WHOLE`, a chunk larger than this keeps only its two ends. */
const LARGE = 1024;
const END = 256;

const unobserved = (): void => undefined;

/** Returns how to record a chunk just before it is passed on. `port` is the well-known one of the server. */
export function createTap(
  recorder: Recorder,
  connection: ConnectionId,
  port: number,
  observing = true,
): (from: Side, chunk: Uint8Array) => void {
  if (!observing) return unobserved;
  const masker = maskerFor(port);
  const kept: Record<Side, number> = { client: 0, server: 0 };
  return (from, chunk) => {
    if (from === 'server') masker?.server(chunk);
    // A chunk is a view of a larger pooled buffer, so keeping it would keep all of that.
    const bytes = from === 'client' && masker !== null ? masker.client(chunk) : new Uint8Array(chunk);
    if (kept[from] + bytes.length <= WHOLE || bytes.length <= LARGE) {
      kept[from] += bytes.length;
      recorder.append({ kind: 'wire.bytes', connection, from, bytes });
      return;
    }
    const omitted = bytes.length - 2 * END;
    recorder.append({ kind: 'wire.bytes', connection, from, bytes: bytes.slice(0, END), omitted });
    recorder.append({ kind: 'wire.bytes', connection, from, bytes: bytes.slice(-END) });
  };
}
