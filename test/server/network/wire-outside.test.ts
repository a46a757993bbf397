/** Real servers on this machine are dialled and asked through the wire like any other, and nothing leaves the machine. */
import { execFile, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { createServer, Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { createTransport } from 'nodemailer';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createResolver } from '../../../server/dns/resolver.ts';
import type { Outside } from '../../../server/network/outside.ts';
import { sendMail } from '../../../server/smtp/client/send.ts';
import type { Fault } from '../../../shared/faults/fault.ts';
import type { LineVerb } from '../../../shared/faults/fields.ts';
import { closed, endOf, MX, openWires, RELAY, smallSmtp, type WireWorld } from '../../help/loopback/wire-world.ts';

const run = promisify(execFile);
const lacks = (program: string): boolean => spawnSync(program, ['-v']).error !== undefined;

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

function wires(outside?: Outside): WireWorld {
  const world = openWires(outside === undefined ? {} : { outside });
  closing.push(() => world.close());
  return world;
}

/** A plain TCP server that nobody of the world knows. */
async function realServer(accept: (socket: Socket) => void): Promise<{ port: number; server: Server }> {
  const server = createServer({ allowHalfOpen: true }, accept);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(async () => {
    if (server.listening) await new Promise(resolve => server.close(resolve));
  });
  const bound = server.address();
  return { port: typeof bound === 'object' && bound ? bound.port : 0, server };
}
const SMTP_25 = { address: '127.0.0.7', port: 25 };
const postfix = (port: number): Outside => ({ resolver: null, exchangers: { port, host: 'postfix.example' } });

describe('a real exchanger', () => {
  test('is dialled at port 25 of a loopback address, and what is said is in the trace', async () => {
    const { port } = await realServer(socket => {
      socket.write('220 real\r\n');
      socket.on('data', (chunk: Buffer) => socket.end(`221 ${chunk.toString()}`));
    });
    const world = wires(postfix(port));
    const { socket, connection } = await world.network.dial(RELAY, { address: '127.0.0.1', port: 25 });
    const client = endOf(socket);
    await expect.poll(() => client.heard).toBe('220 real\r\n');
    client.say('QUIT\r\n');
    await expect.poll(() => client.heard).toBe('220 real\r\n221 QUIT\r\n');
    socket.end();
    await closed(world, connection);
    expect(world.crossed('server')).toBe('220 real\r\n221 QUIT\r\n');
    expect(world.recorder.of('tcp.opened')).toMatchObject([
      { from: { host: RELAY, address: '192.0.2.10' }, to: { host: 'postfix.example', address: '127.0.0.1', port: 25 } },
    ]);
    expect(world.recorder.of('tcp.closed')).toMatchObject([{ by: 'server', reason: 'fin' }]);
  });

  test('that is not there refuses', async () => {
    const { port, server } = await realServer(() => undefined);
    await new Promise(resolve => server.close(resolve));
    const world = wires(postfix(port));
    await expect(world.network.dial(RELAY, { address: '127.0.0.1', port: 25 })).rejects.toMatchObject({
      name: 'NetworkError',
      code: 'ECONNREFUSED',
      message: 'nothing listens on port 25 of 127.0.0.1',
    });
    expect(world.recorder.of('tcp.refused')).toMatchObject([{ connection: 'c1', to: { host: 'postfix.example' } }]);
    expect(world.recorder.of('tcp.opened')).toEqual([]);
  });

  test('whose way out cannot be had is told of at once, and the next call tries again', async () => {
    const { port } = await realServer(socket => socket.end('220 real\r\n'));
    const world = wires(postfix(port));
    // World time stands still: nothing is found out by waiting.
    const letGo = world.clock.hold();
    closing.push(async () => letGo());
    const listening = vi.spyOn(Server.prototype, 'listen').mockImplementationOnce(function (this: Server) {
      queueMicrotask(() => this.emit('error', new Error('listen EMFILE: too many open files')));
      return this;
    });
    const to = { address: '127.0.0.1', port: 25 };
    const calls = await Promise.allSettled([world.network.dial(RELAY, to), world.network.dial(RELAY, to)]);
    listening.mockRestore();
    const told = {
      name: 'NetworkError',
      code: 'ECLOSED',
      message: 'the connection to 127.0.0.1 could not be opened: listen EMFILE: too many open files',
    };
    expect(calls).toMatchObject([
      { status: 'rejected', reason: told },
      { status: 'rejected', reason: told },
    ]);
    const { socket } = await world.network.dial(RELAY, to);
    const client = endOf(socket);
    await expect.poll(() => client.heard).toBe('220 real\r\n');
    socket.end();
  });

  test('is struck by faults, held and cut off like one of the world', async () => {
    const heard: string[] = [];
    const { port } = await realServer(socket => {
      const server = endOf(socket);
      server.say('220 real\r\n');
      socket.on('close', () => heard.push(server.heard));
    });
    const world = wires(postfix(port));
    const at = { server: 'postfix.example', port: 25, verb: 'MAIL' } as const;
    const reset: Fault = { id: 'f1', kind: 'reset', at, times: 'always' };
    world.faults = [reset];
    const { socket } = await world.network.dial(RELAY, { address: '127.0.0.1', port: 25 });
    const client = endOf(socket);
    await expect.poll(() => client.heard).toBe('220 real\r\n');
    client.say('EHLO a\r\nMAIL FROM:<>\r\n');
    await expect.poll(() => client.over()).toBe('ECONNRESET');
    await expect.poll(() => heard).toEqual(['EHLO a\r\n']);
    const second = await world.network.dial(RELAY, { address: '127.0.0.1', port: 25 });
    const cutOff = endOf(second.socket);
    world.network.powerOff(RELAY);
    await expect.poll(() => cutOff.over()).toBe('ECONNRESET');
  });
});

describe('a greeting that comes octet by octet', () => {
  const GREETING = '220-real.example takes its time\r\n220-and says so\r\n220 ready\r\n';
  const at = (verb: LineVerb) => ({ server: 'postfix.example', port: 25, verb }) as const;
  const watching: readonly (readonly [string, readonly Fault[]])[] = [
    ['nothing', []],
    ['a line to come', [{ id: 'f1', kind: 'drop', at: at('MAIL'), times: 'always' }]],
    ['a reply to come', [{ id: 'f1', kind: 'lose-reply', at: at('EHLO'), times: 'always' }]],
    ['the letter', [{ id: 'f1', kind: 'cut', at: at('END-OF-DATA'), octets: 3, times: 'always' }]],
    ['the greeting itself', [{ id: 'f1', kind: 'delay', at: at('GREETING'), milliseconds: 0, times: 'always' }]],
  ];

  /** Both ends, once connected through a world in which these faults are in force. */
  async function connected(faults: readonly Fault[]) {
    const accepted: Socket[] = [];
    const { port } = await realServer(socket => {
      socket.setNoDelay(true);
      accepted.push(socket);
    });
    const world = wires(postfix(port));
    world.faults = [...faults];
    const dialled = await world.network.dial(RELAY, { address: '127.0.0.1', port: 25 });
    while (accepted[0] === undefined) await new Promise(setImmediate);
    return { world, client: dialled.socket, server: endOf(accepted[0]) };
  }

  test.each(watching)('reaches the client as it comes, where a fault waits for %s', async (_what, faults) => {
    const { client, server } = await connected(faults);
    const hearing = endOf(client);
    for (const [nth, octet] of [...GREETING].entries()) {
      server.say(octet);
      await expect.poll(() => hearing.heard, { interval: 1 }).toBe(GREETING.slice(0, nth + 1));
    }
    client.destroy();
    server.socket.destroy();
  });

  test('is a greeting: the client says EHLO', async () => {
    const { world, client, server } = await connected([]);
    const sending = sendMail({
      socket: client,
      helloName: RELAY,
      envelope: { reversePath: '', recipients: ['b@real.example'] },
      message: Buffer.from('x\r\n'),
      clock: world.clock,
    });
    for (const [nth, octet] of [...GREETING].entries()) {
      server.say(octet);
      await expect.poll(() => world.crossed('server'), { interval: 1 }).toBe(GREETING.slice(0, nth + 1));
    }
    await expect.poll(() => server.heard).toBe(`EHLO ${RELAY}\r\n`);
    server.socket.destroy();
    await sending;
  });

  test('and ends in a bare LF reaches the client, though no line of it ends', async () => {
    const { client, server } = await connected([{ id: 'f1', kind: 'drop', at: at('QUIT'), times: 'always' }]);
    const hearing = endOf(client);
    server.say('220 ready\n');
    await expect.poll(() => hearing.heard).toBe('220 ready\n');
    client.destroy();
    server.socket.destroy();
  });
});

describe('nothing leaves the machine', () => {
  test('a dial to port 25 of an address that is neither of the world nor loopback says so', async () => {
    const world = wires(postfix(1));
    await expect(world.network.dial(RELAY, { address: '192.0.2.250', port: 25 })).rejects.toMatchObject({
      code: 'EHOSTUNREACH',
      message: 'no mail leaves this machine, and 192.0.2.250 is not on it',
    });
    expect(world.recorder.of('tcp.refused')).toMatchObject([{ to: { host: '192.0.2.250' } }]);
  });

  test('other ports of this machine are nobody’s, and without real servers all of them are', async () => {
    const { port } = await realServer(socket => socket.end('secret'));
    const world = wires(postfix(port));
    for (const to of [
      { address: '127.0.0.1', port },
      { address: '127.0.0.1', port: 53 },
    ]) {
      await expect(world.network.dial(RELAY, to)).rejects.toMatchObject({ code: 'EHOSTUNREACH' });
    }
    await expect(wires().network.dial(RELAY, SMTP_25)).rejects.toMatchObject({ code: 'EHOSTUNREACH' });
  });

  test('hosts of the world are where they were', async () => {
    const world = wires(postfix(1));
    const server = await smallSmtp(world, MX, 25);
    const { port } = await world.network.publish({
      host: MX,
      port: 25,
      transport: 'tcp',
      at: { host: '127.0.0.1', port: 0, option: '--smtp-port' },
    });
    const transport = createTransport({ host: '127.0.0.1', port, secure: false, ignoreTLS: true });
    await transport.sendMail({ from: 'a@blue.example', to: 'b@green.example', subject: 'Hi', text: 'QUIT' });
    transport.close();
    expect(server.letters).toHaveLength(1);
  });
});

describe('a real resolver', () => {
  const resolver = (port: number): Outside => ({
    resolver: { address: '127.0.0.1', port, host: 'resolver.example' },
    exchangers: null,
  });
  const RESOLVER_53 = { address: '127.0.0.1', port: 53 };

  test('is asked over UDP through the wire', async () => {
    const server = createSocket('udp4');
    server.bind(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push(() => new Promise<void>(resolve => server.close(() => resolve())));
    server.on('message', (bytes, from) =>
      server.send(Buffer.concat([bytes, Buffer.from('!')]), from.port, from.address),
    );
    const world = wires(resolver(server.address().port));
    const socket = await world.network.datagrams(RELAY);
    const heard: unknown[] = [];
    socket.onMessage((bytes, from) => heard.push(Buffer.from(bytes).toString(), from));
    socket.send(Buffer.from('aa?'), RESOLVER_53);
    await expect.poll(() => heard).toEqual(['aa?!', RESOLVER_53]);
    expect(world.recorder.of('udp.datagram')).toMatchObject([
      { exchange: 'u1', from: { host: RELAY }, to: { host: 'resolver.example', ...RESOLVER_53 } },
      { exchange: 'u1', from: { host: 'resolver.example', ...RESOLVER_53 }, to: { host: RELAY } },
    ]);
    socket.close();
  });

  test.skipIf(lacks('nsd'))(
    'nsd answers over UDP, and over TCP what did not fit (skipped where there is none)',
    async () => {
      const folder = await mkdtemp(path.join(tmpdir(), 'mailscope-nsd-'));
      closing.push(() => rm(folder, { recursive: true, force: true }));
      const { port, server } = await realServer(() => undefined);
      await new Promise(resolve => server.close(resolve));
      const zone = [
        '$ORIGIN real.example.',
        '$TTL 60',
        '@ SOA ns hostmaster 1 3600 900 86400 30',
        '@ NS ns',
        'ns A 127.0.0.1',
        '@ MX 10 mx',
        'mx A 127.0.0.7',
        ...Array.from({ length: 40 }, (_, nth) => `large MX ${nth} mx${nth}`),
      ];
      await writeFile(path.join(folder, 'real.zone'), `${zone.join('\n')}\n`);
      const file = (name: string) => path.join(folder, name);
      await writeFile(
        file('nsd.conf'),
        `server:\n  ip-address: 127.0.0.1@${port}\n  username: ""\n  chroot: ""\n  zonesdir: "${folder}"\n  database: ""\n` +
          `  pidfile: "${file('pid')}"\n  xfrdfile: "${file('xfrd')}"\n  zonelistfile: "${file('list')}"\n  xfrdir: "${folder}"\n` +
          'remote-control:\n  control-enable: no\nzone:\n  name: real.example\n  zonefile: real.zone\n',
      );
      const nsd = execFile('nsd', ['-d', '-c', file('nsd.conf')]);
      const gone = once(nsd, 'exit');
      closing.push(() => {
        nsd.kill();
        return gone;
      });
      const world = wires(resolver(port));
      const asking = createResolver({
        network: world.network,
        from: RELAY,
        serverFor: () => RESOLVER_53,
        recorder: world.recorder,
        clock: world.clock,
        random: () => 0,
        attempts: 1,
        timeout: 500,
      });
      // Until it is up.
      await expect
        .poll(() => asking.exchangers('real.example'), { timeout: 20_000 })
        .toMatchObject({
          kind: 'hosts',
          hosts: [{ preference: 10, exchange: 'mx.real.example' }],
        });
      expect(await asking.addresses('mx.real.example')).toEqual({ kind: 'addresses', addresses: ['127.0.0.7'] });
      expect(await asking.exchangers('large.real.example')).toMatchObject({ kind: 'hosts', hosts: { length: 40 } });
      expect(world.recorder.of('tcp.opened')).toMatchObject([{ to: { host: 'resolver.example', ...RESOLVER_53 } }]);
      expect(await asking.exchangers('real.example')).toMatchObject({ kind: 'hosts' });
      expect(world.recorder.of('cache.hit')).toHaveLength(1);
    },
  );
});

describe('clients that we did not write', () => {
  const letter = { from: 'a@blue.example', to: 'b@green.example', subject: 'Hi', text: 'QUIT\n.\nx'.repeat(200) };

  async function published(what: Fault) {
    const world = wires();
    const server = await smallSmtp(world, MX, 25);
    world.faults = [what];
    const at = { host: '127.0.0.1', port: 0, option: '--smtp-port' };
    const { port } = await world.network.publish({ host: MX, port: 25, transport: 'tcp', at });
    return { world, server, port };
  }
  const END = { server: MX, port: 25, verb: 'END-OF-DATA' } as const;

  test('nodemailer hears that its letter was cut, and sends it again', async () => {
    const { server, port } = await published({ id: 'f1', kind: 'cut', at: END, octets: 300, times: 'next' });
    const transport = createTransport({ host: '127.0.0.1', port, secure: false, ignoreTLS: true });
    await expect(transport.sendMail(letter)).rejects.toMatchObject({
      code: expect.stringMatching(/ECONN|ESOCKET/) as string,
    });
    await expect.poll(() => server.torsos.map(({ length }) => length)).toEqual([300]);
    await transport.sendMail(letter);
    transport.close();
    expect(server.letters).toHaveLength(1);
  });

  test.skipIf(lacks('python3'))(
    'smtplib never hears of the 250 that was lost (skipped where there is no Python)',
    async () => {
      const { server, port } = await published({ id: 'f1', kind: 'lose-reply', at: END, times: 'next' });
      const script = `import smtplib
smtp = smtplib.SMTP('127.0.0.1', ${port}, timeout=20)
try:
    smtp.sendmail('a@blue.example', ['b@green.example'], 'Subject: x\\r\\n\\r\\nQUIT\\r\\n')
    print('sent')
except (smtplib.SMTPServerDisconnected, ConnectionError) as error:
    print('lost')`;
      expect((await run('python3', ['-c', script])).stdout).toBe('lost\n');
      expect(server.letters).toHaveLength(1);
    },
  );
});
