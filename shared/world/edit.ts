/** The edits of a world, pure: a world in, and another world or a sentence out. Each one writes the zone records that belong to what it adds. */

import { domainOf } from '../address.ts';
import { hostsNamed } from '../faults/fault.ts';
import type { ServiceKind } from '../protocols.ts';
import { freeAddress, freeName, networkOf, reverseNameOf } from './free.ts';
import { recordProblem, recordText, withoutRecords, withRecordAt, withRecords } from './records.ts';
import {
  type Domain,
  domainNamed,
  type Host,
  type HostId,
  MOST_DOMAINS,
  MOST_HOSTS,
  residents,
  type Soa,
  type User,
  type World,
  type Zone,
  type ZoneRecord,
} from './world.ts';
import type { WorldEdit } from './world-edit.ts';

/** Somebody who edits a world need not know its passwords: a user without one keeps theirs. */
export type EditableUser = Omit<User, 'password'> & { readonly password?: string };
export type EditableWorld = Omit<World, 'users'> & { readonly users: readonly EditableUser[] };

export type Edited =
  | { readonly ok: true; readonly world: EditableWorld; readonly edit: WorldEdit }
  | { readonly ok: false; readonly message: string };

const TTL = 3600;
export const editedWorld = (world: EditableWorld, edit: WorldEdit): Edited => ({ ok: true, world, edit });
export const refusedEdit = (message: string): Edited => ({ ok: false, message });
/** Goes on with the world of an edit that worked. */
export const andThen = (edited: Edited, next: (world: EditableWorld) => Edited): Edited =>
  edited.ok ? next(edited.world) : edited;

const soaOf = (world: EditableWorld, name: string): Soa => ({
  mname: world.dns,
  rname: `hostmaster.${name}`,
  serial: 1,
  refresh: 7200,
  retry: 900,
  expire: 1_209_600,
  minimum: 300,
  ttl: TTL,
});

const withZone = (world: EditableWorld, name: string): EditableWorld =>
  world.zones.some(zone => zone.name === name)
    ? world
    : {
        ...world,
        zones: [
          ...world.zones,
          { name, soa: soaOf(world, name), records: [{ name, ttl: TTL, type: 'NS', data: world.dns }] },
        ],
      };

const inZone = (world: EditableWorld, name: string, change: (zone: Zone) => Zone): EditableWorld => ({
  ...world,
  zones: world.zones.map(zone => (zone.name === name ? change(zone) : zone)),
});

/** The zone that a name stands in: the one with the longest name that ends it (RFC 1034 §4.3.2). */
export const zoneOf = ({ zones }: Pick<World, 'zones'>, name: string): Zone | undefined =>
  zones
    .filter(zone => name === zone.name || name.endsWith(`.${zone.name}`))
    .toSorted((one, other) => other.name.length - one.name.length)[0];

const added = (world: EditableWorld, zone: string, ...records: readonly ZoneRecord[]): EditableWorld =>
  inZone(withZone(world, zone), zone, found => withRecords(found, ...records));

/** Why one more of these is too many; null while there is room. For buttons that say so before they are pressed. */
export const roomForHosts = (world: Pick<World, 'hosts'>, more = 1): string | null =>
  residents(world).length + more <= MOST_HOSTS
    ? null
    : `This world has ${residents(world).length} hosts, and the stage has room for ${MOST_HOSTS}: remove one first.`;
export const roomForDomains = (world: Pick<World, 'domains'>): string | null =>
  world.domains.length < MOST_DOMAINS
    ? null
    : `This world has ${MOST_DOMAINS} domains, and the stage has no room for more: remove one first.`;

export interface NewHost {
  /** The first part of its name; a free one like it is found. */
  readonly stem: string;
  readonly domain: string;
  readonly label: string;
  readonly kind?: Host['kind'];
  readonly services: readonly ServiceKind[];
  /** The last octet of its address, if that is free. */
  readonly octet?: number;
}

const shortened = (label: string): string => (label.length > 24 ? `${label.slice(0, 23)}…` : label);

/** A host, its A record and its PTR. */
export function addHost(world: EditableWorld, wanted: NewHost): Edited & { readonly host?: HostId } {
  const full = roomForHosts(world);
  if (full !== null) return refusedEdit(full);
  const address = freeAddress(world, networkOf(world, wanted.domain), wanted.octet ?? 20);
  if (address === null) return refusedEdit(`All addresses of ${networkOf(world, wanted.domain)}.0/24 are taken.`);
  const id = freeName(world, wanted.stem, wanted.domain);
  const host: Host = {
    id,
    kind: wanted.kind ?? 'server',
    label: shortened(wanted.label),
    domain: wanted.domain,
    addresses: [address],
    services: wanted.services,
  };
  const named = added({ ...world, hosts: [...world.hosts, host] }, wanted.domain, {
    name: id,
    ttl: TTL,
    type: 'A',
    data: address,
  });
  const reverse = reverseNameOf(address);
  const both =
    reverse === null ? named : added(named, reverse.zone, { name: reverse.name, ttl: TTL, type: 'PTR', data: id });
  return { ...editedWorld(both, { code: 'host-added', host: id }), host: id };
}

/** Why a host must stay; null where it may go. */
function tied(world: EditableWorld, id: HostId): string | null {
  if (id === world.dns) return `${id} answers for every zone: a world has one DNS server.`;
  const domain = world.domains.find(each => each.submission === id || each.pop === id);
  if (domain !== undefined)
    return `${domain.name} ${domain.submission === id ? 'sends by' : 'keeps its mailboxes on'} ${id}: give that to another host first, or remove the domain.`;
  const user = world.users.find(({ client }) => client === id);
  return user === undefined ? null : `${id} is ${user.name}’s mail client: remove the person instead.`;
}

/** Takes the host out, its addresses' records, its MX records, and the faults that were to strike there. */
export function removeHost(world: EditableWorld, id: HostId): Edited {
  const host = world.hosts.find(each => each.id === id);
  if (host === undefined) return refusedEdit(`There is no host ${id}.`);
  const reason = tied(world, id);
  if (reason !== null) return refusedEdit(reason);
  return editedWorld(without(world, [host]), { code: 'host-removed', host: id });
}

export function without(world: EditableWorld, hosts: readonly Host[]): EditableWorld {
  const ids = new Set(hosts.map(({ id }) => id));
  const goes = (record: ZoneRecord): boolean =>
    ((record.type === 'A' || record.type === 'AAAA') && ids.has(record.name)) ||
    (record.type === 'MX' && ids.has(record.exchange)) ||
    (record.type === 'PTR' && ids.has(record.data));
  return {
    ...world,
    hosts: world.hosts.filter(({ id }) => !ids.has(id)),
    domains: world.domains.map(domain => ({ ...domain, exchangers: domain.exchangers.filter(id => !ids.has(id)) })),
    zones: world.zones.map(zone => withoutRecords(zone, goes)),
    faults: world.faults.filter(fault => !hostsNamed(fault).some(id => ids.has(id))),
  };
}

const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:example|test)$/;

/** A domain with its zone and one small office server that sends, receives and keeps the mailboxes. */
export function addDomain(world: EditableWorld, typed: string, label = 'Mail server'): Edited {
  const name = typed.trim().toLowerCase().replace(/\.$/, '');
  const full = roomForDomains(world);
  if (full !== null) return refusedEdit(full);
  if (!DOMAIN.test(name)) return refusedEdit('A domain of this world ends in .example or .test, such as red.example.');
  if (domainNamed(world, name) !== undefined) return refusedEdit(`There is a domain ${name} already.`);
  const empty = withZone(world, name);
  const services: readonly ServiceKind[] = ['submission', 'smtp', 'pop3'];
  const server = addHost(empty, { stem: 'mail', domain: name, label, services, octet: 25 });
  const host = server.host ?? '';
  return andThen(server, housed => {
    const domain: Domain = { name, submission: host, pop: host, exchangers: [host] };
    const mx: ZoneRecord = { name, ttl: TTL, type: 'MX', preference: 10, exchange: host };
    const grown = added({ ...housed, domains: [...housed.domains, domain] }, name, mx);
    return editedWorld(grown, { code: 'domain-added', domain: name });
  });
}

/** A domain, its hosts, its people, its aliases and lists, and its zone. */
export function removeDomain(world: EditableWorld, name: string): Edited {
  const domain = domainNamed(world, name);
  if (domain === undefined) return refusedEdit(`There is no domain ${name}.`);
  if (world.domains.length === 1) return refusedEdit('A world has at least one domain.');
  const hosts = world.hosts.filter(host => host.domain === name);
  const ids = hosts.map(({ id }) => id);
  const borrower = world.domains.find(
    each => each !== domain && (ids.includes(each.submission) || ids.includes(each.pop)),
  );
  if (borrower !== undefined)
    return refusedEdit(`${borrower.name} uses a server of ${name}: give it one of its own first.`);
  if (ids.includes(world.dns)) return refusedEdit(`${world.dns} answers for every zone: a world has one DNS server.`);
  const isHere = ({ address }: { readonly address: string }): boolean => domainOf(address) === name;
  const rest: EditableWorld = {
    ...world,
    domains: world.domains.filter(each => each !== domain),
    users: world.users.filter(user => !isHere(user)),
    aliases: world.aliases.filter(alias => !isHere(alias)),
    lists: world.lists.filter(list => !isHere(list)),
    zones: world.zones.filter(zone => zone.name !== name),
  };
  const guest = rest.users.find(({ client }) => ids.includes(client));
  if (guest !== undefined)
    return refusedEdit(`${guest.name}’s mail client stands in ${name}: remove the person first.`);
  return editedWorld(without(rest, hosts), { code: 'domain-removed', domain: name });
}

/** One more exchanger, less preferred than all the others: it stores what the better ones cannot take. */
export function addBackupMx(world: EditableWorld, name: string): Edited {
  const domain = domainNamed(world, name);
  if (domain === undefined) return refusedEdit(`There is no domain ${name}.`);
  const preferences = world.zones
    .flatMap(zone => zone.records)
    .flatMap(each => (each.type === 'MX' && each.name === name ? [each.preference] : []));
  const preference = Math.min(65_535, Math.max(0, ...preferences) + 10);
  const backups = world.hosts.filter(host => host.domain === name && host.label.startsWith('Backup MX')).length;
  const label = backups === 0 ? 'Backup MX' : `Backup MX ${backups + 1}`;
  const server = addHost(world, { stem: 'mx2', domain: name, label, services: ['smtp'], octet: 26 });
  const exchange = server.host ?? '';
  return andThen(server, housed => {
    const domains = housed.domains.map(each =>
      each.name === name ? { ...each, exchangers: [...each.exchangers, exchange] } : each,
    );
    const mx: ZoneRecord = { name, ttl: TTL, type: 'MX', preference, exchange };
    return editedWorld(added({ ...housed, domains }, name, mx), { code: 'backup-added', host: exchange, domain: name });
  });
}

/** Puts a record into a zone: in place of the one at `at`, or as a new one. */
export function setRecord(world: EditableWorld, zone: string, at: number | null, record: ZoneRecord): Edited {
  const found = world.zones.find(({ name }) => name === zone);
  if (found === undefined) return refusedEdit(`There is no zone ${zone}.`);
  const problem = recordProblem(found, record, at);
  if (problem !== null) return refusedEdit(problem);
  const change = (each: Zone): Zone => (at === null ? withRecords(each, record) : withRecordAt(each, at, record));
  const code = at === null ? 'record-added' : 'record-changed';
  return editedWorld(inZone(world, zone, change), { code, record: recordText(record) });
}

export function removeRecord(world: EditableWorld, zone: string, at: number): Edited {
  const record = world.zones.find(({ name }) => name === zone)?.records[at];
  if (record === undefined) return refusedEdit('That record is gone already.');
  return editedWorld(
    inZone(world, zone, each => withoutRecords(each, (_, place) => place === at)),
    { code: 'record-removed', record: recordText(record) },
  );
}
