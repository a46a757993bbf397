/** Lets a world in: its shape, its bounds, and that everything it names exists in it. */
import * as z from 'zod/mini';
import type { PublicWorld, World } from './world.ts';
import { domainOf } from './world.ts';

/** What is wrong with a world: `path` as in "domains.0.submission", '' for the whole. */
export interface BadWorld {
  readonly ok: false;
  readonly path: string;
  readonly message: string;
}

const NAME = /^(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*$/;
const ADDRESS = /^[^\s@<>"\\,;:()[\]]{1,64}@[a-z0-9.-]{1,255}$/i;
const dnsName = z
  .string()
  .check(z.maxLength(253), z.regex(NAME, 'must be a domain name in lower case, without the last dot'));
const owner = z
  .string()
  .check(
    z.maxLength(253),
    z.regex(/^(\*\.)?[a-z0-9_.-]+$/, 'must be a domain name in lower case, without the last dot'),
  );
const shortText = z.string().check(z.minLength(1), z.maxLength(200));
const whole = z.int().check(z.nonnegative(), z.maximum(0xffff_ffff));
const mailAddress = z.string().check(z.maxLength(254), z.regex(ADDRESS, 'must be a mail address, local-part@domain'));
const list = <T extends z.core.SomeType>(item: T) => z.array(item).check(z.maxLength(10_000));
const nonEmpty = <T extends z.core.SomeType>(item: T) => z.tuple([item], item).check(z.maxLength(16));

/** More than any stage can show; every change to a host copies the row of them. */
const MOST_HOSTS = 256;

const host = z.object({
  id: dnsName,
  kind: z.enum(['client', 'server', 'visitor']),
  label: z.string().check(z.minLength(1), z.maxLength(24, 'must have at most 24 characters')),
  domain: z.exactOptional(dnsName),
  addresses: nonEmpty(z.string().check(z.maxLength(45))),
  services: list(z.enum(['submission', 'smtp', 'pop3', 'dns'])),
});

const named = { name: owner, ttl: whole };
const record = z.discriminatedUnion('type', [
  z.object({ ...named, type: z.enum(['A', 'AAAA']), data: z.string().check(z.maxLength(45)) }),
  z.object({ ...named, type: z.enum(['NS', 'CNAME', 'PTR']), data: owner }),
  z.object({
    ...named,
    type: z.literal('MX'),
    preference: z.int().check(z.nonnegative(), z.maximum(65_535)),
    // RFC 7505: the null MX is the root, written as an empty name.
    exchange: z.union([z.literal(''), z.literal('.'), owner]),
  }),
  z.object({ ...named, type: z.literal('TXT'), data: list(z.string().check(z.maxLength(255))) }),
]);
const zone = z.object({
  name: dnsName,
  soa: z.object({
    mname: dnsName,
    rname: owner,
    serial: whole,
    refresh: whole,
    retry: whole,
    expire: whole,
    minimum: whole,
    ttl: whole,
  }),
  records: list(record),
});

const user = z.object({ address: mailAddress, name: shortText, client: dnsName });
const shape = {
  name: shortText,
  hosts: z.array(host).check(z.maxLength(MOST_HOSTS)),
  domains: list(z.object({ name: dnsName, submission: dnsName, pop: dnsName, exchangers: list(dnsName) })),
  zones: list(zone),
  dns: dnsName,
  limits: z.object({
    messageSize: z
      .int()
      .check(z.minimum(65_536, 'must be at least 65536 octets (RFC 5321 §4.5.3.1.7)'), z.maximum(2 ** 30)),
    recipients: z.int().check(z.minimum(1), z.maximum(10_000)),
    hops: z.int().check(z.minimum(1), z.maximum(1000)),
  }),
};
const publicWorld = z.object({ ...shape, users: list(user) });
const privateWorld = z.object({
  ...shape,
  users: list(z.extend(user, { password: z.string().check(z.minLength(1), z.maxLength(255)) })),
});

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
function isIpv6(address: string): boolean {
  const halves = address.split('::');
  const groups = halves.flatMap(half => (half === '' ? [] : half.split(':')));
  const complete = halves.length === 1 ? groups.length === 8 : halves.length === 2 && groups.length < 8;
  return complete && groups.every(group => /^(?:0|[1-9a-f][0-9a-f]{0,3})$/.test(group));
}

/** What a world that runs must also hold: everything it names exists, and nothing in it could be the real internet's. */
function faultIn(world: World): BadWorld | null {
  const bad = (path: string, message: string): BadWorld => ({ ok: false, path, message });
  const hosts = new Map(world.hosts.map(each => [each.id, each]));
  const addresses = new Set<string>();
  for (const [at, each] of world.hosts.entries()) {
    if (hosts.get(each.id) !== each) return bad(`hosts.${at}.id`, `two hosts are called ${each.id}`);
    if (!RESERVED.test(each.id)) return bad(`hosts.${at}.id`, `${each.id} must end in .example or .test`);
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
  if (world.domains.length === 0) return bad('domains', 'there must be at least one');
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
  return null;
}

/** A world from a file: everything that is needed to run it. */
export function validateWorld(value: unknown): { readonly ok: true; readonly world: World } | BadWorld {
  const result = privateWorld.safeParse(value);
  if (!result.success) return firstIssue(result.error.issues);
  const world: World = result.data;
  return faultIn(world) ?? { ok: true, world };
}
