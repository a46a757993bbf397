/** Which of a world's servers other programs on this machine can use, and where. */
import { eachService, SERVICE_KINDS, SERVICES, type ServiceKind } from '../../shared/protocols.ts';
import { type Domain, type HostId, serversOf, type World } from '../../shared/world/world.ts';
import type { RoomNetwork } from '../network/network.ts';
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
  /** Opens again the doors of servers that have been started anew since; one that does not run has none. */
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

export interface PublishOptions {
  readonly world: World;
  readonly network: RoomNetwork;
  readonly ports: Ports;
  /** What runs there now, a new object after each start, or null: nothing. */
  readonly serviceOf: (kind: ServiceKind, host: HostId) => object | null;
  readonly onTrouble: (sentence: string) => void;
}

/** Publishes the first domain's submission, the second one's best exchanger and POP3, and DNS on UDP and TCP alike. */
export async function publishServers(options: PublishOptions): Promise<Publisher> {
  const { world, network, ports, serviceOf, onTrouble } = options;
  const [sending, receiving = sending] = world.domains;
  if (sending === undefined || receiving === undefined) throw new Error('a world without domains has no servers');
  const best = preferredExchanger(world, receiving) ?? receiving.pop;
  const hosts = eachService((kind): HostId => {
    if (kind === 'smtp') return best;
    return serversOf(world, kind === 'submission' ? sending : receiving)[kind][0] ?? best;
  });
  const open = new Map<ServiceKind, object | null>();
  const publish = async (kind: ServiceKind, transport: 'tcp' | 'udp', port: number): Promise<number> => {
    const at = { host: ports.host, port, option: `--${kind}-port` };
    const place = await network.publish({ host: hosts[kind], port: SERVICES[kind].port, transport, at });
    return place.port;
  };
  /** UDP and TCP share a number; where any free one will do, one that is free for both is looked for. */
  const publishDns = async (wanted: number): Promise<number> => {
    for (let attempt = 0; ; attempt += 1) {
      const port = await publish('dns', 'udp', wanted);
      try {
        return await publish('dns', 'tcp', port);
      } catch (error) {
        if (wanted !== 0 || attempt >= 8) throw error;
      }
    }
  };
  const openDoor = (kind: ServiceKind, port: number): Promise<number> =>
    kind === 'dns' ? publishDns(port) : publish(kind, 'tcp', port);
  const numbers: Record<ServiceKind, number> = eachService(kind => ports[kind]);
  // What takes UDP too finds a number more easily while the others have none.
  const kinds = SERVICE_KINDS.toSorted((one, other) => Number(other === 'dns') - Number(one === 'dns'));
  for (const kind of kinds) {
    const service = serviceOf(kind, hosts[kind]);
    if (service === null) continue;
    numbers[kind] = await openDoor(kind, numbers[kind]);
    open.set(kind, service);
  }
  return {
    published: eachService(kind => ({ host: ports.host, port: numbers[kind] })),
    async follow() {
      for (const kind of kinds) {
        const service = serviceOf(kind, hosts[kind]);
        if (service === null || open.get(kind) === service) continue;
        open.set(kind, service);
        try {
          await openDoor(kind, numbers[kind]);
        } catch (error) {
          if (!(error instanceof PortError)) throw error;
          onTrouble(error.message);
        }
      }
    },
  };
}
