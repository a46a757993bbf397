/** Which of a world's servers other programs on this machine can use, and where. */
import type { Domain, HostId, ServiceKind, World } from '../../shared/world/world.ts';
import { WELL_KNOWN_PORT } from '../../shared/world/world.ts';
import type { RoomNetwork } from '../network/network.ts';

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

/** The exchanger that the domain's zone prefers (RFC 5321 §5.1), or the first one. */
function preferredExchanger(world: World, domain: Domain): HostId | undefined {
  const [best] = world.zones
    .flatMap(zone => zone.records)
    .flatMap(record => (record.type === 'MX' && record.name === domain.name ? [record] : []))
    .filter(record => domain.exchangers.includes(record.exchange))
    .sort((a, b) => a.preference - b.preference);
  return best?.exchange ?? domain.exchangers[0];
}

/** Publishes the first domain's submission, the second one's best exchanger and POP3, and DNS on UDP and TCP alike. */
export async function publishServers(world: World, network: RoomNetwork, ports: Ports): Promise<Published> {
  const [sending, receiving = sending] = world.domains;
  if (sending === undefined || receiving === undefined) throw new Error('a world without domains has no servers');
  const publish = async (
    kind: ServiceKind,
    host: HostId | undefined,
    transport: 'tcp' | 'udp',
    port: number,
  ): Promise<Place> => {
    if (host === undefined) throw new Error(`there is no host for ${kind} in this world`);
    const at = { host: ports.host, port, option: `--${kind}-port` };
    return { host: ports.host, ...(await network.publish({ host, port: WELL_KNOWN_PORT[kind], transport, at })) };
  };
  const dns = await publishDns(ports.dns);
  return {
    submission: await publish('submission', sending.submission, 'tcp', ports.submission),
    smtp: await publish('smtp', preferredExchanger(world, receiving), 'tcp', ports.smtp),
    pop3: await publish('pop3', receiving.pop, 'tcp', ports.pop3),
    dns,
  };

  /** UDP and TCP share a number; where any free one will do, one that is free for both is looked for. */
  async function publishDns(wanted: number): Promise<Place> {
    for (let attempt = 0; ; attempt += 1) {
      const place = await publish('dns', world.dns, 'udp', wanted);
      try {
        return await publish('dns', world.dns, 'tcp', place.port);
      } catch (error) {
        if (wanted !== 0 || attempt >= 8) throw error;
      }
    }
  }
}
