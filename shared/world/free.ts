/** What is still free in a world: documentation addresses and host names; and the names under which reverse zones keep an address. */
import type { HostId, World } from './world.ts';

type Hosts = Pick<World, 'hosts'>;

/** RFC 5737. */
const NETWORKS = ['192.0.2', '198.51.100', '203.0.113'] as const;
export type Network = (typeof NETWORKS)[number];

const isTaken = ({ hosts }: Hosts, address: string): boolean => hosts.some(host => host.addresses.includes(address));

/** Where a domain's hosts already are; a domain without hosts goes where there is most room. */
export function networkOf(world: Hosts, domain: string): Network {
  const count = (network: Network, of?: string): number =>
    world.hosts.filter(
      host =>
        (of === undefined || host.domain === of) && host.addresses.some(address => address.startsWith(`${network}.`)),
    ).length;
  const [home] = NETWORKS.filter(network => count(network, domain) > 0);
  if (home !== undefined) return home;
  return NETWORKS.reduce((best, network) => (count(network) < count(best) ? network : best));
}

/** The first free address of `network` from `wanted` on; null where none is left. */
export function freeAddress(world: Hosts, network: Network, wanted: number): string | null {
  for (let step = 0; step < 254; step += 1) {
    const address = `${network}.${((wanted - 1 + step) % 254) + 1}`;
    if (!isTaken(world, address)) return address;
  }
  return null;
}

/** `stem.domain`, or the first free of `stem2.domain`, `stem3.domain`; a stem that ends in a number counts on from it. */
export function freeName({ hosts }: Hosts, stem: string, domain: string): HostId {
  const isFree = (id: string): boolean => hosts.every(host => host.id !== id);
  const [, word = stem, number = ''] = /^(.*?)(\d*)$/.exec(stem) ?? [];
  if (isFree(`${stem}.${domain}`)) return `${stem}.${domain}`;
  for (let next = number === '' ? 2 : Number(number) + 1; ; next += 1)
    if (isFree(`${word}${next}.${domain}`)) return `${word}${next}.${domain}`;
}

/** RFC 1035 §3.5: the zone of an address's /24 and the name in it; null for IPv6, which these worlds have no reverse zones for. */
export function reverseNameOf(address: string): { readonly zone: string; readonly name: string } | null {
  const octets = /^(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address)?.slice(1);
  if (octets === undefined) return null;
  const [a, b, c, d] = octets;
  const zone = `${c}.${b}.${a}.in-addr.arpa`;
  return { zone, name: `${d}.${zone}` };
}
