/** What is promised to a reader who knows no DNS: every message has a title, a sentence and a section to read on. */
import packet from 'dns-packet';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { respond } from '../../../server/dns/respond.ts';
import { decodeDns } from '../../../shared/decode/dns.ts';
import { explainDns } from '../../../shared/explain/dns.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';
import type { Zone } from '../../../shared/world/world.ts';

const [blue] = blueAndGreen.zones;
if (!blue) throw new Error('the default world has zones');
const lab: Zone = {
  ...blue,
  name: 'lab.example',
  records: [
    { name: 'null.lab.example', ttl: 1, type: 'MX', preference: 0, exchange: '.' },
    { name: 'equal.lab.example', ttl: 1, type: 'MX', preference: 5, exchange: 'a.lab.example' },
    { name: 'equal.lab.example', ttl: 1, type: 'MX', preference: 5, exchange: 'b.lab.example' },
    { name: 'text.lab.example', ttl: 1, type: 'TXT', data: ['hello'] },
    { name: 'alias.lab.example', ttl: 1, type: 'CNAME', data: 'green.example' },
    { name: 'sub.lab.example', ttl: 1, type: 'NS', data: 'ns.sub.lab.example' },
    ...Array.from({ length: 60 }, (_, index) => ({
      name: 'large.lab.example',
      ttl: 1,
      type: 'A' as const,
      data: `192.0.2.${index}`,
    })),
  ],
};
const zones = [...blueAndGreen.zones, lab];
const explained = (bytes: Uint8Array | null) => {
  const message = bytes && decodeDns(bytes);
  if (!message) throw new Error('malformed');
  return explainDns(message);
};

test.each<[packet.RecordType, string, string, string]>([
  ['MX', 'green.example', 'Who takes the mail for green.example?', 'Mail for green.example goes to mx1.green.example'],
  ['A', 'mx1.green.example', 'What is the IPv4 address of mx1.green.example?', 'mx1.green.example is at 198.51.100.25'],
  [
    'AAAA',
    'mx1.green.example',
    'What is the IPv6 address of mx1.green.example?',
    'mx1.green.example has no AAAA record',
  ],
  ['TXT', 'green.example', 'What does green.example publish as text?', 'Who may send as green.example'],
  ['TXT', 'text.lab.example', 'What does text.lab.example publish as text?', 'text.lab.example publishes a text'],
  ['NS', 'blue.example', 'Which servers answer for blue.example?', 'ns.root.example answers for blue.example'],
  ['SOA', 'blue.example', 'Who is in charge of blue.example?', 'The zone blue.example begins here'],
  [
    'PTR',
    '25.100.51.198.in-addr.arpa',
    'Which host has the address 198.51.100.25?',
    '198.51.100.25 is mx1.green.example',
  ],
  ['MX', 'nobody.green.example', 'Who takes the mail for nobody.green.example?', 'nobody.green.example does not exist'],
  ['MX', 'mx1.green.example', 'Who takes the mail for mx1.green.example?', 'mx1.green.example has no MX record'],
  ['MX', 'null.lab.example', 'Who takes the mail for null.lab.example?', 'null.lab.example takes no mail'],
  [
    'MX',
    'equal.lab.example',
    'Who takes the mail for equal.lab.example?',
    'Mail for equal.lab.example goes to a.lab.example and b.lab.example',
  ],
  [
    'MX',
    'alias.lab.example',
    'Who takes the mail for alias.lab.example?',
    'alias.lab.example is another name for green.example',
  ],
  ['A', 'x.sub.lab.example', 'What is the IPv4 address of x.sub.lab.example?', 'Ask ns.sub.lab.example'],
  ['A', 'example.com', 'What is the IPv4 address of example.com?', 'DNS will not say'],
  ['A', 'large.lab.example', 'What is the IPv4 address of large.lab.example?', 'The answer does not fit'],
  ['SRV', 'blue.example', 'Is there a SRV record for blue.example?', 'blue.example has no SRV record'],
])('%s of %s is asked as "%s" and answered as "%s"', (type, name, asked, answer) => {
  const query = packet.encode({ type: 'query', id: 1, questions: [{ type, name }] });
  expect(explained(query).title).toBe(asked);
  expect(explained(respond(zones, query, 'udp')).title).toBe(answer);
});

test('the order of the exchanges is told in words', () => {
  const query = packet.encode({ type: 'query', id: 1, questions: [{ type: 'MX', name: 'green.example' }] });
  expect(explained(respond(zones, query, 'udp')).sentence).toBe(
    '2 servers take mail for green.example: mx1.green.example (10) and mx2.green.example (20). The number is the **preference**. The lowest number is tried first, so the sender turns to mx1.green.example; the others are there for when that fails.',
  );
});

test('"don’t know" is not told as "no"', () => {
  const reply = packet.encode({ type: 'response', id: 1, questions: [{ type: 'MX', name: 'x.example' }] });
  reply.writeUInt16BE(0x8002, 2);
  expect(explained(reply)).toMatchObject({ title: 'DNS cannot say', sentence: expect.stringContaining('SERVFAIL') });
});

test('every message that can be read has words and a link', () => {
  const small = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(1), fc.nat(2), fc.nat(1), fc.uint8Array({ maxLength: 60 }));
  fc.assert(
    fc.property(small, ([flags, more, qd, an, ns, rest]) => {
      const message = decodeDns(Uint8Array.from([0, 1, flags, more, 0, qd, 0, an, 0, ns, 0, 0, ...rest]));
      if (!message) return;
      const { title, sentence, references } = explainDns(message);
      expect(title).not.toBe('');
      expect(sentence).toMatch(/[.?!]$/);
      expect(references.every(one => one.url.startsWith('https://www.rfc-editor.org/rfc/rfc'))).toBe(true);
      expect(references.length).toBeGreaterThan(0);
    }),
    { numRuns: 2000 },
  );
});
