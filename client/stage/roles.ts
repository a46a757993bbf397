/** Who plays which part in the first journey, and what a card says: from the world alone. */
import type { Domain, Host, HostId, PublicWorld } from '../../shared/world/world.ts';

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

export const iconOf = (world: PublicWorld, host: Host): Icon =>
  host.id === world.dns
    ? 'dns'
    : host.kind !== 'server'
      ? 'laptop'
      : host.services.includes('pop3') && !host.services.includes('submission')
        ? 'mailbox'
        : 'server';

/** The second line of a quiet card: its name in its domain and what it does, "mx2 · preference 20". */
export function dutyOf(world: PublicWorld, host: Host): string {
  const first = host.id.split('.')[0] ?? host.id;
  const user = world.users.find(({ client }) => client === host.id);
  if (user !== undefined) return user.address;
  if (host.kind !== 'server') return first;
  const preference = preferenceOf(world, host.id);
  if (host.services.includes('smtp') && host.services.includes('pop3')) return `${first} · MX and POP3`;
  if (preference !== null) return `${first} · preference ${preference}`;
  if (host.services.includes('submission')) return `${first} · port 587`;
  return `${first} · ${host.services.join(', ')}`;
}

/** The second line of a full card. */
export function subtitleOf(world: PublicWorld, host: Host): string {
  const user = world.users.find(({ client }) => client === host.id);
  if (user !== undefined) return user.address;
  if (host.kind === 'visitor') return 'outside the box';
  if (!host.services.includes('pop3') || host.services.length > 1) return host.id;
  const owners = world.users.filter(({ address }) => address.endsWith(`@${host.domain ?? ''}`));
  const only = owners.length === 1 ? owners[0] : undefined;
  return only === undefined ? host.id : `${only.address.split('@')[0] ?? ''} · POP3 server`;
}
