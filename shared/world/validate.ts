/** Lets a world in: its shape, its bounds, and that everything it names exists in it. */
import type * as z from 'zod/mini';
import { domainOf } from '../address.ts';
import { hostsNamed, usersNamed } from '../faults/fault.ts';
import { privateWorld, publicWorld } from './shape.ts';
import type { PublicWorld, World } from './world.ts';
import { bouncesAddress, MOST_DOMAINS, MOST_HOSTS } from './world.ts';

/** What is wrong with a world: `path` as in "domains.0.submission", '' for the whole. */
export interface BadWorld {
  readonly ok: false;
  readonly path: string;
  readonly message: string;
}

const UNITS: Readonly<Record<string, string>> = { string: 'character', array: 'entry' };
/** "must be at most 5", "must have at least 1 character". */
function bound(origin: string, which: 'least' | 'most', limit: number | bigint): string {
  const unit = UNITS[origin];
  if (unit === undefined) return `must be at ${which} ${limit}`;
  return `must have at ${which} ${limit} ${Number(limit) === 1 ? unit : unit.replace(/y$/, 'ie').concat('s')}`;
}

/** Checks with words of their own keep them; the library has only two words for the others. */
function wordsOf(issue: z.core.$ZodIssue): string {
  if (issue.message !== 'Invalid input') return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${/^[aeiou]/.test(issue.expected) ? 'an' : 'a'} ${issue.expected}`;
    case 'invalid_value':
      return `must be one of ${issue.values.join(', ')}`;
    case 'too_big':
      return bound(issue.origin, 'most', issue.maximum);
    case 'too_small':
      return bound(issue.origin, 'least', issue.minimum);
    case 'invalid_union':
      return 'is none of the kinds that are known';
    default:
      return 'is not what it should be';
  }
}

const firstIssue = (issues: readonly z.core.$ZodIssue[]): BadWorld => {
  const issue = issues[0];
  return {
    ok: false,
    path: issue?.path.join('.') ?? '',
    message: issue === undefined ? 'is not a world' : wordsOf(issue),
  };
};

/** The world of a trace's header: shape and bounds only, as it is only looked at and never run. */
export function worldInHeader(value: unknown): { readonly ok: true; readonly world: PublicWorld } | BadWorld {
  const result = publicWorld.safeParse(value);
  return result.success ? { ok: true, world: result.data } : firstIssue(result.error.issues);
}

/** RFC 5737 and RFC 3849: addresses that can never be somebody's host. */
const DOCUMENTATION =
  /^(?:(?:192\.0\.2|198\.51\.100|203\.0\.113)\.(?:25[0-5]|2[0-4]\d|1?\d?\d)|2001:db8:[0-9a-f:]*[0-9a-f:])$/i;
/** RFC 2606 and RFC 6761: names that can never be somebody's domain. */
const RESERVED = /(?:^|\.)(?:example|test|invalid|example\.(?:com|net|org)|in-addr\.arpa|ip6\.arpa)$/;

/** Eight groups, or fewer and one `::` (RFC 4291 §2.2), in lower case as DNS answers are shown (RFC 5952 §4.3). */
export function isIpv6(address: string): boolean {
  const halves = address.split('::');
  const groups = halves.flatMap(half => (half === '' ? [] : half.split(':')));
  const complete = halves.length === 1 ? groups.length === 8 : halves.length === 2 && groups.length < 8;
  return complete && groups.every(group => /^(?:0|[1-9a-f][0-9a-f]{0,3})$/.test(group));
}

/** What a world that runs must also hold: everything it names exists, and nothing in it could be the real internet's. */
function faultIn(world: World): BadWorld | null {
  const bad = (path: string, message: string): BadWorld => ({ ok: false, path, message });
  const hosts = new Map(world.hosts.map(each => [each.id, each]));
  const names = new Set(world.domains.map(({ name }) => name));
  if (world.domains.length === 0) return bad('domains', 'there must be at least one');
  if (world.domains.length > MOST_DOMAINS)
    return bad(`domains.${MOST_DOMAINS}`, `a world has at most ${MOST_DOMAINS} domains, and this is one more`);
  const addresses = new Set<string>();
  let crowd = 0;
  for (const [at, each] of world.hosts.entries()) {
    if (each.kind !== 'visitor') crowd += 1;
    if (crowd > MOST_HOSTS) return bad(`hosts.${at}`, `a world has at most ${MOST_HOSTS} hosts, and this is one more`);
    if (hosts.get(each.id) !== each) return bad(`hosts.${at}.id`, `two hosts are called ${each.id}`);
    if (!RESERVED.test(each.id)) return bad(`hosts.${at}.id`, `${each.id} must end in .example or .test`);
    const needsDomain = each.kind === 'client' || each.services.some(service => service !== 'dns');
    if (each.domain === undefined && needsDomain) return bad(`hosts.${at}`, `the host ${each.id} belongs to no domain`);
    if (each.domain !== undefined && !names.has(each.domain))
      return bad(`hosts.${at}.domain`, `there is no domain ${each.domain}`);
    for (const [place, address] of each.addresses.entries()) {
      const path = `hosts.${at}.addresses.${place}`;
      if (!DOCUMENTATION.test(address))
        return bad(path, `${address} is not in 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24 or 2001:db8::/32`);
      if (address.includes(':') && !isIpv6(address)) return bad(path, `${address} is not an IPv6 address`);
      if (addresses.has(address)) return bad(path, `two hosts have the address ${address}`);
      addresses.add(address);
    }
  }
  const missing = (path: string, id: string): BadWorld | null =>
    hosts.has(id) ? null : bad(path, `there is no host ${id}`);
  const noDns = missing('dns', world.dns);
  if (noDns) return noDns;
  const domains = new Set<string>();
  for (const [at, domain] of world.domains.entries()) {
    if (domains.has(domain.name)) return bad(`domains.${at}.name`, `two domains are called ${domain.name}`);
    if (!RESERVED.test(domain.name)) return bad(`domains.${at}.name`, `${domain.name} must end in .example or .test`);
    domains.add(domain.name);
    const fault =
      missing(`domains.${at}.submission`, domain.submission) ??
      missing(`domains.${at}.pop`, domain.pop) ??
      domain.exchangers
        .map((id, place) => missing(`domains.${at}.exchangers.${place}`, id))
        .find(each => each !== null);
    if (fault) return fault;
  }
  const zones = new Set<string>();
  for (const [at, { name }] of world.zones.entries()) {
    if (zones.has(name)) return bad(`zones.${at}.name`, `two zones are called ${name}`);
    zones.add(name);
  }
  const users = new Set<string>();
  for (const [at, each] of world.users.entries()) {
    const path = `users.${at}`;
    if (users.has(each.address.toLowerCase())) return bad(`${path}.address`, `two users are called ${each.address}`);
    users.add(each.address.toLowerCase());
    if (!domains.has(domainOf(each.address)))
      return bad(`${path}.address`, `there is no domain ${domainOf(each.address)}`);
    const fault = missing(`${path}.client`, each.client);
    if (fault) return fault;
  }
  return addressFault(world, domains, users) ?? faultsFault(world);
}

/** Aliases and lists share one space of addresses with the users; none may be taken twice. `taken` grows. */
function addressFault(world: World, domains: ReadonlySet<string>, taken: Set<string>): BadWorld | null {
  const bad = (path: string, message: string): BadWorld => ({ ok: false, path, message });
  const take = (path: string, address: string): BadWorld | null => {
    if (taken.has(address.toLowerCase())) return bad(path, `the address ${address} is taken already`);
    taken.add(address.toLowerCase());
    return domains.has(domainOf(address)) ? null : bad(path, `there is no domain ${domainOf(address)}`);
  };
  for (const [at, { address }] of world.aliases.entries()) {
    const fault = take(`aliases.${at}.address`, address);
    if (fault) return fault;
  }
  for (const [at, list] of world.lists.entries()) {
    const fault = take(`lists.${at}.address`, list.address) ?? take(`lists.${at}.address`, bouncesAddress(list));
    if (fault) return fault;
    if (!world.users.some(({ address }) => address.toLowerCase() === list.owner.toLowerCase()))
      return bad(`lists.${at}.owner`, `there is no user ${list.owner}`);
  }
  return null;
}

/** A fault must name what is there to be struck. */
function faultsFault(world: World): BadWorld | null {
  const bad = (path: string, message: string): BadWorld => ({ ok: false, path, message });
  const ids = new Set<string>();
  for (const [at, fault] of world.faults.entries()) {
    const path = `faults.${at}`;
    if (ids.has(fault.id)) return bad(`${path}.id`, `two faults are called ${fault.id}`);
    ids.add(fault.id);
    const host = hostsNamed(fault).find(id => !world.hosts.some(each => each.id === id));
    if (host !== undefined) return bad(path, `there is no host ${host}`);
    const user = usersNamed(fault).find(
      address => !world.users.some(each => each.address.toLowerCase() === address.toLowerCase()),
    );
    if (user !== undefined) return bad(path, `there is no user ${user}`);
  }
  return null;
}

/** A world from a file: everything that is needed to run it. */
export function validateWorld(value: unknown): { readonly ok: true; readonly world: World } | BadWorld {
  const result = privateWorld.safeParse(value);
  if (!result.success) return firstIssue(result.error.issues);
  const world: World = result.data;
  return faultIn(world) ?? { ok: true, world };
}
