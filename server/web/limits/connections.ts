/** The connections of an HTTP server: whoever has not said what they want makes room, the oldest first, and WebSockets never take all places. */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createPlaces, type Place } from './places.ts';

/** A part of all places that WebSockets leave to requests. */
const FOR_REQUESTS = 1 / 5;

export interface ConnectionsOptions {
  /** At once. */
  readonly most: number;
  /** Whether callers come from more than this machine, and each address has its share. */
  readonly sharedByAddress: boolean;
}

export interface Connections {
  /** Whether the connection of an upgrade request may stay for as long as it wants. */
  admitUpgrade(socket: Duplex): boolean;
}

export function keepConnections(server: Server, { most, sharedByAddress }: ConnectionsOptions): Connections {
  const places = createPlaces({ most, kept: Math.ceil(most * FOR_REQUESTS), sharedByAddress });
  const known = new WeakMap<Duplex, Place>();

  server.on('connection', (socket: Socket) => {
    const place = places.enter({ address: socket.remoteAddress ?? '', expel: () => socket.destroy() });
    if (place === null) {
      socket.destroy();
      return;
    }
    known.set(socket, place);
    socket.once('close', () => place.leave());
  });

  // Before whoever answers: they may be done at once.
  server.prependListener('request', (request, response) => {
    const place = known.get(request.socket);
    place?.stand('slow');
    // Nobody is to blame for how long an answer takes us, once all is said.
    request.once('end', () => place?.stand(response.headersSent ? 'slow' : 'busy'));
    response.once('close', () => place?.stand('idle'));
  });

  return { admitUpgrade: socket => known.get(socket)?.admit(null) ?? false };
}
