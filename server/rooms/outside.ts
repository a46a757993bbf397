/** Who stands outside the world and yet takes part: the programs of this machine, as visitors, and its real servers. */
import { canonicalName, sameName } from '../../shared/decode/dns-name.ts';
import { SERVICES } from '../../shared/protocols.ts';
import type { Host, HostId, World } from '../../shared/world/world.ts';
import type { Address } from '../network/contract.ts';
import type { Outside } from '../network/outside.ts';
import { addressOf } from './clients.ts';

/** Real servers of this machine, by loopback address. Null: the world's own. */
export interface OutsideServers {
  readonly resolver: Address | null;
  /** The port at which exchangers are dialled in place of 25. */
  readonly mxPort: number | null;
}

/** A name in a domain of the world, or of one of its hosts: what is asked about it stays inside, whatever DNS server of the machine is used. */
const isOwnName = ({ domains, hosts }: World, name: string): boolean =>
  domains.some(domain => `.${canonicalName(name)}`.endsWith(`.${canonicalName(domain.name)}`)) ||
  hosts.some(({ id }) => sameName(id, name));

/** Who is asked about a name, as the world is now: `resolver` where there is one, but never about the world's own names. */
export const dnsServerFor =
  (world: () => World, resolver: Address | null) =>
  (name: string): Address =>
    resolver === null || isOwnName(world(), name)
      ? addressOf(world(), world().dns, SERVICES.dns.port)
      : { address: resolver.address, port: SERVICES.dns.port };

const OUTSIDE_RESOLVER: HostId = 'resolver.outside.example';
const OUTSIDE_EXCHANGER: HostId = 'mx.outside.example';

const server = (id: HostId, label: string, address: string, service: 'dns' | 'smtp'): Host => ({
  id,
  kind: 'server',
  label,
  addresses: [address],
  services: [service],
});

/** Every world has somebody outside it, whom programs on this machine are shown as. */
function withVisitor(world: World): World {
  if (world.hosts.some(host => host.kind === 'visitor')) return world;
  const isFree = (wanted: string): boolean =>
    world.hosts.every(({ id, addresses }) => id !== wanted && !addresses.includes(wanted));
  const numbers = Array.from({ length: 254 }, (_, nth) => nth + 1);
  const id = ['your-computer.example', ...numbers.map(number => `your-computer-${number}.example`)].find(isFree);
  const address = ['203.0.113.77', ...numbers.map(number => `203.0.113.${number}`)].find(isFree);
  if (id === undefined || address === undefined) throw new Error('this world has no room for a visitor');
  const visitor = { id, kind: 'visitor', label: 'Your mail client', addresses: [address], services: [] } as const;
  return { ...world, hosts: [...world.hosts, visitor] };
}

/** The host that programs of this machine and strangers are shown as. Throws where there is none: see `withOutsiders`. */
export function visitorOf({ hosts }: World): HostId {
  const visitor = hosts.find(host => host.kind === 'visitor');
  if (visitor === undefined) throw new Error('a world without a visitor');
  return visitor.id;
}

/** What the network is told of the machine's own servers. */
export const outsideFor = ({ resolver, mxPort }: OutsideServers): Outside => ({
  resolver: resolver === null ? null : { ...resolver, host: OUTSIDE_RESOLVER },
  exchangers: mxPort === null ? null : { port: mxPort, host: OUTSIDE_EXCHANGER },
});

/** The world with whoever takes part from outside. */
export function withOutsiders(world: World, outside: OutsideServers | null): World {
  const { hosts } = withVisitor(withoutServers(world));
  const real = [
    ...(outside?.resolver ? [server(OUTSIDE_RESOLVER, 'Your DNS server', outside.resolver.address, 'dns')] : []),
    ...(outside?.mxPort ? [server(OUTSIDE_EXCHANGER, 'Your mail server', '127.0.0.1', 'smtp')] : []),
  ];
  return { ...world, hosts: [...hosts, ...real] };
}

/** The world as it can be validated and kept: without the machine's own servers. */
export const withoutServers = <W extends Pick<World, 'hosts'>>(world: W): W => ({
  ...world,
  hosts: world.hosts.filter(({ id }) => id !== OUTSIDE_RESOLVER && id !== OUTSIDE_EXCHANGER),
});
