/** Hosts that do not answer, hosts that take their time, and cables that do: all by world time, so that a jump ends the wait. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { noFaults } from '../../../server/base/faults.ts';
import { createLag } from '../../../server/network/cable/lag.ts';
import type { Fault } from '../../../shared/faults/fault.ts';
import {
  closed,
  endOf,
  LAPTOP,
  MX,
  MX_25,
  openWires,
  pair,
  RELAY,
  type WireWorld,
} from '../../help/loopback/wire-world.ts';

const MX_53 = { address: MX_25.address, port: 53 };
let world: WireWorld;
beforeEach(() => {
  world = openWires();
});
afterEach(() => world.close());
const fault = (what: Fault): void => {
  world.faults = [...world.faults, what];
};
const struck = () =>
  world.recorder.of('fault.struck').map(({ fault: { id }, host, connection }) => [id, host, connection]);
const open = () => world.recorder.of('tcp.opened').map(({ connection }) => connection);

describe('a silent host', () => {
  test('lets a call wait for thirty seconds of world time', async () => {
    await world.network.listen(MX, 25, socket => socket.end());
    fault({ id: 'f1', kind: 'host-silent', host: MX, times: 'always' });
    const call = expect(world.network.dial(RELAY, MX_25)).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    expect(world.clock.next()?.what).toBe(`${RELAY} calls ${MX}, which does not answer`);
    expect(struck()).toEqual([['f1', MX, 'c1']]);
    expect(world.recorder.of('tcp.refused')).toEqual([]);
    world.clock.jump(30_000);
    await call;
    expect(world.recorder.of('tcp.refused')).toMatchObject([
      {
        connection: 'c1',
        from: { host: RELAY },
        to: { host: MX, port: 25 },
        cause: { code: 'call-timed-out', seconds: 30 },
      },
    ]);
    expect(open()).toEqual([]);
  });

  test('gives up at once when its caller’s power goes out, or the world ends', async () => {
    fault({ id: 'f1', kind: 'host-silent', host: MX, times: 'always' });
    const calls = [RELAY, LAPTOP].map(from =>
      expect(world.network.dial(from, MX_25)).rejects.toMatchObject({ code: 'ECLOSED' }),
    );
    world.network.powerOff(RELAY);
    await calls[0];
    expect(world.clock.next()?.what).toContain(LAPTOP);
    await world.network.close();
    await calls[1];
    expect(world.clock.next()).toBe(null);
  });

  test('says nothing to a program that reached its door from outside, either', async () => {
    await world.network.listen(MX, 25, socket => socket.end('220 hi\r\n'));
    const at = { host: '127.0.0.1', port: 0, option: '--smtp-port' };
    const { port } = await world.network.publish({ host: MX, port: 25, transport: 'tcp', at });
    fault({ id: 'f1', kind: 'host-silent', host: MX, times: 'next' });
    const caller = endOf(connect({ port, host: '127.0.0.1' }));
    await expect.poll(struck).toEqual([['f1', MX, 'c1']]);
    world.clock.jump(30_000);
    await expect.poll(() => caller.over()).toBe('end');
    expect(caller.heard).toBe('');
    await expect
      .poll(() => world.recorder.of('tcp.refused'))
      .toMatchObject([{ from: { host: 'your-computer.example' } }]);
    const next = endOf(connect({ port, host: '127.0.0.1' }));
    await expect.poll(() => next.heard).toBe('220 hi\r\n');
  });

  test('does not answer a datagram, which has crossed all the same', async () => {
    const asked: string[] = [];
    await world.network.listenDatagrams(MX, 53, (bytes, _peer, reply) => {
      asked.push(Buffer.from(bytes).toString());
      reply(bytes);
    });
    fault({ id: 'f1', kind: 'host-silent', host: MX, times: 'next' });
    const socket = await world.network.datagrams(RELAY);
    const heard: string[] = [];
    socket.onMessage(bytes => heard.push(Buffer.from(bytes).toString()));
    socket.send(Buffer.from('aa lost'), MX_53);
    await expect.poll(struck).toEqual([['f1', MX, 'u1']]);
    socket.send(Buffer.from('bb found'), MX_53);
    await expect.poll(() => heard).toEqual(['bb found']);
    expect(asked).toEqual(['bb found']);
    expect(world.recorder.of('udp.datagram').map(({ exchange }) => exchange)).toEqual(['u1', 'u2', 'u2']);
  });
});

test('a host that is off for the next call refuses that one', async () => {
  await world.network.listen(MX, 25, socket => socket.end('220 hi\r\n'));
  fault({ id: 'f1', kind: 'host-off', host: MX, times: 'next' });
  await expect(world.network.dial(RELAY, MX_25)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  expect(struck()).toEqual([['f1', MX, 'c1']]);
  expect(world.recorder.of('tcp.refused')).toMatchObject([{ connection: 'c1', to: { host: MX } }]);
  const { socket } = await world.network.dial(RELAY, MX_25);
  const client = endOf(socket);
  await expect.poll(() => client.heard).toBe('220 hi\r\n');
});

test('an early reply does not overtake a late one, and the late one does not come early for it', () => {
  const lag = createLag(
    { faults: noFaults, clock: world.clock, busy: new Map() },
    { connection: 'c1', client: RELAY, server: MX },
  );
  const came: string[] = [];
  lag.pass('server', 4, () => came.push('late'), { milliseconds: 3_600_000, what: 'late' });
  lag.pass('server', 4, () => came.push('early'));
  lag.afterwards('server', () => came.push('end'));
  lag.pass('client', 4, () => came.push('other way'));
  world.clock.jump(3_500_000);
  expect(came).toEqual(['other way']);
  world.clock.jump(100_000);
  expect(came).toEqual(['other way', 'late', 'early', 'end']);
});

describe('a slow host', () => {
  test('is late with each of its replies, in order; what is said to it is not', async () => {
    const { client, server, connection } = await pair(world, MX, MX_25);
    const slow = (milliseconds: number): Fault => ({
      id: 'f1',
      kind: 'host-slow',
      host: MX,
      milliseconds,
      times: 'always',
    });
    fault(slow(3_600_000));
    server.say('220 hi\r\n');
    await expect.poll(() => world.clock.next()?.what).toBe(`${MX} is slow to answer`);
    client.say('EHLO a\r\n');
    await expect.poll(() => server.heard).toBe('EHLO a\r\n');
    // From now on it is quicker: what it says next would be there before the banner.
    world.faults = [slow(1_000)];
    const { in: due = 0 } = world.clock.next() ?? {};
    server.say('250 a\r\n');
    await expect.poll(() => server.socket.bytesWritten).toBe('220 hi\r\n250 a\r\n'.length);
    await new Promise(resolve => setImmediate(() => setImmediate(resolve)));
    expect(world.clock.next()?.in).toBeGreaterThan(due - 60_000);
    world.clock.jump(60_000);
    await new Promise(resolve => setImmediate(() => setImmediate(resolve)));
    server.socket.end();
    await new Promise<void>(resolve => server.socket.once('finish', () => resolve()));
    expect([client.heard, client.over()]).toEqual(['', null]);
    world.clock.jump(3_600_000);
    await expect.poll(() => client.over()).toBe('end');
    expect(client.heard).toBe('220 hi\r\n250 a\r\n');
    expect(struck()).toEqual([['f1', MX, connection]]);
    client.socket.end();
    await closed(world, connection);
  });

  test('for once is slow for one conversation, and that to its end', async () => {
    fault({ id: 'f1', kind: 'host-slow', host: MX, milliseconds: 3_600_000, times: 'next' });
    const { client, server } = await pair(world, MX, MX_25, { hello: '220 hi\r\n' });
    for (const line of ['220 hi\r\n', '250 a\r\n']) {
      await expect.poll(() => world.clock.next()).not.toBe(null);
      world.clock.jump(3_600_000);
      await expect.poll(() => client.heard).toContain(line);
      server.say('250 a\r\n');
    }
    const other = await world.network.dial(LAPTOP, MX_25);
    const second = endOf(other.socket);
    await expect.poll(() => second.heard).toBe('220 hi\r\n');
    expect(struck()).toHaveLength(1);
  });

  test('is late with its datagrams, too, and nobody may be there any more', async () => {
    await world.network.listenDatagrams(MX, 53, (bytes, _peer, reply) => reply(bytes));
    fault({ id: 'f1', kind: 'host-slow', host: MX, milliseconds: 20_000, times: 'always' });
    const socket = await world.network.datagrams(RELAY);
    socket.send(Buffer.from('aa?'), MX_53);
    await expect.poll(() => world.clock.next()?.what).toBe(`${MX} is slow to answer`);
    socket.close();
    expect(world.recorder.of('udp.datagram')).toHaveLength(1);
    world.clock.jump(20_000);
    expect(world.recorder.of('udp.datagram')).toMatchObject([
      { exchange: 'u1' },
      { exchange: 'u1', from: { host: MX } },
    ]);
  });

  test('may be cleared while a conversation goes on', async () => {
    const { client, server } = await pair(world, MX, MX_25);
    fault({ id: 'f1', kind: 'host-slow', host: MX, milliseconds: 3_600_000, times: 'always' });
    server.say('220 hi\r\n');
    await expect.poll(() => world.clock.next()).not.toBe(null);
    world.faults = [];
    server.say('250 a\r\n');
    // Nothing overtakes what was late already.
    world.clock.jump(3_600_000);
    await expect.poll(() => client.heard).toBe('220 hi\r\n250 a\r\n');
    server.say('250 b\r\n');
    await expect.poll(() => client.heard).toBe('220 hi\r\n250 a\r\n250 b\r\n');
    expect(world.clock.next()).toBe(null);
  });
});

describe('a slow cable', () => {
  const cable = (latency: number, bytesPerSecond: number): Fault => ({
    id: 'f1',
    kind: 'slow-cable',
    between: [MX, RELAY],
    latency,
    bytesPerSecond,
    times: 'always',
  });

  test('takes a call there and back before it is answered, and everything each way once', async () => {
    fault(cable(60_000, 0));
    const accepted: ReturnType<typeof endOf>[] = [];
    await world.network.listen(MX, 25, socket => {
      accepted.push(endOf(socket));
      socket.write('220 hi\r\n');
    });
    const dialling = world.network.dial(RELAY, MX_25);
    expect(world.clock.next()).toMatchObject({
      in: expect.closeTo(120_000, -3) as number,
      what: `${RELAY} calls ${MX}`,
    });
    expect(open()).toEqual([]);
    world.clock.jump(120_000);
    const client = endOf((await dialling).socket);
    await expect.poll(() => world.clock.next()?.what).toBe(`the cable between ${RELAY} and ${MX} is slow`);
    expect(client.heard).toBe('');
    world.clock.jump(60_000);
    await expect.poll(() => client.heard).toBe('220 hi\r\n');
    client.say('EHLO a\r\n');
    await expect.poll(() => world.clock.next()).not.toBe(null);
    expect(accepted[0]?.heard).toBe('');
    world.clock.jump(60_000);
    await expect.poll(() => accepted[0]?.heard).toBe('EHLO a\r\n');
    expect(struck()).toHaveLength(1);
  });

  test('does not matter to others', async () => {
    fault(cable(60_000, 0));
    const { client } = await pair(world, MX, MX_25, { from: LAPTOP, hello: '220 hi\r\n' });
    await expect.poll(() => client.heard).toBe('220 hi\r\n');
  });

  test('takes what it can in a second, and the rest later', async () => {
    const { client, server } = await pair(world, MX, MX_25);
    fault(cable(0, 1));
    client.say('x'.repeat(1200));
    client.socket.end();
    await expect.poll(() => world.clock.next()).not.toBe(null);
    expect(server.heard).toBe('');
    world.clock.jump(512_000);
    await expect.poll(() => server.heard).toHaveLength(512);
    world.clock.jump(512_000);
    await expect.poll(() => server.heard).toHaveLength(1024);
    expect(server.over()).toBe(null);
    world.clock.jump(176_000);
    await expect.poll(() => server.over()).toBe('end');
    expect(server.heard).toBe('x'.repeat(1200));
  });

  test('is shared by everything that crosses it in one direction, and by nothing in the other', async () => {
    const { client, server } = await pair(world, MX, MX_25);
    const { client: second, server: other } = await pair(world, MX, { ...MX_25, port: 587 });
    fault(cable(0, 1));
    client.say('a'.repeat(100));
    await expect.poll(() => world.clock.next()).not.toBe(null);
    second.say('b'.repeat(100));
    server.say('c'.repeat(100));
    await expect.poll(struck).toHaveLength(2);
    world.clock.jump(100_000);
    await expect.poll(() => [server.heard.length, other.heard.length, client.heard.length]).toEqual([100, 0, 100]);
    world.clock.jump(100_000);
    await expect.poll(() => other.heard.length).toBe(100);
  });

  test('stops a sender who has too much under way', async () => {
    const { client, server } = await pair(world, MX, MX_25);
    fault(cable(3_600_000, 0));
    const chunk = Buffer.alloc(1 << 20, 'x');
    for (let nth = 0; nth < 16; nth++) client.socket.write(chunk);
    client.socket.end();
    await expect.poll(() => world.clock.next()).not.toBe(null);
    expect(client.socket.writableLength).toBeGreaterThan(8 << 20);
    world.faults = [];
    while (server.over() === null) {
      world.clock.jump(3_600_000);
      await new Promise(setImmediate);
    }
    expect(server.heard.length).toBe(16 << 20);
  });

  test('delays a datagram each way', async () => {
    await world.network.listenDatagrams(MX, 53, (bytes, _peer, reply) => reply(bytes));
    fault(cable(10_000, 0));
    const socket = await world.network.datagrams(RELAY);
    const heard: string[] = [];
    socket.onMessage(bytes => heard.push(Buffer.from(bytes).toString()));
    socket.send(Buffer.from('aa?'), MX_53);
    await expect.poll(() => world.clock.next()).not.toBe(null);
    world.clock.jump(10_000);
    expect(world.recorder.of('udp.datagram')).toHaveLength(1);
    await expect.poll(() => world.clock.next()).not.toBe(null);
    expect(heard).toEqual([]);
    world.clock.jump(10_000);
    await expect.poll(() => heard).toEqual(['aa?']);
  });

  test('loses what is under way when an end breaks off', async () => {
    const { client, server, connection } = await pair(world, MX, MX_25);
    fault(cable(3_600_000, 0));
    client.say('x');
    await expect.poll(() => world.clock.next()).not.toBe(null);
    client.socket.resetAndDestroy();
    await once(client.socket, 'close');
    await closed(world, connection);
    await expect.poll(() => server.over()).toBe('ECONNRESET');
    expect(world.clock.next()).toBe(null);
    expect(server.heard).toBe('');
  });
});
