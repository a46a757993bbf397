/** UDP through the wire: a small NAT that carries questions to the host that serves them and brings the answers back. */
import type { RemoteInfo, Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import type { ConnectionId, Endpoint } from '../../shared/trace/event.ts';
import type { HostId } from '../../shared/world/world.ts';
import type { Recorder } from '../recorder.ts';
import type { Address, DatagramSocket, Listener, Network } from './contract.ts';
import type { Hold } from './hold.ts';

const LOOPBACK = '127.0.0.1';
/** How long the way back stays open after the last datagram, in milliseconds. */
const IDLE = 30_000;
/** Ways back at once through one door; the oldest is closed for a new one. */
const MOST_WAYS = 256;
/** Questions without an answer that one way back remembers. */
const MOST_QUESTIONS = 64;

export interface DatagramsOptions {
  readonly recorder: Recorder;
  readonly hold: Hold;
  readonly observing: boolean;
  readonly endpointOf: (to: Address) => Endpoint;
  readonly sourceFor: (from: HostId, to: string) => string;
  readonly addressesOf: (host: HostId) => readonly string[];
  readonly visitor: () => { readonly host: HostId; readonly address: string };
  readonly nextExchange: () => ConnectionId;
}

type Peer = Address & { readonly host: HostId };

interface Service {
  readonly port: number;
  /** Who speaks from behind which upstream port. */
  readonly peers: Map<number, Peer>;
}

interface Door {
  readonly port: number;
  readonly to: Endpoint;
  /** The private socket of this port is gone: nobody waits for answers there. */
  forget(port: number): void;
  close(): Promise<void>;
}

interface Way {
  readonly upstream: Socket;
  readonly ready: Promise<number>;
  readonly from: Endpoint;
  /** Questions that wait for an answer, by the two octets that a DNS message begins with (RFC 1035 §4.1.1). */
  readonly questions: { id: number; exchange: ConnectionId }[];
  readonly idle: NodeJS.Timeout;
}

/** A datagram may be lost (RFC 768); what cannot be sent is, and whoever asked asks again. */
const lost = (): void => undefined;
const idOf = (bytes: Uint8Array): number => ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
const closeSocket = (socket: Socket): Promise<void> => new Promise(resolve => socket.close(() => resolve()));

async function bind(port: number, host: string): Promise<Socket> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ port, address: host, exclusive: true }, () => {
      socket.off('error', reject);
      resolve();
    });
  });
  socket.on('error', lost);
  return socket;
}

export interface Datagrams {
  readonly listen: Network['listenDatagrams'];
  readonly open: Network['datagrams'];
  /** Offers a served port outside; errors are those of `bind`. */
  publish(to: Address, at: { readonly host: string; readonly port: number }): Promise<{ port: number }>;
  close(): Promise<void>;
}

export function createDatagrams(options: DatagramsOptions): Datagrams {
  const { recorder, hold, endpointOf } = options;
  const services = new Map<string, Service>();
  const doors = new Map<string, Door>();
  const published = new Set<Door>();
  const clients = new Map<number, HostId>();
  const servers = new Set<Listener>();
  const open = new Set<DatagramSocket>();
  const key = (to: Address): string => `${to.address} ${to.port}`;

  function record(exchange: ConnectionId, from: Endpoint, to: Endpoint, bytes: Uint8Array): void {
    if (options.observing) recorder.append({ kind: 'udp.datagram', exchange, from, to, bytes: new Uint8Array(bytes) });
  }

  /** `callerAt` names the host behind a source port, or null for a stranger, who gets no answer. */
  async function openDoor(
    service: Service,
    to: Endpoint,
    at: { host: string; port: number },
    callerAt: (port: number) => { host: HostId; address: string } | null,
  ): Promise<Door> {
    const socket = await bind(at.port, at.host);
    const ways = new Map<number, Way>();

    function end(port: number): void {
      const way = ways.get(port);
      if (way === undefined) return;
      ways.delete(port);
      clearTimeout(way.idle);
      for (const { exchange } of way.questions) hold.forget(exchange);
      // An upstream that is not bound yet can be closed only once it is.
      void way.ready.then(upstreamPort => {
        service.peers.delete(upstreamPort);
        way.upstream.close();
      }, lost);
    }

    function answer(way: Way, caller: RemoteInfo, bytes: Buffer): void {
      const asked = way.questions.findIndex(question => question.id === idOf(bytes));
      const [question] = way.questions.splice(asked < 0 ? 0 : asked, 1);
      if (question === undefined) return;
      hold.cross({
        connection: question.exchange,
        from: 'server',
        size: bytes.length,
        go: () => {
          record(question.exchange, to, way.from, bytes);
          socket.send(bytes, caller.port, caller.address, lost);
        },
      });
    }

    function openWay(caller: RemoteInfo, from: Endpoint): Way {
      const upstream = createSocket('udp4');
      upstream.on('error', lost);
      const ready = new Promise<number>(resolve => {
        upstream.bind({ port: 0, address: LOOPBACK, exclusive: true }, () => {
          const { port } = upstream.address();
          service.peers.set(port, from);
          resolve(port);
        });
      });
      const idle = setTimeout(() => end(caller.port), IDLE);
      idle.unref();
      const way: Way = { upstream, ready, from, questions: [], idle };
      upstream.on('message', (bytes, source) => {
        if (source.port === service.port) answer(way, caller, bytes);
      });
      const [oldest] = ways.keys();
      if (ways.size >= MOST_WAYS && oldest !== undefined) end(oldest);
      ways.set(caller.port, way);
      return way;
    }

    socket.on('message', (bytes, caller) => {
      const who = callerAt(caller.port);
      if (who === null) return;
      const way = ways.get(caller.port) ?? openWay(caller, { ...who, port: caller.port });
      way.idle.refresh();
      const exchange = options.nextExchange();
      way.questions.push({ id: idOf(bytes), exchange });
      if (way.questions.length > MOST_QUESTIONS) way.questions.shift();
      hold.cross({
        connection: exchange,
        from: 'client',
        size: bytes.length,
        go: () => {
          record(exchange, way.from, to, bytes);
          void way.ready.then(() => {
            if (ways.get(caller.port) === way) way.upstream.send(bytes, service.port, LOOPBACK, lost);
          }, lost);
        },
      });
    });

    return {
      port: socket.address().port,
      to,
      forget(port) {
        if (ways.get(port)?.questions.length === 0) end(port);
      },
      async close() {
        for (const port of [...ways.keys()]) end(port);
        await closeSocket(socket);
      },
    };
  }

  async function listen(...[host, port, receive]: Parameters<Network['listenDatagrams']>): Promise<Listener> {
    const socket = await bind(0, LOOPBACK);
    const service: Service = { port: socket.address().port, peers: new Map() };
    socket.on('message', (bytes, source) => {
      const peer = service.peers.get(source.port);
      if (peer !== undefined) receive(bytes, peer, reply => socket.send(reply, source.port, LOOPBACK, lost));
    });
    const places = options.addressesOf(host).map(address => ({ address, port }));
    const own: Door[] = [];
    for (const place of places) {
      if (doors.has(key(place))) throw new Error(`port ${port}/udp of ${host} is served already`);
      const door = await openDoor(service, endpointOf(place), { host: LOOPBACK, port: 0 }, source => {
        const caller = clients.get(source);
        return caller === undefined ? null : { host: caller, address: options.sourceFor(caller, place.address) };
      });
      services.set(key(place), service);
      doors.set(key(place), door);
      own.push(door);
    }
    const listener: Listener = {
      async close() {
        if (!servers.delete(listener)) return;
        for (const place of places) {
          services.delete(key(place));
          doors.delete(key(place));
        }
        await Promise.all([...own.map(door => door.close()), closeSocket(socket)]);
      },
    };
    servers.add(listener);
    return listener;
  }

  async function openSocket(from: HostId): Promise<DatagramSocket> {
    const socket = await bind(0, LOOPBACK);
    const { port } = socket.address();
    clients.set(port, from);
    let listener: ((bytes: Uint8Array, from: Address) => void) | null = null;
    socket.on('message', (bytes, source) => {
      for (const { port: doorPort, to } of doors.values())
        if (doorPort === source.port) listener?.(bytes, { address: to.address, port: to.port });
    });
    const client: DatagramSocket = {
      send(bytes, to) {
        const door = doors.get(key(to));
        if (door !== undefined) {
          socket.send(bytes, door.port, LOOPBACK, lost);
          return;
        }
        // Nobody serves it: the question crosses the wire all the same, and no answer comes.
        const source = { host: from, address: options.sourceFor(from, to.address), port };
        const exchange = options.nextExchange();
        const go = () => record(exchange, source, endpointOf(to), bytes);
        hold.cross({ connection: exchange, from: 'client', size: bytes.length, go });
      },
      onMessage(next) {
        listener = next;
      },
      close() {
        if (!open.delete(client)) return;
        clients.delete(port);
        for (const door of doors.values()) door.forget(port);
        socket.close();
      },
    };
    open.add(client);
    return client;
  }

  return {
    listen,
    open: openSocket,
    async publish(to, at) {
      const service = services.get(key(to));
      if (service === undefined) throw new Error(`port ${to.port}/udp of ${to.address} is not served`);
      const door = await openDoor(service, endpointOf(to), at, options.visitor);
      published.add(door);
      return { port: door.port };
    },
    async close() {
      for (const client of [...open]) client.close();
      const closing = [...published].map(door => door.close());
      published.clear();
      await Promise.all([...closing, ...[...servers].map(server => server.close())]);
    },
  };
}
