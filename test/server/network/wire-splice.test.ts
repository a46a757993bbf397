/** The wire passes on exactly what the two ends do, and writes it down. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Dialled, Peer } from '../../../server/network/contract.ts';
import type { RoomNetwork } from '../../../server/network/network.ts';
import { createNetwork } from '../../../server/network/network.ts';
import type { RoomRecorder } from '../../../server/record/recorder.ts';
import { openRecorder } from '../../../server/record/recorder.ts';
import type { Side, TraceEvent } from '../../../shared/trace/event.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';

const LAPTOP = 'alices-laptop.blue.example';
const MX = 'mx1.green.example';
const MX_25 = { address: '198.51.100.25', port: 25 };
const MX_999 = { address: '198.51.100.25', port: 999 };

let recorder: RoomRecorder;
let network: RoomNetwork;

beforeEach(async () => {
  recorder = await openRecorder({
    header: { mailscope: 1, title: 't', createdAt: new Date().toISOString(), world: { ...blueAndGreen, users: [] } },
    file: null,
  });
  network = createNetwork({ world: () => blueAndGreen, recorder });
});
afterEach(async () => {
  await network.close();
  await recorder.close();
});

const kinds = () => recorder.events(1).map(event => event.kind);
const crossed = (from: Side) =>
  Buffer.concat(
    recorder.events(1).flatMap(event => (event.kind === 'wire.bytes' && event.from === from ? [event.bytes] : [])),
  );

/** Resolves with the first event that fits, past or to come. */
function seen<K extends TraceEvent['kind']>(kind: K): Promise<TraceEvent & { kind: K }> {
  const fits = (event: TraceEvent): event is TraceEvent & { kind: K } => event.kind === kind;
  const before = recorder.events(1).find(fits);
  if (before) return Promise.resolve(before);
  return new Promise(resolve => {
    const stop = recorder.watch(notice => {
      const event = notice.kind === 'events' ? notice.events.find(fits) : undefined;
      if (event === undefined) return;
      stop();
      resolve(event);
    });
  });
}

async function readAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'end');
  return Buffer.concat(chunks);
}

/** A connection to port 999 of mx1 with both ends in hand. */
async function pair(): Promise<{ client: Socket; server: Socket; peer: Peer; dialled: Dialled }> {
  const accepted: { socket: Socket; peer: Peer }[] = [];
  let arrived: () => void = () => undefined;
  const arrival = new Promise<void>(resolve => {
    arrived = resolve;
  });
  await network.listen(MX, 999, (socket, peer) => {
    accepted.push({ socket, peer });
    arrived();
  });
  const dialled = await network.dial(LAPTOP, MX_999);
  await arrival;
  const [first] = accepted;
  if (first === undefined) throw new Error('nothing was accepted');
  return { client: dialled.socket, server: first.socket, peer: first.peer, dialled };
}

describe('a connection', () => {
  test('knows both ends by their world addresses, and both name it alike', async () => {
    const { peer, dialled, client, server } = await pair();
    expect(peer).toMatchObject({ host: LAPTOP, address: '192.0.2.101', connection: dialled.connection });
    expect(recorder.events(1)[0]).toMatchObject({
      kind: 'tcp.opened',
      connection: 'c1',
      from: { host: LAPTOP, address: '192.0.2.101', port: peer.port },
      to: { host: MX, ...MX_999 },
    });
    server.resume().once('end', () => server.end());
    client.resume().end();
    expect(await seen('tcp.closed')).toMatchObject({ connection: 'c1', by: 'client', reason: 'fin' });
    expect(kinds()).toEqual(['tcp.opened', 'tcp.closed']);
  });

  test('carries megabytes both ways unchanged, and the record keeps its bounds', async () => {
    const { client, server } = await pair();
    const big = Buffer.alloc(5_000_000, 'abcdefghij');
    server.pipe(server);
    client.end(big);
    expect((await readAll(client)).equals(big)).toBe(true);
    const kept = recorder.events(1).filter(event => event.kind === 'wire.bytes' && event.from === 'client');
    const size = kept.reduce(
      (sum, event) => sum + (event.kind === 'wire.bytes' ? event.bytes.length + (event.omitted ?? 0) : 0),
      0,
    );
    expect(size).toBe(big.length);
    expect(crossed('client').length).toBeLessThan(1_500_000);
  });

  test('that a full door does not take fails for the caller instead of waiting for ever, and the next one is taken', async () => {
    const sockets: Socket[] = [];
    await network.listen(MX, 999, socket => {
      socket.resume().once('end', () => socket.end());
    });
    for (let nth = 0; nth < 200; nth += 1) sockets.push((await network.dial(LAPTOP, MX_999)).socket);
    await expect(network.dial(LAPTOP, MX_999)).rejects.toMatchObject({ name: 'NetworkError', code: 'ECLOSED' });
    sockets[0]?.resume().end();
    await seen('tcp.closed');
    const { socket, connection } = await network.dial(LAPTOP, MX_999);
    expect(socket.destroyed).toBe(false);
    expect(recorder.events(1).at(-1)).toMatchObject({ kind: 'tcp.opened', connection });
  });

  test('whose server is gone does not wait long for a caller that does not hang up, but lets arrive what is held', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const turn = () => new Promise(setImmediate);
    try {
      const { client, server } = await pair();
      client.on('error', () => undefined);
      const heard = readAll(client);
      network.brake.hold(true);
      server.end('221 Bye\r\n');
      await seen('wire.held');
      server.destroy();
      for (let seconds = 0; seconds < 60; seconds += 1) {
        await turn();
        vi.advanceTimersByTime(1000);
      }
      expect(kinds()).not.toContain('tcp.closed');
      network.brake.hold(false);
      expect((await heard).toString()).toBe('221 Bye\r\n');
      while (!kinds().includes('tcp.closed')) {
        vi.advanceTimersByTime(1000);
        await turn();
      }
      expect(recorder.events(1).at(-1)).toMatchObject({ kind: 'tcp.closed', by: 'server', reason: 'fin' });
    } finally {
      vi.useRealTimers();
    }
  });

  test('a half-closed client still gets every octet', async () => {
    const { client, server } = await pair();
    const heard = readAll(server);
    client.end('QUIT\r\n');
    expect((await heard).toString()).toBe('QUIT\r\n');
    server.write('221 ');
    server.end('Bye\r\n');
    expect((await readAll(client)).toString()).toBe('221 Bye\r\n');
    expect(await seen('tcp.closed')).toMatchObject({ by: 'client', reason: 'fin' });
  });

  test('a reset reaches the other end as a reset', async () => {
    const { client, server } = await pair();
    server.on('data', () => client.resetAndDestroy());
    const broken = once(server, 'error');
    client.write('x');
    const [error] = (await broken) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNRESET');
    expect(await seen('tcp.closed')).toMatchObject({ by: 'client', reason: 'reset' });
  });

  test('a host whose power goes out resets what is open at either of its ends, and nothing else', async () => {
    const { client, server } = await pair();
    await network.listen('mx2.green.example', 999, socket => socket.on('error', () => undefined).resume());
    const other = await network.dial(LAPTOP, { address: '198.51.100.26', port: 999 });
    const broken = Promise.all([once(client, 'error'), once(server, 'error')]);
    network.powerOff(MX);
    expect((await broken).map(([error]: NodeJS.ErrnoException[]) => error?.code)).toEqual(['ECONNRESET', 'ECONNRESET']);
    expect(await seen('tcp.closed')).toMatchObject({ connection: 'c1', by: 'server', reason: 'reset' });
    expect(other.socket.destroyed).toBe(false);
  });

  test('a full receiver stops the sender', async () => {
    const { client, server } = await pair();
    server.pause();
    const chunk = Buffer.alloc(1 << 20);
    let accepted = 0;
    while (client.write(chunk) && accepted < 64) accepted += 1;
    // The kernel and the splice may take a few megabytes; the rest stays with the sender.
    for (let i = 0; i < 40; i += 1) client.write(chunk);
    await seen('wire.bytes');
    expect(client.writableLength).toBeGreaterThan(8 << 20);
    client.destroy();
    server.destroy();
  });

  test('what nobody serves is refused, and that is recorded', async () => {
    await expect(network.dial(LAPTOP, MX_25)).rejects.toMatchObject({ name: 'NetworkError', code: 'ECONNREFUSED' });
    await expect(network.dial(LAPTOP, { address: '192.0.2.250', port: 25 })).rejects.toMatchObject({
      code: 'EHOSTUNREACH',
    });
    expect(recorder.events(1)).toMatchObject([
      { kind: 'tcp.refused', connection: 'c1', to: { host: MX, ...MX_25 } },
      { kind: 'tcp.refused', connection: 'c2', to: { host: '192.0.2.250' } },
    ]);
  });

  test('after close, the port is refused again', async () => {
    const listener = await network.listen(MX, 25, socket => socket.end());
    await listener.close();
    await expect(network.dial(LAPTOP, MX_25)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('holding', () => {
  test('octets wait in order, one chunk a release, and the end stays behind them', async () => {
    const { client, server } = await pair();
    const heard = readAll(server);
    network.brake.hold(true);
    client.write('one');
    await seen('wire.held');
    server.write('two');
    client.end('three');
    while (network.brake.state().waiting < 2) await once(new Notices(), 'any');
    expect(kinds()).not.toContain('wire.bytes');
    network.brake.release();
    expect(kinds().slice(-2)).toEqual(['wire.released', 'wire.bytes']);
    expect(crossed('client').toString()).toBe('one');
    network.brake.hold(false);
    expect((await heard).toString()).toBe('onethree');
    expect(crossed('server').toString()).toBe('two');
    server.end();
    client.resume();
    await seen('tcp.closed');
  });

  test('what waits for a connection that dies is forgotten, and what waits for others is not', async () => {
    const { client } = await pair();
    const other = await network.dial(LAPTOP, MX_999);
    other.socket.on('error', () => undefined);
    network.brake.hold(true);
    client.write('one');
    await seen('wire.held');
    other.socket.write('two');
    while (network.brake.state().waiting < 2) await once(new Notices(), 'any');
    client.resetAndDestroy();
    await seen('tcp.closed');
    expect(network.brake.state().waiting).toBe(1);
    network.brake.release();
    expect(crossed('client').toString()).toBe('two');
    expect(network.brake.state().waiting).toBe(0);
  });

  test('a datagram waits as well', async () => {
    await network.listenDatagrams(MX, 53, (bytes, _peer, reply) => reply(bytes));
    const socket = await network.datagrams(LAPTOP);
    const answered = new Promise<Uint8Array>(resolve => socket.onMessage(resolve));
    network.brake.hold(true);
    socket.send(Buffer.from('ping'), { address: MX_25.address, port: 53 });
    expect(await seen('wire.held')).toMatchObject({ connection: 'u1', from: 'client', size: 4 });
    expect(kinds()).not.toContain('udp.datagram');
    network.brake.hold(false);
    expect(Buffer.from(await answered).toString()).toBe('ping');
  });
});

/** Emits 'any' with the next notice of the recorder. */
class Notices extends EventTarget {
  constructor() {
    super();
    const stop = recorder.watch(() => {
      stop();
      this.dispatchEvent(new Event('any'));
    });
  }
}

describe('datagrams', () => {
  test('question and answer share an exchange and come from where they were sent', async () => {
    const askers: unknown[] = [];
    await network.listenDatagrams(MX, 53, (bytes, peer, reply) => {
      askers.push(peer);
      reply(Buffer.concat([bytes, Buffer.from('!')]));
    });
    const to = { address: MX_25.address, port: 53 };
    const socket = await network.datagrams(LAPTOP);
    const answer = new Promise<unknown[]>(resolve =>
      socket.onMessage((bytes, from) => resolve([Buffer.from(bytes).toString(), from])),
    );
    socket.send(Buffer.from('ab?'), to);
    expect(await answer).toEqual(['ab?!', to]);
    expect(askers).toMatchObject([{ host: LAPTOP, address: '192.0.2.101' }]);
    expect(recorder.events(1)).toMatchObject([
      {
        kind: 'udp.datagram',
        exchange: 'u1',
        from: { host: LAPTOP },
        to: { host: MX, ...to },
        bytes: new Uint8Array(Buffer.from('ab?')),
      },
      { kind: 'udp.datagram', exchange: 'u1', from: { host: MX, ...to }, to: { host: LAPTOP } },
    ]);
    socket.close();
  });

  test('answers out of order find their questions', async () => {
    const replies: (() => void)[] = [];
    await network.listenDatagrams(MX, 53, (bytes, _peer, reply) => {
      replies.unshift(() => reply(bytes));
      if (replies.length === 2) for (const send of replies) send();
    });
    const socket = await network.datagrams(LAPTOP);
    const heard: string[] = [];
    const both = new Promise<void>(resolve =>
      socket.onMessage(bytes => {
        heard.push(Buffer.from(bytes).toString());
        if (heard.length === 2) resolve();
      }),
    );
    socket.send(Buffer.from('aa1'), { address: MX_25.address, port: 53 });
    socket.send(Buffer.from('bb2'), { address: MX_25.address, port: 53 });
    await both;
    const byExchange = recorder
      .events(1)
      .map(event => event.kind === 'udp.datagram' && [event.exchange, Buffer.from(event.bytes).toString()]);
    expect(byExchange.sort()).toEqual([
      ['u1', 'aa1'],
      ['u1', 'aa1'],
      ['u2', 'bb2'],
      ['u2', 'bb2'],
    ]);
    socket.close();
  });

  test('a question to nobody is recorded and gets no answer', async () => {
    const socket = await network.datagrams(LAPTOP);
    socket.send(Buffer.from('ab?'), { address: '192.0.2.10', port: 53 });
    expect(recorder.events(1)).toMatchObject([{ kind: 'udp.datagram', to: { host: 'smtp.blue.example', port: 53 } }]);
    socket.close();
  });
});

describe('the outside', () => {
  const at = (port: number, host = '127.0.0.1') => ({ host, port, option: '--smtp-port' });

  test('a published port brings in the visitor', async () => {
    const peers: Peer[] = [];
    await network.listen(MX, 25, (socket, peer) => {
      peers.push(peer);
      socket.end('220 hi\r\n');
    });
    const { port } = await network.publish({ host: MX, port: 25, transport: 'tcp', at: at(0) });
    const socket = connect({ port, host: '127.0.0.1' });
    expect((await readAll(socket)).toString()).toBe('220 hi\r\n');
    expect(peers).toMatchObject([{ host: 'your-computer.example', address: '203.0.113.77', connection: 'c1' }]);
    expect(recorder.events(1)[0]).toMatchObject({ kind: 'tcp.opened', from: { port: peers[0]?.port }, to: MX_25 });
  });

  test('a taken port, a foreign address: one sentence with the option', async () => {
    await network.listen(MX, 25, socket => socket.end());
    const { port } = await network.publish({ host: MX, port: 25, transport: 'tcp', at: at(0) });
    await expect(network.publish({ host: MX, port: 25, transport: 'tcp', at: at(port) })).rejects.toMatchObject({
      code: 'EADDRINUSE',
      message: expect.stringMatching(new RegExp(`Port ${port} .*--smtp-port`)) as string,
    });
    await expect(network.publish({ host: MX, port: 25, transport: 'tcp', at: at(0, '0.0.0.0') })).rejects.toMatchObject(
      {
        code: 'ENOTLOOPBACK',
      },
    );
  });
});
