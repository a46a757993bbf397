/** The data of DNS records: what is in an A, an MX, an SOA, with the bytes of each part (RFC 1035 §3.3, RFC 3596, RFC 6891). */
import { latin1 } from '../bytes.ts';
import { type NameRead, readName } from './dns-name.ts';

/** Octets [from, to) of the message. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/** One part of the message for a byte inspector. */
export interface DnsField {
  readonly label: string;
  readonly value: string;
  readonly range: ByteRange;
}

export type DnsData =
  | { readonly type: 'A' | 'AAAA'; readonly address: string }
  | { readonly type: 'MX'; readonly preference: number; readonly exchange: string }
  | { readonly type: 'NS' | 'CNAME' | 'PTR'; readonly name: string }
  | {
      readonly type: 'SOA';
      readonly mname: string;
      readonly rname: string;
      readonly serial: number;
      readonly refresh: number;
      readonly retry: number;
      readonly expire: number;
      readonly minimum: number;
    }
  /** Each string has one character an octet. */
  | { readonly type: 'TXT'; readonly strings: readonly string[] }
  /** `extendedRcode`: the upper eight bits of the RCODE (RFC 6891 §6.1.3). */
  | {
      readonly type: 'OPT';
      readonly udpPayloadSize: number;
      readonly extendedRcode: number;
      readonly version: number;
      readonly dnssecOk: boolean;
      readonly options: readonly { readonly code: number; readonly bytes: Uint8Array }[];
    }
  /** Any other type or class (RFC 3597). */
  | { readonly type: 'raw'; readonly code: number; readonly bytes: Uint8Array };

const TYPES: readonly (readonly [number, string])[] = [
  [1, 'A'],
  [2, 'NS'],
  [5, 'CNAME'],
  [6, 'SOA'],
  [12, 'PTR'],
  [13, 'HINFO'],
  [15, 'MX'],
  [16, 'TXT'],
  [28, 'AAAA'],
  [33, 'SRV'],
  [35, 'NAPTR'],
  [39, 'DNAME'],
  [41, 'OPT'],
  [43, 'DS'],
  [46, 'RRSIG'],
  [47, 'NSEC'],
  [48, 'DNSKEY'],
  [52, 'TLSA'],
  [64, 'SVCB'],
  [65, 'HTTPS'],
  [251, 'IXFR'],
  [252, 'AXFR'],
  [255, 'ANY'],
  [257, 'CAA'],
];
const NAME_OF_TYPE = new Map(TYPES);
const CODE_OF_TYPE = new Map(TYPES.map(([code, name]) => [name, code]));

/** "MX", or "TYPE65280" where there is no name for it (RFC 3597 §5). */
export const dnsTypeName = (code: number): string => NAME_OF_TYPE.get(code) ?? `TYPE${code}`;
/** The inverse of `dnsTypeName`; undefined for a name it never gives. */
export const dnsTypeCode = (name: string): number | undefined =>
  CODE_OF_TYPE.get(name) ?? (/^TYPE\d{1,5}$/.test(name) ? Number(name.slice(4)) : undefined);

export const u16 = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
export const u32 = (bytes: Uint8Array, at: number): number => u16(bytes, at) * 0x10000 + u16(bytes, at + 2);

export const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, octet => octet.toString(16).padStart(2, '0')).join('');

const ipv4 = (bytes: Uint8Array): string => Array.from(bytes).join('.');

/** RFC 5952 §4: lower case, no leading zeros, the first of the longest runs of two or more zero groups as `::`. */
function ipv6(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, index) => u16(bytes, index * 2));
  let best = { start: 0, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0) length += 1;
    if (length > best.length) best = { start, length };
  }
  const text = (part: readonly number[]) => part.map(group => group.toString(16)).join(':');
  if (best.length < 2) return text(groups);
  return `${text(groups.slice(0, best.start))}::${text(groups.slice(best.start + best.length))}`;
}

/** A character-string as a zone file has it: in double quotes (RFC 1035 §5.1). */
function quoted(text: string): string {
  const inside = text.replace(/["\\]|[^ -~]/g, character =>
    character === '"' || character === '\\'
      ? `\\${character}`
      : `\\${String(character.charCodeAt(0)).padStart(3, '0')}`,
  );
  return `"${inside}"`;
}

/** A name for the inspector: where it was compressed, the pointer is part of what is seen. */
export const nameValue = (read: NameRead): string =>
  read.pointer === null ? read.name : `${read.name} (pointer to byte ${read.pointer})`;

export interface DataRead {
  readonly data: DnsData;
  readonly text: string;
  /** Cover all octets of the data. */
  readonly fields: readonly DnsField[];
}

const field = (label: string, value: string, from: number, to: number): DnsField => ({
  label,
  value,
  range: { from, to },
});

function readMx(bytes: Uint8Array, from: number, to: number): DataRead | null {
  const exchange = readName(bytes, from + 2);
  if (!exchange || exchange.next !== to) return null;
  const preference = u16(bytes, from);
  return {
    data: { type: 'MX', preference, exchange: exchange.name },
    text: `MX ${preference} ${exchange.name}`,
    fields: [
      field('preference', String(preference), from, from + 2),
      field('exchange', nameValue(exchange), from + 2, to),
    ],
  };
}

function readSoa(bytes: Uint8Array, from: number, to: number): DataRead | null {
  const mname = readName(bytes, from);
  const rname = mname && readName(bytes, mname.next);
  if (!mname || !rname || rname.next + 20 !== to) return null;
  const at = rname.next;
  const [serial, refresh, retry, expire, minimum] = [0, 4, 8, 12, 16].map(offset => u32(bytes, at + offset));
  if (serial === undefined || refresh === undefined || retry === undefined) return null;
  if (expire === undefined || minimum === undefined) return null;
  const numbers: [string, number][] = [
    ['serial', serial],
    ['refresh', refresh],
    ['retry', retry],
    ['expire', expire],
    ['minimum', minimum],
  ];
  return {
    data: { type: 'SOA', mname: mname.name, rname: rname.name, serial, refresh, retry, expire, minimum },
    text: `SOA ${mname.name} ${rname.name} ${serial} ${refresh} ${retry} ${expire} ${minimum}`,
    fields: [
      field('primary server', nameValue(mname), from, mname.next),
      field('responsible mailbox', nameValue(rname), mname.next, at),
      ...numbers.map(([label, value], index) => field(label, String(value), at + index * 4, at + index * 4 + 4)),
    ],
  };
}

function readTxt(bytes: Uint8Array, from: number, to: number): DataRead | null {
  const strings: string[] = [];
  const fields: DnsField[] = [];
  for (let at = from; at < to; ) {
    const end = at + 1 + (bytes[at] ?? 0);
    if (end > to) return null;
    const text = latin1(bytes.subarray(at + 1, end));
    strings.push(text);
    fields.push(field('text length', String(end - at - 1), at, at + 1));
    if (end > at + 1) fields.push(field('text', quoted(text), at + 1, end));
    at = end;
  }
  // At least one character-string (RFC 1035 §3.3.14).
  if (strings.length === 0) return null;
  return { data: { type: 'TXT', strings }, text: `TXT ${strings.map(quoted).join(' ')}`, fields };
}

/** `klass` and `ttl` carry other things in an OPT record (RFC 6891 §6.1.2). */
function readOpt(bytes: Uint8Array, klass: number, ttl: number, from: number, to: number): DataRead | null {
  const options: { code: number; bytes: Uint8Array }[] = [];
  const fields: DnsField[] = [];
  for (let at = from; at < to; ) {
    const end = at + 4 + u16(bytes, at + 2);
    if (at + 4 > to || end > to) return null;
    const option = { code: u16(bytes, at), bytes: bytes.slice(at + 4, end) };
    options.push(option);
    fields.push(field(`option ${option.code}`, hex(option.bytes), at, end));
    at = end;
  }
  const version = (ttl >>> 16) & 0xff;
  return {
    data: {
      type: 'OPT',
      udpPayloadSize: klass,
      extendedRcode: ttl >>> 24,
      version,
      dnssecOk: (ttl & 0x8000) !== 0,
      options,
    },
    text: `OPT version ${version}, UDP answers up to ${klass} bytes`,
    fields,
  };
}

/**
 * The data of a record, octets [from, to) of the whole message. Null where it does not fit its type. Types without a form of
 * their own here, and classes other than IN, are raw and written as RFC 3597 §5 has it.
 */
export function readData(
  bytes: Uint8Array,
  type: number,
  klass: number,
  ttl: number,
  from: number,
  to: number,
): DataRead | null {
  const name = dnsTypeName(type);
  if (name === 'OPT') return readOpt(bytes, klass, ttl, from, to);
  if (klass === 1) {
    switch (name) {
      case 'A':
      case 'AAAA': {
        if (to - from !== (name === 'A' ? 4 : 16)) return null;
        const address = name === 'A' ? ipv4(bytes.subarray(from, to)) : ipv6(bytes.subarray(from, to));
        return {
          data: { type: name, address },
          text: `${name} ${address}`,
          fields: [field('address', address, from, to)],
        };
      }
      case 'NS':
      case 'CNAME':
      case 'PTR': {
        const target = readName(bytes, from);
        if (!target || target.next !== to) return null;
        return {
          data: { type: name, name: target.name },
          text: `${name} ${target.name}`,
          fields: [field('name', nameValue(target), from, to)],
        };
      }
      case 'MX':
        return readMx(bytes, from, to);
      case 'SOA':
        return readSoa(bytes, from, to);
      case 'TXT':
        return readTxt(bytes, from, to);
    }
  }
  const raw = bytes.slice(from, to);
  return {
    data: { type: 'raw', code: type, bytes: raw },
    text: `${name} \\# ${raw.length}${raw.length > 0 ? ` ${hex(raw)}` : ''}`,
    fields: raw.length > 0 ? [field('data', hex(raw), from, to)] : [],
  };
}
