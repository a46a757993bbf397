/** UDP through the wire: a small NAT that carries questions to the host that serves them and brings the answers back. */
import type { Socket } from 'node:dgram';
import type { ConnectionId, Endpoint } from '../../shared/trace/event.ts';
import type { HostId } from '../../shared/world/world.ts';
import { OpenedOnce } from '../base/opened-once.ts';
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

const key = (to: Address): string => `${to.address} ${to.port}`;

class WireDatagrams implements Datagrams {
  private readonly options: DatagramsOptions;
  private readonly wiring: Wiring;
  private readonly services = new Map<string, Service>();
  private readonly doors = new Map<string, Door>();
  private readonly published = new Set<Door>();
  private readonly clients = new Map<number, HostId>();
  /** Who of them wants to know that a question is lost. */
  private readonly failures = new Map<number, (error: NetworkError) => void>();
  private readonly servers = new Set<Listener>();
  private readonly sockets = new Set<DatagramSocket>();
  /** The door to the real server outside, where there is one. */
  private readonly exit: OpenedOnce<Door> | null;

  constructor(options: DatagramsOptions, wiring: Wiring) {
    this.options = options;
    this.wiring = wiring;
    const { outside } = options;
    this.exit =
      outside && new OpenedOnce(() => this.openPrivateDoor({ ...outside.real, peers: new Map() }, outside.to));
  }

  readonly listen: Network['listenDatagrams'] = async (host, port, receive) => {
    const socket = await bind(0, LOOPBACK);
    const service: Service = { address: LOOPBACK, port: socket.address().port, peers: new Map() };
    socket.on('message', (bytes, source) => {
      const peer = service.peers.get(source.port);
      if (peer !== undefined) receive(bytes, peer, reply => socket.send(reply, source.port, LOOPBACK, ignoreSendError));
    });
    const places = this.options.addressesOf(host).map(address => ({ address, port }));
    const own: Door[] = [];
    for (const place of places) {
      if (this.doors.has(key(place))) throw new Error(`port ${port}/udp of ${host} is served already`);
      const door = await this.openPrivateDoor(service, place);
      this.services.set(key(place), service);
      own.push(door);
    }
    const listener: Listener = {
      close: async () => {
        if (!this.servers.delete(listener)) return;
        for (const place of places) {
          this.services.delete(key(place));
          this.doors.delete(key(place));
        }
        await Promise.all([...own.map(door => door.close()), closeSocket(socket)]);
      },
    };
    this.servers.add(listener);
    return listener;
  };

  readonly open: Network['datagrams'] = async from => {
    const socket = await this.bindClient();
    const { port } = socket.address();
    this.clients.set(port, from);
    let listener: ((bytes: Uint8Array, from: Address) => void) | null = null;
    socket.on('message', (bytes, source) => {
      for (const { port: doorPort, to } of this.doors.values())
        if (doorPort === source.port) listener?.(bytes, { address: to.address, port: to.port });
    });
    const client: DatagramSocket = {
      send: (bytes, to) => {
        const door = this.doors.get(key(to));
        if (door !== undefined) socket.send(bytes, door.port, LOOPBACK, ignoreSendError);
        else this.sendToNobody(bytes, to, { host: from, port });
      },
      onMessage: next => {
        listener = next;
      },
      onFailure: next => {
        this.failures.set(port, next);
      },
      close: () => {
        if (!this.sockets.delete(client)) return;
        this.clients.delete(port);
        this.failures.delete(port);
        for (const door of this.doors.values()) door.forget(port);
        socket.close();
      },
    };
    this.sockets.add(client);
    return client;
  };

  async publish(to: Address, at: { readonly host: string; readonly port: number }): ReturnType<Datagrams['publish']> {
    const service = this.services.get(key(to));
    if (service === undefined) throw new Error(`port ${to.port}/udp of ${to.address} is not served`);
    const { endpointOf, visitor, nextExchange, deaf } = this.options;
    // A program of this machine asks again, as after any loss.
    const onFailure = ignoreSendError;
    const place = { service, to: endpointOf(to), at };
    const door = await openDoor(
      { ...place, callerAt: visitor, nextExchange, deaf, onFailure, outside: true },
      this.wiring,
    );
    this.published.add(door);
    return {
      port: door.port,
      close: async () => {
        if (this.published.delete(door)) await door.close();
      },
    };
  }

  async close(): Promise<void> {
    for (const client of [...this.sockets]) client.close();
    const closing = [...this.published].map(door => door.close());
    this.published.clear();
    const closeExit = this.exit?.opened().then(door => door?.close());
    await Promise.all([...closing, ...[...this.servers].map(server => server.close()), closeExit]);
  }

  /** Opens the door that hosts of the world go through. */
  private async openPrivateDoor(service: Service, place: Address): Promise<Door> {
    const { endpointOf, sourceFor, nextExchange, deaf } = this.options;
    const callerAt = (source: number) => {
      const host = this.clients.get(source);
      return host === undefined ? null : { host, address: sourceFor(host, place.address) };
    };
    const at = { host: LOOPBACK, port: 0 };
    const onFailure = (source: number, error: NetworkError): void => this.failures.get(source)?.(error);
    const door = await openDoor(
      { service, to: endpointOf(place), at, callerAt, nextExchange, deaf, onFailure, outside: false },
      this.wiring,
    );
    this.doors.set(key(place), door);
    return door;
  }

  /** The socket of a host that asks, once the door outside is open. Rejects with NetworkError. */
  private async bindClient(): Promise<Socket> {
    try {
      await this.exit?.get();
      return await bind(0, LOOPBACK);
    } catch (error) {
      throw noSocket(LOOPBACK, error);
    }
  }

  /** Nobody serves it: the question crosses the wire all the same, and no answer comes. */
  private sendToNobody(bytes: Uint8Array, to: Address, from: { readonly host: HostId; readonly port: number }): void {
    const source = { ...from, address: this.options.sourceFor(from.host, to.address) };
    const exchange = this.options.nextExchange();
    const go = () => this.wiring.tap.datagram(exchange, source, this.options.endpointOf(to), bytes);
    this.wiring.hold.cross({ connection: exchange, from: 'client', size: bytes.length, go });
  }
}

export const createDatagrams = (options: DatagramsOptions, wiring: Wiring): Datagrams =>
  new WireDatagrams(options, wiring);
