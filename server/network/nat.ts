/** A door for datagrams: each caller gets a way of its own to the server behind it, and answers find their way back, as NAT does. */
import type { RemoteInfo, Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import type { ConnectionId, Endpoint } from '../../shared/trace/event.ts';
import type { HostId } from '../../shared/world/world.ts';
import { createLag, type Lag } from './cable/lag.ts';
import { type Address, NetworkError } from './contract.ts';
import type { Wiring } from './wire.ts';

/** How long the way back stays open after the last datagram, in milliseconds. */
const IDLE = 30_000;
/** Ways back at once through one door; one that waits for no answer is closed for a new one, or else the oldest. */
const MOST_WAYS = 256;
/** Questions without an answer that one way back remembers. */
const MOST_QUESTIONS = 1024;
/** Questions in a second that a door to outside takes, and of one caller; more are lost unread, as datagrams may be (RFC 768). */
const MOST_A_SECOND = { door: 2000, caller: 500 };
/** Octets that a socket keeps for us until we read them; the system's default takes fewer than 300 small questions at once. */
const RECEIVE_BUFFER = 1024 * 1024;

type Peer = Address & { readonly host: HostId };

/** Who answers, on this machine. */
export interface Service extends Address {
  /** Who speaks from behind which upstream port. */
  readonly peers: Map<number, Peer>;
}

export interface Door {
  readonly port: number;
  readonly to: Endpoint;
  /** The private socket of this port is gone: nobody waits for answers there. */
  forget(port: number): void;
  close(): Promise<void>;
}

export interface DoorOptions {
  readonly service: Service;
  readonly to: Endpoint;
  readonly at: { readonly host: string; readonly port: number };
  /** The host behind a source port, or null for a stranger, who gets no answer. */
  readonly callerAt: (port: number) => { readonly host: HostId; readonly address: string } | null;
  readonly nextExchange: () => ConnectionId;
  /** Anybody on this machine may ask here, so that what is taken in a second is bounded. */
  readonly outside: boolean;
  /** The questions of this caller are lost: there is no way to carry them. */
  readonly onFailure: (port: number, error: NetworkError) => void;
  /** Whether the host does not hear this question; asked once for each. */
  readonly deaf: (host: HostId, exchange: ConnectionId) => boolean;
}

interface Question {
  /** The two octets that a DNS message begins with (RFC 1035 §4.1.1). */
  readonly id: number;
  readonly exchange: ConnectionId;
  answered: boolean;
}

interface Way {
  readonly upstream: Socket;
  readonly ready: Promise<number>;
  readonly from: Endpoint;
  readonly lag: Lag;
  /** Those that wait for an answer, or whose answer is on its way. */
  readonly questions: Question[];
  readonly idle: NodeJS.Timeout;
  readonly takesOne: () => boolean;
}

/** Says yes so many times in a second of this machine's time. */
function allowance(most: number): () => boolean {
  let began = performance.now();
  let taken = 0;
  return () => {
    const now = performance.now();
    if (now - began >= 1000) {
      began = now;
      taken = 0;
    }
    taken += 1;
    return taken <= most;
  };
}

/** A datagram may be lost (RFC 768); what cannot be sent is, and whoever asked asks again. */
export const lost = (): void => undefined;
const idOf = (bytes: Uint8Array): number => ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
export const closeSocket = (socket: Socket): Promise<void> => new Promise(resolve => socket.close(() => resolve()));

const socketFor = (address: string): Socket => createSocket(address.includes(':') ? 'udp6' : 'udp4');

/** Binds it, with room for a burst; errors are those of the system. */
async function bindSocket(socket: Socket, port: number, host: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ port, address: host, exclusive: true }, () => {
      socket.off('error', reject);
      resolve();
    });
  });
  socket.setRecvBufferSize(RECEIVE_BUFFER);
  socket.on('error', lost);
}

/** Why nothing can be sent towards this address: the system has no socket for it. */
export function noSocket(address: string, error: unknown): NetworkError {
  const why = error instanceof Error ? error.message : String(error);
  return new NetworkError('EHOSTUNREACH', { code: 'no-udp-socket', address, detail: why });
}

export async function bind(port: number, host: string): Promise<Socket> {
  const socket = socketFor(host);
  await bindSocket(socket, port, host);
  return socket;
}

/** Errors are those of `bind`. */
export async function openDoor(options: DoorOptions, wiring: Wiring): Promise<Door> {
  const { service, to, at, callerAt } = options;
  const { hold } = wiring;
  const socket = await bind(at.port, at.host);
  const ways = new Map<number, Way>();

  function end(port: number): void {
    const way = ways.get(port);
    if (way === undefined) return;
    ways.delete(port);
    clearTimeout(way.idle);
    way.lag.close();
    for (const { exchange } of way.questions) hold.forget(exchange);
    // An upstream that is not bound yet can be closed only once it is.
    void way.ready.then(upstreamPort => {
      service.peers.delete(upstreamPort);
      way.upstream.close();
    }, lost);
  }

  function answer(way: Way, caller: RemoteInfo, bytes: Buffer): void {
    const waiting = way.questions.filter(({ answered }) => !answered);
    const question = waiting.find(({ id }) => id === idOf(bytes)) ?? waiting[0];
    if (question === undefined) return;
    question.answered = true;
    const { exchange } = question;
    const go = (): void => {
      const place = way.questions.indexOf(question);
      if (place >= 0) way.questions.splice(place, 1);
      wiring.tap.datagram(exchange, to, way.from, bytes);
      socket.send(bytes, caller.port, caller.address, lost);
    };
    way.lag.pass('server', bytes.length, () =>
      hold.cross({ connection: exchange, from: 'server', size: bytes.length, go }),
    );
  }

  function openWay(caller: RemoteInfo, from: Endpoint, exchange: ConnectionId): Way {
    const upstream = socketFor(service.address);
    const ready = bindSocket(upstream, 0, service.address).then(() => {
      const { port } = upstream.address();
      service.peers.set(port, from);
      return port;
    });
    // No way can be had now: the questions on it are lost, and the next one finds a new way.
    ready.catch((error: unknown) => {
      if (ways.get(caller.port)?.ready === ready) end(caller.port);
      upstream.close();
      options.onFailure(caller.port, noSocket(service.address, error));
    });
    const idle = setTimeout(() => end(caller.port), IDLE);
    idle.unref();
    const lag = createLag(wiring, { connection: exchange, client: from.host, server: to.host });
    const way: Way = { upstream, ready, from, lag, questions: [], idle, takesOne: allowance(MOST_A_SECOND.caller) };
    upstream.on('message', (bytes, source) => {
      if (source.port === service.port) answer(way, caller, bytes);
    });
    if (ways.size >= MOST_WAYS) {
      const spare = [...ways].find(([, { questions }]) => questions.length === 0) ?? [...ways][0];
      if (spare !== undefined) end(spare[0]);
    }
    ways.set(caller.port, way);
    return way;
  }

  const takesOne = allowance(MOST_A_SECOND.door);
  socket.on('message', (bytes, caller) => {
    const known = ways.get(caller.port);
    // One that asks too much does not use up what the others may ask.
    if (options.outside && !((known?.takesOne() ?? true) && takesOne())) return;
    const who = callerAt(caller.port);
    if (who === null) return;
    const exchange = options.nextExchange();
    const way = known ?? openWay(caller, { ...who, port: caller.port }, exchange);
    way.idle.refresh();
    way.questions.push({ id: idOf(bytes), exchange, answered: false });
    if (way.questions.length > MOST_QUESTIONS) way.questions.shift();
    const go = (): void => {
      wiring.tap.datagram(exchange, way.from, to, bytes);
      if (options.deaf(to.host, exchange)) return;
      void way.ready.then(() => {
        if (ways.get(caller.port) === way) way.upstream.send(bytes, service.port, service.address, lost);
      }, lost);
    };
    way.lag.pass('client', bytes.length, () =>
      hold.cross({ connection: exchange, from: 'client', size: bytes.length, go }),
    );
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
