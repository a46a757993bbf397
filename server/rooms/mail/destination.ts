/** Where a letter that arrives at an exchanger goes from there: into a mailbox, on to other addresses, or into its own queue as a backup. Pure. */

import { domainOf } from '../../../shared/address.ts';
import type { Alias, Domain, HostId, MailingList, User, World } from '../../../shared/world/world.ts';
import { bouncesAddress, domainNamed, userAt } from '../../../shared/world/world.ts';

export type Destination =
  | { readonly kind: 'mailbox'; readonly user: User }
  /** Forwarded, its envelope sender unchanged (RFC 5321 §3.9.1). `targets` are mailboxes of this host or addresses elsewhere. */
  | { readonly kind: 'alias'; readonly alias: Alias; readonly targets: readonly Target[] }
  /** §3.9.2: a letter of its own for each member. */
  | { readonly kind: 'list'; readonly list: MailingList; readonly targets: readonly Target[] }
  /** Not the best exchanger of the domain: stored here, and handed on when a better one answers (§5.1). */
  | { readonly kind: 'backup'; readonly domain: Domain }
  | { readonly kind: 'unknown-user' }
  | { readonly kind: 'loop' }
  /** Not a domain of this host: relaying (§3.6, §7.9). */
  | { readonly kind: 'foreign' };

export type Target =
  | { readonly kind: 'mailbox'; readonly user: User }
  | { readonly kind: 'elsewhere'; readonly address: string };

const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
const isPostmaster = (address: string): boolean => /^postmaster@/i.test(address);

/** The MX preferences of a domain as its zone has them. */
const preferencesOf = (world: World, domain: string): ReadonlyMap<string, number> =>
  new Map(
    world.zones.flatMap(({ records }) =>
      records.flatMap(record =>
        record.type === 'MX' && record.name === domain ? [[record.exchange, record.preference] as const] : [],
      ),
    ),
  );

/** True where another exchanger of the domain is better placed in its zone than this one. */
export function isBackup(world: World, domain: Domain, host: HostId): boolean {
  const preferences = preferencesOf(world, domain.name);
  const own = preferences.get(host);
  if (own === undefined) return false;
  return domain.exchangers.some(other => (preferences.get(other) ?? Number.POSITIVE_INFINITY) < own);
}

/** A postmaster who has no mailbox of that name is the first user of the domain (RFC 5321 §4.5.1). */
function mailboxAt(world: World, address: string): User | null {
  const user = userAt(world, address);
  if (user !== undefined) return user;
  return isPostmaster(address)
    ? (world.users.find(each => domainOf(each.address) === domainOf(address)) ?? null)
    : null;
}

const aliasAt = (world: World, address: string): Alias | undefined =>
  world.aliases.find(each => same(each.address, address)) ??
  // What comes back from a list goes to its owner.
  world.lists
    .filter(list => same(bouncesAddress(list), address))
    .map(list => ({ address, targets: [list.owner] }) satisfies Alias)[0];

/** The domain that a name stands for: the end of its CNAMEs, which are no longer than a resolver follows (RFC 5321 §5.1). */
function canonicalDomain(world: World, name: string): string {
  let canonical = name;
  for (let hop = 0; hop < 8; hop += 1) {
    const alias = world.zones
      .flatMap(({ records }) => records)
      .find(record => record.type === 'CNAME' && record.name === canonical);
    if (alias?.type !== 'CNAME') break;
    canonical = alias.data;
  }
  return canonical;
}

/** The address as the users of the domain know it: the postmaster of a host is the one of its domain, and another name of the domain is the domain. */
function asKnown(world: World, domains: readonly Domain[], host: HostId, address: string): string {
  const first = domains[0];
  if (first !== undefined && same(address, `postmaster@${host}`)) return `postmaster@${first.name}`;
  const domain = domainOf(address);
  const canonical = canonicalDomain(world, domain);
  return canonical === domain ? address : `${address.slice(0, address.lastIndexOf('@'))}@${canonical}`;
}

/** Follows aliases as far as they lead within the domains of this host; each address is visited once. */
function follow(world: World, domains: readonly Domain[], targets: readonly string[], seen: Set<string>): Target[] {
  return targets.flatMap((address): Target[] => {
    if (seen.has(address.toLowerCase())) return [];
    seen.add(address.toLowerCase());
    if (!domains.some(({ name }) => name === domainOf(address))) return [{ kind: 'elsewhere', address }];
    const user = mailboxAt(world, address);
    if (user !== null) return [{ kind: 'mailbox', user }];
    const alias = aliasAt(world, address);
    if (alias !== undefined) return follow(world, domains, alias.targets, seen);
    // A list, or nobody: whoever takes mail for the domain finds out.
    return [{ kind: 'elsewhere', address }];
  });
}

/** What becomes of `recipient` at `host`, which takes mail for `domains`. */
export function destinationOf(world: World, domains: readonly Domain[], host: HostId, recipient: string): Destination {
  const address = asKnown(world, domains, host, recipient);
  const domain = domainNamed(world, domainOf(address));
  if (domain === undefined || !domains.includes(domain)) return { kind: 'foreign' };
  const user = mailboxAt(world, address);
  const list = world.lists.find(each => same(each.address, address));
  const alias = user === null && list === undefined ? aliasAt(world, address) : undefined;
  if (user === null && list === undefined && alias === undefined) return { kind: 'unknown-user' };
  if (isBackup(world, domain, host)) return { kind: 'backup', domain };
  if (user !== null) return { kind: 'mailbox', user };
  const seen = new Set([address.toLowerCase()]);
  const home = domains.filter(each => !isBackup(world, each, host));
  const targets = follow(world, home, alias?.targets ?? list?.members ?? [], seen);
  if (targets.length === 0 && alias !== undefined) return { kind: 'loop' };
  if (alias !== undefined) return { kind: 'alias', alias, targets };
  return list === undefined ? { kind: 'unknown-user' } : { kind: 'list', list, targets };
}
