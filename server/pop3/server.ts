/** Serves maildrops over POP3: takes connections as far as there are places, and holds a session on each. */
import type { Socket } from 'node:net';
import { SERVICES } from '../../shared/protocols.ts';
import type { Listener, Peer } from '../network/contract.ts';
import { type CallerPlaces, createCallerPlaces } from '../network/places.ts';
import { LINGER, type Pop3ServerOptions, Pop3Session } from './session.ts';

export type { Pop3ServerOptions };

/** Listens on `host`; closing it breaks off the sessions that are open, which removes nothing. */
export async function startPop3Server(options: Pop3ServerOptions): Promise<Listener> {
  const sessions = new Map<Socket, Promise<void>>();
  const { clock, maxConnections: most = 200 } = options;
  const places = createCallerPlaces({ clock, own: most, outside: most });
  const listener = await options.network.listen(
    options.host,
    options.port ?? SERVICES.pop3.port,
    (socket: Socket, peer: Peer) => {
      const serving = serve(socket, peer, options, places).finally(() => sessions.delete(socket));
      sessions.set(socket, serving);
    },
  );
  return {
    async close() {
      const closed = listener.close();
      const open = [...sessions];
      for (const [socket] of open) socket.destroy();
      await Promise.all([closed, ...open.map(([, session]) => session)]);
    },
  };
}

/** A connection from greeting to end. Rejects only for a mistake of ours; whatever happens, the lock is given back. */
async function serve(socket: Socket, peer: Peer, options: Pop3ServerOptions, places: CallerPlaces): Promise<void> {
  const closed = new Promise<void>(resolve => socket.once('close', () => resolve()));
  let dismiss = (): void => undefined;
  const place = places.enter({ peer, dismiss: () => dismiss(), cutOff: () => socket.resetAndDestroy() });
  const session = new Pop3Session(socket, peer, options, place);
  dismiss = () => session.dismiss();
  // The session learns of an error by itself; without a listener Node would end the process before it did.
  socket.on('error', () => session.lost());
  socket.on('close', () => session.lost());
  // Each reply is on its way at once: it is a step that somebody may be watching, and Nagle's delay is 40 ms.
  socket.setNoDelay(true);
  try {
    await session.run();
  } finally {
    session.release();
    session.rest();
    socket.end();
    // Whatever the client still says is read and thrown away: closing over unread octets is a reset, which may eat the last reply.
    socket.resume();
    const linger = setTimeout(() => socket.destroy(), LINGER);
    if (!socket.closed) await closed;
    clearTimeout(linger);
    place?.leave();
  }
}
