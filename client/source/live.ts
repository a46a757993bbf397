/** A trace that still grows, over one WebSocket: asks from the first seq it lacks, and comes back by itself when the server went away. */
import { parseToClient, ROOM_ENDED, type ToServer } from '../../shared/socket.ts';
import { decodeEvent, decodeHeader } from '../../shared/trace/codec.ts';
import type { TraceEvent } from '../../shared/trace/event.ts';
import type { LiveSource, Sink } from './source.ts';

const FIRST_WAIT = 300;
const LONGEST_WAIT = 10_000;

/** Milliseconds before try number `attempt` (from 0): doubling, and jittered so that a full room does not knock at once. */
export const waitBefore = (attempt: number, chance: number): number =>
  Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** attempt) * (0.5 + chance / 2);

/** Watches `address` (a ws: or wss: URL) until closed. What cannot be read is not guessed at: the socket is opened anew. */
export function watchLive(address: string, sink: Sink): LiveSource {
  let socket: WebSocket | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let attempt = 0;
  let trace: string | null = null;
  let next = 1;
  let closed = false;

  const understand = (text: string): boolean => {
    const message = parseToClient(text);
    if (message === null) return false;
    if (message.type === 'trace') {
      const header = decodeHeader(message.header);
      if (!header.ok) return false;
      if (message.id !== trace) {
        trace = message.id;
        next = 1;
        sink.begin(message.id, header.header, message.last ?? 0);
      }
      attempt = 0;
      sink.status('live');
    } else if (message.type === 'events') {
      const fresh: TraceEvent[] = [];
      for (const value of message.events) {
        const decoded = decodeEvent(value);
        if (!decoded.ok) return false;
        if (decoded.event.seq < next) continue;
        if (decoded.event.seq > next) return false;
        next += 1;
        fresh.push(decoded.event);
      }
      sink.events(fresh);
    } else {
      const { on, waiting, gone, seq } = message;
      sink.holding({ on, waiting, gone, seq });
    }
    return true;
  };

  const tell = (message: ToServer): void => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  };

  const connect = (): void => {
    const current = new WebSocket(address);
    socket = current;
    current.addEventListener('open', () => {
      tell({ type: 'watch', trace, from: next });
    });
    current.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (!closed && (typeof data !== 'string' || !understand(data))) current.close(4000);
    });
    // An error is always followed by a close, which is where it is dealt with.
    current.addEventListener('close', ({ code }) => {
      if (closed) return;
      if (code === ROOM_ENDED) {
        closed = true;
        sink.status('ended');
        return;
      }
      sink.status('away');
      timer = setTimeout(connect, waitBefore(attempt, Math.random()));
      attempt += 1;
    });
  };

  sink.status('connecting');
  connect();
  return {
    close() {
      closed = true;
      clearTimeout(timer);
      socket?.close();
    },
    hold: on => tell({ type: 'hold', on }),
    release: () => tell({ type: 'release' }),
  };
}
