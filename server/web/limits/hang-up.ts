/** The end of a WebSocket that this server wants to end. */
import type { WebSocket } from 'ws';

/** Milliseconds that the other end has to take note. */
const LINGER = 500;

const ending = new WeakSet<WebSocket>();

/** The close frame waits behind what the other end does not read, so its answer is not waited for long. Once is enough. */
export function hangUp(socket: WebSocket, code: number, reason: string): void {
  if (ending.has(socket)) return;
  ending.add(socket);
  // 'close' follows, and it is all that matters here.
  socket.on('error', () => socket.terminate());
  socket.close(code, reason);
  const timer = setTimeout(() => socket.terminate(), LINGER);
  socket.once('close', () => clearTimeout(timer));
}

/** The same for one who says too much: nothing more is read, not even their goodbye. */
export function silence(socket: WebSocket, code: number, reason: string): void {
  hangUp(socket, code, reason);
  socket.pause();
}
