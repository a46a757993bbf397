/** An internet of two maps for the SMTP tests: world addresses to loopback ports, and a recorder that only remembers. */
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import {
  type Address,
  type Dialled,
  type Listener,
  type Network,
  NetworkError,
  type Peer,
} from '../../../server/network/contract.ts';
import type { Recorder } from '../../../server/record/recorder.ts';
import type { Mishaps, Setting } from '../../../server/smtp/machine/state.ts';
import { type Fact, type TraceEvent, wireTime } from '../../../shared/trace/event.ts';
import { DEFAULT_HEADER, type HostId, type Limits } from '../../../shared/world/world.ts';

export const limits: Limits = { messageSize: 10_485_760, recipients: 100, hops: 100, ...DEFAULT_HEADER };

export interface Loopback extends Network {
  /** The real port behind a world address and port. */
  portOf(address: string, port: number): number;
  /** Every address that was dialled, in order: "198.51.100.25:25". */
  readonly dialled: string[];
  close(): Promise<void>;
}

/** `hosts`: world address of each host. */
export function openLoopback(hosts: Readonly<Record<HostId, string>>): Loopback {
  const ports = new Map<string, number>();
  const servers = new Set<Server>();
  const sockets = new Set<Socket>();
  const dialled: string[] = [];
  let connections = 0;
  const unused = (): never => {
    throw new Error('no datagrams here');
  };
  return {
    dialled,
    portOf: (address, port) => ports.get(`${address}:${port}`) ?? 0,
    listen(host: HostId, port: number, accept: (socket: Socket, peer: Peer) => void): Promise<Listener> {
      const server = createServer({ allowHalfOpen: true }, socket => {
        sockets.add(socket);
        socket.on('close', () => sockets.delete(socket));
        connections += 1;
        accept(socket, {
          host: 'client.example',
          address: '192.0.2.101',
          port: socket.remotePort ?? 0,
          connection: `c${connections}`,
        });
      });
      servers.add(server);
      return new Promise(resolve => {
        server.listen(0, '127.0.0.1', () => {
          const bound = server.address();
          const key = `${hosts[host] ?? ''}:${port}`;
          ports.set(key, typeof bound === 'object' && bound ? bound.port : 0);
          resolve({
            close: () =>
              new Promise(done => {
                ports.delete(key);
                servers.delete(server);
                server.close(() => done());
              }),
          });
        });
      });
    },
    listenDatagrams: unused,
    datagrams: unused,
    dial(_from: HostId, to: Address): Promise<Dialled> {
      dialled.push(`${to.address}:${to.port}`);
      const port = ports.get(`${to.address}:${to.port}`);
      return new Promise((resolve, reject) => {
        const refuse = (): void =>
          reject(new NetworkError('ECONNREFUSED', { code: 'words', text: `${to.address}:${to.port} refused` }));
        if (port === undefined) {
          refuse();
          return;
        }
        const socket = createConnection({ host: '127.0.0.1', port, allowHalfOpen: true });
        socket.once('error', refuse);
        socket.once('connect', () => {
          socket.off('error', refuse);
          resolve({ socket, connection: 'd1' });
        });
      });
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await Promise.all([...servers].map(server => new Promise<void>(done => server.close(() => done()))));
    },
  };
}

export interface MemoryRecorder extends Recorder {
  readonly events: TraceEvent[];
  of<K extends Fact['kind']>(kind: K): readonly Extract<TraceEvent, { kind: K }>[];
}

export function memoryRecorder(): MemoryRecorder {
  const events: TraceEvent[] = [];
  const is =
    <K extends Fact['kind']>(kind: K) =>
    (event: TraceEvent): event is Extract<TraceEvent, { kind: K }> =>
      event.kind === kind;
  return {
    events,
    of: kind => events.filter(is(kind)),
    append(fact) {
      const event = { ...fact, seq: events.length + 1, at: wireTime(events.length) };
      events.push(event);
      return event;
    },
    now: () => wireTime(1_000_000),
  };
}

const noMishaps: Mishaps = {
  answer: () => null,
  lacks: () => false,
  refusesSender: () => false,
  greylists: () => null,
  mailboxFull: () => false,
  diskFull: () => false,
};

/** A submission server's setting that knows alice, and an exchanger's that knows bob. */
export const submission: Setting = {
  host: 'smtp.blue.example',
  role: 'submission',
  limits: () => limits,
  maxErrors: 20,
  mishaps: noMishaps,
  authenticate: (user, password) => (user === 'alice@blue.example' && password === 'secret' ? user : null),
  recipient: () => ({ ok: true }),
  sender: (reversePath, { user }) =>
    reversePath === user ? { ok: true } : { ok: false, code: 553, enhanced: '5.7.1', text: 'Not your address' },
};

export const exchanger: Setting = {
  host: 'mx1.green.example',
  role: 'exchanger',
  limits: () => limits,
  maxErrors: 20,
  mishaps: noMishaps,
  authenticate: () => null,
  sender: () => ({ ok: true }),
  recipient(address) {
    if (!/@(?:mx1\.)?green\.example$/.test(address)) {
      return { ok: false, code: 554, enhanced: '5.7.1', text: `<${address}>: Relay access denied` };
    }
    return /^(?:bob|bert|postmaster|"bob b")@/i.test(address)
      ? { ok: true }
      : { ok: false, code: 550, enhanced: '5.1.1', text: `<${address}>: No such user here` };
  },
};

/** Talks raw octets to a port and gives all that came back once the server has closed. */
export function talk(port: number, chunks: readonly (string | Buffer)[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: '127.0.0.1', port, allowHalfOpen: true });
    const heard: Buffer[] = [];
    socket.setNoDelay(true);
    socket.on('data', chunk => heard.push(chunk));
    socket.on('error', reject);
    socket.on('end', () => {
      socket.end();
      resolve(Buffer.concat(heard).toString('latin1'));
    });
    for (const chunk of chunks) socket.write(chunk);
    socket.end();
  });
}
