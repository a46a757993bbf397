/** Tells whoever wants to watch a room that is no more; a page only hears it over a WebSocket that was opened and is closed again. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { ROOM_ENDED } from '../../shared/socket.ts';

/** Milliseconds for the page to take note. */
const LINGER = 500;

const server = new WebSocketServer({
  noServer: true,
  maxPayload: 1024,
  perMessageDeflate: false,
  clientTracking: false,
});

/** Takes over a checked upgrade request. */
export function turnAway(request: IncomingMessage, socket: Duplex, head: Buffer): void {
  server.handleUpgrade(request, socket, head, guest => {
    guest.on('error', () => guest.terminate());
    guest.close(ROOM_ENDED, 'unknown-room');
    const timer = setTimeout(() => guest.terminate(), LINGER);
    guest.once('close', () => clearTimeout(timer));
  });
}
