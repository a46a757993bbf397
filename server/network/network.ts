/** The box's internet: maps (world address, well-known port) to real loopback sockets, as NAT does, every one through the wire. */
import { SERVICES } from '../../shared/protocols.ts';
import type { HostId, World } from '../../shared/world/world.ts';
import { createWorldClock, type WorldClock } from '../base/clock.ts';
import { type FaultBook, noFaults } from '../base/faults.ts';
import type { Recorder } from '../record/recorder.ts';
import { AddressBook } from './address-book.ts';
import type { Hold } from './cable/hold.ts';
import { createHold } from './cable/hold.ts';
import { createTap, type Tap } from './cable/tap.ts';
import type { Address, Listener, Network } from './contract.ts';
import { createDatagrams } from './datagram.ts';
import { createDialler } from './dial.ts';
import type { Served } from './door.ts';
import { serve } from './door.ts';
import type { Outside } from './outside.ts';
import type { PortWanted } from './port-error.ts';
import { portError, requireLoopback } from './port-error.ts';
import { createReadQuota } from './read-quota.ts';
import { setbackAt } from './setback.ts';
import type { Wiring } from './wire.ts';

interface PublishOptions {
  /** The host whose server it is, and the well-known port that it serves in the world. */
  readonly host: HostId;
  readonly port: number;
  readonly transport: 'tcp' | 'udp';
  /** Where it is offered on this machine; loopback only. */
  readonly at: PortWanted;
}

/** A served port as programs outside the box reach it. */
export interface PublishedPort {
  /** Of this machine. */
  readonly port: number;
  /** Takes no more callers; whoever is inside stays. */
  close(): Promise<void>;
}

/** The network of one room, with what only the room may do. */
export interface RoomNetwork extends Network {
  /** Offers a served port to programs outside the box; their host is the world's visitor. Rejects with PortError. */
  publish(options: PublishOptions): Promise<PublishedPort>;
  /** Stops the wire and lets things go one by one. */
  readonly brake: Pick<Hold, 'hold' | 'release' | 'state' | 'onChange'>;
  /** Resets every open connection of a host whose power is out; who serves there stops by itself. */
  powerOff(host: HostId): void;
  /** Ends every listener and connection. */
  close(): Promise<void>;
}

export interface NetworkOptions {
  /** Asked anew whenever a name or address is looked up, as a world may be edited. */
  readonly world: () => Pick<World, 'hosts'>;
  readonly recorder: Recorder;
  /** Default: nothing goes wrong. */
  readonly faults?: FaultBook;
  /** What late things and time-outs go by; default a clock of its own. */
  readonly clock?: WorldClock;
  /** Real servers on this machine that the world may use; default none. */
  readonly outside?: Outside;
  /** What records all that crosses; default one that writes to `recorder`. */
  readonly tap?: Tap;
  /** The first numbers of connections ("c1") and UDP exchanges ("u1"), where a continued trace has some already. */
  readonly first?: { readonly connection: number; readonly exchange: number };
}

const key = (to: Address): string => `${to.address} ${to.port}`;

/** Starts with nothing served. */
export function createNetwork(options: NetworkOptions): RoomNetwork {
  const { world, recorder, first, faults = noFaults, outside = null, tap = createTap(recorder) } = options;
  const clock = options.clock ?? createWorldClock();
  let connections = first?.connection ?? 1;
  let exchanges = first?.exchange ?? 1;
  const nextConnection = () => `c${connections++}`;
  const served = new Map<string, Served>();
  const hold = createHold(recorder);
  const wiring: Wiring = {
    recorder,
    hold,
    faults,
    clock,
    tap,
    busy: new Map(),
    wires: new Set(),
    readQuota: createReadQuota(),
  };

  const book = new AddressBook(world, outside);
  const visitor = () => book.visitor();
  const sourceFor = (from: HostId, to: string) => book.sourceFor(from, to);
  const endpointOf = (to: Address) => book.endpointOf(to);
  const dialler = createDialler(
    {
      outside,
      sourceFor,
      endpointOf,
      isOutside: host => host === visitor().host,
      isKnown: address => book.isKnown(address),
      gateTo: to => served.get(key(to)) ?? null,
      nextConnection,
    },
    wiring,
  );
  const resolver = outside?.resolver ?? null;
  const datagrams = createDatagrams(
    {
      endpointOf,
      sourceFor,
      addressesOf: id => book.addressesOf(id),
      visitor,
      nextExchange: () => `u${exchanges++}`,
      deaf: (host, exchange) => setbackAt(faults, host, exchange) !== null,
      outside: resolver && { to: { address: resolver.address, port: SERVICES.dns.port }, real: resolver },
    },
    wiring,
  );

  async function listen(...[host, port, accept]: Parameters<Network['listen']>): Promise<Listener> {
    const places = book.addressesOf(host).map(address => key({ address, port }));
    if (places.some(place => served.has(place))) throw new Error(`port ${port} of ${host} is served already`);
    const service = await serve(host, port, accept, wiring);
    for (const place of places) served.set(place, service);
    return {
      close: () => {
        for (const place of places) served.delete(place);
        return service.close();
      },
    };
  }

  async function publish({ host, port, transport, at }: PublishOptions): Promise<PublishedPort> {
    requireLoopback(at.host);
    const to: Address = { address: book.addressesOf(host)[0], port };
    try {
      if (transport === 'udp') return await datagrams.publish(to, at);
      const service = served.get(key(to));
      if (service === undefined) throw new Error(`port ${port} of ${host} is not served`);
      const door = await service.openDoor(at, socket => {
        const call = {
          connection: nextConnection(),
          from: { ...visitor(), port: socket.remotePort ?? 0 },
          to: endpointOf(to),
          outside: socket.remoteAddress ?? 'unknown',
          opened: () => undefined,
          failed: () => undefined,
        };
        return dialler.turnsAway(socket, call) ? null : call;
      });
      const bound = door.address();
      return {
        port: typeof bound === 'object' && bound !== null ? bound.port : at.port,
        async close() {
          door.close();
        },
      };
    } catch (error) {
      throw error instanceof Error && 'syscall' in error ? portError(error, at) : error;
    }
  }

  return {
    listen,
    dial: (from, to) => dialler.dial(from, to),
    listenDatagrams: datagrams.listen,
    datagrams: datagrams.open,
    publish,
    brake: hold,
    powerOff(host) {
      dialler.giveUp(host);
      for (const wire of [...wiring.wires]) {
        if (wire.to.host === host) wire.reset('server');
        else if (wire.from.host === host) wire.reset('client');
      }
    },
    async close() {
      hold.hold(false);
      const services = new Set(served.values());
      served.clear();
      await Promise.all([...[...services].map(service => service.close()), dialler.close(), datagrams.close()]);
      if (options.clock === undefined) clock.close();
    },
  };
}
