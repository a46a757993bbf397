/** The end of a WebSocket that this server wants to end. */
import type { WebSocket } from 'ws';

/** Milliseconds that the other end has to take note. */
const LINGER = 500;

/** The close frame waits behind what the other end does not read, so its answer is not waited for long. */
export function hangUp(socket: WebSocket, code: number, reason: string): void {
  // 'close' follows, and it is all that matters here.
  socket.on('error', () => socket.terminate());
  socket.close(code, reason);
  const timer = setTimeout(() => socket.terminate(), LINGER);
  socket.once('close', () => clearTimeout(timer));
}
