/** One record of a zone under a person's hands: what it must not be, in plain words, and how it gets into its zone and out of it. Pure. */
import { isIpv6 } from './validate.ts';
import type { Zone, ZoneRecord } from './world.ts';

export const RECORD_TYPES = ['A', 'AAAA', 'MX', 'CNAME', 'TXT', 'NS', 'PTR'] as const;
export type RecordType = (typeof RECORD_TYPES)[number];

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)$/;
const NAME = /^(?:\*\.)?(?!-)[a-z0-9_-]{1,63}(?:\.(?!-)[a-z0-9_-]{1,63})*$/;
const MOST_SECONDS = 0xffff_ffff;

const isAddress = (text: string): boolean => IPV4.test(text) || (text.includes(':') && isIpv6(text.toLowerCase()));

/** The host that a record points at; null for one that points at none. RFC 7505: the null MX points at the root. */
export function targetOf(record: ZoneRecord): string | null {
  if (record.type === 'MX') return record.exchange === '' || record.exchange === '.' ? null : record.exchange;
  return record.type === 'CNAME' || record.type === 'NS' || record.type === 'PTR' ? record.data : null;
}

export const isNullMx = (record: ZoneRecord): boolean => record.type === 'MX' && targetOf(record) === null;

/** What stands after the type, as a person writes it: the exchange of an MX without its preference. */
export const dataText = (record: ZoneRecord): string =>
  record.type === 'MX' ? record.exchange || '.' : record.type === 'TXT' ? record.data.join(' ') : record.data;

/** "green.example MX 10 mx1.green.example" */
export const recordText = (record: ZoneRecord): string =>
  `${record.name} ${record.type} ${record.type === 'MX' ? `${record.preference} ` : ''}${dataText(record)}`;

/** What a person typed, as a record; names lose their last dot and their capitals. `preference` counts for MX alone. */
export function recordFrom(typed: {
  readonly name: string;
  readonly type: RecordType;
  readonly ttl: number;
  readonly preference: number;
  readonly value: string;
}): ZoneRecord {
  const { type, ttl, preference } = typed;
  const plain = (text: string): string =>
    text
      .trim()
      .toLowerCase()
      .replace(/(.)\.$/, '$1');
  const name = plain(typed.name);
  const value = plain(typed.value);
  if (type === 'TXT') {
    // RFC 1035 §3.3.14: a text is one or more strings of at most 255 octets.
    const text = typed.value.trim();
    return { name, ttl, type, data: text.match(/.{1,255}/gs) ?? [''] };
  }
  return type === 'MX' ? { name, ttl, type, preference, exchange: value } : { name, ttl, type, data: value };
}

/** Why the record cannot be, by itself; null where it can. */
function malformed(zone: Zone, record: ZoneRecord): string | null {
  if (!NAME.test(record.name))
    return `${record.name === '' ? 'A record' : record.name} needs a name of letters, digits, hyphens and dots.`;
  if (record.name !== zone.name && !record.name.endsWith(`.${zone.name}`))
    return `${record.name} is not in the zone ${zone.name}: its name must end in it.`;
  if (!Number.isInteger(record.ttl) || record.ttl < 0 || record.ttl > MOST_SECONDS)
    return 'A TTL is a whole number of seconds.';
  switch (record.type) {
    case 'A':
      return IPV4.test(record.data)
        ? null
        : `An A record holds an IPv4 address such as 192.0.2.10, not “${record.data}”.`;
    case 'AAAA':
      return record.data.includes(':') && isIpv6(record.data)
        ? null
        : `An AAAA record holds an IPv6 address such as 2001:db8::10, not “${record.data}”.`;
    case 'MX':
      if (!Number.isInteger(record.preference) || record.preference < 0 || record.preference > 65_535)
        return 'A preference is a whole number from 0 to 65535; the lowest is tried first.';
      break;
    case 'TXT':
      return record.data.some(text => text !== '') ? null : 'A TXT record needs a text.';
    case 'CNAME':
    case 'NS':
    case 'PTR':
      break;
  }
  const target = targetOf(record);
  if (target === null) return null;
  // RFC 5321 §5.1, RFC 1035 §3.3.9.
  if (isAddress(target)) return `${record.type} must name a host, not an address; the host’s A record has the address.`;
  return NAME.test(target) ? null : `${record.type} must name a host, such as mail.${zone.name}.`;
}

/** RFC 1034 §3.6.2: where there is a CNAME, no other record may be. */
function clash(others: readonly ZoneRecord[], record: ZoneRecord): string | null {
  const beside = others.filter(other => other.name === record.name);
  if (beside.some(other => recordText(other) === recordText(record)))
    return `${recordText(record)} stands in the zone already.`;
  const aliased = beside.some(other => other.type === 'CNAME');
  if (record.type === 'CNAME' && aliased)
    return `Two CNAMEs for ${record.name}: a name can be another name for one only.`;
  if (record.type === 'CNAME' && beside.length > 0)
    return `${record.name} has other records, and no other record can stand beside a CNAME.`;
  return aliased ? `${record.name} is a CNAME, and no other record can stand beside one.` : null;
}

/** Why the record cannot stand in the zone at place `at` (null: as a new one); null where it can. */
export const recordProblem = (zone: Zone, record: ZoneRecord, at: number | null): string | null =>
  malformed(zone, record) ??
  clash(
    zone.records.filter((_, place) => place !== at),
    record,
  );

/** A zone that changes says so by its serial (RFC 1034 §4.3.5). */
const changed = (zone: Zone, records: readonly ZoneRecord[]): Zone => ({
  ...zone,
  soa: { ...zone.soa, serial: (zone.soa.serial + 1) % (MOST_SECONDS + 1) },
  records,
});

export const withRecords = (zone: Zone, ...records: readonly ZoneRecord[]): Zone =>
  changed(zone, [...zone.records, ...records]);

export const withRecordAt = (zone: Zone, at: number, record: ZoneRecord): Zone =>
  changed(
    zone,
    zone.records.map((old, place) => (place === at ? record : old)),
  );

/** The zone itself where nothing of it goes. */
export function withoutRecords(zone: Zone, goes: (record: ZoneRecord, at: number) => boolean): Zone {
  const records = zone.records.filter((record, at) => !goes(record, at));
  return records.length === zone.records.length ? zone : changed(zone, records);
}
