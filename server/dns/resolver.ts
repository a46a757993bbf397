/** Where does the mail of a domain go? Turns what DNS says, now or a while ago, into a route and into addresses (RFC 5321 §5.1, RFC 7505). */

import { isIPv4, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import { canonicalName } from '../../shared/decode/dns-name.ts';
import type { Cause } from '../../shared/trace/cause.ts';
import type { Recorder } from '../record/recorder.ts';
import type { AskOptions } from './ask.ts';
import { createCache } from './cache.ts';
import { type Looked, lookUp, type SoughtType } from './look-up.ts';
import { isDomainName } from './writer.ts';

interface Exchanger {
  readonly preference: number;
  /** A host name without the last dot, or an address literal in brackets where the domain was one. */
  readonly exchange: string;
}

export type Route =
  /** At least one, best first, equal preferences shuffled. `implicit`: there was no MX, the domain itself is the host. */
  | { readonly kind: 'hosts'; readonly hosts: readonly Exchanger[]; readonly implicit: boolean }
  /** The domain says that it takes no mail (RFC 7505): permanent, 5.1.10. */
  | { readonly kind: 'null-mx' }
  /** NXDOMAIN, or not a domain name at all: permanent, 5.1.2. */
  | { readonly kind: 'no-such-domain' }
  /** It exists and names no place that could take mail: permanent, 5.4.4. */
  | { readonly kind: 'no-service'; readonly cause: Cause }
  /** No answer or no usable one: temporary, 4.4.3; keep the letter and ask again later. */
  | { readonly kind: 'unknown'; readonly cause: Cause };

export type AddressAnswer =
  /** At least one; IPv6 before IPv4 (RFC 6724 §2.1), otherwise as DNS gave them. */
  | { readonly kind: 'addresses'; readonly addresses: string[] }
  /** There is none: permanent. */
  | { readonly kind: 'none'; readonly cause: Cause }
  /** As in `Route`: temporary. */
  | { readonly kind: 'unknown'; readonly cause: Cause };

/** Remembers what DNS answered for as long as that may be remembered, and asks otherwise. Never rejects for what the outside does. */
export interface Resolver {
  /** Of the domain part of an address, also an address literal `[192.0.2.1]` (RFC 5321 §4.1.3). */
  exchangers(domain: string): Promise<Route>;
  /** Of one exchange: A, then AAAA, one after the other. */
  addresses(name: string): Promise<AddressAnswer>;
}

/** `attempts`: UDP questions before giving up, default 3. `timeout`: for each answer, default 2000. */
export interface ResolverOptions extends AskOptions {
  readonly recorder: Recorder;
  /** [0, 1); for the order of equal preferences. */
  readonly random: () => number;
  /** Default true; false asks anew for each call. */
  readonly cache?: boolean;
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
  const { random, from, recorder, clock } = options;
  const cache = options.cache === false ? null : createCache({ host: from, recorder, clock });

  async function look(name: string, type: SoughtType): Promise<Looked> {
    const known = cache?.find(name, type);
    if (known) return known;
    const looked = await lookUp(options, name, type);
    cache?.store(name, type, looked);
    return looked;
  }

  async function exchangers(domain: string): Promise<Route> {
    const address = literal(domain);
    if (address !== undefined) {
      if (address === null) return { kind: 'no-service', cause: { code: 'not-an-address', name: domain } };
      return { kind: 'hosts', hosts: [{ preference: 0, exchange: domain }], implicit: true };
    }
    const name = asked(domain);
    if (name === null) return { kind: 'no-such-domain' };
    const looked = await look(name, 'MX');
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
    if (host === null || address === null) return { kind: 'none', cause: { code: 'not-a-host-name', name } };
    const four = await look(host, 'A');
    if (four.kind === 'unknown') return four;
    if (four.kind === 'no-such-name') return { kind: 'none', cause: { code: 'no-such-host', name: host } };
    const six = await look(host, 'AAAA');
    const found = [six, four]
      .flatMap(looked => (looked.kind === 'found' ? looked.data : []))
      .flatMap(data => (data.type === 'A' || data.type === 'AAAA' ? [data.address] : []));
    if (found.length > 0) return { kind: 'addresses', addresses: [...new Set(found)] };
    if (six.kind === 'unknown') return six;
    return { kind: 'none', cause: { code: 'no-address-record', name: host } };
  }

  return { exchangers, addresses };
}
