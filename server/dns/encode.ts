/** DNS messages to bytes, names compressed: the twin of shared/decode/dns.ts (RFC 1035 §4.1, RFC 6891 §6.1). */

import type { DnsData } from '../../shared/decode/dns.ts';
import { dnsTypeCode } from '../../shared/decode/dns-record.ts';
import { assertNever } from '../../shared/world/world.ts';
import { Writer } from './writer.ts';

/** A record as a server holds it; class IN. */
export interface ResourceRecord {
  readonly name: string;
  readonly ttl: number;
  readonly data: DnsData;
}

/** Records that are sent together or not at all (RFC 2181 §5, §9): one name, one type. */
export type RRset = readonly ResourceRecord[];

/** Octets of an IPv4 or IPv6 address; throws a RangeError for anything else. */
function addressOctets(address: string, octets: 4 | 16): Buffer {
  if (octets === 4) {
    const parts = address.split('.').map(Number);
    if (parts.length === 4 && parts.every(part => Number.isInteger(part) && part >= 0 && part < 256)) {
      return Buffer.from(parts);
    }
  } else {
    const halves = address.split('::').map(half => half.split(':').filter(group => group !== ''));
    const [head = [], tail = []] = halves;
    const zeros = 8 - head.length - tail.length;
    const groups = [...head, ...Array.from({ length: Math.max(zeros, 0) }, () => '0'), ...tail];
    const complete = halves.length === 2 ? zeros > 0 : zeros === 0;
    if (complete && halves.length <= 2 && groups.every(group => /^[0-9a-f]{1,4}$/i.test(group))) {
      return Buffer.from(groups.map(group => group.padStart(4, '0')).join(''), 'hex');
    }
  }
  throw new RangeError(`${JSON.stringify(address)} is not an IPv${octets === 4 ? 4 : 6} address`);
}

function writeData(writer: Writer, data: DnsData): void {
  switch (data.type) {
    case 'A':
      writer.raw(addressOctets(data.address, 4));
      return;
    case 'AAAA':
      writer.raw(addressOctets(data.address, 16));
      return;
    case 'MX':
      writer.u16(data.preference);
      writer.name(data.exchange);
      return;
    case 'NS':
    case 'CNAME':
    case 'PTR':
      writer.name(data.name);
      return;
    case 'SOA':
      writer.name(data.mname);
      writer.name(data.rname);
      for (const value of [data.serial, data.refresh, data.retry, data.expire, data.minimum]) writer.u32(value);
      return;
    case 'TXT':
      for (const text of data.strings) {
        const octets = Buffer.from(text, 'latin1');
        if (octets.length > 255) throw new RangeError('a string of a TXT record has at most 255 octets');
        writer.u8(octets.length);
        writer.raw(octets);
      }
      return;
    case 'OPT':
      for (const option of data.options) {
        writer.u16(option.code);
        writer.u16(option.bytes.length);
        writer.raw(option.bytes);
      }
      return;
    case 'raw':
      writer.raw(data.bytes);
      return;
    default:
      assertNever(data);
  }
}

const typeCode = (data: DnsData): number => (data.type === 'raw' ? data.code : (dnsTypeCode(data.type) ?? 0));

function writeRecord(writer: Writer, record: ResourceRecord): void {
  const { data } = record;
  writer.name(record.name);
  writer.u16(typeCode(data));
  if (data.type === 'OPT') {
    writer.u16(data.udpPayloadSize);
    writer.u32(data.extendedRcode * 0x1000000 + data.version * 0x10000 + (data.dnssecOk ? 0x8000 : 0));
  } else {
    writer.u16(1);
    writer.u32(record.ttl);
  }
  const lengthAt = writer.length;
  writer.u16(0);
  writeData(writer, data);
  writer.set16(lengthAt, writer.length - lengthAt - 2);
}

/** What the header says besides the counts. `rcode` has up to twelve bits; the upper ones go into the OPT record. */
export interface Header {
  readonly id: number;
  readonly response: boolean;
  readonly opcode: number;
  readonly authoritative: boolean;
  /** TC even where everything fitted. */
  readonly truncated?: boolean;
  readonly recursionDesired: boolean;
  readonly rcode: number;
}

interface Question {
  readonly name: string;
  readonly typeCode: number;
  readonly klassCode: number;
}

export interface Sections {
  readonly questions: readonly Question[];
  readonly answers: readonly RRset[];
  readonly authority: readonly RRset[];
  readonly additional: readonly RRset[];
  /** Without them the message is incomplete: glue of a referral (RFC 9471 §2.1). */
  readonly additionalNeeded: boolean;
  /** The UDP payload size to tell in an OPT record; null for no OPT record. */
  readonly edns: number | null;
}

const OPT_LENGTH = 11;

/** Writes whole RRsets while they fit; how many records were written, and whether all. */
function writeSection(writer: Writer, rrsets: readonly RRset[], limit: number): { count: number; all: boolean } {
  let count = 0;
  for (const rrset of rrsets) {
    const before = writer.length;
    for (const record of rrset) {
      writeRecord(writer, record);
      if (writer.length > limit) {
        writer.rollBack(before);
        return { count, all: false };
      }
    }
    count += rrset.length;
  }
  return { count, all: true };
}

/**
 * One message of at most `limit` octets. What does not fit is left out by whole RRsets and TC is set, but not for the
 * additional section of an answer that is complete without it (RFC 2181 §9). Throws a RangeError for names and addresses
 * that no message can carry.
 */
export function encodeDns(header: Header, sections: Sections, limit: number): Buffer {
  const writer = new Writer();
  const room = limit - (sections.edns === null ? 0 : OPT_LENGTH);
  writer.u16(header.id);
  writer.u16(0);
  for (let count = 0; count < 4; count++) writer.u16(0);
  for (const question of sections.questions) {
    writer.name(question.name);
    writer.u16(question.typeCode);
    writer.u16(question.klassCode);
  }
  const none = { count: 0, all: false };
  const answers = writeSection(writer, sections.answers, room);
  const authority = answers.all ? writeSection(writer, sections.authority, room) : none;
  const additional = authority.all ? writeSection(writer, sections.additional, room) : none;
  const truncated = header.truncated || !authority.all || (sections.additionalNeeded && !additional.all);
  if (sections.edns !== null) {
    const data: DnsData = {
      type: 'OPT',
      udpPayloadSize: sections.edns,
      extendedRcode: header.rcode >> 4,
      version: 0,
      dnssecOk: false,
      options: [],
    };
    writeRecord(writer, { name: '.', ttl: 0, data });
  }
  writer.set16(
    2,
    (header.response ? 0x8000 : 0) |
      (header.opcode << 11) |
      (header.authoritative ? 0x0400 : 0) |
      (truncated ? 0x0200 : 0) |
      (header.recursionDesired ? 0x0100 : 0) |
      (header.rcode & 15),
  );
  writer.set16(4, sections.questions.length);
  writer.set16(6, answers.count);
  writer.set16(8, authority.count);
  writer.set16(10, additional.count + (sections.edns === null ? 0 : 1));
  return writer.take();
}
