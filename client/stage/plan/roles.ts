/** Who plays which part in the first journey, and what a card says: from the world alone. */
import { SERVICES } from '../../../shared/protocols.ts';
import type { Cable } from '../../../shared/story/story.ts';
import type { Domain, Host, HostId, PublicWorld } from '../../../shared/world/world.ts';

export type Icon = 'laptop' | 'server' | 'dns' | 'mailbox';

/** The hosts of one domain: those the first journey needs, in their places, and the rest in the order the world names them. */
export interface Cast {
  readonly domain: string;
  readonly sender: boolean;
  readonly client: HostId | null;
  /** The domain's busiest server on this journey: the sender's submission server, the recipient's first exchanger. */
  readonly server: HostId | null;
  /** Where the recipient's mailbox is, when it is not that server. */
  readonly pop: HostId | null;
  readonly quiet: readonly HostId[];
}

/** RFC 5321 §5.1: the lowest preference first. */
function preferenceOf(world: PublicWorld, host: HostId): number | null {
  for (const zone of world.zones)
    for (const record of zone.records) if (record.type === 'MX' && record.exchange === host) return record.preference;
  return null;
}

const firstExchanger = (world: PublicWorld, domain: Domain): HostId | null =>
  [...domain.exchangers].sort((a, b) => (preferenceOf(world, a) ?? 0) - (preferenceOf(world, b) ?? 0))[0] ?? null;

/** The first domain sends and the second receives; any further ones, and every host without a part, are quiet. */
export function castOf(world: PublicWorld): readonly Cast[] {
  return world.domains.map((domain, index) => {
    const own = world.hosts.filter(host => host.domain === domain.name && host.id !== world.dns).map(host => host.id);
    const known = (id: HostId | null | undefined): HostId | null => (id != null && own.includes(id) ? id : null);
    const user = world.users.find(({ client }) => own.includes(client));
    const playing = index < 2;
    const sender = index === 0;
    const client = playing ? known(user?.client) : null;
    const server = playing ? known(sender ? domain.submission : firstExchanger(world, domain)) : null;
    const pop = playing && !sender && domain.pop !== server ? known(domain.pop) : null;
    const taken = new Set([client, server, pop]);
    return { domain: domain.name, sender, client, server, pop, quiet: own.filter(id => !taken.has(id)) };
  });
}

/** Whether the world has more than the drawing of the first journey can hold: every domain then gets a plot. */
export function isCrowd(world: PublicWorld, cast: readonly Cast[]): boolean {
  const quiet = Math.max(0, ...cast.map(one => one.quiet.length));
  return cast.length > 2 || quiet > 2 || straysOf(world, true).length > 2;
}

/** The cables that are drawn also while nothing crosses them: the way of the first letter, and in every further domain the way home. */
export function journeyOf(world: PublicWorld, cast: readonly Cast[]): readonly Cable[] {
  const [from, to] = cast;
  const chain: [HostId | null | undefined, HostId | null | undefined, Cable['protocol']][] = [
    [from?.client, from?.server, 'smtp'],
    [from?.server, world.dns, 'dns'],
    [from?.server, to?.server, 'smtp'],
    [to?.server, to?.pop, 'store'],
    [to?.pop ?? to?.server, to?.client, 'pop3'],
  ];
  return chain.flatMap(([a, b, protocol]) => (a != null && b != null ? [{ from: a, to: b, protocol }] : []));
}

/** Hosts in no domain's territory, the visitor last and only where it is `shown`; DNS has its own place. */
export const straysOf = (world: PublicWorld, shown: boolean): readonly Host[] =>
  world.hosts
    .filter(({ id, kind, domain }) =>
      id === world.dns ? false : kind === 'visitor' ? shown : !world.domains.some(({ name }) => name === domain),
    )
    .sort((a, b) => Number(a.kind === 'visitor') - Number(b.kind === 'visitor'));

/** The hosts of one domain by what they do; each is named once, in the order of the world. */
export interface Household {
  readonly clients: readonly HostId[];
  /** At most one: the server that takes the users' own letters. */
  readonly outgoing: readonly HostId[];
  /** What takes letters from elsewhere, the preferred one first. */
  readonly incoming: readonly HostId[];
  /** The mailboxes, and whatever else there is. */
  readonly rest: readonly HostId[];
}

export function householdOf(world: PublicWorld, domain: Domain): Household {
  const left = new Set<HostId>();
  for (const { id, kind, domain: home } of world.hosts)
    if (home === domain.name && id !== world.dns && kind !== 'visitor') left.add(id);
  const take = (ids: readonly HostId[]): readonly HostId[] => ids.filter(id => left.delete(id));
  const rank = (id: HostId): number => preferenceOf(world, id) ?? 0;
  const clients = take(world.hosts.filter(host => host.kind === 'client').map(host => host.id));
  const outgoing = take([domain.submission]);
  const incoming = take([...domain.exchangers].sort((a, b) => rank(a) - rank(b)));
  return { clients, outgoing, incoming, rest: [...left] };
}

export const iconOf = (world: PublicWorld, host: Host): Icon =>
  host.id === world.dns
    ? 'dns'
    : host.kind !== 'server'
      ? 'laptop'
      : host.services.includes('pop3') && !host.services.includes('submission')
        ? 'mailbox'
        : 'server';

/** Whose mail client it is: "alice@blue.example", or with how many more. */
function readersAt(world: PublicWorld, host: HostId): string | null {
  const [first, ...more] = world.users.filter(({ client }) => client === host);
  return first === undefined ? null : more.length === 0 ? first.address : `${first.address} +${more.length}`;
}

/** The second line of a quiet card: its name in its domain and what it does, "mx2 · preference 20". */
export function dutyOf(world: PublicWorld, host: Host): string {
  const first = host.id.split('.')[0] ?? host.id;
  const readers = readersAt(world, host.id);
  if (readers !== null) return readers;
  if (host.kind !== 'server') return host.kind === 'visitor' ? 'outside the box' : first;
  if (host.services.includes('submission') && host.services.length > 1) return `${first} · SMTP and POP3`;
  const preference = preferenceOf(world, host.id);
  if (host.services.includes('smtp') && host.services.includes('pop3')) return `${first} · MX and POP3`;
  if (preference !== null) return `${first} · preference ${preference}`;
  if (host.services.includes('submission')) return `${first} · port ${SERVICES.submission.port}`;
  return `${first} · ${host.services.join(', ')}`;
}

/** What a card in a world of many hosts may say under its name, the fullest first: "mx2 · MX 20", and at last only "mx2". */
export function dutiesOf(world: PublicWorld, host: Host): readonly string[] {
  const first = host.id.split('.')[0] ?? host.id;
  const readers = readersAt(world, host.id);
  if (readers !== null) return [readers, readers.split('@')[0] ?? readers];
  if (host.id === world.dns) return ['keeps MX records', 'MX records', first];
  if (host.kind !== 'server') return host.kind === 'visitor' ? ['outside the box', 'outside'] : [first];
  const preference = preferenceOf(world, host.id);
  const does = host.services.map(service => {
    const { name, port } = SERVICES[service];
    if (service === 'submission') return `port ${port}`;
    return service === 'smtp' && preference !== null ? `MX ${preference}` : name;
  });
  const all = does.join(', ');
  return [`${first} · ${all}`, ...(does.length > 1 ? [all, all.replace('port ', '')] : []), first];
}

/** The second line of a full card. */
export function subtitleOf(world: PublicWorld, host: Host): string {
  const readers = readersAt(world, host.id);
  if (readers !== null) return readers;
  if (host.kind === 'visitor') return 'outside the box';
  if (!host.services.includes('pop3') || host.services.length > 1) return host.id;
  const owners = world.users.filter(({ address }) => address.endsWith(`@${host.domain ?? ''}`));
  const only = owners.length === 1 ? owners[0] : undefined;
  return only === undefined ? host.id : `${only.address.split('@')[0] ?? ''} · POP3 server`;
}
