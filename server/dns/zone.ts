/** What the zones have to say to one question: pure, authoritative, without bytes or sockets (RFC 1034 §4.3.2, RFC 4592, RFC 2308). */

import type { DnsData } from '../../shared/decode/dns.ts';
import { canonicalName, labelsOf } from '../../shared/decode/dns-name.ts';
import type { Zone, ZoneRecord } from '../../shared/world/world.ts';
import { assertNever } from '../../shared/world/world.ts';
import type { ResourceRecord, RRset } from './encode.ts';

/** `type` as `dnsTypeName` gives it; class is IN. `name` in presentation form, case as asked. */
export interface ZoneQuestion {
  readonly name: string;
  readonly type: string;
}

export interface ZoneAnswer {
  readonly rcode: 'NOERROR' | 'NXDOMAIN' | 'REFUSED';
  readonly authoritative: boolean;
  readonly answers: readonly RRset[];
  readonly authority: readonly RRset[];
  readonly additional: readonly RRset[];
  /** A referral: whoever asks must go to the servers in authority, and needs their glue. */
  readonly referral: boolean;
}

/** A CNAME chain longer than this is a mistake in the zone; what was found so far is the answer. */
const CHAIN = 8;

type RRsets = ReadonlyMap<string, RRset>;

interface ZoneIndex {
  readonly apex: string;
  readonly depth: number;
  readonly soa: ResourceRecord;
  /** Every name that exists, canonical, empty non-terminals too (RFC 4592 §2.2.2), with its RRsets by type. */
  readonly names: ReadonlyMap<string, RRsets>;
}

const key = (labels: readonly string[]): string => canonicalName(labels.join('.'));

function dataOf(record: ZoneRecord): DnsData {
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return { type: record.type, address: record.data };
    case 'NS':
    case 'CNAME':
    case 'PTR':
      return { type: record.type, name: record.data };
    case 'MX':
      return { type: 'MX', preference: record.preference, exchange: record.exchange };
    case 'TXT':
      return { type: 'TXT', strings: record.data.map(text => Buffer.from(text, 'utf8').toString('latin1')) };
    default:
      return assertNever(record);
  }
}

/** RRsets by type of the records of one name: they share the lowest TTL, and none stands there twice (RFC 2181 §5). */
function grouped(records: readonly ResourceRecord[]): RRsets {
  const types = new Set(records.map(record => record.data.type));
  return new Map(
    [...types].map(type => {
      const group = records.filter(record => record.data.type === type);
      const ttl = group.reduce((least, record) => Math.min(least, record.ttl), Infinity);
      const once = new Map(group.map(record => [JSON.stringify(record.data), { ...record, ttl }]));
      return [type, [...once.values()]];
    }),
  );
}

const soaOf = (zone: Zone): ResourceRecord => {
  const { ttl, ...data } = zone.soa;
  return { name: zone.name, ttl, data: { type: 'SOA', ...data } };
};

/** Everything a zone holds, as it would be sent. */
export const recordsOf = (zone: Zone): readonly ResourceRecord[] => [
  soaOf(zone),
  ...zone.records.map(record => ({ name: record.name, ttl: record.ttl, data: dataOf(record) })),
];

function indexOf(zone: Zone): ZoneIndex {
  const apexLabels = labelsOf(zone.name);
  const apex = key(apexLabels);
  const soa = soaOf(zone);
  const names = new Map<string, ResourceRecord[]>([[apex, []]]);
  for (const record of recordsOf(zone)) {
    const labels = labelsOf(record.name);
    // Not in this zone: nobody asks it here.
    if (key(labels.slice(labels.length - apexLabels.length)) !== apex) continue;
    for (let depth = apexLabels.length; depth <= labels.length; depth++) {
      const name = key(labels.slice(labels.length - depth));
      if (!names.has(name)) names.set(name, []);
    }
    names.get(key(labels))?.push({ ...record, name: labels.join('.') });
  }
  const rrsets = new Map([...names].map(([name, records]) => [name, grouped(records)]));
  return { apex, depth: apexLabels.length, soa, names: rrsets };
}

const indexes = new WeakMap<Zone, ZoneIndex>();

/** Zones are values, so an index once made stays true. */
function indexed(zone: Zone): ZoneIndex {
  const known = indexes.get(zone);
  if (known) return known;
  const index = indexOf(zone);
  indexes.set(zone, index);
  return index;
}

/** The zones that hold a name, compared label by label, the closest first. */
function zonesFor(zones: readonly Zone[], labels: readonly string[]): readonly ZoneIndex[] {
  return zones
    .map(indexed)
    .filter(zone => zone.depth <= labels.length && key(labels.slice(labels.length - zone.depth)) === zone.apex)
    .toSorted((one, other) => other.depth - one.depth);
}

type Found =
  | { readonly kind: 'name'; readonly rrsets: RRsets }
  | { readonly kind: 'referral'; readonly servers: RRset }
  | { readonly kind: 'nothing' };

/** Walks from the apex down to the name: a cut on the way is a referral, a missing name may be a wildcard's (RFC 4592 §3.3). */
function find(zone: ZoneIndex, name: string, type: string): Found {
  const labels = labelsOf(name);
  for (let depth = zone.depth + 1; depth <= labels.length; depth++) {
    const rrsets = zone.names.get(key(labels.slice(labels.length - depth)));
    if (!rrsets) {
      const encloser = labels.slice(labels.length - depth + 1);
      const wildcard = zone.names.get(key(['*', ...encloser]));
      if (!wildcard) return { kind: 'nothing' };
      return { kind: 'name', rrsets: ownedBy(name, wildcard) };
    }
    const servers = rrsets.get('NS');
    // The parent's side of a cut answers for DS (RFC 4035 §3.1.4.1).
    if (servers && !(depth === labels.length && type === 'DS')) return { kind: 'referral', servers };
  }
  return { kind: 'name', rrsets: ownedBy(name, zone.names.get(key(labels)) ?? new Map()) };
}

/** The owner is the name as it was asked for, letter case and wildcards included (RFC 4343 §4.1, RFC 4592 §2.2). */
const ownedBy = (name: string, rrsets: RRsets): RRsets =>
  new Map([...rrsets].map(([type, rrset]) => [type, rrset.map(record => ({ ...record, name }))]));

const targetOf = (data: DnsData): string | null =>
  data.type === 'MX' ? data.exchange : data.type === 'NS' ? data.name : null;

/** A and AAAA of the hosts that MX and NS name, as far as they are in this zone; glue below a cut too (RFC 1034 §4.3.2 step 6). */
function addressesFor(zone: ZoneIndex, rrsets: readonly RRset[]): readonly RRset[] {
  const targets = rrsets
    .flat()
    .map(record => targetOf(record.data))
    .filter(target => target !== null);
  return [...new Map(targets.map(target => [canonicalName(target), target])).keys()].flatMap(target => {
    const known = zone.names.get(key(labelsOf(target)));
    return [known?.get('A'), known?.get('AAAA')].filter(rrset => rrset !== undefined);
  });
}

/** The SOA beside a negative answer; its TTL is how long "no" may be remembered (RFC 2308 §3). */
function negative(zone: ZoneIndex): readonly RRset[] {
  const { soa } = zone;
  const minimum = soa.data.type === 'SOA' ? soa.data.minimum : soa.ttl;
  return [[{ ...soa, ttl: Math.min(soa.ttl, minimum) }]];
}

/** The same for the zone that a name would be in; nothing where there is no such zone. */
export function negativeFor(zones: readonly Zone[], name: string): readonly RRset[] {
  const [zone] = zonesFor(zones, labelsOf(name));
  return zone ? negative(zone) : [];
}

const refused: ZoneAnswer = {
  rcode: 'REFUSED',
  authoritative: false,
  answers: [],
  authority: [],
  additional: [],
  referral: false,
};

/**
 * Answers one question of class IN from the zones. A name outside all of them is REFUSED, never NXDOMAIN (RFC 8906 §3.1);
 * so is a zone transfer. Never throws.
 */
export function answerQuestion(zones: readonly Zone[], question: ZoneQuestion): ZoneAnswer {
  const { type } = question;
  const labels = labelsOf(question.name);
  const [closest, ...parents] = zonesFor(zones, labels);
  const zone = type === 'DS' && closest?.depth === labels.length ? (parents[0] ?? closest) : closest;
  if (!zone || type === 'AXFR' || type === 'IXFR') return refused;

  const answers: RRset[] = [];
  const passed = new Set<string>();
  let name = question.name;
  for (;;) {
    passed.add(canonicalName(name));
    const found = find(zone, name, type);
    const sure = { authoritative: true, answers, additional: [], referral: false } as const;
    if (found.kind === 'nothing') {
      // With a chain before it, the code is that of the last name (RFC 6604 §2.1).
      return { ...sure, rcode: 'NXDOMAIN', authority: negative(zone) };
    }
    if (found.kind === 'referral') {
      return {
        rcode: 'NOERROR',
        authoritative: answers.length > 0,
        answers,
        authority: [found.servers],
        additional: addressesFor(zone, [found.servers]),
        referral: true,
      };
    }
    const alias = found.rrsets.get('CNAME');
    const [first] = alias ?? [];
    if (alias && first?.data.type === 'CNAME') {
      // No other data stands beside a CNAME, and one name has one of them (RFC 2181 §10.1).
      answers.push([first]);
      name = first.data.name;
      const [home] = zonesFor(zones, labelsOf(name));
      const over = type === 'CNAME' || type === 'ANY' || answers.length >= CHAIN || passed.has(canonicalName(name));
      if (over || home !== zone) return { ...sure, rcode: 'NOERROR', authority: [] };
      continue;
    }
    const rrsets = type === 'ANY' ? [...found.rrsets.values()] : [found.rrsets.get(type) ?? []];
    const wanted = rrsets.filter(rrset => rrset.length > 0);
    answers.push(...wanted);
    if (wanted.length === 0) return { ...sure, rcode: 'NOERROR', authority: negative(zone) };
    return { ...sure, rcode: 'NOERROR', authority: [], additional: addressesFor(zone, wanted) };
  }
}
