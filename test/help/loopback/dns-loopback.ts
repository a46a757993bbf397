/** A network for the DNS tests alone: world addresses on loopback sockets, the same port number for UDP and TCP as dig needs it. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { type Network, NetworkError } from '../../../server/network/contract.ts';
import { type HostId, hostAt, type World } from '../../../shared/world/world.ts';

export interface Loopback extends Network {
  /** The real port behind a host's port 53. */
  portOf(host: HostId): Promise<number>;
  /** What crossed, in order: "udp" or "tcp" per question. */
  readonly crossed: string[];
  /** The servers' ends of TCP connections. */
  readonly accepted: Socket[];
  close(): Promise<void>;
}

async function freePair(): Promise<{ tcp: Server; udp: UdpSocket; port: number }> {
  for (;;) {
    const tcp = createServer({ allowHalfOpen: true });
    tcp.listen(0, '127.0.0.1');
    await once(tcp, 'listening');
    const address = tcp.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const udp = createSocket('udp4');
    udp.bind(port, '127.0.0.1');
    try {
      await once(udp, 'listening');
      return { tcp, udp, port };
    } catch {
      // Somebody has this number for UDP: take another.
      tcp.close();
      await once(tcp, 'close');
    }
  }
}

export function loopback(world: World): Loopback {
  const pairs = new Map<HostId, ReturnType<typeof freePair>>();
  const clients = new Set<UdpSocket>();
  const crossed: string[] = [];
  const accepted: Socket[] = [];
  const pairOf = (host: HostId) => {
    const known = pairs.get(host) ?? freePair();
    pairs.set(host, known);
    return known;
  };
  const behind = async (address: string): Promise<number | null> => {
    const host = hostAt(world, address);
    const pair = host && pairs.get(host.id);
    return pair ? (await pair).port : null;
  };
  return {
    crossed,
    accepted,
    portOf: async host => (await pairOf(host)).port,
    async listen(host, _port, accept) {
      const { tcp } = await pairOf(host);
      tcp.on('connection', socket => {
        accepted.push(socket);
        accept(socket, { host: 'your-computer.example', address: '203.0.113.77', port: 1, connection: 'c1' });
      });
      return {
        close: async () => {
          tcp.close();
          if (tcp.listening) await once(tcp, 'close');
        },
      };
    },
    async listenDatagrams(host, _port, receive) {
      const { udp } = await pairOf(host);
      udp.on('message', (bytes, sender) =>
        receive(bytes, { host: 'your-computer.example', address: '203.0.113.77', port: sender.port }, reply =>
          udp.send(reply, sender.port, sender.address),
        ),
      );
      return {
        close: async () => {
          udp.close();
          await once(udp, 'close');
        },
      };
    },
    async dial(_from, to) {
      crossed.push('tcp');
      const port = await behind(to.address);
      if (port === null)
        throw new NetworkError('ECONNREFUSED', { code: 'nothing-listens', address: to.address, port: to.port });
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
      await once(socket, 'connect');
      return { socket, connection: 'c1' };
    },
    async datagrams() {
      const udp = createSocket('udp4');
      udp.bind(0, '127.0.0.1');
      await once(udp, 'listening');
      clients.add(udp);
      return {
        send: (bytes, to) => {
          crossed.push('udp');
          void behind(to.address).then(port => {
            if (port !== null && clients.has(udp)) udp.send(bytes, port, '127.0.0.1');
          });
        },
        onFailure: () => undefined,
        onMessage: listener => {
          udp.on('message', (bytes, sender) => {
            void (async () => {
              for (const [host, pair] of pairs) {
                const address = world.hosts.find(one => one.id === host)?.addresses[0];
                if (address && (await pair).port === sender.port) return listener(bytes, { address, port: 53 });
              }
              listener(bytes, { address: '203.0.113.66', port: sender.port });
            })();
          });
        },
        close: () => {
          clients.delete(udp);
          udp.close();
        },
      };
    },
    async close() {
      for (const udp of clients) udp.close();
      for (const pair of pairs.values()) {
        const { tcp, udp } = await pair;
        if (tcp.listening) tcp.close();
        try {
          udp.close();
        } catch (error) {
          // Closed by its listener already.
          if (!(error instanceof Error) || !/Not running/.test(error.message)) throw error;
        }
      }
    },
  };
}
