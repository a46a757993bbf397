/** Which of a world's servers other programs on this machine can use, and where. */
import { SERVICES, type ServiceKind } from '../../shared/protocols.ts';
import type { Domain, HostId, World } from '../../shared/world/world.ts';
import type { RoomNetwork } from '../network/network.ts';
import { PortError } from '../network/port-error.ts';

/** The ports of this machine; 0 is any free one. `host` must be a loopback address. */
export interface Ports {
  readonly host: string;
  readonly submission: number;
  readonly smtp: number;
  readonly pop3: number;
  readonly dns: number;
}

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
  const hosts: Readonly<Record<ServiceKind, HostId>> = {
    submission: sending.submission,
    smtp: preferredExchanger(world, receiving) ?? receiving.pop,
    pop3: receiving.pop,
    dns: world.dns,
  };
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
  const doors = {
    dns: publishDns,
    submission: (port: number) => publish('submission', 'tcp', port),
    smtp: (port: number) => publish('smtp', 'tcp', port),
    pop3: (port: number) => publish('pop3', 'tcp', port),
  };
  const numbers = { submission: ports.submission, smtp: ports.smtp, pop3: ports.pop3, dns: ports.dns };
  const kinds = ['dns', 'submission', 'smtp', 'pop3'] as const;
  for (const kind of kinds) {
    const service = serviceOf(kind, hosts[kind]);
    if (service === null) continue;
    numbers[kind] = await doors[kind](numbers[kind]);
    open.set(kind, service);
  }
  const place = (kind: ServiceKind): Place => ({ host: ports.host, port: numbers[kind] });
  return {
    published: { submission: place('submission'), smtp: place('smtp'), pop3: place('pop3'), dns: place('dns') },
    async follow() {
      for (const kind of kinds) {
        const service = serviceOf(kind, hosts[kind]);
        if (service === null || open.get(kind) === service) continue;
        open.set(kind, service);
        try {
          await doors[kind](numbers[kind]);
        } catch (error) {
          if (!(error instanceof PortError)) throw error;
          onTrouble(error.message);
        }
      }
    },
  };
}
