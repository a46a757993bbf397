/** A trace that still grows, over one WebSocket: asks from the first seq it lacks, and comes back by itself when the server went away. */
import { parseToClient, ROOM_ENDED, type ToClient, type ToServer, type WorldMessage } from '../../shared/api/live.ts';
import { decodeHeader, EventReader } from '../../shared/trace/codec.ts';
import type { TraceEvent } from '../../shared/trace/event.ts';
import { worldInHeader } from '../../shared/world/validate.ts';
import { assertNever } from '../../shared/world/world.ts';
import type { LiveSource, Sink, WorldNews } from './source.ts';

const FIRST_WAIT = 300;
const LONGEST_WAIT = 10_000;
/** Where what the server sends cannot be read, nothing is gained by asking again soon. */
const LONGEST_UNREADABLE = 30_000;
/** Milliseconds for which a connection must stand before the next one is tried as soon as the first. */
const STEADY = 5000;
const UNREADABLE = 4000;

/** Milliseconds before try number `attempt` (from 0): doubling, and jittered so that a full room does not knock at once. */
export const waitBefore = (attempt: number, chance: number, longest = LONGEST_WAIT): number =>
  Math.min(longest, FIRST_WAIT * 2 ** attempt) * (0.5 + chance / 2);

/** Null where its world is none that this page can show: the page is then one that changes nothing. */
function worldNews({ revision, canUndo, canRedo, world, clock, outbox }: WorldMessage): WorldNews | null {
  const rest = { revision, canUndo, canRedo, clock, outbox: outbox ?? null };
  if (world === undefined) return { ...rest, world: null };
  const read = worldInHeader(world);
  return read.ok ? { ...rest, world: read.world } : null;
}

/**
 * Watches `address` (a ws: or wss: URL) until closed. An event that cannot be read is kept as unknown. A message that cannot is not
 * guessed at: the socket is opened anew, later each time.
 */
export function watchLive(address: string, sink: Sink): LiveSource {
  let socket: WebSocket | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let attempt = 0;
  let trace: string | null = null;
  let next = 1;
  let reader = new EventReader();
  let unread = 0;
  let steady: ReturnType<typeof setTimeout> | undefined;
  let closed = false;

  const beginTrace = ({ id, header, last = 0 }: Extract<ToClient, { readonly type: 'trace' }>): boolean => {
    const read = decodeHeader(header);
    if (!read.ok) return false;
    if (id !== trace) {
      trace = id;
      next = 1;
      reader = new EventReader();
      unread = 0;
      sink.begin(id, read.header, last);
    }
    clearTimeout(steady);
    steady = setTimeout(() => {
      attempt = 0;
    }, STEADY);
    sink.status('live');
    return true;
  };

  const addEvents = (events: readonly unknown[]): boolean => {
    const fresh: TraceEvent[] = [];
    for (const value of events) {
      const read = reader.read(value);
      if ('ok' in read) return false;
      next += read.length;
      fresh.push(...read);
    }
    sink.events(fresh);
    if (reader.unread > unread) {
      unread = reader.unread;
      sink.unread(unread);
    }
    return true;
  };

  const understand = (text: string): boolean => {
    const message = parseToClient(text);
    if (message === null) return false;
    switch (message.type) {
      case 'trace':
        return beginTrace(message);
      case 'events':
        return addEvents(message.events);
      case 'holding': {
        const { on, waiting, gone, seq } = message;
        sink.holding({ on, waiting, gone, seq });
        return true;
      }
      case 'world': {
        const news = worldNews(message);
        if (news !== null) sink.world?.(news);
        return true;
      }
      default:
        return assertNever(message);
    }
  };

  const tell = (message: ToServer): void => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  };

  const connect = (): void => {
    const current = new WebSocket(address);
    socket = current;
    current.addEventListener('open', () => {
      tell({ type: 'watch', trace, from: next, ...(sink.world !== undefined && { world: true }) });
    });
    current.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (!closed && (typeof data !== 'string' || !understand(data))) current.close(UNREADABLE);
    });
    // An error is always followed by a close, which is where it is dealt with.
    current.addEventListener('close', ({ code }) => {
      if (closed) return;
      if (code === ROOM_ENDED) {
        closed = true;
        sink.status('ended');
        return;
      }
      clearTimeout(steady);
      const readable = code !== UNREADABLE;
      const wait = waitBefore(attempt, Math.random(), readable ? LONGEST_WAIT : LONGEST_UNREADABLE);
      const seconds = Math.max(1, Math.round(wait / 1000));
      if (readable) sink.status('away');
      else
        sink.status(
          'away',
          `This page cannot read what the server sends. Asking again in ${seconds} s; a reload may help.`,
        );
      timer = setTimeout(connect, wait);
      attempt += 1;
    });
  };

  sink.status('connecting');
  connect();
  return {
    close() {
      closed = true;
      clearTimeout(timer);
      clearTimeout(steady);
      socket?.close();
    },
    hold: on => tell({ type: 'hold', on }),
    release: () => tell({ type: 'release' }),
  };
}
