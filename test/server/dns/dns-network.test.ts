/** DNS over the real wire: what is asked and answered is in the trace, octet by octet, from inside the box and from outside. */
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { createWorldClock } from '../../../server/base/clock.ts';
import { createResolver } from '../../../server/dns/resolver.ts';
import { startDnsServer } from '../../../server/dns/server.ts';
import { createNetwork } from '../../../server/network/network.ts';
import { decodeDns, dnsFrames } from '../../../shared/decode/dns.ts';
import { type Fact, wireTime } from '../../../shared/trace/event.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';
import type { Zone } from '../../../shared/world/world.ts';

const run = promisify(execFile);
const hasDig = spawnSync('dig', ['-v']).error === undefined;
const [blue] = blueAndGreen.zones;
if (!blue) throw new Error('the default world has zones');
const large: Zone = {
  ...blue,
  name: 'large.example',
  records: Array.from({ length: 40 }, (_, index) => ({
    name: 'large.example',
    ttl: 60,
    type: 'MX' as const,
    preference: index,
    exchange: `mx${index}.large.example`,
  })),
};

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function world() {
  const facts: Fact[] = [];
  const recorder = {
    now: () => wireTime(0),
    append: (fact: Fact) => {
      facts.push(fact);
      return { ...fact, seq: facts.length, at: wireTime(0) };
    },
  };
  const network = createNetwork({ world: () => blueAndGreen, recorder });
  closing.push(() => network.close());
  const zones = [...blueAndGreen.zones, large];
  const server = await startDnsServer({ network, host: 'ns.root.example', zones: () => zones });
  closing.push(() => server.close());
  const clock = createWorldClock();
  closing.push(async () => clock.close());
  const asking = {
    network,
    from: 'smtp.blue.example',
    serverFor: () => ({ address: '203.0.113.53', port: 53 }),
    recorder,
    clock,
    random: Math.random,
  };
  const resolver = createResolver({ ...asking, timeout: 10_000 });
  const datagrams = () => facts.filter(fact => fact.kind === 'udp.datagram');
  return { facts, network, asking, resolver, datagrams };
}

test('the way to green.example is three questions and three answers in the trace', async () => {
  const { resolver, datagrams } = await world();
  const route = await resolver.exchangers('green.example');
  expect(route).toMatchObject({ kind: 'hosts', hosts: [{ exchange: 'mx1.green.example' }, {}] });
  expect(await resolver.addresses('mx1.green.example')).toEqual({ kind: 'addresses', addresses: ['198.51.100.25'] });
  expect(
    datagrams().map(({ from, to, bytes }) => {
      const message = decodeDns(bytes);
      return [from.host, to.port === 53 ? '?' : '!', message?.questions[0]?.type, message?.answers.length];
    }),
  ).toEqual([
    ['smtp.blue.example', '?', 'MX', 0],
    ['ns.root.example', '!', 'MX', 2],
    ['smtp.blue.example', '?', 'A', 0],
    ['ns.root.example', '!', 'A', 1],
    ['smtp.blue.example', '?', 'AAAA', 0],
    ['ns.root.example', '!', 'AAAA', 0],
  ]);
  const [question, answer] = datagrams();
  expect(question?.bytes.length).toBe(31);
  expect(answer?.exchange).toBe(question?.exchange);
});

test('a truncated answer is followed by the same question over TCP, closed in order', async () => {
  const { resolver, facts } = await world();
  expect(await resolver.exchangers('large.example')).toMatchObject({ kind: 'hosts', hosts: { length: 40 } });
  const tcp = facts.flatMap(fact => (fact.kind === 'wire.bytes' ? [fact] : []));
  const answer = Buffer.concat(tcp.filter(fact => fact.from === 'server').map(fact => fact.bytes));
  const { frames, rest } = dnsFrames(answer);
  expect(frames).toHaveLength(1);
  expect(rest).toBe(answer.length);
  await expect.poll(() => facts.at(-1)).toMatchObject({ kind: 'tcp.closed', by: 'client', reason: 'fin' });
});

test('questions that are held become "don’t know" when the resolver has waited enough', async () => {
  const { network, asking, facts } = await world();
  network.brake.hold(true);
  const hasty = createResolver({ ...asking, timeout: 10 });
  expect(await hasty.exchangers('green.example')).toMatchObject({ kind: 'unknown' });
  expect(facts.some(fact => fact.kind === 'wire.held')).toBe(true);
});

test.skipIf(!hasDig)(
  'dig from outside is answered and recorded as the visitor (skipped where there is no dig)',
  async () => {
    const { network, datagrams } = await world();
    const publish = (transport: 'tcp' | 'udp', port: number) =>
      network.publish({
        host: 'ns.root.example',
        port: 53,
        transport,
        at: { host: '127.0.0.1', port, option: '--dns-port' },
      });
    const tcp = await publish('tcp', 0);
    const udp = await publish('udp', 0);
    const ask = async (port: number, ...more: string[]) =>
      (await run('dig', ['@127.0.0.1', '-p', String(port), '+short', ...more, 'MX', 'green.example'])).stdout;
    expect(await ask(udp.port)).toBe('10 mx1.green.example.\n20 mx2.green.example.\n');
    expect(await ask(tcp.port, '+tcp')).toBe('10 mx1.green.example.\n20 mx2.green.example.\n');
    expect(datagrams().map(({ from }) => from.host)).toEqual(['your-computer.example', 'ns.root.example']);
  },
);
