/** What a resolver remembers and for how long, so that the second letter needs no question (RFC 1035 §7.4, RFC 2308). */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { seededRandom } from '../../../server/base/chance.ts';
import { createWorldClock, type WorldClock } from '../../../server/base/clock.ts';
import { createCache } from '../../../server/dns/cache.ts';
import { createResolver, type Resolver } from '../../../server/dns/resolver.ts';
import { startDnsServer } from '../../../server/dns/server.ts';
import { createNetwork, type RoomNetwork } from '../../../server/network/network.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';
import type { Zone, ZoneRecord } from '../../../shared/world/world.ts';
import { type MemoryRecorder, memoryRecorder } from '../../help/loopback/smtp-loopback.ts';

const [blue] = blueAndGreen.zones;
if (!blue) throw new Error('the default world has zones');
const lab = (...records: ZoneRecord[]): Zone => ({
  ...blue,
  name: 'lab.example',
  soa: { ...blue.soa, ttl: 3600, minimum: 120 },
  records,
});
const mx = (name: string, ttl: number, preference: number, exchange: string): ZoneRecord => ({
  name,
  ttl,
  type: 'MX',
  preference,
  exchange,
});
const cname = (name: string, ttl: number, data: string): ZoneRecord => ({ name, ttl, type: 'CNAME', data });
const a = (name: string, ttl: number, data: string): ZoneRecord => ({ name, ttl, type: 'A', data });

let clock: WorldClock;
let recorder: MemoryRecorder;
let network: RoomNetwork;
let zones: readonly Zone[];
let resolver: Resolver;
let stop: () => Promise<void>;

const resolverOf = (more: { readonly cache?: boolean; readonly timeout?: number } = {}): Resolver =>
  createResolver({
    network,
    from: 'smtp.blue.example',
    serverFor: () => ({ address: '203.0.113.53', port: 53 }),
    recorder,
    clock,
    random: seededRandom(1, 'smtp.blue.example'),
    ...more,
  });

beforeEach(async () => {
  clock = createWorldClock();
  recorder = memoryRecorder();
  network = createNetwork({ world: () => blueAndGreen, recorder, clock });
  zones = [
    lab(
      mx('lab.example', 300, 10, 'mx.lab.example'),
      mx('short.lab.example', 0, 10, 'mx.lab.example'),
      mx('many.lab.example', 60, 20, 'last.lab.example'),
      ...['a', 'b', 'c', 'd'].map(name => mx('many.lab.example', 60, 10, `${name}.lab.example`)),
      mx('nothing.lab.example', 60, 0, '.'),
      cname('alias.lab.example', 100, 'lab.example'),
      cname('brief.lab.example', 30, 'missing.lab.example'),
      a('mx.lab.example', 200, '192.0.2.7'),
    ),
    ...blueAndGreen.zones,
  ];
  const server = await startDnsServer({ network, host: 'ns.root.example', zones: () => zones });
  resolver = resolverOf();
  stop = () => server.close();
});
afterEach(async () => {
  await stop();
  await network.close();
  clock.close();
});

/** Questions that crossed the wire so far. */
const asked = (): number => recorder.of('udp.datagram').filter(({ to }) => to.port === 53).length;
const stored = () => recorder.of('cache.stored').map(({ kind: _, seq: _seq, at: _at, ...fact }) => fact);

describe('an answer', () => {
  test('is asked for once while its TTL lasts, and what DNS said is told', async () => {
    const fresh = await resolver.exchangers('green.example');
    expect(await resolver.exchangers('Green.Example.')).toEqual(fresh);
    expect(asked()).toBe(1);
    expect(stored()).toEqual([
      {
        host: 'smtp.blue.example',
        name: 'green.example',
        type: 'MX',
        answers: ['MX 10 mx1.green.example', 'MX 20 mx2.green.example'],
        negative: false,
        seconds: 3600,
      },
    ]);
    expect(recorder.of('cache.hit')).toMatchObject([{ host: 'smtp.blue.example', name: 'green.example', type: 'MX' }]);
  });

  test('is over when its TTL is, by waiting or by a jump of world time', async () => {
    await resolver.exchangers('lab.example');
    clock.jump(298_000);
    await resolver.exchangers('lab.example');
    expect(asked()).toBe(1);
    clock.jump(3_000);
    await resolver.exchangers('lab.example');
    expect(asked()).toBe(2);
    expect(recorder.of('cache.stored')).toHaveLength(2);
  });

  test('stays as it was although the zone was edited, until its TTL is over', async () => {
    await resolver.exchangers('lab.example');
    zones = [lab(mx('lab.example', 300, 10, 'new.lab.example'))];
    expect(await resolver.exchangers('lab.example')).toMatchObject({ hosts: [{ exchange: 'mx.lab.example' }] });
    clock.jump(301_000);
    expect(await resolver.exchangers('lab.example')).toMatchObject({ hosts: [{ exchange: 'new.lab.example' }] });
  });

  test('by way of an alias lives as long as the shortest of its records', async () => {
    const fresh = await resolver.exchangers('alias.lab.example');
    expect(stored()).toMatchObject([{ answers: ['CNAME lab.example', 'MX 10 mx.lab.example'], seconds: 100 }]);
    expect(await resolver.exchangers('alias.lab.example')).toEqual(fresh);
    expect(asked()).toBe(1);
  });

  test('with a TTL of nothing is for this one letter', async () => {
    await resolver.exchangers('short.lab.example');
    await resolver.exchangers('short.lab.example');
    expect(asked()).toBe(2);
    expect(stored()).toEqual([]);
  });

  test('is kept by name and type: addresses are remembered each for itself', async () => {
    const fresh = await resolver.addresses('mx.lab.example');
    expect(await resolver.addresses('mx.lab.example')).toEqual(fresh);
    expect(asked()).toBe(2);
    expect(stored()).toMatchObject([
      { name: 'mx.lab.example', type: 'A', answers: ['A 192.0.2.7'], seconds: 200 },
      { name: 'mx.lab.example', type: 'AAAA', answers: [], negative: true, seconds: 120 },
    ]);
    expect(recorder.of('cache.hit').map(({ type }) => type)).toEqual(['A', 'AAAA']);
  });

  test('with equal preferences is shuffled anew each time it is used', async () => {
    const orders = new Set<string>();
    for (let round = 0; round < 60; round++) {
      const route = await resolver.exchangers('many.lab.example');
      if (route.kind === 'hosts') orders.add(route.hosts.map(host => host.exchange[0]).join(''));
    }
    expect(asked()).toBe(1);
    expect(orders.size).toBeGreaterThan(5);
    expect([...orders].every(order => order.endsWith('l'))).toBe(true);
  });

  test('gives the same route as a question would', async () => {
    const names = ['green.example', 'alias.lab.example', 'nothing.lab.example', 'mx.lab.example', 'brief.lab.example'];
    for (const name of names) {
      const fresh = await resolver.exchangers(name);
      expect(await resolver.exchangers(name)).toEqual(fresh);
      expect(await resolverOf({ cache: false }).exchangers(name)).toEqual(fresh);
    }
    expect(recorder.of('cache.hit')).toHaveLength(names.length);
  });
});

describe('a “no”', () => {
  test('that the name does not exist is remembered as the SOA says, so that mending the zone does not help at once', async () => {
    expect(await resolver.exchangers('new.lab.example')).toEqual({ kind: 'no-such-domain' });
    expect(stored()).toMatchObject([{ name: 'new.lab.example', answers: [], negative: true, seconds: 120 }]);
    zones = [lab(mx('new.lab.example', 60, 10, 'mx.lab.example'))];
    expect(await resolver.exchangers('new.lab.example')).toEqual({ kind: 'no-such-domain' });
    clock.jump(121_000);
    expect(await resolver.exchangers('new.lab.example')).toMatchObject({ kind: 'hosts' });
  });

  test('that there is no such record too, and it leads to the implicit MX', async () => {
    expect(await resolver.exchangers('mx.lab.example')).toMatchObject({ kind: 'hosts', implicit: true });
    expect(await resolver.exchangers('mx.lab.example')).toMatchObject({ kind: 'hosts', implicit: true });
    expect(asked()).toBe(1);
    expect(stored()).toMatchObject([{ type: 'MX', negative: true, seconds: 120 }]);
  });

  test('at the end of an alias lives no longer than the alias', async () => {
    expect(await resolver.exchangers('brief.lab.example')).toEqual({ kind: 'no-such-domain' });
    expect(stored()).toMatchObject([{ negative: true, seconds: 30 }]);
  });
});

test('a thousand answers are remembered, and the oldest is forgotten for one more', () => {
  const cache = createCache({ host: 'smtp.blue.example', recorder, clock });
  const answer = { kind: 'no-data', ttl: 3600 } as const;
  for (let nth = 0; nth < 1000; nth += 1) cache.store(`${nth}.example`, 'MX', answer);
  expect(cache.find('0.example', 'MX')).toEqual(answer);
  // Learnt anew, so no longer the oldest.
  cache.store('0.example', 'MX', answer);
  cache.store('one-more.example', 'MX', answer);
  expect(cache.find('1.example', 'MX')).toBe(null);
  for (const name of ['0.example', '2.example', 'one-more.example']) expect(cache.find(name, 'MX')).toEqual(answer);
  for (let nth = 0; nth < 5000; nth += 1) cache.store(`${nth}.test`, 'A', answer);
  const kept = Array.from({ length: 5000 }, (_, nth) => cache.find(`${nth}.test`, 'A')).filter(found => found !== null);
  expect(kept).toHaveLength(1000);
});

describe('never remembered', () => {
  test('is that DNS refused', async () => {
    expect(await resolver.exchangers('elsewhere.test')).toMatchObject({ kind: 'unknown' });
    zones = [...zones, { ...lab(), name: 'elsewhere.test' }];
    expect(await resolver.exchangers('elsewhere.test')).toMatchObject({ kind: 'hosts', implicit: true });
  });

  test('is anything by a resolver without a cache', async () => {
    const forgetful = resolverOf({ cache: false });
    await forgetful.exchangers('green.example');
    await forgetful.exchangers('green.example');
    expect(asked()).toBe(2);
    expect(stored()).toEqual([]);
  });
});

test('a wait for an answer ends when world time moves on, and that nobody answered is not remembered', async () => {
  await stop();
  const patient = resolverOf({ timeout: 600_000 });
  const route = patient.exchangers('green.example');
  for (let attempt = 1; attempt <= 3; attempt++) {
    await expect.poll(asked).toBe(attempt);
    expect(clock.next()?.what).toMatch(/green\.example/);
    clock.jump(600_000);
  }
  expect(await route).toMatchObject({ kind: 'unknown', cause: { code: 'dns-silent', times: 3 } });
  const server = await startDnsServer({ network, host: 'ns.root.example', zones: () => zones });
  stop = () => server.close();
  expect(await patient.exchangers('green.example')).toMatchObject({ kind: 'hosts' });
});

test('the same seed shuffles the same way', async () => {
  const draws = (seed: number, name: string): number[] => {
    const random = seededRandom(seed, name);
    return Array.from({ length: 1000 }, () => random());
  };
  expect(draws(1, 'a')).toEqual(draws(1, 'a'));
  expect(draws(1, 'a')).not.toEqual(draws(2, 'a'));
  expect(draws(1, 'a')).not.toEqual(draws(1, 'b'));
  const numbers = draws(7, 'smtp.blue.example');
  expect(numbers.every(number => number >= 0 && number < 1)).toBe(true);
  expect(numbers.reduce((sum, number) => sum + number, 0) / numbers.length).toBeCloseTo(0.5, 1);
});
