/** What the DNS decoder promises about any octets at all, and about those that another library wrote. */

import packet from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeDns } from '../../../server/dns/encode.ts';
import { type DnsMessage, decodeDns, decodeDnsHeader, dnsFrames } from '../../../shared/decode/dns.ts';
import { labelsOf } from '../../../shared/decode/dns-name.ts';

const decoded = (bytes: Uint8Array): DnsMessage => {
  const message = decodeDns(bytes);
  if (!message) throw new Error('malformed');
  return message;
};

function expectCovered(message: DnsMessage, bytes: Uint8Array): void {
  let at = 0;
  for (const { range } of message.fields) {
    expect(range.from).toBe(at);
    expect(range.to).toBeGreaterThan(range.from);
    at = range.to;
  }
  expect(at).toBe(bytes.length);
  const parts = [...message.questions, ...message.answers, ...message.authority, ...message.additional];
  for (const { range } of parts) {
    expect(range.from).toBeGreaterThanOrEqual(12);
    expect(range.to).toBeLessThanOrEqual(bytes.length);
    expect(range.from).toBeLessThan(range.to);
  }
}

const full: packet.Packet = {
  type: 'response',
  id: 4711,
  flags: packet.AUTHORITATIVE_ANSWER | packet.RECURSION_DESIRED,
  questions: [{ type: 'MX', name: 'green.example' }],
  answers: [
    { type: 'MX', name: 'green.example', ttl: 3600, data: { preference: 10, exchange: 'mx1.green.example' } },
    { type: 'TXT', name: 'green.example', ttl: 60, data: ['v=spf1 -all', 'say "hi"'] },
    { type: 'CNAME', name: 'www.green.example', ttl: 5, data: 'green.example' },
    { type: 'PTR', name: '25.100.51.198.in-addr.arpa', ttl: 5, data: 'mx1.green.example' },
    { type: 'HINFO', name: 'green.example', ttl: 5, data: { cpu: 'x', os: 'y' } },
  ],
  authorities: [
    { type: 'NS', name: 'green.example', ttl: 3600, data: 'ns.root.example' },
    {
      type: 'SOA',
      name: 'green.example',
      ttl: 300,
      data: {
        mname: 'ns.root.example',
        rname: 'hostmaster.green.example',
        serial: 2026112301,
        refresh: 7200,
        retry: 900,
        expire: 1209600,
        minimum: 300,
      },
    },
  ],
  additionals: [
    { type: 'A', name: 'mx1.green.example', ttl: 3600, data: '198.51.100.25' },
    { type: 'AAAA', name: 'mx1.green.example', ttl: 3600, data: '2001:db8::25' },
  ],
};

describe('a message that dns-packet wrote', () => {
  const bytes = packet.encode(full);
  const message = decoded(bytes);

  test('is read with every record in presentation form', () => {
    expect(message).toMatchObject({
      id: 4711,
      response: true,
      opcode: 0,
      authoritative: true,
      truncated: false,
      recursionDesired: true,
      recursionAvailable: false,
      rcodeName: 'NOERROR',
      trailing: 0,
    });
    expect(message.questions).toMatchObject([{ name: 'green.example', type: 'MX', klass: 'IN' }]);
    expect(message.answers.map(record => record.text)).toEqual([
      'MX 10 mx1.green.example',
      'TXT "v=spf1 -all" "say \\"hi\\""',
      'CNAME green.example',
      'PTR mx1.green.example',
      'HINFO \\# 4 01780179',
    ]);
    expect(message.authority.map(record => record.text)).toEqual([
      'NS ns.root.example',
      'SOA ns.root.example hostmaster.green.example 2026112301 7200 900 1209600 300',
    ]);
    expect(message.additional.map(record => [record.name, record.ttl, record.text])).toEqual([
      ['mx1.green.example', 3600, 'A 198.51.100.25'],
      ['mx1.green.example', 3600, 'AAAA 2001:db8::25'],
    ]);
    expectCovered(message, bytes);
  });

  test('is malformed when it is cut anywhere', () => {
    for (let length = 0; length < bytes.length; length++) expect(decodeDns(bytes.subarray(0, length))).toBeNull();
  });

  test('shows what follows it as belonging to nothing', () => {
    const longer = Buffer.concat([bytes, Buffer.from('junk')]);
    expect(decoded(longer).trailing).toBe(4);
    expectCovered(decoded(longer), longer);
  });
});

test('the MX question for green.example is 31 bytes, each explained', () => {
  const bytes = packet.encode({ type: 'query', id: 1, questions: [{ type: 'MX', name: 'green.example' }] });
  expect(bytes.length).toBe(31);
  expect(decoded(bytes).fields.map(field => field.label)).toEqual([
    'ID',
    'flags',
    'questions',
    'answers',
    'authority records',
    'additional records',
    'question: name',
    'question: type',
    'question: class',
  ]);
});

test('an OPT record gives version, size and the upper bits of the code', () => {
  const bytes = packet.encode({
    type: 'response',
    questions: [{ type: 'A', name: 'x.example' }],
    additionals: [
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize: 1232,
        extendedRcode: 1,
        ednsVersion: 0,
        flags: packet.DNSSEC_OK,
        flag_do: true,
        options: [{ code: 12, type: 'PADDING', length: 3 }],
      },
    ],
  });
  const message = decoded(bytes);
  expect(message.rcodeName).toBe('BADVERS');
  expect(message.additional[0]?.data).toMatchObject({
    type: 'OPT',
    udpPayloadSize: 1232,
    version: 0,
    dnssecOk: true,
    options: [{ code: 12 }],
  });
  expectCovered(message, bytes);
});

describe('compressed names', () => {
  const header = (answers: number) => Buffer.from([0, 1, 0x80, 0, 0, 1, 0, answers, 0, 0, 0, 0]);
  const question = Buffer.from([1, 0x61, 0, 0, 1, 0, 1]);
  const withAnswerName = (...name: number[]) =>
    Buffer.concat([header(1), question, Buffer.from([...name, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 192, 0, 2, 1])]);

  test('are followed backwards', () => {
    const message = decoded(withAnswerName(1, 0x62, 0xc0, 12));
    expect(message.answers[0]?.name).toBe('b.a');
    expect(message.fields.some(field => field.value === 'b.a (pointer to byte 12)')).toBe(true);
  });
  test.each([
    ['at themselves', [0xc0, 19]],
    ['into the labels before them, round and round', [1, 0x62, 0xc0, 19]],
    ['forwards', [0xc0, 24]],
    ['past the end', [0xff, 0xff]],
    ['into the header', [0xc0, 4]],
    ['nowhere: label type 01', [0x41, 0x62, 0]],
    ['nowhere: label type 10', [0x81, 0x62, 0]],
  ])('are malformed when they point %s', (_, name) => {
    expect(decodeDns(withAnswerName(...name))).toBeNull();
  });
  test('are malformed when they come to more than 255 octets', () => {
    const label = [63, ...Array.from({ length: 63 }, () => 0x61)];
    const three = [...label, ...label, ...label];
    const named = (last: number) => [...three, last, ...Array.from({ length: last }, () => 0x62), 0];
    expect(decodeDns(withAnswerName(...named(61)))).not.toBeNull();
    expect(decodeDns(withAnswerName(...named(62)))).toBeNull();
  });
});

describe('a record whose data does not fit its type', () => {
  const record = (type: number, data: number[]) =>
    Buffer.from([0, 1, 0x80, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, type, 0, 1, 0, 0, 0, 9, 0, data.length, ...data]);
  test.each([
    ['A', 1, [192, 0, 2, 1]],
    ['NS', 2, [1, 0x61, 0]],
    ['SOA', 6, [0, 0, ...Array.from({ length: 20 }, () => 1)]],
    ['MX', 15, [0, 10, 1, 0x61, 0]],
    ['TXT', 16, [1, 0x61]],
    ['AAAA', 28, Array.from({ length: 16 }, () => 1)],
    ['OPT', 41, [0, 12, 0, 1, 0]],
  ])('%s makes the message malformed', (_, type, data) => {
    expect(decodeDns(record(type, data))).not.toBeNull();
    expect(decodeDns(record(type, [...data, 9]))).toBeNull();
    expect(decodeDns(record(type, data.slice(0, -1)))).toBeNull();
  });
});

test('a label with a dot or an octet outside ASCII cannot be taken for another name', () => {
  const bytes = Buffer.from([0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 4, 0x61, 0x2e, 0x5c, 0xfc, 1, 0x42, 0, 0, 1, 0, 1]);
  const name = decoded(bytes).questions[0]?.name ?? '';
  expect(name).toBe('a\\.\\\\\\252.B');
  expect(labelsOf(name)).toHaveLength(2);
  const again = encodeDns(
    { id: 1, response: false, opcode: 0, authoritative: false, recursionDesired: false, rcode: 0 },
    {
      questions: [{ name, typeCode: 1, klassCode: 1 }],
      answers: [],
      authority: [],
      additional: [],
      additionalNeeded: false,
      edns: null,
    },
    512,
  );
  expect(again).toEqual(bytes);
});

test.each([
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['::', '::'],
  ['::1', '::1'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['fe80::', 'fe80::'],
])('the IPv6 address %s is written %s (RFC 5952)', (given, shown) => {
  const bytes = packet.encode({ type: 'response', answers: [{ type: 'AAAA', name: 'x', data: given }] });
  expect(decoded(bytes).answers[0]?.data).toEqual({ type: 'AAAA', address: shown });
});

test('a TCP stream is cut into whole messages, wherever its segments end', () => {
  const stream = Buffer.from([0, 2, 1, 2, 0, 0, 0, 3, 7, 8]);
  expect(dnsFrames(stream)).toEqual({
    frames: [
      { from: 2, to: 4 },
      { from: 6, to: 6 },
    ],
    rest: 6,
  });
});

describe('any octets at all', () => {
  test('never throw, and what is read lies inside them', () => {
    const random = fc.uint8Array({ minLength: 0, maxLength: 600 });
    const small = fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3), fc.nat(3), fc.uint8Array({ maxLength: 300 }));
    const shaped = small.map(([qd, an, ns, ar, rest]) =>
      Uint8Array.from([0, 1, 0x84, 0, 0, qd, 0, an, 0, ns, 0, ar, ...rest]),
    );
    fc.assert(
      fc.property(fc.oneof(random, shaped), bytes => {
        decodeDnsHeader(bytes);
        const message = decodeDns(bytes);
        if (message) expectCovered(message, bytes);
      }),
      { numRuns: 3000 },
    );
  });

  test('of a good message with some of them changed are covered or malformed', () => {
    const good = packet.encode(full);
    const change = fc.tuple(fc.nat(good.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), changes => {
        const bytes = Uint8Array.from(good);
        for (const [at, octet] of changes) bytes[at] = octet;
        const message = decodeDns(bytes);
        if (message) expectCovered(message, bytes);
      }),
      { numRuns: 600 },
    );
  });
});

test('what dns-packet encodes is read as dns-packet reads it', () => {
  const label = fc.stringMatching(/^[a-z0-9_-]{1,12}$/);
  const name = fc.array(label, { minLength: 1, maxLength: 6 }).map(labels => labels.join('.'));
  const type = fc.constantFrom<packet.RecordType>('A', 'AAAA', 'MX', 'NS', 'TXT', 'SOA', 'PTR');
  const answer = fc.oneof(
    fc.record({
      type: fc.constant('MX' as const),
      name,
      ttl: fc.nat(),
      data: fc.record({ preference: fc.nat(65535), exchange: name }),
    }),
    fc.record({ type: fc.constant('A' as const), name, ttl: fc.nat(), data: fc.ipV4() }),
    fc.record({
      type: fc.constantFrom('NS' as const, 'CNAME' as const, 'PTR' as const),
      name,
      ttl: fc.nat(),
      data: name,
    }),
  );
  fc.assert(
    fc.property(fc.nat(65535), name, type, fc.array(answer, { maxLength: 5 }), (id, asked, kind, answers) => {
      const bytes = packet.encode({ type: 'response', id, questions: [{ type: kind, name: asked }], answers });
      const theirs = packet.decode(bytes);
      const ours = decoded(bytes);
      expect(ours.id).toBe(theirs.id);
      expect(ours.questions.map(one => [one.name, one.type])).toEqual(
        theirs.questions?.map(one => [one.name, one.type]),
      );
      expect(ours.answers.map(one => [one.name, one.type, one.ttl, one.data])).toEqual(
        answers.map(one => [
          one.name,
          one.type,
          one.ttl,
          one.type === 'MX'
            ? { type: 'MX', ...one.data }
            : one.type === 'A'
              ? { type: 'A', address: one.data }
              : { type: one.type, name: one.data },
        ]),
      );
      expectCovered(ours, bytes);
    }),
  );
});
