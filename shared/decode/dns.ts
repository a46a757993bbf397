/** DNS messages from their bytes: header, question, records, each with its byte range (RFC 1035 §4, RFC 6891). */
import { readName } from './dns-name.ts';
import {
  type ByteRange,
  type DnsData,
  type DnsField,
  dnsTypeName,
  hex,
  nameValue,
  readData,
  u16,
  u32,
} from './dns-record.ts';

export type { ByteRange, DnsData } from './dns-record.ts';

/** Names are in presentation form without the last dot, case as on the wire; the root is `.`. */
export interface DnsQuestion {
  readonly name: string;
  /** "MX"; "TYPE65280" where there is no name for it (RFC 3597 §5). */
  readonly type: string;
  /** "IN"; "CLASS9" where there is no name for it. */
  readonly klass: string;
  readonly range: ByteRange;
}

export interface DnsRecord {
  readonly name: string;
  readonly type: string;
  /** Seconds; 0 for OPT, where the field means something else. */
  readonly ttl: number;
  readonly klass: string;
  readonly data: DnsData;
  /** Type and data in presentation form: "MX 10 mx1.green.example". */
  readonly text: string;
  readonly range: ByteRange;
}

/** The first twelve octets, without the counts. */
export interface DnsHeader {
  readonly id: number;
  /** QR: an answer, not a question. */
  readonly response: boolean;
  readonly opcode: number;
  readonly authoritative: boolean;
  /** TC: more than fits a datagram; ask again over TCP. */
  readonly truncated: boolean;
  readonly recursionDesired: boolean;
  readonly recursionAvailable: boolean;
  readonly rcode: number;
}

/** `rcode` here has all twelve bits where there is an OPT record (RFC 6891 §6.1.3). */
export interface DnsMessage extends DnsHeader {
  /** "NOERROR", "NXDOMAIN", …; "RCODE12" where there is no name for it. */
  readonly rcodeName: string;
  readonly questions: readonly DnsQuestion[];
  readonly answers: readonly DnsRecord[];
  readonly authority: readonly DnsRecord[];
  readonly additional: readonly DnsRecord[];
  /** Every octet of the message, in order, each in exactly one field. */
  readonly fields: readonly DnsField[];
  /** Octets that follow the last record and belong to nothing. */
  readonly trailing: number;
}

const HEADER = 12;
const OPCODES: Readonly<Record<number, string>> = { 0: 'QUERY', 1: 'IQUERY', 2: 'STATUS', 4: 'NOTIFY', 5: 'UPDATE' };
const RCODES: Readonly<Record<number, string>> = {
  0: 'NOERROR',
  1: 'FORMERR',
  2: 'SERVFAIL',
  3: 'NXDOMAIN',
  4: 'NOTIMP',
  5: 'REFUSED',
  6: 'YXDOMAIN',
  7: 'YXRRSET',
  8: 'NXRRSET',
  9: 'NOTAUTH',
  10: 'NOTZONE',
  16: 'BADVERS',
  23: 'BADCOOKIE',
};
const CLASSES: Readonly<Record<number, string>> = { 1: 'IN', 3: 'CH', 4: 'HS', 254: 'NONE', 255: 'ANY' };

const rcodeName = (rcode: number): string => RCODES[rcode] ?? `RCODE${rcode}`;
const className = (code: number): string => CLASSES[code] ?? `CLASS${code}`;
const opcodeName = (opcode: number): string => OPCODES[opcode] ?? `OPCODE${opcode}`;

/** The header alone, for what is malformed behind it; null for fewer than twelve octets. `rcode` has its lower four bits. */
export function decodeDnsHeader(bytes: Uint8Array): DnsHeader | null {
  if (bytes.length < HEADER) return null;
  const flags = u16(bytes, 2);
  return {
    id: u16(bytes, 0),
    response: (flags & 0x8000) !== 0,
    opcode: (flags >> 11) & 15,
    authoritative: (flags & 0x0400) !== 0,
    truncated: (flags & 0x0200) !== 0,
    recursionDesired: (flags & 0x0100) !== 0,
    recursionAvailable: (flags & 0x0080) !== 0,
    rcode: flags & 15,
  };
}

function flagsText(header: DnsHeader): string {
  return [
    header.response ? 'answer' : 'question',
    opcodeName(header.opcode),
    header.authoritative ? 'authoritative' : '',
    header.truncated ? 'truncated' : '',
    header.recursionDesired ? 'recursion desired' : '',
    header.recursionAvailable ? 'recursion available' : '',
    header.response ? rcodeName(header.rcode) : '',
  ]
    .filter(part => part !== '')
    .join(', ');
}

interface Section<Entry> {
  readonly entries: readonly Entry[];
  readonly fields: readonly DnsField[];
  readonly next: number;
}

function readQuestions(bytes: Uint8Array, start: number, count: number): Section<DnsQuestion> | null {
  const entries: DnsQuestion[] = [];
  const fields: DnsField[] = [];
  let at = start;
  for (let index = 0; index < count; index++) {
    const name = readName(bytes, at);
    if (!name || name.next + 4 > bytes.length) return null;
    const end = name.next + 4;
    const type = dnsTypeName(u16(bytes, name.next));
    const klass = className(u16(bytes, name.next + 2));
    const label = count > 1 ? `question ${index + 1}` : 'question';
    entries.push({ name: name.name, type, klass, range: { from: at, to: end } });
    fields.push(
      { label: `${label}: name`, value: nameValue(name), range: { from: at, to: name.next } },
      { label: `${label}: type`, value: type, range: { from: name.next, to: name.next + 2 } },
      { label: `${label}: class`, value: klass, range: { from: name.next + 2, to: end } },
    );
    at = end;
  }
  return { entries, fields, next: at };
}

function readRecords(bytes: Uint8Array, start: number, count: number, section: string): Section<DnsRecord> | null {
  const entries: DnsRecord[] = [];
  const fields: DnsField[] = [];
  let at = start;
  for (let index = 0; index < count; index++) {
    const name = readName(bytes, at);
    if (!name || name.next + 10 > bytes.length) return null;
    const fixed = name.next;
    const from = fixed + 10;
    const to = from + u16(bytes, fixed + 8);
    if (to > bytes.length) return null;
    const typeCode = u16(bytes, fixed);
    const klassCode = u16(bytes, fixed + 2);
    const time = u32(bytes, fixed + 4);
    const read = readData(bytes, typeCode, klassCode, time, from, to);
    if (!read) return null;
    const type = dnsTypeName(typeCode);
    const opt = read.data.type === 'OPT';
    // RFC 2181 §8: a TTL with the top bit set is 0.
    const ttl = opt || time > 0x7fffffff ? 0 : time;
    const klass = opt ? '' : className(klassCode);
    const label = count > 1 ? `${section} ${index + 1}` : section;
    const part = (what: string, value: string, partFrom: number, partTo: number): DnsField => ({
      label: `${label}: ${what}`,
      value,
      range: { from: partFrom, to: partTo },
    });
    entries.push({ name: name.name, type, ttl, klass, data: read.data, text: read.text, range: { from: at, to } });
    fields.push(
      part('name', nameValue(name), at, fixed),
      part('type', type, fixed, fixed + 2),
      opt
        ? part('largest UDP answer', `${klassCode} bytes`, fixed + 2, fixed + 4)
        : part('class', klass, fixed + 2, fixed + 4),
      opt
        ? part('extended code, version, flags', hex(bytes.subarray(fixed + 4, fixed + 8)), fixed + 4, fixed + 8)
        : part('time to live', `${ttl} s`, fixed + 4, fixed + 8),
      part('data length', String(to - from), fixed + 8, from),
    );
    for (const one of read.fields) fields.push(part(one.label, one.value, one.range.from, one.range.to));
    at = to;
  }
  return { entries, fields, next: at };
}

/** One whole DNS message (a UDP datagram, or what follows the length on TCP); null where it is malformed. Never throws. */
export function decodeDns(bytes: Uint8Array): DnsMessage | null {
  const header = decodeDnsHeader(bytes);
  if (!header) return null;
  const questions = readQuestions(bytes, HEADER, u16(bytes, 4));
  const answers = questions && readRecords(bytes, questions.next, u16(bytes, 6), 'answer');
  const authority = answers && readRecords(bytes, answers.next, u16(bytes, 8), 'authority');
  const additional = authority && readRecords(bytes, authority.next, u16(bytes, 10), 'additional');
  if (!questions || !answers || !authority || !additional) return null;
  const opt = additional.entries.map(record => record.data).find(data => data.type === 'OPT');
  const rcode = opt?.type === 'OPT' ? (opt.extendedRcode << 4) | header.rcode : header.rcode;
  const counts: [string, number][] = [
    ['questions', 4],
    ['answers', 6],
    ['authority records', 8],
    ['additional records', 10],
  ];
  const end = additional.next;
  return {
    ...header,
    rcode,
    rcodeName: rcodeName(rcode),
    questions: questions.entries,
    answers: answers.entries,
    authority: authority.entries,
    additional: additional.entries,
    fields: [
      { label: 'ID', value: `0x${hex(bytes.subarray(0, 2))}`, range: { from: 0, to: 2 } },
      { label: 'flags', value: flagsText(header), range: { from: 2, to: 4 } },
      ...counts.map(([label, at]) => ({ label, value: String(u16(bytes, at)), range: { from: at, to: at + 2 } })),
      ...questions.fields,
      ...answers.fields,
      ...authority.fields,
      ...additional.fields,
      ...(end < bytes.length
        ? [
            {
              label: 'after the message',
              value: hex(bytes.subarray(end)),
              range: { from: end, to: bytes.length },
            },
          ]
        : []),
    ],
    trailing: bytes.length - end,
  };
}

/**
 * Cuts a TCP stream into messages: each is preceded by its length in two octets (RFC 1035 §4.2.2). Ranges are those of the
 * messages without their length; `rest` is where the first incomplete one begins.
 */
export function dnsFrames(stream: Uint8Array): { readonly frames: readonly ByteRange[]; readonly rest: number } {
  const frames: ByteRange[] = [];
  let at = 0;
  while (at + 2 <= stream.length) {
    const to = at + 2 + u16(stream, at);
    if (to > stream.length) break;
    frames.push({ from: at + 2, to });
    at = to;
  }
  return { frames, rest: at };
}
