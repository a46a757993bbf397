/** Doors: where callers of a served (address, port) really connect to, and how each call is spliced through to the server. */
import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import type { ConnectionId, Endpoint } from '../../shared/trace/event.ts';
import type { HostId } from '../../shared/world/world.ts';
import type { Peer } from './contract.ts';
import type { Rendezvous } from './rendezvous.ts';
import { createRendezvous } from './rendezvous.ts';
import { splice, type Wiring } from './wire.ts';

const LOOPBACK = '127.0.0.1';
/** Connections at once through one door; more are closed unanswered, as a full backlog would. */
const MOST_CALLS = 200;

/** One call: who dials, what it is named, and what becomes of it. */
interface Call {
  readonly connection: ConnectionId;
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly opened: () => void;
  readonly failed: (error: Error) => void;
}

/** A server of a host, reachable only through doors. */
export interface Served {
  readonly host: HostId;
  readonly port: number;
  /** The private door that dialled calls announce themselves at. */
  readonly privatePort: number;
  readonly calls: Rendezvous<Call>;
  /** Opens a door for callers from outside; `call` names each one by its source port. */
  readonly openDoor: (at: { host: string; port: number }, call: (sourcePort: number) => Call) => Promise<Server>;
  close(): Promise<void>;
}

/** An error here also ends the socket, and 'close' is what is acted upon. */
const ignoreError = (): void => undefined;

export async function listenOn(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, exclusive: true }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

const closeServer = (server: Server): Promise<void> => new Promise(resolve => server.close(() => resolve()));

/** Serves TCP for `host` on the world's `port`. */
export async function serve(
  host: HostId,
  port: number,
  accept: (socket: Socket, peer: Peer) => void,
  wiring: Wiring,
): Promise<Served> {
  const halves = new Set<Socket>();
  const peers = createRendezvous<Peer>(accept);
  const doors: Server[] = [];

  const server = createServer({ allowHalfOpen: true, noDelay: true }, socket => {
    socket.on('error', ignoreError);
    keep(socket);
    peers.arrived(socket);
  });
  const serverPort = await listenOn(server, 0, LOOPBACK);

  function keep(socket: Socket): void {
    halves.add(socket);
    socket.on('close', () => halves.delete(socket));
  }

  function enter(client: Socket, call: Call): void {
    const half = connect({ port: serverPort, host: LOOPBACK, allowHalfOpen: true });
    keep(half);
    half.on('error', ignoreError);
    const abandon = () => {
      client.destroy();
      call.failed(new Error('the server does not listen any more'));
    };
    half.once('close', abandon);
    half.once('connect', () => {
      half.off('close', abandon);
      if (client.destroyed || half.localPort === undefined) {
        half.destroy();
        call.failed(new Error('the caller hung up'));
        return;
      }
      splice({ connection: call.connection, from: call.from, to: call.to, client, server: half }, wiring);
      call.opened();
      peers.announce(half.localPort, {
        host: call.from.host,
        address: call.from.address,
        port: call.from.port,
        connection: call.connection,
      });
    });
  }

  const calls = createRendezvous<Call>(enter);

  function door(onCall: (socket: Socket) => void): Server {
    const listener = createServer({ allowHalfOpen: true, noDelay: true }, socket => {
      socket.on('error', ignoreError);
      keep(socket);
      onCall(socket);
    });
    listener.maxConnections = MOST_CALLS;
    doors.push(listener);
    return listener;
  }

  const privatePort = await listenOn(
    door(socket => calls.arrived(socket)),
    0,
    LOOPBACK,
  );

  return {
    host,
    port,
    privatePort,
    calls,
    async openDoor(at, call) {
      const listener = door(socket => {
        if (socket.remotePort === undefined) socket.destroy();
        else enter(socket, call(socket.remotePort));
      });
      await listenOn(listener, at.port, at.host);
      return listener;
    },
    async close() {
      const closing = [server, ...doors].map(closeServer);
      calls.close();
      peers.close();
      for (const half of halves) half.destroy();
      await Promise.all(closing);
    },
  };
}
