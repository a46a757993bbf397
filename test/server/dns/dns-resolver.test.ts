/** What the resolver promises to the queue: where the mail goes, and "no" told apart from "don't know" (RFC 5321 §5.1). */

import { createSocket } from 'node:dgram';
import packet from 'dns-packet';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createWorldClock } from '../../../server/base/clock.ts';
import { createResolver, type Resolver, type ResolverOptions } from '../../../server/dns/resolver.ts';
import { startDnsServer } from '../../../server/dns/server.ts';
import type { Address, Network } from '../../../server/network/contract.ts';
import { type DnsMessage, decodeDns } from '../../../shared/decode/dns.ts';
import { type Fact, wireTime } from '../../../shared/trace/event.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';
import type { Zone, ZoneRecord } from '../../../shared/world/world.ts';
import { saying } from '../../fixtures/causes.ts';
import { type Loopback, loopback } from '../../help/loopback/dns-loopback.ts';

const from = 'smtp.blue.example';
const address = { address: '203.0.113.53', port: 53 };
const [blue] = blueAndGreen.zones;
if (!blue) throw new Error('the default world has zones');
const mx = (name: string, preference: number, exchange: string): ZoneRecord => ({
  name,
  ttl: 60,
  type: 'MX',
  preference,
  exchange,
});
const cname = (name: string, data: string): ZoneRecord => ({ name, ttl: 60, type: 'CNAME', data });
const a = (name: string, data: string): ZoneRecord => ({ name, ttl: 60, type: 'A', data });
const aaaa = (name: string, data: string): ZoneRecord => ({ name, ttl: 60, type: 'AAAA', data });
const lab: Zone = {
  ...blue,
  name: 'lab.example',
  records: [
    a('plain.lab.example', '192.0.2.1'),
    mx('null.lab.example', 0, '.'),
    mx('odd.lab.example', 0, '.'),
    mx('odd.lab.example', 10, 'mx.lab.example'),
    mx('equal.lab.example', 20, 'late.lab.example'),
    ...['a', 'b', 'c', 'd'].map(name => mx('equal.lab.example', 10, `${name}.lab.example`)),
    mx('twice.lab.example', 30, 'mx.lab.example'),
    mx('twice.lab.example', 5, 'MX.lab.example'),
    cname('alias.lab.example', 'equal.lab.example'),
    cname('quiet.lab.example', 'plain.lab.example'),
    cname('far.lab.example', 'green.example'),
    cname('farther.lab.example', 'nobody.green.example'),
    cname('empty.lab.example', 'mx1.green.example'),
    cname('round.lab.example', 'about.lab.example'),
    cname('about.lab.example', 'round.lab.example'),
    cname('dangling.lab.example', 'missing.lab.example'),
    a('both.lab.example', '192.0.2.7'),
    aaaa('both.lab.example', '2001:db8::7'),
    aaaa('six.lab.example', '2001:db8::6'),
    mx('xn--bcher-kva.lab.example', 10, 'mx.lab.example'),
    ...Array.from({ length: 40 }, (_, index) => mx('large.lab.example', index, `mx${index}.lab.example`)),
    { name: 'sub.lab.example', ttl: 60, type: 'NS', data: 'ns.sub.lab.example' },
  ],
};
// An alias that leads from zone to zone and back, each answer giving one step.
const back: Zone = { ...blue, name: 'back.example', records: [cname('back.example', 'forth.example')] };
const forth: Zone = { ...blue, name: 'forth.example', records: [cname('forth.example', 'back.example')] };

const clock = createWorldClock();
const recorder = {
  now: () => wireTime(0),
  append: (fact: Fact) => ({ ...fact, seq: 1, at: wireTime(0) }),
};
/** The resolver of Alice's outgoing server, which asks the DNS of this network. */
const asking = (network: Network) => ({
  network,
  from,
  serverFor: () => address,
  clock,
  recorder,
  random: Math.random,
});

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function withServer(options: Partial<ResolverOptions> = {}): Promise<{ resolver: Resolver; network: Loopback }> {
  const network = loopback(blueAndGreen);
  closing.push(() => network.close());
  const zones = [...blueAndGreen.zones, lab, back, forth];
  const server = await startDnsServer({ network, host: 'ns.root.example', zones: () => zones });
  closing.push(() => server.close());
  return { network, resolver: createResolver({ ...asking(network), ...options }) };
}

/** A server that answers over UDP as the test likes. */
async function withAnswers(
  answer: (query: DnsMessage, reply: (bytes: Uint8Array) => void, bytes: Uint8Array, port: number) => void,
  options: Partial<ResolverOptions> = {},
): Promise<{ resolver: Resolver; network: Loopback; queries: DnsMessage[] }> {
  const network = loopback(blueAndGreen);
  closing.push(() => network.close());
  const queries: DnsMessage[] = [];
  const listener = await network.listenDatagrams('ns.root.example', 53, (bytes, peer, reply) => {
    const query = decodeDns(bytes);
    if (!query) throw new Error('the resolver asked nonsense');
    queries.push(query);
    answer(query, reply, bytes, peer.port);
  });
  closing.push(() => listener.close());
  return { network, queries, resolver: createResolver({ ...asking(network), timeout: 20, ...options }) };
}

const coded = (bytes: Uint8Array, rcode: number): Buffer => {
  const reply = Buffer.from(bytes);
  reply.writeUInt16BE(0x8400 | rcode, 2);
  return reply;
};
const answered = (query: DnsMessage, more: Partial<packet.Packet> = {}): Buffer =>
  packet.encode({
    type: 'response',
    id: query.id,
    questions: [{ name: query.questions[0]?.name ?? '', type: 'MX' }],
    answers: [{ type: 'MX', name: 'x.example', data: { preference: 1, exchange: 'mx.example' } }],
    ...more,
  });

test.each([
  ['A', 'AAAA'],
  ['AAAA', 'A'],
])('%s says “none” and %s SERVFAIL: not known, so the letter waits and is not returned', async (none, broken) => {
  const { resolver, queries } = await withAnswers((query, reply, bytes) =>
    reply(coded(bytes, query.questions[0]?.type === broken ? 2 : 0)),
  );
  expect(await resolver.addresses('mx.lab.example')).toMatchObject({
    kind: 'unknown',
    cause: { code: 'dns-rcode', name: 'mx.lab.example', type: broken, rcode: 'SERVFAIL' },
  });
  expect(queries.map(({ questions }) => questions[0]?.type)).toContain(broken);
  const { resolver: certain } = await withAnswers((_query, reply, bytes) => reply(coded(bytes, 0)));
  expect(await certain.addresses('mx.lab.example')).toMatchObject({ kind: 'none' });
  expect(none).not.toBe(broken);
});

test('a datagram that does not come from the server that was asked is ignored, whatever port it comes from', async () => {
  let hear: (bytes: Uint8Array, from: Address) => void = () => undefined;
  const forged = (bytes: Uint8Array): Buffer => coded(bytes, 3);
  const network: Network = {
    listen: () => Promise.reject(new Error('unused')),
    listenDatagrams: () => Promise.reject(new Error('unused')),
    dial: () => Promise.reject(new Error('unused')),
    datagrams: async () => ({
      send(bytes) {
        hear(forged(bytes), { ...address, port: 5353 });
        hear(forged(bytes), { address: '203.0.113.66', port: 53 });
        hear(coded(bytes, 0), address);
      },
      onFailure: () => undefined,
      onMessage(listener) {
        hear = listener;
      },
      close: () => undefined,
    }),
  };
  const resolver = createResolver(asking(network));
  expect(await resolver.exchangers('green.example')).toMatchObject({ kind: 'hosts', implicit: true });
});

describe('the exchangers of a domain', () => {
  test('are its MX hosts, the lowest preference first, by one UDP question', async () => {
    const { resolver, network } = await withServer();
    expect(await resolver.exchangers('green.example')).toEqual({
      kind: 'hosts',
      hosts: [
        { preference: 10, exchange: 'mx1.green.example' },
        { preference: 20, exchange: 'mx2.green.example' },
      ],
      implicit: false,
    });
    expect(network.crossed).toEqual(['udp']);
  });

  test('of equal preference are in the order the lot decides, but never before a better one', async () => {
    const lots = [0.9, 0.4, 0.3, 0.2, 0.1];
    const { resolver } = await withServer({ random: () => lots.shift() ?? 0 });
    const route = await resolver.exchangers('equal.lab.example');
    expect(route.kind === 'hosts' && route.hosts.map(host => host.exchange[0])).toEqual(['d', 'c', 'b', 'a', 'l']);
    const { resolver: chance } = await withServer();
    const orders = new Set<string>();
    for (let round = 0; round < 60; round++) {
      const other = await chance.exchangers('equal.lab.example');
      if (other.kind === 'hosts') orders.add(other.hosts.map(host => host.exchange[0]).join(''));
    }
    expect(orders.size).toBeGreaterThan(5);
    expect([...orders].every(order => order.endsWith('l'))).toBe(true);
  });

  test('are the domain itself where it exists without MX', async () => {
    const { resolver } = await withServer();
    expect(await resolver.exchangers('plain.lab.example')).toEqual({
      kind: 'hosts',
      hosts: [{ preference: 0, exchange: 'plain.lab.example' }],
      implicit: true,
    });
  });

  test('are nobody for a null MX; a lone dot beside real hosts is passed over', async () => {
    const { resolver } = await withServer();
    expect(await resolver.exchangers('null.lab.example')).toEqual({ kind: 'null-mx' });
    expect(await resolver.exchangers('odd.lab.example')).toMatchObject({ hosts: [{ exchange: 'mx.lab.example' }] });
  });

  test.each([
    'nobody.green.example',
    'dangling.lab.example',
    'farther.lab.example',
    `${'x'.repeat(64)}.example`,
    'a..example',
    '',
    '.',
  ])('of %j: no such domain', async domain => {
    const { resolver } = await withServer();
    expect(await resolver.exchangers(domain)).toEqual({ kind: 'no-such-domain' });
  });

  test.each([
    ['alias.lab.example', 'a.lab.example'],
    ['far.lab.example', 'mx1.green.example'],
    ['GREEN.Example', 'mx1.green.example'],
    ['green.example.', 'mx1.green.example'],
    ['bücher.lab.example', 'mx.lab.example'],
  ])('of %s are found at the end of the alias or in the other way to write it', async (domain, best) => {
    const { resolver } = await withServer({ random: () => 0 });
    expect(await resolver.exchangers(domain)).toMatchObject({
      kind: 'hosts',
      hosts: expect.arrayContaining([expect.objectContaining({ exchange: best })]),
      implicit: false,
    });
  });

  test('an alias of a host without MX leads to the implicit one', async () => {
    const { resolver } = await withServer();
    expect(await resolver.exchangers('empty.lab.example')).toMatchObject({ kind: 'hosts', implicit: true });
  });

  test('of an alias whose end has no MX are known from one answer', async () => {
    const { resolver, network } = await withServer();
    expect(await resolver.exchangers('quiet.lab.example')).toMatchObject({ kind: 'hosts', implicit: true });
    expect(network.crossed).toEqual(['udp']);
  });

  test('named twice count once, with the better preference', async () => {
    const { resolver } = await withServer();
    expect(await resolver.exchangers('twice.lab.example')).toMatchObject({
      hosts: [{ preference: 5, exchange: 'MX.lab.example' }],
    });
  });

  test.each(['round.lab.example', 'back.example', 'x.sub.lab.example', 'example.com'])(
    'of %s are unknown, and it ends',
    async domain => {
      const { resolver } = await withServer();
      expect(await resolver.exchangers(domain)).toMatchObject({
        kind: 'unknown',
        cause: saying(/[a-z]/),
      });
    },
  );

  test('of an address literal are that address, without a question', async () => {
    const { resolver, network } = await withServer();
    expect(await resolver.exchangers('[192.0.2.5]')).toMatchObject({ hosts: [{ exchange: '[192.0.2.5]' }] });
    expect(await resolver.addresses('[192.0.2.5]')).toEqual({ kind: 'addresses', addresses: ['192.0.2.5'] });
    expect(await resolver.addresses('[IPv6:2001:db8::1]')).toEqual({ kind: 'addresses', addresses: ['2001:db8::1'] });
    expect(await resolver.exchangers('[1.2.3]')).toMatchObject({ kind: 'no-service' });
    expect(await resolver.addresses('[1.2.3]')).toMatchObject({ kind: 'none' });
    expect(network.crossed).toEqual([]);
  });
});

describe('the addresses of a host', () => {
  test('are asked for as A, then AAAA, and IPv6 comes first', async () => {
    const { resolver } = await withServer();
    expect(await resolver.addresses('both.lab.example')).toEqual({
      kind: 'addresses',
      addresses: ['2001:db8::7', '192.0.2.7'],
    });
    expect(await resolver.addresses('six.lab.example')).toEqual({ kind: 'addresses', addresses: ['2001:db8::6'] });
    expect(await resolver.addresses('mx1.green.example')).toEqual({ kind: 'addresses', addresses: ['198.51.100.25'] });
  });
  test('the second question waits for the first answer', async () => {
    const order: string[] = [];
    const { resolver } = await withAnswers(
      (query, reply, bytes) => {
        const type = query.questions[0]?.type ?? '';
        order.push(`${type}?`);
        setImmediate(() => {
          order.push(`${type}!`);
          reply(coded(bytes, 0));
        });
      },
      { timeout: 5000 },
    );
    expect(await resolver.addresses('x.example')).toMatchObject({ kind: 'none' });
    expect(order).toEqual(['A?', 'A!', 'AAAA?', 'AAAA!']);
  });
  test('are none where the host or its records are not there', async () => {
    const { resolver } = await withServer();
    expect(await resolver.addresses('missing.lab.example')).toMatchObject({
      kind: 'none',
      cause: { code: 'no-such-host' },
    });
    expect(await resolver.addresses('null.lab.example')).toMatchObject({
      kind: 'none',
      cause: { code: 'no-address-record' },
    });
  });
});

describe('an answer', () => {
  test.each([
    [2, 'SERVFAIL'],
    [5, 'REFUSED'],
    [1, 'FORMERR'],
  ])('with code %i is not a "no": %s makes it unknown', async (rcode, name) => {
    const { resolver, queries } = await withAnswers((_, reply, bytes) => reply(coded(bytes, rcode)), { timeout: 5000 });
    expect(await resolver.exchangers('x.example')).toMatchObject({
      kind: 'unknown',
      cause: saying(name),
    });
    expect(queries).toHaveLength(1);
  });

  test('that never comes is asked for again, each time with another ID, then it is unknown', async () => {
    const { resolver, queries } = await withAnswers(() => {}, { attempts: 5 });
    expect(await resolver.exchangers('x.example')).toEqual({
      kind: 'unknown',
      cause: { code: 'dns-silent', name: 'x.example', type: 'MX', times: 5 },
    });
    await vi.waitFor(() => expect(queries).toHaveLength(5));
    expect(new Set(queries.map(query => query.id)).size).toBeGreaterThan(1);
  });

  test('that comes at the second attempt counts', async () => {
    let times = 0;
    const { resolver } = await withAnswers(
      (query, reply) => {
        times += 1;
        if (times > 1)
          reply(
            answered(query, {
              answers: [{ type: 'MX', name: 'x.example', data: { preference: 1, exchange: 'mx.example' } }],
            }),
          );
      },
      { timeout: 200 },
    );
    expect(await resolver.exchangers('x.example')).toMatchObject({
      kind: 'hosts',
      hosts: [{ exchange: 'mx.example' }],
    });
  });

  test.each<[string, (query: DnsMessage) => Uint8Array]>([
    ['with another ID', query => answered(query, { id: query.id ^ 1 })],
    ['to another question', query => answered(query, { questions: [{ name: 'y.example', type: 'MX' }] })],
    ['to another type', query => answered(query, { questions: [{ name: 'x.example', type: 'A' }] })],
    ['that is a question', query => answered(query, { type: 'query' })],
    ['without its question', query => answered(query, { questions: [] })],
    ['that is malformed', query => answered(query).subarray(0, 30)],
    ['that is empty', () => Buffer.alloc(0)],
  ])('%s is not taken for the answer', async (_, forged) => {
    const { resolver } = await withAnswers(
      (query, reply) => {
        reply(forged(query));
        reply(
          answered(query, {
            answers: [{ type: 'MX', name: 'x.example', data: { preference: 1, exchange: 'true.example' } }],
          }),
        );
      },
      { timeout: 5000 },
    );
    expect(await resolver.exchangers('x.example')).toMatchObject({ hosts: [{ exchange: 'true.example' }] });
  });

  test('from somebody else is not taken for the answer', async () => {
    const stranger = createSocket('udp4');
    const { resolver } = await withAnswers(
      (query, reply, bytes, port) => {
        stranger.send(coded(bytes, 3), port, '127.0.0.1', () => setImmediate(() => reply(answered(query))));
      },
      { timeout: 5000 },
    );
    expect(await resolver.exchangers('x.example')).toMatchObject({ kind: 'hosts' });
    stranger.close();
  });

  test('for a name that was not asked is left aside', async () => {
    const { resolver } = await withAnswers(
      (query, reply) =>
        reply(
          answered(query, {
            answers: [{ type: 'MX', name: 'evil.example', data: { preference: 1, exchange: 'evil.example' } }],
          }),
        ),
      { timeout: 5000 },
    );
    expect(await resolver.exchangers('x.example')).toMatchObject({ implicit: true });
  });

  test('that is truncated is asked for once more over TCP', async () => {
    const { resolver, network } = await withServer();
    const route = await resolver.exchangers('large.lab.example');
    expect(route.kind === 'hosts' && route.hosts.length).toBe(40);
    expect(network.crossed).toEqual(['udp', 'tcp']);
  });

  test('that is truncated where nobody serves TCP is unknown', async () => {
    const { resolver } = await withAnswers((_, reply, bytes) => reply(coded(bytes, 0x200)), { attempts: 1 });
    expect(await resolver.exchangers('x.example')).toMatchObject({ kind: 'unknown' });
  });
});

test('the question is 31 octets for green.example, with recursion desired and no EDNS', async () => {
  const sizes: number[] = [];
  const { resolver, queries } = await withAnswers(
    (_, reply, bytes) => {
      sizes.push(bytes.length);
      reply(coded(bytes, 3));
    },
    { timeout: 5000 },
  );
  expect(await resolver.exchangers('green.example')).toEqual({ kind: 'no-such-domain' });
  expect(sizes).toEqual([31]);
  expect(queries[0]).toMatchObject({ recursionDesired: true, response: false, additional: [] });
});

test('a network that has no such address makes it unknown, and a given up question too', async () => {
  const network = loopback(blueAndGreen);
  closing.push(() => network.close());
  const nowhere = createResolver({
    ...asking(network),
    serverFor: () => ({ address: '192.0.2.250', port: 53 }),
    timeout: 10,
    attempts: 1,
  });
  expect(await nowhere.exchangers('green.example')).toMatchObject({ kind: 'unknown' });
  const controller = new AbortController();
  const patient = createResolver({ ...asking(network), timeout: 600_000, signal: controller.signal });
  const pending = patient.exchangers('green.example');
  controller.abort();
  expect(await pending).toMatchObject({ kind: 'unknown', cause: { code: 'dns-question-given-up' } });
});
