/** Whoever takes all places keeps nobody out: the world's own hosts have theirs, and outside the idlest caller makes room. */
import { once } from 'node:events';
import { connect, Socket } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createWorldClock } from '../../../server/base/clock.ts';
import { noFaults } from '../../../server/base/faults.ts';
import { startDnsServer } from '../../../server/dns/server.ts';
import type { Peer } from '../../../server/network/contract.ts';
import { type CallerPlace, createCallerPlaces } from '../../../server/network/places.ts';
import { createRendezvous } from '../../../server/network/rendezvous.ts';
import { withOutsiders } from '../../../server/rooms/outside.ts';
import { ANY_PORTS } from '../../../server/rooms/publish.ts';
import { openRoom, type Room } from '../../../server/rooms/room.ts';
import { startSmtpServer } from '../../../server/smtp/machine/receive.ts';
import { decodeDns } from '../../../shared/decode/dns.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';
import { exchanger } from '../../help/loopback/smtp-loopback.ts';
import { type End, endOf, MX, MX_25, openWires, RELAY } from '../../help/loopback/wire-world.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** A program on this machine that dials a published port, and does not hang up by itself. */
async function caller(port: number): Promise<End> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  closing.push(() => socket.destroy());
  const end = endOf(socket);
  await once(socket, 'connect');
  return end;
}

/** So many callers that say nothing; where the server speaks first, it has. */
async function idlers(port: number, count: number, greeted = true): Promise<readonly End[]> {
  const ends: End[] = [];
  while (ends.length < count) {
    const more = await Promise.all(Array.from({ length: Math.min(50, count - ends.length) }, () => caller(port)));
    await Promise.all(more.map(({ heard, socket }) => greeted && heard === '' && once(socket, 'data')));
    ends.push(...more);
  }
  return ends;
}

/** Says these lines, each once the last was answered; gives all answers. */
async function converse(port: number, lines: readonly string[]): Promise<string> {
  const end = await caller(port);
  for (const [nth, line] of lines.entries()) {
    const answers = (): number => (end.heard.match(/^(?:\d{3} |\+OK|-ERR).*\r\n/gm) ?? []).length;
    while (answers() <= nth && end.over() === null) await new Promise(setImmediate);
    if (end.over() !== null) break;
    end.say(line);
  }
  await expect.poll(() => end.over()).not.toBe(null);
  end.socket.end();
  return end.heard;
}

const letter = (id: string): readonly string[] => [
  'EHLO laptop.example\r\n',
  'MAIL FROM:<carol@elsewhere.example>\r\n',
  'RCPT TO:<bob@green.example>\r\n',
  'DATA\r\n',
  `Message-ID: <${id}@elsewhere.example>\r\nSubject: in between\r\n\r\nHi\r\n.\r\n`,
  'QUIT\r\n',
];

const question = Buffer.from('001f12340100000100000000000005677265656e076578616d706c6500000f0001', 'hex');

async function startRoom(): Promise<{ room: Room; ports: NonNullable<Room['published']> }> {
  const ports = ANY_PORTS;
  const room = await openRoom({ world: blueAndGreen, data: null, ports });
  closing.push(() => room.close());
  if (room.published === null) throw new Error('nothing is published');
  return { room, ports: room.published };
}

describe('while all places are taken by callers from outside that say nothing', () => {
  test('an honest letter from outside is accepted, and so is one of the world’s own', async () => {
    const { room, ports } = await startRoom();
    const idle = await idlers(ports.smtp.port, 120);
    expect(await converse(ports.smtp.port, letter('outside'))).toMatch(/\r\n250 2\.0\.0 Ok.*\r\n221 /);
    expect(idle.filter(({ over }) => over() === null)).toHaveLength(99);
    expect(idle.at(0)?.heard).toMatch(/^220 .*\r\n421 4\.3\.2 .*makes room.*\r\n$/);
    const draft = { from: { address: 'alice@blue.example' }, to: ['bob@green.example'], subject: 'own', text: 'Hi' };
    expect((await room.send(draft)?.finished)?.fates).toMatchObject([{ kind: 'stored' }]);
  });

  test('a mailbox is read from outside and from within', async () => {
    const { room, ports } = await startRoom();
    const idle = await idlers(ports.pop3.port, 210);
    const bob = blueAndGreen.users.find(({ address }) => address === 'bob@green.example');
    const session = [`USER ${bob?.address}\r\n`, `PASS ${bob?.password}\r\n`, 'STAT\r\n', 'QUIT\r\n'];
    expect(await converse(ports.pop3.port, session)).toMatch(/\r\n\+OK 0 0\r\n\+OK goodbye/);
    expect(idle.at(0)?.heard).toMatch(/^\+OK .*\r\n-ERR \[SYS\/TEMP\] .*makes room.*\r\n$/);
    expect(await room.collect('bob@green.example')).toMatchObject({ kind: 'collected' });
  });

  test('a question over TCP is answered, outside and within', async () => {
    const world = openWires();
    closing.push(() => world.close());
    const server = await startDnsServer({
      network: world.network,
      host: 'ns.root.example',
      zones: () => blueAndGreen.zones,
      clock: world.clock,
    });
    closing.push(() => server.close());
    const at = { host: '127.0.0.1', port: 0, option: '--dns-port' };
    const { port } = await world.network.publish({ host: 'ns.root.example', port: 53, transport: 'tcp', at });
    await idlers(port, 80, false);
    await expect.poll(() => world.recorder.of('tcp.opened').length).toBe(80);
    const answer = async (socket: Socket): Promise<string> => {
      closing.push(() => socket.destroy());
      socket.on('error', () => undefined);
      socket.write(question);
      const [bytes] = await once(socket, 'data');
      return Buffer.isBuffer(bytes) ? (decodeDns(bytes.subarray(2))?.answers[0]?.text ?? '') : '';
    };
    expect(await answer((await caller(port)).socket)).toContain('mx1.green.example');
    const { socket } = await world.network.dial(RELAY, { address: '203.0.113.53', port: 53 });
    expect(await answer(socket)).toContain('mx1.green.example');
    expect(world.recorder.of('tcp.closed')).toHaveLength(17);
  });

  test('callers that never hang up do not fill the door either', async () => {
    const { ports } = await startRoom();
    await idlers(ports.smtp.port, 560);
    expect(await converse(ports.smtp.port, letter('door'))).toMatch(/\r\n250 2\.0\.0 Ok.*\r\n221 /);
  });

  test('strangers at the doors within the world keep none of its hosts out', async () => {
    const world = openWires();
    closing.push(() => world.close());
    await world.network.listen(MX, 25, socket => socket.end('220 hi\r\n'));
    const first = await world.network.dial(RELAY, MX_25);
    const { remotePort = 0 } = first.socket;
    first.socket.destroy();
    for (let nth = 0; nth < 300; nth += 1) await caller(remotePort);
    const { socket } = await world.network.dial(RELAY, MX_25);
    const end = endOf(socket);
    await expect.poll(() => end.heard).toBe('220 hi\r\n');
  });
});

describe('a mail server with a single place for callers from outside', () => {
  async function start() {
    const world = openWires();
    closing.push(() => world.close());
    const server = await startSmtpServer({
      ...exchanger,
      network: world.network,
      port: 25,
      clock: world.clock,
      faults: noFaults,
      accept: async () => ({ ok: true }),
      maxConnections: 1,
    });
    closing.push(() => server.close());
    const at = { host: '127.0.0.1', port: 0, option: '--smtp-port' };
    const { port } = await world.network.publish({ host: MX, port: 25, transport: 'tcp', at });
    return { world, port };
  }
  async function inTheMiddleOfALetter(port: number): Promise<End> {
    const end = await caller(port);
    for (const [nth, line] of letter('slow').slice(0, 4).entries()) {
      await expect.poll(() => end.heard.match(/^\d{3} /gm)?.length).toBe(nth + 1);
      end.say(line);
    }
    await expect.poll(() => end.heard).toContain('\r\n354 ');
    return end;
  }

  test('lets one in the middle of a letter finish, and tells the newcomer to come again', async () => {
    const { port } = await start();
    const busy = await inTheMiddleOfALetter(port);
    const newcomer = await caller(port);
    await expect.poll(() => newcomer.over()).toBe('end');
    expect(newcomer.heard).toMatch(/^421 .*too many connections/);
    busy.say('Subject: slow\r\n\r\n.\r\n');
    await expect.poll(() => busy.heard).toMatch(/\r\n250 2\.0\.0 Ok/);
  });

  test('does not keep it for one that only dribbles', async () => {
    const { world, port } = await start();
    const dribbler = await inTheMiddleOfALetter(port);
    for (let second = 0; second < 4; second += 1) {
      dribbler.say('x');
      await expect.poll(() => world.crossed('client').endsWith(`\r\n${'x'.repeat(second + 1)}`)).toBe(true);
      world.clock.jump(8000);
    }
    const newcomer = await caller(port);
    await expect.poll(() => newcomer.heard).toMatch(/^220 /);
    await expect.poll(() => dribbler.heard).toMatch(/\r\n421 4\.3\.2 /);
  });

  test('gives a dribbler up when its time is over, though octets came all the time', async () => {
    const { world, port } = await start();
    const dribbler = await inTheMiddleOfALetter(port);
    for (let octets = 1; octets <= 4; octets += 1) {
      dribbler.say('x');
      await expect.poll(() => world.crossed('client').endsWith(`\r\n${'x'.repeat(octets)}`)).toBe(true);
      world.clock.jump(80_000);
    }
    await expect.poll(() => dribbler.heard).toMatch(/\r\n421 4\.4\.2 /);
  });

  test('waits a minute for the first command from outside, and five for a host of the world', async () => {
    const { world, port } = await start();
    const stranger = await caller(port);
    const own = endOf((await world.network.dial(RELAY, MX_25)).socket);
    await expect.poll(() => [stranger.heard, own.heard].every(heard => heard.startsWith('220 '))).toBe(true);
    world.clock.jump(61_000);
    await expect.poll(() => stranger.heard).toMatch(/\r\n421 4\.4\.2 /);
    expect(own.heard).not.toMatch(/421/);
    world.clock.jump(240_000);
    await expect.poll(() => own.heard).toMatch(/\r\n421 4\.4\.2 /);
  });
});

test('a stranger whom a page has call from outside sits among the outside callers', async () => {
  const world = openWires({ world: () => withOutsiders(blueAndGreen, null) });
  closing.push(() => world.close());
  const peers: Peer[] = [];
  await world.network.listen(MX, 25, (socket, peer) => {
    peers.push(peer);
    socket.end('220 hi\r\n');
  });
  for (const from of ['your-computer.example', RELAY]) await world.network.dial(from, MX_25);
  await expect.poll(() => peers.length).toBe(2);
  expect(peers.map(({ outside }) => outside !== undefined)).toEqual([true, false]);
});

test('of strangers that nobody announces only so many wait at a door, and who is announced is met all the same', () => {
  const met: number[] = [];
  const rendezvous = createRendezvous<number>((_, known) => met.push(known));
  closing.push(() => rendezvous.close());
  const strangers = Array.from({ length: 300 }, (_, nth) => {
    const socket = new Socket();
    vi.spyOn(socket, 'remotePort', 'get').mockReturnValue(nth + 1);
    rendezvous.arrived(socket);
    return socket;
  });
  expect(strangers.map(({ destroyed }) => destroyed)).toEqual(strangers.map((_, nth) => nth < 44));
  for (const port of [44, 45, 300]) rendezvous.announce(port, port);
  expect(met).toEqual([45, 300]);
});

describe('the table of places', () => {
  let now = 0;
  const clock = createWorldClock({ now: () => new Date(now) });
  function table(outside: number) {
    const places = createCallerPlaces({ clock, own: 2, outside });
    const gone: string[] = [];
    const cut: string[] = [];
    const enter = (name: string, from?: string): CallerPlace | null =>
      places.enter({
        peer: from === undefined ? {} : { outside: from },
        dismiss: () => gone.push(name),
        cutOff: () => cut.push(name),
      });
    return { enter, gone, cut };
  }

  test('whoever spoke last stays; the longest silence goes', () => {
    const { enter, gone } = table(3);
    const first = enter('a', 'x');
    enter('b', 'x');
    enter('c', 'x');
    now += 10;
    first?.expect('command');
    enter('d', 'x');
    enter('e', 'x');
    enter('f', 'x');
    expect(gone).toEqual(['b', 'c', 'a']);
  });

  test('an address that has many places loses them to one that has few', () => {
    const { enter, gone } = table(4);
    const few = enter('few', 'x');
    for (const name of ['a', 'b', 'c']) enter(name, 'y');
    now += 1000;
    for (const name of ['d', 'e']) enter(name, 'y');
    expect(gone).toEqual(['a', 'b']);
    few?.leave();
    enter('f', 'y');
    expect(gone).toHaveLength(2);
  });

  test('hosts of the world are never sent away, and outside callers are not counted among them', () => {
    const { enter, gone } = table(1);
    enter('own 1');
    enter('outside', 'x');
    const second = enter('own 2');
    expect(second).not.toBe(null);
    expect(enter('own 3')).toBe(null);
    second?.leave();
    expect(enter('own 4')).not.toBe(null);
    expect(gone).toEqual([]);
  });

  test('nobody goes while a server works for it, nor in a letter that goes on', () => {
    const { enter, gone } = table(1);
    const busy = enter('busy', 'x');
    busy?.expect('ours');
    now += 3_600_000;
    expect(enter('late', 'x')).toBe(null);
    busy?.expect('content');
    for (let minutes = 0; minutes < 10; minutes += 1) {
      now += 29_000;
      expect(busy?.receive(600)).toBe(true);
      expect(enter('late', 'x')).toBe(null);
    }
    now += 29_000;
    expect(busy?.receive(200)).toBe(false);
    now += 1_000;
    expect(enter('newcomer', 'x')).not.toBe(null);
    expect(gone).toEqual(['busy']);
  });

  test('of those that were told goodbye only so many are waited for', () => {
    const { enter, gone, cut } = table(1);
    for (let nth = 0; nth < 40; nth += 1) enter(`${nth}`, 'x');
    expect(gone).toHaveLength(39);
    expect(cut).toEqual(['0', '1', '2', '3', '4', '5', '6']);
  });
});
