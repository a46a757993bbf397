/** Pairs a socket that arrived with what is known of the one that dialled, by its ephemeral port; strangers are turned away. */
import type { Socket } from 'node:net';

/** How long an arrival may wait for its announcement; both happen in this process within a turn or two. */
const PATIENCE = 2000;
/** Arrivals that nobody has announced; of more, the one that waits longest is turned away. */
const MOST_STRANGERS = 256;

export interface Rendezvous<Known> {
  /** The dialling end, once connected, says who it is. */
  announce(port: number, known: Known): void;
  /** The dialling end is gone: where nobody met it, the next one at its port must not be taken for it. */
  withdraw(port: number, known: Known): void;
  /** A listener accepted this socket. */
  arrived(socket: Socket): void;
  close(): void;
}

/** `meet` runs synchronously in whichever of the two calls comes second. */
export function createRendezvous<Known>(meet: (socket: Socket, known: Known) => void): Rendezvous<Known> {
  const announced = new Map<number, Known>();
  const waiting = new Map<number, { socket: Socket; timer: NodeJS.Timeout }>();

  function turnAway(port: number): void {
    const stranger = waiting.get(port);
    if (stranger === undefined) return;
    clearTimeout(stranger.timer);
    waiting.delete(port);
    stranger.socket.destroy();
  }

  return {
    announce(port, known) {
      const guest = waiting.get(port);
      if (guest === undefined) {
        announced.set(port, known);
        return;
      }
      clearTimeout(guest.timer);
      waiting.delete(port);
      meet(guest.socket, known);
    },
    withdraw(port, known) {
      if (announced.get(port) === known) announced.delete(port);
    },
    arrived(socket) {
      const port = socket.remotePort;
      if (port === undefined) {
        socket.destroy();
        return;
      }
      const known = announced.get(port);
      if (known !== undefined) {
        announced.delete(port);
        meet(socket, known);
        return;
      }
      const timer = setTimeout(() => turnAway(port), PATIENCE);
      timer.unref();
      waiting.set(port, { socket, timer });
      const [longest] = waiting.keys();
      if (waiting.size > MOST_STRANGERS && longest !== undefined) turnAway(longest);
    },
    close() {
      for (const port of [...waiting.keys()]) turnAway(port);
      announced.clear();
    },
  };
}
