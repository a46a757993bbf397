/** Mistakes that a world may hold and still runs with: each in plain words, and where it is. Pure. */

import { domainOf } from '../address.ts';
import { zoneOf } from './edit.ts';
import { isNullMx, targetOf } from './records.ts';
import { type Domain, domainNamed, type World, type ZoneRecord } from './world.ts';

/** `path` as in "zones.1.records.2", or "domains.0". */
export interface Remark {
  readonly path: string;
  readonly message: string;
}

type Remarked = Pick<World, 'hosts' | 'domains' | 'zones' | 'aliases' | 'lists'> & {
  readonly users: readonly { readonly address: string }[];
};

const recordsNamed = (world: Remarked, name: string): readonly ZoneRecord[] =>
  zoneOf(world, name)?.records.filter(record => record.name === name) ?? [];

const hasAddress = (world: Remarked, name: string): boolean =>
  recordsNamed(world, name).some(record => record.type === 'A' || record.type === 'AAAA');

/** What is odd about where an MX leads; null where a letter would get in. */
function misled(world: Remarked, domain: string, exchange: string): string | null {
  const host = world.hosts.find(({ id }) => id === exchange);
  // RFC 2181 §10.3.
  if (recordsNamed(world, exchange).some(record => record.type === 'CNAME'))
    return `${exchange} is a CNAME, and an MX must name a host by its own name.`;
  if (host === undefined && !hasAddress(world, exchange))
    return `There is no host ${exchange} in this world: letters will find nobody.`;
  if (!hasAddress(world, exchange)) return `${exchange} has no A record: letters will not find the way to it.`;
  if (host === undefined) return null;
  const home = domainNamed(world, domain);
  if (home === undefined || home.exchangers.includes(exchange)) return null;
  return `${exchange} does not take mail for ${domain}: it will refuse the letters that come.`;
}

function ofRecord(world: Remarked, zone: readonly ZoneRecord[], record: ZoneRecord): string | null {
  switch (record.type) {
    case 'A':
    case 'AAAA': {
      const owner = world.hosts.find(({ addresses }) => addresses.includes(record.data));
      if (owner === undefined)
        return `No host of this world has the address ${record.data}: whoever calls there finds nobody.`;
      const named = world.hosts.find(({ id }) => id === record.name);
      return named === undefined || named === owner
        ? null
        : `${record.data} is the address of ${owner.id}, not of ${record.name}.`;
    }
    case 'MX': {
      // RFC 7505 §3.
      if (isNullMx(record))
        return zone.some(other => other !== record && other.type === 'MX' && other.name === record.name)
          ? `A null MX says that ${record.name} takes no mail, and the MX beside it says the opposite.`
          : null;
      return misled(world, record.name, record.exchange);
    }
    case 'CNAME':
    case 'NS':
    case 'PTR': {
      const target = targetOf(record);
      const known = target === null || recordsNamed(world, target).length > 0;
      return known ? null : `No zone of this world has anything under the name ${target}.`;
    }
    case 'TXT':
      return null;
  }
}

function ofDomain(world: Remarked, domain: Domain): string | null {
  const { name } = domain;
  if (zoneOf(world, name) === undefined)
    return `No zone holds ${name}: DNS knows nothing about it, and letters to it find nobody.`;
  const records = recordsNamed(world, name);
  const exchangers = records.filter(record => record.type === 'MX');
  if (exchangers.length === 0 && !records.some(({ type }) => type === 'CNAME'))
    // RFC 5321 §5.1: without MX the domain itself is the host.
    return hasAddress(world, name)
      ? `${name} has no MX: letters go to the address of ${name} itself.`
      : `${name} has neither MX nor address: letters to it find nobody.`;
  if (exchangers.some(isNullMx)) return `${name} has a null MX: it says that it takes no mail.`;
  const idle = domain.exchangers.find(id => !exchangers.some(record => targetOf(record) === id));
  return idle === undefined || exchangers.length === 0
    ? null
    : `${idle} takes mail for ${name}, but no MX names it: nobody will come.`;
}

/** Why mail to this address would not arrive; null where it would, or where that is for another world to say. */
function ofTarget(world: Remarked, address: string): string | null {
  if (domainNamed(world, domainOf(address)) === undefined)
    return `${domainOf(address)} is no domain of this world, so ${address} is never reached.`;
  const known = [...world.users, ...world.aliases, ...world.lists].some(
    each => each.address.toLowerCase() === address.toLowerCase(),
  );
  return known ? null : `Nobody in ${domainOf(address)} is called ${address}.`;
}

/** In the order of the world; empty where there is nothing to remark. */
export function remarks(world: Remarked): readonly Remark[] {
  const found: Remark[] = [];
  const remark = (path: string, message: string | null): void => {
    if (message !== null) found.push({ path, message });
  };
  for (const [at, domain] of world.domains.entries()) remark(`domains.${at}`, ofDomain(world, domain));
  for (const [at, zone] of world.zones.entries())
    for (const [place, record] of zone.records.entries())
      remark(`zones.${at}.records.${place}`, ofRecord(world, zone.records, record));
  for (const [at, alias] of world.aliases.entries())
    for (const [place, target] of alias.targets.entries())
      remark(
        `aliases.${at}.targets.${place}`,
        target.toLowerCase() === alias.address.toLowerCase() ? `${target} goes on to itself.` : ofTarget(world, target),
      );
  for (const [at, list] of world.lists.entries())
    for (const [place, member] of list.members.entries())
      remark(`lists.${at}.members.${place}`, ofTarget(world, member));
  return found;
}
