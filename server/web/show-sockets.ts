/** Whoever is at a show comes by a WebSocket: this is the way from there to a seat and back, for one door. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';
import { SHOW_ENDED } from '../../shared/show.ts';
import type { Shows } from '../shows/shows.ts';
import { hangUp } from './hang-up.ts';
import { turnAway } from './turned-away.ts';

/** Octets of a message; a cue has a few hundred. */
const LARGEST_MESSAGE = 16 * 1024;
/** Octets that may wait for a speaker's window that does not read. Followers never have more than one message waiting. */
const MOST_WAITING = 256 * 1024;
/** Milliseconds for the first message. */
const JOIN_WITHIN = 10_000;
const PING = 30_000;
const TRY_AGAIN_LATER = 1013;
const POLICY_VIOLATION = 1008;

export interface ShowSockets {
  /** Takes over a checked upgrade request for the show of this id. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, id: string | null): void;
  /** Once the shows are closed: resolves when everybody has gone. */
  close(): Promise<void>;
}

/** `most`: sockets at once. */
export function createShowSockets(shows: Shows, most: number): ShowSockets {
  // Deflating for each of thousands costs more time than a cue has octets.
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: LARGEST_MESSAGE,
    perMessageDeflate: false,
    clientTracking: false,
  });
  /** Whether each has answered the last ping. */
  const sockets = new Map<WebSocket, boolean>();

  const pings = setInterval(() => {
    for (const [socket, answered] of sockets) {
      if (socket.readyState !== socket.OPEN) continue;
      if (answered) socket.ping();
      else hangUp(socket, TRY_AGAIN_LATER, 'no answer');
      sockets.set(socket, false);
    }
  }, PING);
  pings.unref();

  function welcome(socket: WebSocket, id: string): void {
    const show = shows.find(id);
    if (show === null) {
      hangUp(socket, SHOW_ENDED, 'the show has ended');
      return;
    }
    sockets.set(socket, true);
    const seat = show.take({
      send(message, sent) {
        if (socket.readyState !== socket.OPEN) return;
        if (socket.bufferedAmount > MOST_WAITING) hangUp(socket, TRY_AGAIN_LATER, 'too slow');
        else
          socket.send(message, { binary: false }, error => {
            if (!error) sent();
          });
      },
      close: (code, reason) => hangUp(socket, code, reason),
    });
    const late = setTimeout(() => hangUp(socket, POLICY_VIOLATION, 'join first'), JOIN_WITHIN);
    late.unref();
    socket.on('message', (data, isBinary) => {
      clearTimeout(late);
      // What is no text is no message either.
      seat.hear(isBinary ? '' : String(data));
    });
    socket.on('pong', () => sockets.set(socket, true));
    // 'close' follows, and it is all that matters here.
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      clearTimeout(late);
      sockets.delete(socket);
      seat.leave();
    });
  }

  return {
    upgrade(request, socket, head, id) {
      if (id === null || shows.find(id) === null) turnAway(request, socket, head, SHOW_ENDED, 'the show has ended');
      else if (sockets.size >= most) turnAway(request, socket, head, TRY_AGAIN_LATER, 'too many followers');
      else server.handleUpgrade(request, socket, head, guest => welcome(guest, id));
    },
    async close() {
      clearInterval(pings);
      await Promise.all(
        [...sockets.keys()].map(socket => new Promise<void>(gone => socket.once('close', () => gone()))),
      );
      await new Promise<void>(resolve => server.close(() => resolve()));
    },
  };
}
