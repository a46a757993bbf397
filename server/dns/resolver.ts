/** Where does the mail of a domain go? Turns DNS answers into a route and into addresses (RFC 5321 §5.1, RFC 7505). */
import { randomInt } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import type { DnsData, DnsMessage } from '../../shared/decode/dns.ts';
import { canonicalName, sameName } from '../../shared/decode/dns-name.ts';
import type { HostId } from '../../shared/world/world.ts';
import type { Address, Network } from '../network/contract.ts';
import { askServer } from './ask.ts';
import { isDomainName } from './writer.ts';

interface Exchanger {
  readonly preference: number;
  /** A host name without the last dot, or an address literal in brackets where the domain was one. */
  readonly exchange: string;
}

/** `reason` is one sentence without a full stop, fit for a bounce or for a log. */
export type Route =
  /** At least one, best first, equal preferences shuffled. `implicit`: there was no MX, the domain itself is the host. */
  | { readonly kind: 'hosts'; readonly hosts: readonly Exchanger[]; readonly implicit: boolean }
  /** The domain says that it takes no mail (RFC 7505): permanent, 5.1.10. */
  | { readonly kind: 'null-mx' }
  /** NXDOMAIN, or not a domain name at all: permanent, 5.1.2. */
  | { readonly kind: 'no-such-domain' }
  /** It exists and names no place that could take mail: permanent, 5.4.4. */
  | { readonly kind: 'no-service'; readonly reason: string }
  /** No answer or no usable one: temporary, 4.4.3; keep the letter and ask again later. */
  | { readonly kind: 'unknown'; readonly reason: string };

export type AddressAnswer =
  /** At least one; IPv6 before IPv4 (RFC 6724 §2.1), otherwise as DNS gave them. */
  | { readonly kind: 'addresses'; readonly addresses: string[] }
  /** There is none: permanent. */
  | { readonly kind: 'none'; readonly reason: string }
  /** As in `Route`: temporary. */
  | { readonly kind: 'unknown'; readonly reason: string };

/** Asks DNS anew for each call: without a cache every question is seen on the wire (rule 80's cache comes later). Never rejects for what the outside does. */
export interface Resolver {
  /** Of the domain part of an address, also an address literal `[192.0.2.1]` (RFC 5321 §4.1.3). */
  exchangers(domain: string): Promise<Route>;
  /** Of one exchange: A, then AAAA, one after the other. */
  addresses(name: string): Promise<AddressAnswer>;
}

export interface ResolverOptions {
  readonly network: Network;
  /** The host that asks. */
  readonly from: HostId;
  readonly server: Address;
  /** UDP questions before giving up; default 3. */
  readonly attempts?: number;
  /** Milliseconds to wait for each answer; default 2000. */
  readonly timeout?: number;
  /** [0, 1); for the order of equal preferences. */
  readonly random?: () => number;
  /** Ends questions under way; they become `unknown`. */
  readonly signal?: AbortSignal;
}

/** Names in a CNAME chain, over all answers. */
const CHAIN = 8;

type Looked =
  | { readonly kind: 'found'; readonly data: readonly DnsData[] }
  | { readonly kind: 'no-such-name' }
  | { readonly kind: 'no-data' }
  | { readonly kind: 'unknown'; readonly reason: string };

/** The last name of the chain that an answer holds for `name`, and the records wanted there; null where it goes round or on and on. */
function follow(answer: DnsMessage, name: string, type: string): { last: string; data: readonly DnsData[] } | null {
  let last = name;
  for (let hop = 0; hop <= CHAIN; hop++) {
    const here = answer.answers.filter(record => record.klass === 'IN' && sameName(record.name, last));
    const data = here.filter(record => record.type === type).map(record => record.data);
    const alias = here.map(record => record.data).find(one => one.type === 'CNAME');
    if (data.length > 0 || alias?.type !== 'CNAME') return { last, data };
    last = alias.name;
  }
  return null;
}

async function lookUp(options: ResolverOptions, name: string, type: 'MX' | 'A' | 'AAAA'): Promise<Looked> {
  const passed = new Set<string>();
  for (let current = name; passed.size < CHAIN; ) {
    passed.add(canonicalName(current));
    const reply = await askServer(options, current, type);
    if (reply.kind === 'no-answer') return { kind: 'unknown', reason: reply.reason };
    const { message } = reply;
    if (message.rcodeName !== 'NOERROR' && message.rcodeName !== 'NXDOMAIN') {
      return { kind: 'unknown', reason: `DNS answered ${message.rcodeName} when asked for ${type} of ${current}` };
    }
    const chain = follow(message, current, type);
    if (!chain) break;
    const { last, data } = chain;
    if (data.length > 0) return { kind: 'found', data };
    // The code speaks of the last name of a chain (RFC 6604 §2.1).
    if (message.rcodeName === 'NXDOMAIN') return { kind: 'no-such-name' };
    const closed = message.authority.some(record => record.type === 'SOA');
    if (sameName(last, current)) {
      // NS records without SOA: "ask over there", which a stub cannot (RFC 2308 §2.2).
      const referral = !closed && message.authority.some(record => record.type === 'NS');
      return referral ? { kind: 'unknown', reason: `DNS referred ${current} to another server` } : { kind: 'no-data' };
    }
    if (closed) return { kind: 'no-data' };
    if (passed.has(canonicalName(last))) break;
    current = last;
  }
  return { kind: 'unknown', reason: `the CNAME chain from ${name} does not end` };
}

/** The address in `[192.0.2.1]` or `[IPv6:2001:db8::1]`; null where there is none; undefined where it is not a literal at all. */
function literal(domain: string): string | null | undefined {
  const inside = /^\[(.*)\]$/s.exec(domain)?.[1];
  if (inside === undefined) return undefined;
  if (isIPv4(inside)) return inside;
  const six = /^IPv6:(.*)$/is.exec(inside)?.[1];
  return six !== undefined && isIPv6(six) ? six : null;
}

/** As it is asked in DNS: U-labels become A-labels (RFC 5891 §4.4), no last dot; null where it cannot be a domain name. */
function asked(domain: string): string | null {
  const ascii = /^[ -~]*$/.test(domain) ? domain : domainToASCII(domain);
  const name = ascii.replace(/\.$/, '');
  return isDomainName(name) ? name : null;
}

/** Best first; equal preferences in random order, as load is spread (RFC 5321 §5.1). A host named twice counts once. */
function sorted(hosts: readonly Exchanger[], random: () => number): Exchanger[] {
  const best = new Map<string, Exchanger>();
  for (const host of hosts) {
    const known = best.get(canonicalName(host.exchange));
    if (!known || host.preference < known.preference) best.set(canonicalName(host.exchange), host);
  }
  return [...best.values()]
    .map(host => ({ host, lot: random() }))
    .toSorted((one, other) => one.host.preference - other.host.preference || one.lot - other.lot)
    .map(({ host }) => host);
}

export function createResolver(options: ResolverOptions): Resolver {
  const random = options.random ?? (() => randomInt(2 ** 32) / 2 ** 32);

  async function exchangers(domain: string): Promise<Route> {
    const address = literal(domain);
    if (address !== undefined) {
      if (address === null) return { kind: 'no-service', reason: `${domain} is not an address` };
      return { kind: 'hosts', hosts: [{ preference: 0, exchange: domain }], implicit: true };
    }
    const name = asked(domain);
    if (name === null) return { kind: 'no-such-domain' };
    const looked = await lookUp(options, name, 'MX');
    if (looked.kind === 'unknown') return looked;
    if (looked.kind === 'no-such-name') return { kind: 'no-such-domain' };
    if (looked.kind === 'no-data') {
      return { kind: 'hosts', hosts: [{ preference: 0, exchange: name }], implicit: true };
    }
    const all = looked.data.flatMap(data => (data.type === 'MX' ? [data] : []));
    // A `.` beside real exchanges is a mistake of the zone and is passed over (RFC 7505 §3).
    const hosts = all
      .filter(({ exchange }) => exchange !== '.')
      .map(({ preference, exchange }) => ({ preference, exchange }));
    if (hosts.length === 0) return { kind: 'null-mx' };
    return { kind: 'hosts', hosts: sorted(hosts, random), implicit: false };
  }

  async function addresses(name: string): Promise<AddressAnswer> {
    const address = literal(name);
    if (address) return { kind: 'addresses', addresses: [address] };
    const host = asked(name);
    if (host === null || address === null) return { kind: 'none', reason: `${name} is not a host name` };
    const four = await lookUp(options, host, 'A');
    if (four.kind === 'unknown') return four;
    if (four.kind === 'no-such-name') return { kind: 'none', reason: `the host ${host} does not exist` };
    const six = await lookUp(options, host, 'AAAA');
    const found = [six, four]
      .flatMap(looked => (looked.kind === 'found' ? looked.data : []))
      .flatMap(data => (data.type === 'A' || data.type === 'AAAA' ? [data.address] : []));
    if (found.length > 0) return { kind: 'addresses', addresses: [...new Set(found)] };
    if (six.kind === 'unknown') return six;
    return { kind: 'none', reason: `the host ${host} has no address` };
  }

  return { exchangers, addresses };
}
