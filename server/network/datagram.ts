/** UDP through the wire: a small NAT that carries questions to the host that serves them and brings the answers back. */
import type { ConnectionId, Endpoint } from '../../shared/trace/event.ts';
import type { HostId } from '../../shared/world/world.ts';
import type { Address, DatagramSocket, Listener, Network, NetworkError } from './contract.ts';
import { bind, closeSocket, type Door, ignoreSendError, noSocket, openDoor, type Service } from './nat.ts';
import type { Wiring } from './wire.ts';

const LOOPBACK = '127.0.0.1';

export interface DatagramsOptions {
  readonly endpointOf: (to: Address) => Endpoint;
  readonly sourceFor: (from: HostId, to: string) => string;
  readonly addressesOf: (host: HostId) => readonly string[];
  readonly visitor: () => { readonly host: HostId; readonly address: string };
  readonly nextExchange: () => ConnectionId;
  readonly deaf: (host: HostId, exchange: ConnectionId) => boolean;
  /** A real server on this machine: where it is asked for, and where it is. */
  readonly outside: { readonly to: Address; readonly real: Address } | null;
}

export interface Datagrams {
  readonly listen: Network['listenDatagrams'];
  readonly open: Network['datagrams'];
  /** Offers a served port outside; errors are those of `bind`. */
  publish(to: Address, at: { readonly host: string; readonly port: number }): Promise<Pick<Door, 'port' | 'close'>>;
  close(): Promise<void>;
}

export function createDatagrams(options: DatagramsOptions, wiring: Wiring): Datagrams {
  const { endpointOf, outside, nextExchange, deaf } = options;
  const services = new Map<string, Service>();
  const doors = new Map<string, Door>();
  const published = new Set<Door>();
  const clients = new Map<number, HostId>();
  /** Who of them wants to know that a question is lost. */
  const failures = new Map<number, (error: NetworkError) => void>();
  const servers = new Set<Listener>();
  const open = new Set<DatagramSocket>();
  const key = (to: Address): string => `${to.address} ${to.port}`;

  /** The door that hosts of the world go through. */
  async function privateDoor(service: Service, place: Address): Promise<Door> {
    const callerAt = (source: number) => {
      const host = clients.get(source);
      return host === undefined ? null : { host, address: options.sourceFor(host, place.address) };
    };
    const at = { host: LOOPBACK, port: 0 };
    const onFailure = (source: number, error: NetworkError): void => failures.get(source)?.(error);
    const door = await openDoor(
      { service, to: endpointOf(place), at, callerAt, nextExchange, deaf, onFailure, outside: false },
      wiring,
    );
    doors.set(key(place), door);
    return door;
  }
  let opening: Promise<Door> | null = null;
  const openOutside = async (): Promise<void> => {
    if (outside === null) return;
    opening ??= privateDoor({ ...outside.real, peers: new Map() }, outside.to);
    try {
      await opening;
    } catch (error) {
      // Whoever asks next tries again.
      opening = null;
      throw noSocket(LOOPBACK, error);
    }
  };

  async function listen(...[host, port, receive]: Parameters<Network['listenDatagrams']>): Promise<Listener> {
    const socket = await bind(0, LOOPBACK);
    const service: Service = { address: LOOPBACK, port: socket.address().port, peers: new Map() };
    socket.on('message', (bytes, source) => {
      const peer = service.peers.get(source.port);
      if (peer !== undefined) receive(bytes, peer, reply => socket.send(reply, source.port, LOOPBACK, ignoreSendError));
    });
    const places = options.addressesOf(host).map(address => ({ address, port }));
    const own: Door[] = [];
    for (const place of places) {
      if (doors.has(key(place))) throw new Error(`port ${port}/udp of ${host} is served already`);
      const door = await privateDoor(service, place);
      services.set(key(place), service);
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
    await openOutside();
    const socket = await bind(0, LOOPBACK).catch((error: unknown) => {
      throw noSocket(LOOPBACK, error);
    });
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
          socket.send(bytes, door.port, LOOPBACK, ignoreSendError);
          return;
        }
        // Nobody serves it: the question crosses the wire all the same, and no answer comes.
        const source = { host: from, address: options.sourceFor(from, to.address), port };
        const exchange = options.nextExchange();
        const go = () => wiring.tap.datagram(exchange, source, endpointOf(to), bytes);
        wiring.hold.cross({ connection: exchange, from: 'client', size: bytes.length, go });
      },
      onMessage(next) {
        listener = next;
      },
      onFailure(next) {
        failures.set(port, next);
      },
      close() {
        if (!open.delete(client)) return;
        clients.delete(port);
        failures.delete(port);
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
      const callerAt = options.visitor;
      const place = { service, to: endpointOf(to), at };
      // A program of this machine asks again, as after any loss.
      const onFailure = ignoreSendError;
      const door = await openDoor({ ...place, callerAt, nextExchange, deaf, onFailure, outside: true }, wiring);
      published.add(door);
      return {
        port: door.port,
        async close() {
          if (published.delete(door)) await door.close();
        },
      };
    },
    async close() {
      for (const client of [...open]) client.close();
      const closing = [...published].map(door => door.close());
      published.clear();
      await Promise.all([...closing, ...[...servers].map(server => server.close()), (await opening)?.close()]);
    },
  };
}
