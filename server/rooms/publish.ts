/** Which of a world's servers other programs on this machine can use, and where. */
import { eachService, SERVICE_KINDS, SERVICES, type ServiceKind } from '../../shared/protocols.ts';
import { type Domain, type HostId, serversOf, type World } from '../../shared/world/world.ts';
import type { PublishedPort, RoomNetwork } from '../network/network.ts';
import { PortError } from '../network/port-error.ts';

/** The ports of this machine; 0 is any free one. `host` must be a loopback address. */
export interface Ports extends Readonly<Record<ServiceKind, number>> {
  readonly host: string;
}

/** Whichever are free. */
export const ANY_PORTS: Ports = { host: '127.0.0.1', ...eachService(() => 0) };

interface Place {
  readonly host: string;
  readonly port: number;
}

export type Published = Readonly<Record<ServiceKind, Place>>;

export interface Publisher {
  readonly published: Published;
  /** Moves each door to the server that the world of now offers, and opens it again where that has been started anew; one that does not run has none. */
  follow(): Promise<void>;
}

/** The exchanger that the domain's zone prefers (RFC 5321 §5.1), or the first one. */
function preferredExchanger(world: World, domain: Domain): HostId | undefined {
  const [best] = world.zones
    .flatMap(zone => zone.records)
    .flatMap(record => (record.type === 'MX' && record.name === domain.name ? [record] : []))
    .filter(record => domain.exchangers.includes(record.exchange))
    .sort((a, b) => a.preference - b.preference);
  return best?.exchange ?? domain.exchangers[0];
}

/** Whose servers are offered: the first domain's submission, the second one's best exchanger and POP3, and DNS. */
function offeredHosts(world: World): Readonly<Record<ServiceKind, HostId>> {
  const [sending, receiving = sending] = world.domains;
  if (sending === undefined || receiving === undefined) throw new Error('a world without domains has no servers');
  const best = preferredExchanger(world, receiving) ?? receiving.pop;
  return eachService(kind => {
    if (kind === 'smtp') return best;
    return serversOf(world, kind === 'submission' ? sending : receiving)[kind][0] ?? best;
  });
}

export interface PublishOptions {
  readonly world: () => World;
  readonly network: RoomNetwork;
  readonly ports: Ports;
  /** What runs there now, a new object after each start, or null: nothing. */
  readonly serviceOf: (kind: ServiceKind, host: HostId) => object | null;
  readonly onTrouble: (sentence: string) => void;
}

/** A door of this machine, and the server behind it. */
interface OpenDoor {
  readonly service: object;
  readonly doors: readonly PublishedPort[];
}

/** What takes UDP too finds a number more easily while the others have none. */
const KINDS = SERVICE_KINDS.toSorted((one, other) => Number(other === 'dns') - Number(one === 'dns'));

/** Publishes the servers of the world of now; DNS on UDP and TCP alike. Rejects with PortError. */
export async function publishServers(options: PublishOptions): Promise<Publisher> {
  const { world, network, ports, serviceOf, onTrouble } = options;
  const open = new Map<ServiceKind, OpenDoor>();
  const numbers: Record<ServiceKind, number> = eachService(kind => ports[kind]);

  const publish = (kind: ServiceKind, host: HostId, transport: 'tcp' | 'udp', port: number): Promise<PublishedPort> =>
    network.publish({
      host,
      port: SERVICES[kind].port,
      transport,
      at: { host: ports.host, port, option: `--${kind}-port` },
    });
  /** UDP and TCP share a number; where any free one will do, one that is free for both is looked for. */
  const publishDns = async (host: HostId, wanted: number): Promise<readonly PublishedPort[]> => {
    for (let attempt = 0; ; attempt += 1) {
      const udp = await publish('dns', host, 'udp', wanted);
      try {
        return [udp, await publish('dns', host, 'tcp', udp.port)];
      } catch (error) {
        await udp.close();
        if (wanted !== 0 || attempt >= 8) throw error;
      }
    }
  };
  const openDoor = async (kind: ServiceKind, host: HostId, service: object): Promise<void> => {
    const doors =
      kind === 'dns' ? await publishDns(host, numbers.dns) : [await publish(kind, host, 'tcp', numbers[kind])];
    numbers[kind] = doors[0]?.port ?? numbers[kind];
    open.set(kind, { service, doors });
  };
  const closeDoor = async (kind: ServiceKind): Promise<void> => {
    const before = open.get(kind);
    open.delete(kind);
    for (const door of before?.doors ?? []) await door.close();
  };

  const offered = offeredHosts(world());
  for (const kind of KINDS) {
    const service = serviceOf(kind, offered[kind]);
    if (service !== null) await openDoor(kind, offered[kind], service);
  }
  return {
    get published() {
      return eachService(kind => ({ host: ports.host, port: numbers[kind] }));
    },
    async follow() {
      const now = offeredHosts(world());
      for (const kind of KINDS) {
        const service = serviceOf(kind, now[kind]);
        if (service === (open.get(kind)?.service ?? null)) continue;
        await closeDoor(kind);
        if (service === null) continue;
        try {
          await openDoor(kind, now[kind], service);
        } catch (error) {
          if (!(error instanceof PortError)) throw error;
          onTrouble(error.message);
        }
      }
    },
  };
}
