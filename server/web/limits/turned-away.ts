/** Tells whoever comes for what is no more; a page only hears why over a WebSocket that was opened and is closed again. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { hangUp } from './hang-up.ts';

/** There is no place now (RFC 6455 §7.4.1, as registered later). */
export const TRY_AGAIN_LATER = 1013;

const server = new WebSocketServer({
  noServer: true,
  maxPayload: 1024,
  perMessageDeflate: false,
  clientTracking: false,
});

/** Takes over a checked upgrade request; `code` and `reason` as a WebSocket is closed. */
export function turnAway(request: IncomingMessage, socket: Duplex, head: Buffer, code: number, reason: string): void {
  server.handleUpgrade(request, socket, head, guest => hangUp(guest, code, reason));
}
