/** What goes wrong in DNS goes wrong on the wire: real answers with the mistake in them, and a resolver that has to live with it. */
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createWorldClock, type WorldClock } from '../../../server/base/clock.ts';
import { createFaultBook } from '../../../server/base/faults.ts';
import { createResolver, type Resolver } from '../../../server/dns/resolver.ts';
import { startDnsServer } from '../../../server/dns/server.ts';
import type { Listener } from '../../../server/network/contract.ts';
import { createNetwork, type RoomNetwork } from '../../../server/network/network.ts';
import { decodeDns } from '../../../shared/decode/dns.ts';
import type { Fault } from '../../../shared/faults/fault.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';
import { type MemoryRecorder, memoryRecorder } from '../../help/loopback/smtp-loopback.ts';

const run = promisify(execFile);
const hasDig = spawnSync('dig', ['-v']).error === undefined;
const DNS = 'ns.root.example';

let clock: WorldClock;
let recorder: MemoryRecorder;
let network: RoomNetwork;
let server: Listener;
let resolver: Resolver;
let faults: Fault[];

beforeEach(async () => {
  clock = createWorldClock();
  recorder = memoryRecorder();
  faults = [];
  const book = createFaultBook(
    () => faults,
    (fault, where) => {
      recorder.append({ kind: 'fault.struck', fault, ...where });
      if (fault.times === 'next') faults = faults.filter(({ id }) => id !== fault.id);
    },
  );
  network = createNetwork({ world: () => blueAndGreen, recorder, clock });
  server = await startDnsServer({ network, host: DNS, zones: () => blueAndGreen.zones, faults: book });
  resolver = createResolver({
    network,
    from: 'smtp.blue.example',
    serverFor: () => ({ address: '203.0.113.53', port: 53 }),
    recorder,
    clock,
    random: () => 0,
    timeout: 60_000,
  });
});
afterEach(async () => {
  await server.close();
  await network.close();
  clock.close();
});

const questions = () => recorder.of('udp.datagram').filter(({ to }) => to.port === 53);
const answers = () =>
  recorder.of('udp.datagram').flatMap(({ from, bytes }) => (from.port === 53 ? [decodeDns(bytes)] : []));
const struck = () => recorder.of('fault.struck').map(({ fault, host }) => [fault.id, host]);
/** Moves world time on whenever somebody waits for an answer that does not come. */
async function impatiently<T>(work: Promise<T>, times: number): Promise<T> {
  for (let asked = questions().length, time = 1; time <= times; time++) {
    await expect.poll(() => questions().length).toBe(asked + time);
    clock.jump(60_000);
  }
  return work;
}

describe('an answer that is a code', () => {
  test.each(['SERVFAIL', 'REFUSED'] as const)('%s leaves it unknown where the mail goes', async rcode => {
    faults = [{ id: 'f1', kind: 'dns-answer', name: 'green.example', type: 'MX', rcode, times: 'always' }];
    expect(await resolver.exchangers('green.example')).toMatchObject({
      kind: 'unknown',
      cause: { code: 'dns-rcode', rcode },
    });
    expect(answers()).toMatchObject([{ rcodeName: rcode, answers: [] }]);
    expect(struck()).toEqual([['f1', DNS]]);
    expect(recorder.of('cache.stored')).toEqual([]);
  });

  test('NXDOMAIN comes with the SOA, so that it is remembered although the fault is over', async () => {
    faults = [{ id: 'f1', kind: 'dns-answer', name: 'green.example', type: 'any', rcode: 'NXDOMAIN', times: 'next' }];
    expect(await resolver.exchangers('Green.Example')).toEqual({ kind: 'no-such-domain' });
    expect(answers()).toMatchObject([{ rcodeName: 'NXDOMAIN', authoritative: true, authority: [{ type: 'SOA' }] }]);
    expect(faults).toEqual([]);
    expect(await resolver.exchangers('green.example')).toEqual({ kind: 'no-such-domain' });
    clock.jump(300_001);
    expect(await resolver.exchangers('green.example')).toMatchObject({ kind: 'hosts' });
  });

  test('is for its name and type alone', async () => {
    faults = [
      { id: 'f1', kind: 'dns-answer', name: 'mx1.green.example', type: 'AAAA', rcode: 'SERVFAIL', times: 'always' },
    ];
    expect(await resolver.exchangers('green.example')).toMatchObject({ kind: 'hosts' });
    expect(await resolver.addresses('mx2.green.example')).toMatchObject({ kind: 'addresses' });
    // An address is known, whatever became of the other question.
    expect(await resolver.addresses('mx1.green.example')).toMatchObject({ kind: 'addresses' });
    expect(struck()).toEqual([['f1', DNS]]);
  });
});

describe('silence', () => {
  test('once is mended by asking again', async () => {
    faults = [{ id: 'f1', kind: 'dns-silence', name: 'green.example', type: 'MX', times: 'next' }];
    expect(await impatiently(resolver.exchangers('green.example'), 1)).toMatchObject({ kind: 'hosts' });
    expect(questions()).toHaveLength(2);
    expect(answers()).toHaveLength(1);
  });

  test('for good leaves it unknown after three questions', async () => {
    faults = [{ id: 'f1', kind: 'dns-silence', name: 'green.example', type: 'any', times: 'always' }];
    const route = await impatiently(resolver.exchangers('green.example'), 3);
    expect(route).toMatchObject({ kind: 'unknown', cause: { code: 'dns-silent', times: 3 } });
    expect(answers()).toEqual([]);
    expect(struck()).toHaveLength(3);
  });

  test.skipIf(!hasDig)('is kept over TCP too, and what is asked behind it is answered (no dig, no test)', async () => {
    faults = [{ id: 'f1', kind: 'dns-silence', name: 'green.example', type: 'MX', times: 'always' }];
    const at = { host: '127.0.0.1', port: 0, option: '--dns-port' };
    const { port } = await network.publish({ host: DNS, port: 53, transport: 'tcp', at });
    const options = ['@127.0.0.1', '-p', String(port), '+tcp', '+tries=1', '+time=1', '+short'];
    await expect(run('dig', [...options, 'MX', 'green.example'])).rejects.toMatchObject({ code: 9 });
    expect((await run('dig', [...options, 'A', 'mx1.green.example'])).stdout).toBe('198.51.100.25\n');
    expect(recorder.of('fault.struck')).toMatchObject([{ host: DNS, connection: 'c1' }]);
  });
});

test('a truncated answer is empty and says so, and the same question over TCP gets all of it', async () => {
  faults = [{ id: 'f1', kind: 'dns-truncate', name: 'green.example', type: 'MX', times: 'always' }];
  expect(await resolver.exchangers('green.example')).toMatchObject({ kind: 'hosts', hosts: { length: 2 } });
  expect(answers()).toMatchObject([{ truncated: true, rcodeName: 'NOERROR', answers: [], authority: [] }]);
  expect(recorder.of('tcp.opened')).toMatchObject([{ to: { host: DNS, port: 53 } }]);
  expect(struck()).toEqual([['f1', DNS]]);
});

test('a wrong MX names that one host, and no other type is touched', async () => {
  faults = [{ id: 'f1', kind: 'dns-wrong-mx', name: 'green.example', exchange: 'mail.blue.example', times: 'always' }];
  expect(await resolver.exchangers('green.example')).toEqual({
    kind: 'hosts',
    hosts: [{ preference: 0, exchange: 'mail.blue.example' }],
    implicit: false,
  });
  expect(answers()).toMatchObject([{ authoritative: true, answers: [{ text: 'MX 0 mail.blue.example', ttl: 3600 }] }]);
  await resolver.addresses('green.example');
  expect(struck()).toHaveLength(1);
});

describe('a changed TTL', () => {
  test('is on the records and in the cache', async () => {
    faults = [{ id: 'f1', kind: 'dns-ttl', name: 'green.example', seconds: 5, times: 'always' }];
    await resolver.exchangers('green.example');
    expect(answers()[0]?.answers.map(({ ttl }) => ttl)).toEqual([5, 5]);
    expect(recorder.of('cache.stored')).toMatchObject([{ seconds: 5 }]);
  });

  test('is what “no” may be remembered for, too, together with what makes it a “no”', async () => {
    faults = [
      { id: 'f1', kind: 'dns-ttl', name: 'green.example', seconds: 7, times: 'always' },
      { id: 'f2', kind: 'dns-answer', name: 'green.example', type: 'MX', rcode: 'NXDOMAIN', times: 'always' },
    ];
    expect(await resolver.exchangers('green.example')).toEqual({ kind: 'no-such-domain' });
    expect(recorder.of('cache.stored')).toMatchObject([{ negative: true, seconds: 7 }]);
    expect(struck().map(([id]) => id)).toEqual(['f2', 'f1']);
  });
});
