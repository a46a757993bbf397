/** Whether those who are connected still answer: all are pinged, and who has not answered the last ping is given up (RFC 6455 §5.5.2). */
import type { WebSocket } from 'ws';

/** Milliseconds between two pings. */
const PING = 30_000;

export interface Heartbeat {
  /** `giveUp` closes it. It is forgotten once it is closed. */
  watch(socket: WebSocket, giveUp: () => void): void;
  stop(): void;
}

export function createHeartbeat(): Heartbeat {
  const watched = new Map<WebSocket, { answered: boolean; readonly giveUp: () => void }>();
  const pings = setInterval(() => {
    for (const [socket, state] of watched) {
      if (socket.readyState !== socket.OPEN) continue;
      if (state.answered) socket.ping();
      else state.giveUp();
      state.answered = false;
    }
  }, PING);
  pings.unref();
  return {
    watch(socket, giveUp) {
      const state = { answered: true, giveUp };
      watched.set(socket, state);
      socket.on('pong', () => {
        state.answered = true;
      });
      socket.on('close', () => watched.delete(socket));
    },
    stop: () => clearInterval(pings),
  };
}
