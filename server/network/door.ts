/** Doors: where callers of a served (address, port) really connect to, and how each call is spliced through to the server. */
import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import type { ConnectionId, Endpoint } from '../../shared/trace/event.ts';
import type { HostId } from '../../shared/world/world.ts';
import type { Address, Peer } from './contract.ts';
import type { Rendezvous } from './rendezvous.ts';
import { createRendezvous } from './rendezvous.ts';
import { splice, type Wire, type Wiring } from './wire.ts';

const LOOPBACK = '127.0.0.1';
/** Connections at once from within the world; more are closed unanswered, as a full backlog would. */
const MOST_CALLS = 200;
/** The same for a door to outside: more than any server has places, so that a newcomer reaches the one who can make room. */
const MOST_VISITS = 512;

/** One call: who dials, what it is named, and what becomes of it. */
export interface Call {
  readonly connection: ConnectionId;
  readonly from: Endpoint;
  readonly to: Endpoint;
  /** As `Peer` has it. */
  readonly outside?: string;
  readonly opened: () => void;
  /** Its `cause` is what the socket said, where it said something. */
  readonly failed: (error: Error) => void;
}

/** Where dialled calls announce themselves: they connect to this private port, and say by their own one who they are. */
export interface Gate {
  readonly privatePort: number;
  readonly calls: Pick<Rendezvous<Call>, 'announce' | 'withdraw'>;
}

/** A server of a host, reachable only through doors. */
export interface Served extends Gate {
  readonly host: HostId;
  readonly port: number;
  /** Opens a door for callers from outside; `call` names each one, or null where it has seen to it already. */
  readonly openDoor: (
    at: { readonly host: string; readonly port: number },
    call: (socket: Socket) => Call | null,
  ) => Promise<Server>;
  close(): Promise<void>;
}

/** An error here also ends the socket, and 'close' is what is acted upon. */
const ignoreError = (): void => undefined;

/** Answers the port; `backlog` as listen(2) has it. */
export async function listenOn(server: Server, port: number, host: string, backlog = 511): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog, exclusive: true }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

export const closeServer = (server: Server): Promise<void> => new Promise(resolve => server.close(() => resolve()));

/** Connects a client to `target` and splices the two. `keep` gets the new half, `joined` runs before an octet crosses. */
export function connectThrough(
  client: Socket,
  call: Call,
  target: Address,
  wiring: Wiring,
  keep: (half: Socket) => void,
  joined: (half: Socket, wire: Wire) => void,
): void {
  const half = connect({ port: target.port, host: target.address, allowHalfOpen: true });
  keep(half);
  let cause: Error | undefined;
  half.on('error', error => {
    cause = error;
  });
  const abandon = () => {
    client.destroy();
    call.failed(new Error('the server does not listen any more', { cause }));
  };
  half.once('close', abandon);
  half.once('connect', () => {
    half.off('close', abandon);
    if (client.destroyed) {
      half.destroy();
      call.failed(new Error('the caller hung up'));
      return;
    }
    const wire = splice({ connection: call.connection, from: call.from, to: call.to, client, server: half }, wiring);
    call.opened();
    joined(half, wire);
  });
}

/** Serves TCP for `host` on the world's `port`. */
export async function serve(
  host: HostId,
  port: number,
  accept: (socket: Socket, peer: Peer) => void,
  wiring: Wiring,
): Promise<Served> {
  const halves = new Set<Socket>();
  const peers = createRendezvous<{ readonly peer: Peer; readonly wire: Wire }>((socket, { peer, wire }) => {
    socket.once('close', () => wire.abandon());
    accept(socket, peer);
  });
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

  /** Lets callers in while there is room: who has a call going, and its wire once it is joined. */
  function entrance(most: number): { enter: (client: Socket, call: Call) => void; hasRoom: () => boolean } {
    const inside = new Map<Socket, Wire | null>();
    return {
      enter(client, call) {
        if (client.destroyed) return;
        inside.set(client, null);
        client.once('close', () => inside.delete(client));
        connectThrough(client, call, { address: LOOPBACK, port: serverPort }, wiring, keep, (half, wire) => {
          if (inside.has(client)) inside.set(client, wire);
          const { connection, from, outside } = call;
          const peer: Peer = { ...from, connection, ...(outside !== undefined && { outside }) };
          // Connected, so it has one.
          if (half.localPort !== undefined) peers.announce(half.localPort, { peer, wire });
        });
      },
      hasRoom() {
        if (inside.size < most) return true;
        // Whoever was told goodbye and does not hang up is in the way.
        const left = [...inside].find(([, wire]) => wire?.abandoned === true);
        if (left === undefined) return false;
        const [client, wire] = left;
        inside.delete(client);
        wire?.drop();
        return true;
      },
    };
  }

  const within = entrance(MOST_CALLS);
  const calls = createRendezvous<Call>((client, call) => {
    if (within.hasRoom()) within.enter(client, call);
    else client.destroy();
  });

  function door(onCall: (socket: Socket) => void): Server {
    const listener = createServer({ allowHalfOpen: true, noDelay: true }, socket => {
      socket.on('error', ignoreError);
      keep(socket);
      onCall(socket);
    });
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
      const { enter, hasRoom } = entrance(MOST_VISITS);
      const listener = door(socket => {
        if (!hasRoom()) {
          socket.destroy();
          return;
        }
        const named = call(socket);
        if (named !== null) enter(socket, named);
      });
      // What a silent host does not answer counts here as well.
      listener.maxConnections = 2 * MOST_VISITS;
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
