/** What the DNS server promises to answer, octets in and octets out, without a socket; dns-packet is the foreign reader. */
import packet from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkZones, respond } from '../../../server/dns/respond.ts';
import { type DnsMessage, type DnsRecord, decodeDns } from '../../../shared/decode/dns.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';
import type { Zone, ZoneRecord } from '../../../shared/world/world.ts';

const soa = {
  mname: 'ns.kit.test',
  rname: 'hostmaster.kit.test',
  serial: 1,
  refresh: 7200,
  retry: 900,
  expire: 1209600,
  minimum: 300,
  ttl: 3600,
};
const a = (name: string, data = '192.0.2.1', ttl = 60): ZoneRecord => ({ name, ttl, type: 'A', data });
const cname = (name: string, data: string): ZoneRecord => ({ name, ttl: 60, type: 'CNAME', data });
const mx = (name: string, preference: number, exchange: string): ZoneRecord => ({
  name,
  ttl: 60,
  type: 'MX',
  preference,
  exchange,
});
const kit: Zone = {
  name: 'kit.test',
  soa,
  records: [
    { name: 'kit.test', ttl: 60, type: 'NS', data: 'ns.kit.test' },
    mx('kit.test', 10, 'mx1.kit.test'),
    mx('kit.test', 20, 'mx2.elsewhere.test'),
    a('ns.kit.test', '192.0.2.53'),
    a('mx1.kit.test', '192.0.2.25', 60),
    a('mx1.kit.test', '192.0.2.26', 30),
    a('mx1.kit.test', '192.0.2.25', 60),
    { name: 'mx1.kit.test', ttl: 60, type: 'AAAA', data: '2001:db8::25' },
    a('a.b.ent.kit.test'),
    cname('www.kit.test', 'mx1.kit.test'),
    cname('one.kit.test', 'two.kit.test'),
    cname('two.kit.test', 'three.kit.test'),
    cname('three.kit.test', 'mx1.kit.test'),
    cname('round.kit.test', 'about.kit.test'),
    cname('about.kit.test', 'round.kit.test'),
    cname('self.kit.test', 'self.kit.test'),
    cname('dangling.kit.test', 'missing.kit.test'),
    cname('away.kit.test', 'mx.elsewhere.test'),
    cname('down.kit.test', 'host.sub.kit.test'),
    a('*.w.kit.test', '192.0.2.9'),
    a('known.w.kit.test', '192.0.2.10'),
    a('deep.ent.w.kit.test', '192.0.2.11'),
    cname('*.alias.kit.test', 'mx1.kit.test'),
    { name: 'sub.kit.test', ttl: 60, type: 'NS', data: 'ns.sub.kit.test' },
    a('ns.sub.kit.test', '192.0.2.54'),
    mx('null.kit.test', 0, '.'),
    { name: 'text.kit.test', ttl: 60, type: 'TXT', data: ['one', 'zwei ü'] },
    a('UPPER.kit.test', '192.0.2.12'),
    a('outside.test', '192.0.2.13'),
  ],
};
const large: Zone = {
  name: 'large.test',
  soa: { ...soa, minimum: 7200, ttl: 900 },
  records: [
    ...Array.from({ length: 40 }, (_, index) => mx('large.test', index, `mx${index}.large.test`)),
    ...Array.from({ length: 40 }, (_, index) => a(`mx${index}.large.test`, `192.0.2.${index}`)),
    ...Array.from({ length: 10 }, (_, index) => mx('glue.large.test', index, `mx${index}.large.test`)),
    ...Array.from({ length: 1200 }, (_, index) =>
      mx('huge.large.test', index, `exchange-${index}.group-${index >> 1}.huge.large.test`),
    ),
    ...Array.from({ length: 3000 }, (_, index) =>
      mx('beyond.large.test', index, `exchange-${index}.beyond.large.test`),
    ),
    { name: 'sub.large.test', ttl: 60, type: 'NS', data: 'ns.sub.large.test' },
    ...Array.from({ length: 40 }, (_, index) => a('ns.sub.large.test', `192.0.2.${index}`)),
  ],
};
const zones = [kit, large, ...blueAndGreen.zones];

const rd = packet.RECURSION_DESIRED;
const ask = (name: string, type: packet.RecordType, more: Partial<packet.Packet> = {}): Buffer =>
  packet.encode({ type: 'query', id: 0xbeef, flags: rd, questions: [{ name, type }], ...more });
const opt = (udpPayloadSize: number, ednsVersion = 0): packet.OptAnswer => ({
  type: 'OPT',
  name: '.',
  udpPayloadSize,
  extendedRcode: 0,
  ednsVersion,
  flags: 0,
  flag_do: false,
  options: [],
});

function answerBytes(query: Uint8Array, transport: 'udp' | 'tcp' = 'udp'): Buffer {
  const bytes = respond(zones, query, transport);
  if (!bytes) throw new Error('silence');
  return bytes;
}
function answerTo(query: Uint8Array, transport: 'udp' | 'tcp' = 'udp'): DnsMessage {
  const message = decodeDns(answerBytes(query, transport));
  if (!message) throw new Error('malformed answer');
  return message;
}
const lines = (records: readonly DnsRecord[]) => records.map(record => `${record.name} ${record.ttl} ${record.text}`);
const about = (name: string, type: packet.RecordType) => {
  const message = answerTo(ask(name, type));
  return {
    rcode: message.rcodeName,
    aa: message.authoritative,
    answers: lines(message.answers),
    authority: message.authority.map(record => `${record.name} ${record.ttl} ${record.type}`),
    additional: lines(message.additional),
  };
};
const no = ['kit.test 300 SOA'];

describe('one question', () => {
  test('about MX is answered with the addresses of the exchanges in the zone, of the others not', () => {
    expect(about('kit.test', 'MX')).toEqual({
      rcode: 'NOERROR',
      aa: true,
      answers: ['kit.test 60 MX 10 mx1.kit.test', 'kit.test 60 MX 20 mx2.elsewhere.test'],
      authority: [],
      // One TTL for all records of a name and type, none twice.
      additional: ['mx1.kit.test 30 A 192.0.2.25', 'mx1.kit.test 30 A 192.0.2.26', 'mx1.kit.test 60 AAAA 2001:db8::25'],
    });
  });

  test.each<[string, packet.RecordType, string[]]>([
    ['kit.test', 'NS', ['kit.test 60 NS ns.kit.test']],
    ['kit.test', 'SOA', ['kit.test 3600 SOA ns.kit.test hostmaster.kit.test 1 7200 900 1209600 300']],
    ['mx1.kit.test', 'AAAA', ['mx1.kit.test 60 AAAA 2001:db8::25']],
    ['null.kit.test', 'MX', ['null.kit.test 60 MX 0 .']],
    ['text.kit.test', 'TXT', ['text.kit.test 60 TXT "one" "zwei \\195\\188"']],
    ['25.100.51.198.in-addr.arpa', 'PTR', ['25.100.51.198.in-addr.arpa 3600 PTR mx1.green.example']],
    ['upper.kit.test', 'A', ['upper.kit.test 60 A 192.0.2.12']],
  ])('about %s %s is answered from the zone', (name, type, answers) => {
    expect(about(name, type)).toMatchObject({ rcode: 'NOERROR', aa: true, answers, authority: [] });
  });

  test('about a name that is not there gets NXDOMAIN, the SOA, and the shorter of its two times', () => {
    expect(about('missing.kit.test', 'A')).toEqual({
      rcode: 'NXDOMAIN',
      aa: true,
      answers: [],
      authority: no,
      additional: [],
    });
    expect(about('missing.large.test', 'A').authority).toEqual(['large.test 900 SOA']);
  });

  test.each<[string, packet.RecordType]>([
    ['mx1.kit.test', 'MX'],
    ['ent.kit.test', 'A'],
    ['b.ent.kit.test', 'TXT'],
    ['w.kit.test', 'A'],
    ['kit.test', 'A'],
  ])('about %s %s gets NODATA: the name is there, the type is not', (name, type) => {
    expect(about(name, type)).toEqual({ rcode: 'NOERROR', aa: true, answers: [], authority: no, additional: [] });
  });

  test.each<[string, packet.RecordType]>([
    ['outside.test', 'A'],
    ['xkit.test', 'A'],
    ['test', 'NS'],
    ['.', 'NS'],
    ['kit.test', 'AXFR'],
  ])('about %s %s is refused without a word about it', (name, type) => {
    expect(about(name, type)).toEqual({ rcode: 'REFUSED', aa: false, answers: [], authority: [], additional: [] });
  });
});

describe('an alias', () => {
  test('is answered with the alias and what stands at its end, in order', () => {
    expect(about('one.kit.test', 'AAAA').answers).toEqual([
      'one.kit.test 60 CNAME two.kit.test',
      'two.kit.test 60 CNAME three.kit.test',
      'three.kit.test 60 CNAME mx1.kit.test',
      'mx1.kit.test 60 AAAA 2001:db8::25',
    ]);
  });
  test.each<packet.RecordType>(['CNAME'])('asked for as %s is given alone', type => {
    expect(about('www.kit.test', type).answers).toEqual(['www.kit.test 60 CNAME mx1.kit.test']);
  });
  test('asked for with ANY is given alone', () => {
    const query = ask('www.kit.test', 'A');
    query.writeUInt16BE(255, query.length - 4);
    expect(lines(answerTo(query).answers)).toEqual(['www.kit.test 60 CNAME mx1.kit.test']);
  });
  test('of an alias of itself ends', () => {
    expect(about('round.kit.test', 'A')).toMatchObject({
      rcode: 'NOERROR',
      answers: ['round.kit.test 60 CNAME about.kit.test', 'about.kit.test 60 CNAME round.kit.test'],
    });
    expect(about('self.kit.test', 'A').answers).toHaveLength(1);
  });
  test('of nothing has the code of the last name', () => {
    expect(about('dangling.kit.test', 'A')).toMatchObject({
      rcode: 'NXDOMAIN',
      aa: true,
      answers: ['dangling.kit.test 60 CNAME missing.kit.test'],
      authority: no,
    });
  });
  test('of a name without that type is NODATA with the alias', () => {
    expect(about('www.kit.test', 'TXT')).toMatchObject({ rcode: 'NOERROR', authority: no });
  });
  test('of a name elsewhere is given as it is', () => {
    expect(about('away.kit.test', 'A')).toMatchObject({
      rcode: 'NOERROR',
      answers: ['away.kit.test 60 CNAME mx.elsewhere.test'],
      authority: [],
    });
  });
  test('of a name in a delegated zone ends in the referral', () => {
    expect(about('down.kit.test', 'A')).toMatchObject({
      rcode: 'NOERROR',
      answers: ['down.kit.test 60 CNAME host.sub.kit.test'],
      authority: ['sub.kit.test 60 NS'],
      additional: ['ns.sub.kit.test 60 A 192.0.2.54'],
    });
  });
});

describe('a wildcard', () => {
  test('answers at any depth, with the name that was asked', () => {
    expect(about('any.w.kit.test', 'A').answers).toEqual(['any.w.kit.test 60 A 192.0.2.9']);
    expect(about('x.y.W.kit.test', 'A').answers).toEqual(['x.y.W.kit.test 60 A 192.0.2.9']);
    expect(about('x.alias.kit.test', 'AAAA').answers).toEqual([
      'x.alias.kit.test 60 CNAME mx1.kit.test',
      'mx1.kit.test 60 AAAA 2001:db8::25',
    ]);
  });
  test('does not answer where the name or its parent exists', () => {
    expect(about('known.w.kit.test', 'A').answers).toEqual(['known.w.kit.test 60 A 192.0.2.10']);
    expect(about('below.known.w.kit.test', 'A').rcode).toBe('NXDOMAIN');
    expect(about('ent.w.kit.test', 'A')).toMatchObject({ rcode: 'NOERROR', answers: [] });
    expect(about('other.ent.w.kit.test', 'A').rcode).toBe('NXDOMAIN');
  });
  test('with another type is NODATA', () => {
    expect(about('any.w.kit.test', 'MX')).toMatchObject({ rcode: 'NOERROR', answers: [], authority: no });
  });
});

describe('a delegated name', () => {
  test.each(['sub.kit.test', 'x.sub.kit.test', 'ns.sub.kit.test'])(
    '%s is a referral with glue, not an answer',
    name => {
      expect(about(name, 'A')).toEqual({
        rcode: 'NOERROR',
        aa: false,
        answers: [],
        authority: ['sub.kit.test 60 NS'],
        additional: ['ns.sub.kit.test 60 A 192.0.2.54'],
      });
    },
  );
  test('is asked for its DS on this side of the cut', () => {
    expect(about('sub.kit.test', 'DS')).toMatchObject({ rcode: 'NOERROR', aa: true, authority: no });
  });
});

describe('the header', () => {
  test('brings back ID, RD and the question octet by octet, and offers no recursion', () => {
    const query = ask('Mx1.KiT.tEsT', 'A');
    const bytes = answerBytes(query);
    expect(bytes.subarray(12, query.length)).toEqual(query.subarray(12));
    expect(answerTo(query)).toMatchObject({
      id: 0xbeef,
      response: true,
      recursionDesired: true,
      recursionAvailable: false,
      truncated: false,
    });
    expect(answerTo(query).answers[0]?.name).toBe('Mx1.KiT.tEsT');
    expect(answerTo(ask('kit.test', 'A', { flags: 0 })).recursionDesired).toBe(false);
    expect(bytes.readUInt16BE(2) & 0x70).toBe(0);
  });

  test('case of the question is not lent to other names', () => {
    expect(about('KIT.test', 'MX').answers).toEqual([
      'KIT.test 60 MX 10 mx1.kit.test',
      'KIT.test 60 MX 20 mx2.elsewhere.test',
    ]);
  });

  test.each([1, 2, 3, 4, 5, 6, 15])('with opcode %i is NOTIMP and the opcode comes back', opcode => {
    const query = ask('kit.test', 'A');
    query.writeUInt16BE((opcode << 11) | rd, 2);
    expect(answerTo(query)).toMatchObject({ opcode, rcodeName: 'NOTIMP', authoritative: false, answers: [] });
  });

  test('too short, or an answer, meets silence', () => {
    const query = ask('kit.test', 'A');
    for (let length = 0; length < 12; length++) expect(respond(zones, query.subarray(0, length), 'udp')).toBeNull();
    query.writeUInt16BE(0x8000, 2);
    expect(respond(zones, query, 'udp')).toBeNull();
  });

  test.each([
    ['without a question', packet.encode({ type: 'query', id: 0xbeef })],
    [
      'with two questions',
      ask('', 'A', {
        questions: [
          { name: 'kit.test', type: 'A' },
          { name: 'kit.test', type: 'MX' },
        ],
      }),
    ],
    ['cut short', ask('kit.test', 'A').subarray(0, 20)],
    ['with something behind it', Buffer.concat([ask('kit.test', 'A'), Buffer.from([0])])],
    ['with two OPT records', ask('kit.test', 'A', { additionals: [opt(1232), opt(1232)] })],
    ['with an OPT record among the answers', ask('kit.test', 'A', { answers: [opt(1232)] })],
  ])('of a packet %s is FORMERR with its ID', (_, query) => {
    expect(answerTo(query)).toMatchObject({ id: 0xbeef, rcodeName: 'FORMERR', answers: [] });
  });

  test('of a question in another class is refused, and of an unknown type is NODATA', () => {
    const chaos = ask('kit.test', 'A');
    chaos.writeUInt16BE(3, chaos.length - 2);
    expect(answerTo(chaos)).toMatchObject({ rcodeName: 'REFUSED', questions: [{ klass: 'CH' }] });
    const unknown = ask('kit.test', 'A');
    unknown.writeUInt16BE(65280, unknown.length - 4);
    expect(answerTo(unknown)).toMatchObject({ rcodeName: 'NOERROR', answers: [], questions: [{ type: 'TYPE65280' }] });
    expect(answerTo(unknown).authority).toHaveLength(1);
  });
});

describe('EDNS', () => {
  const edns = { additionals: [opt(4096)] };
  test('is answered with EDNS and never offered to who did not use it', () => {
    for (const name of ['kit.test', 'missing.kit.test', 'elsewhere.test']) {
      const opts = answerTo(ask(name, 'MX', edns)).additional.filter(record => record.type === 'OPT');
      expect(opts.map(record => record.data)).toMatchObject([{ udpPayloadSize: 1232, version: 0 }]);
      expect(answerTo(ask(name, 'MX')).additional.some(record => record.type === 'OPT')).toBe(false);
    }
  });
  test('of a newer version is BADVERS in version 0', () => {
    const message = answerTo(ask('kit.test', 'MX', { additionals: [opt(1232, 1)] }));
    expect(message).toMatchObject({ rcodeName: 'BADVERS', answers: [] });
    expect(message.additional[0]?.data).toMatchObject({ version: 0, extendedRcode: 1 });
  });
});

describe('an answer that is too long', () => {
  const size = (name: string, type: packet.RecordType, udp?: number) => {
    const query = ask(name, type, udp === undefined ? {} : { additionals: [opt(udp)] });
    const message = answerTo(query);
    return {
      octets: answerBytes(query).length,
      tc: message.truncated,
      answers: message.answers.length,
      questions: message.questions.length,
    };
  };
  test('for 512 octets loses whole RRsets and says so; the question stays', () => {
    expect(size('large.test', 'MX')).toEqual({ octets: 28, tc: true, answers: 0, questions: 1 });
  });
  test('fits with EDNS, up to 1232 octets', () => {
    expect(size('large.test', 'MX', 1232)).toMatchObject({ tc: false, answers: 40 });
    expect(size('large.test', 'MX', 65535).octets).toBeLessThanOrEqual(1232);
    expect(size('large.test', 'MX', 65535)).toMatchObject({ tc: false, answers: 40 });
    expect(size('huge.large.test', 'MX', 65535)).toMatchObject({ tc: true, answers: 0 });
  });
  test('has no less than 512 octets, whatever EDNS says', () => {
    const query = ask('glue.large.test', 'MX', { additionals: [opt(1232)] });
    // The size stands where other records have their class.
    query.writeUInt16BE(0, query.length - 8);
    expect(decodeDns(query)?.additional[0]?.data).toMatchObject({ udpPayloadSize: 0 });
    expect(answerTo(query)).toMatchObject({ truncated: false, answers: { length: 10 } });
  });
  test('only by its additional section is complete without it', () => {
    const message = answerTo(ask('large.test', 'MX', { additionals: [opt(1232)] }));
    expect(message.truncated).toBe(false);
    expect(message.additional.length).toBeLessThan(41);
  });
  test('by the glue of a referral is truncated, since the glue is needed', () => {
    expect(answerTo(ask('x.sub.large.test', 'A'))).toMatchObject({ truncated: true, authority: [{ type: 'NS' }] });
  });
  test('only by its authority section is truncated: a “no” without its SOA is no answer', () => {
    const long = (letter: string): string => Array.from({ length: 4 }, () => letter.repeat(60)).join('.');
    const zone: Zone = { ...kit, name: 'kit.test', soa: { ...soa, mname: long('m'), rname: long('r') } };
    const query = ask('nobody.kit.test', 'A');
    const told = (transport: 'udp' | 'tcp') => decodeDns(respond([zone], query, transport) ?? Buffer.alloc(0));
    expect(told('udp')).toMatchObject({ truncated: true, rcodeName: 'NXDOMAIN', answers: [], authority: [] });
    expect(told('tcp')).toMatchObject({ truncated: false, authority: [{ type: 'SOA' }] });
  });
  test('over TCP is whole, and names beyond 16 kB are right', () => {
    const query = ask('huge.large.test', 'MX');
    const bytes = answerBytes(query, 'tcp');
    expect(bytes.length).toBeGreaterThan(20_000);
    const theirs = packet.decode(bytes).answers ?? [];
    expect(theirs.map(one => (one.type === 'MX' ? one.data.exchange : ''))).toEqual(
      Array.from({ length: 1200 }, (_, index) => `exchange-${index}.group-${index >> 1}.huge.large.test`),
    );
  });
  test('even for TCP is truncated rather than broken', () => {
    expect(answerTo(ask('beyond.large.test', 'MX'), 'tcp')).toMatchObject({ truncated: true, answers: [] });
  });
});

test('names are compressed, and the foreign reader reads the same', () => {
  const bytes = answerBytes(ask('green.example', 'MX'));
  expect(bytes.length).toBeLessThan(31 + 2 * (12 + 8) + 2 * 16 + 1);
  const theirs = packet.decode(bytes);
  expect(theirs.flag_aa).toBe(true);
  expect(theirs.answers?.map(one => one.name)).toEqual(['green.example', 'green.example']);
  expect(theirs.additionals?.map(one => ('data' in one ? one.data : null))).toEqual(['198.51.100.25', '198.51.100.26']);
});

test('no octets at all make the server throw, and every answer can be read', () => {
  const good = ask('any.w.kit.test', 'MX', { additionals: [opt(1232)] });
  const changed = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 5 }).map(changes => {
    const bytes = Uint8Array.from(good);
    for (const [at, octet] of changes) bytes[at] = octet;
    return bytes;
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }), changed), bytes => {
      const answer = respond(zones, bytes, 'udp');
      if (!answer) return;
      expect(answer.length).toBeLessThanOrEqual(1232);
      expect(decodeDns(answer)).toMatchObject({ response: true, trailing: 0 });
    }),
    { numRuns: 3000 },
  );
});

test('a zone that no message can carry is named before anything is served', () => {
  expect(() => checkZones(zones)).not.toThrow();
  const broken = (record: ZoneRecord): Zone => ({ name: 'bad.test', soa, records: [record] });
  const label = 'x'.repeat(64);
  expect(() => checkZones([broken(a(`${label}.bad.test`))])).toThrow(/^zone bad\.test: .*label/);
  expect(() => checkZones([broken(a('x.bad.test', '1.2.3'))])).toThrow(/^zone bad\.test: .*IPv4/);
  expect(() => checkZones([broken({ name: 'x.bad.test', ttl: 1, type: 'AAAA', data: '1::2::3' })])).toThrow(/IPv6/);
  expect(() => checkZones([broken(mx('x.bad.test', 70000, 'y.test'))])).toThrow(/^zone bad\.test/);
});
