/** Datagrams in great numbers, from the wrong place, and where no way can be had: what is asked honestly is answered. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { createWorldClock } from '../../../server/base/clock.ts';
import { noFaults } from '../../../server/base/faults.ts';
import { askServer } from '../../../server/dns/ask.ts';
import { startDnsServer } from '../../../server/dns/server.ts';
import { createHold } from '../../../server/network/cable/hold.ts';
import { createTap } from '../../../server/network/cable/tap.ts';
import { createDatagrams } from '../../../server/network/datagram.ts';
import { openDoor } from '../../../server/network/nat.ts';
import type { NetworkOptions } from '../../../server/network/network.ts';
import { createReadQuota } from '../../../server/network/read-quota.ts';
import type { Wiring } from '../../../server/network/wire.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';
import { memoryRecorder } from '../../help/loopback/smtp-loopback.ts';
import { MX, openWires, RELAY, type WireWorld } from '../../help/loopback/wire-world.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function socketAt(port = 0): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(port, '127.0.0.1');
  await once(socket, 'listening');
  socket.setRecvBufferSize(1 << 20);
  closing.push(() => socket.close());
  return socket;
}
function wires(options: Partial<NetworkOptions> = {}): WireWorld {
  const world = openWires(options);
  closing.push(() => world.close());
  return world;
}

/** MX of green.example, with this ID. */
function question(id: number): Buffer {
  const bytes = Buffer.from('00000100000100000000000005677265656e076578616d706c6500000f0001', 'hex');
  bytes.writeUInt16BE(id, 0);
  return bytes;
}

async function publishedDns() {
  const world = wires();
  const host = 'ns.root.example';
  const server = await startDnsServer({ network: world.network, host, zones: () => blueAndGreen.zones });
  closing.push(() => server.close());
  const at = { host: '127.0.0.1', port: 0, option: '--dns-port' };
  const { port } = await world.network.publish({ host, port: 53, transport: 'udp', at });
  return { world, port };
}

/** A program that asks, and the IDs of what was answered. */
async function asker(port: number) {
  const socket = await socketAt();
  const answered = new Set<number>();
  socket.on('message', bytes => answered.add(bytes.readUInt16BE(0)));
  const ask = (from: number, to: number): void => {
    for (let id = from; id < to; id += 1) socket.send(question(id), port, '127.0.0.1');
  };
  return { answered, ask };
}

test('300 questions sent at once from one socket are all answered, and each answer belongs to its question', async () => {
  const { world, port } = await publishedDns();
  const { answered, ask } = await asker(port);
  ask(0, 300);
  await expect.poll(() => answered.size, { timeout: 5000 }).toBe(300);
  const exchanges = new Map<string, number[]>();
  for (const { exchange, bytes } of world.recorder.of('udp.datagram'))
    exchanges.set(exchange, [...(exchanges.get(exchange) ?? []), Buffer.from(bytes).readUInt16BE(0)]);
  expect(exchanges.size).toBe(300);
  for (const [question, answer] of exchanges.values()) expect(answer).toBe(question);
});

test('one that asks without end costs a bounded number of answers, and others are answered meanwhile', async () => {
  const { world, port } = await publishedDns();
  const flood = await asker(port);
  const honest = await asker(port);
  const began = performance.now();
  for (let burst = 0; burst < 40; burst += 1) {
    flood.ask(burst * 100, burst * 100 + 100);
    await new Promise(setImmediate);
  }
  // What is lost is asked again, as every resolver does.
  let asked = 50_000;
  const askAgain = (): number => {
    honest.ask(asked, asked + 1);
    asked += 1;
    return honest.answered.size;
  };
  await expect.poll(askAgain).toBeGreaterThan(0);
  const seconds = Math.ceil((performance.now() - began) / 1000) + 1;
  expect(world.recorder.of('udp.datagram').length).toBeLessThanOrEqual(2 * (500 * seconds + asked - 50_000));
});

/** What a door needs of a network, without one. */
function wiringAlone() {
  const recorder = memoryRecorder();
  const clock = createWorldClock();
  const wiring: Wiring = {
    recorder,
    clock,
    faults: noFaults,
    tap: createTap(recorder),
    busy: new Map(),
    wires: new Set(),
    readQuota: createReadQuota(),
    hold: createHold(recorder),
  };
  closing.push(() => clock.close());
  return { wiring, recorder, clock };
}

test('whoever asks where no way can be had is told at once, and waits for no time-out', async () => {
  const { wiring, recorder, clock } = wiringAlone();
  const server = { address: '127.0.0.1', port: 53 };
  const datagrams = createDatagrams(
    {
      endpointOf: to => ({ host: 'resolver.example', ...to }),
      sourceFor: () => '192.0.2.10',
      addressesOf: () => [],
      visitor: () => ({ host: RELAY, address: '192.0.2.10' }),
      nextExchange: () => 'u1',
      deaf: () => false,
      // An address of the documentation range, which this machine cannot send from.
      outside: { to: server, real: { address: '192.0.2.1', port: 53 } },
    },
    wiring,
  );
  closing.push(() => datagrams.close());
  const { network } = wires();
  // World time stands still: nothing is found out by waiting.
  closing.push(clock.hold());
  const asked = askServer(
    { network: { ...network, datagrams: datagrams.open }, from: RELAY, serverFor: () => server, clock },
    'green.example',
    'MX',
  );
  await expect(asked).resolves.toEqual({
    kind: 'no-answer',
    cause: {
      code: 'dns-unreachable',
      address: '127.0.0.1',
      because: { code: 'no-udp-socket', address: '192.0.2.1', detail: expect.stringMatching(/^bind E/) },
    },
  });
  expect(recorder.of('udp.datagram')).toHaveLength(1);
});

test('a way that cannot be had is not waited for: the next question goes another', async () => {
  const server = await socketAt();
  server.on('message', (bytes, from) => server.send(bytes, from.port, from.address));
  // An address of the documentation range, which this machine cannot send from.
  const service = { address: '192.0.2.1', port: server.address().port, peers: new Map() };
  const { wiring, recorder } = wiringAlone();
  const failures: [number, string][] = [];
  const door = await openDoor(
    {
      service,
      to: { host: MX, address: '198.51.100.25', port: 53 },
      at: { host: '127.0.0.1', port: 0 },
      callerAt: () => ({ host: RELAY, address: '192.0.2.10' }),
      nextExchange: () => 'u1',
      deaf: () => false,
      onFailure: (port, { message }) => failures.push([port, message]),
      outside: false,
    },
    wiring,
  );
  closing.push(() => door.close());
  const caller = await socketAt();
  const heard: string[] = [];
  caller.on('message', bytes => heard.push(bytes.toString()));
  caller.send('aa lost', door.port, '127.0.0.1');
  await expect.poll(() => recorder.of('udp.datagram').length).toBe(1);
  await expect
    .poll(() => failures)
    .toEqual([[caller.address().port, expect.stringMatching(/no UDP socket to reach 192\.0\.2\.1 \(bind E/)]]);
  service.address = '127.0.0.1';
  await expect
    .poll(() => {
      caller.send('bb found', door.port, '127.0.0.1');
      return heard[0];
    })
    .toBe('bb found');
});

test('a host hears only the server it asked, not whoever found its port', async () => {
  const { network, recorder } = wires();
  let answer = (): void => undefined;
  await network.listenDatagrams(MX, 53, (bytes, _peer, reply) => {
    answer = () => reply(bytes);
  });
  const asking = await network.datagrams(RELAY);
  const heard: string[] = [];
  asking.onMessage(bytes => heard.push(Buffer.from(bytes).toString()));
  asking.send(Buffer.from('aa?'), { address: '198.51.100.25', port: 53 });
  await expect.poll(() => recorder.of('udp.datagram').length).toBe(1);
  const stranger = await socketAt();
  const port = recorder.of('udp.datagram')[0]?.from.port ?? 0;
  await new Promise(resolve => stranger.send('aa forged', port, '127.0.0.1', resolve));
  answer();
  await expect.poll(() => heard.length).toBeGreaterThan(0);
  expect(heard).toEqual(['aa?']);
});

test('an answer comes back only from where the question went, not from whoever found the way', async () => {
  const server = await socketAt();
  const { network } = wires({
    outside: {
      resolver: { address: '127.0.0.1', port: server.address().port, host: 'resolver.example' },
      exchangers: null,
    },
  });
  const stranger = await socketAt();
  server.on('message', (bytes, from) => {
    stranger.send('aa forged', from.port, from.address, () => server.send(bytes, from.port, from.address));
  });
  const asking = await network.datagrams(RELAY);
  const heard: string[] = [];
  asking.onMessage(bytes => heard.push(Buffer.from(bytes).toString()));
  asking.send(Buffer.from('aa?'), { address: '127.0.0.1', port: 53 });
  await expect.poll(() => heard.length).toBeGreaterThan(0);
  expect(heard).toEqual(['aa?']);
});
