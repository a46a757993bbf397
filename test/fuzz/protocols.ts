/** Seeded nonsense for the mail and DNS ports of a real room: no crash, no stall, memory bounded, and the next honest user is served. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { seededRandom } from '../../server/base/chance.ts';
import { ANY_PORTS, type Published } from '../../server/rooms/publish.ts';
import { openRoom } from '../../server/rooms/room.ts';
import { decodeDns } from '../../shared/decode/dns.ts';
import { blueAndGreen } from '../../shared/world/presets.ts';

/** What a run has shown; it throws where a promise is broken, and names protocol, seed and iteration. */
export interface ProtocolFuzz {
  readonly iterations: number;
  /** Honest users that were served in between. */
  readonly served: number;
  /** Milliseconds of processor in the longest time that the event loop did not turn. */
  readonly longestStall: number;
  /** Octets by which the heap grew at most, after the first room was warm. */
  readonly heapGrowth: number;
}

type Random = () => number;
/** One visitor with nonsense; resolves when it is gone. */
type Visit = (ports: Published, random: Random) => Promise<void>;
/** One honest user; rejects where it is not served. */
type Honest = (ports: Published) => Promise<void>;

const MOST_STALL = 200;
const MOST_HEAP = 256 * 1024 * 1024;
const ABREAST = 10;
/** Visitors of one room: its trace grows with them, and is kept in memory. */
const A_ROOM = 400;
const PATIENCE = 5_000;

const below = (random: Random, bound: number): number => Math.floor(random() * bound);
const oneOf = <T>(random: Random, things: readonly [T, ...T[]]): T => things[below(random, things.length)] ?? things[0];

/** Up to three changes: cut, doubled, a bit flipped, octets put in. */
function damaged(octets: Buffer, random: Random): Buffer {
  let now = octets;
  for (let changes = below(random, 4); changes > 0; changes -= 1) {
    const [from = 0, to = 0] = [below(random, now.length + 1), below(random, now.length + 1)].sort((a, b) => a - b);
    const before = now.subarray(0, from);
    const inside = Buffer.from(now.subarray(from, to));
    const after = now.subarray(to);
    const put = Buffer.from(
      oneOf(random, ['\r\n', '\n', '\r', '\0', '.', '\r\n.\r\n', ' ', '\xff\xfe', '%s', ':']),
      'latin1',
    );
    if (inside.length > 0) inside.writeUInt8(below(random, 256), below(random, inside.length));
    now = Buffer.concat(
      oneOf(random, [
        [before, after],
        [before, inside, inside, after],
        [before, inside, after],
        [before, put, inside, after],
      ]),
    );
  }
  return now;
}

/** Says it in pieces of any size, and leaves: politely, by half, by a reset, or when the server has enough. */
async function visit(port: number, octets: Buffer, random: Random): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: random() < 0.5 });
  const gone = new Promise<void>(resolve => socket.once('close', () => resolve()));
  socket.on('error', () => socket.destroy());
  if (random() < 0.9) socket.resume();
  const piece = 1 + below(random, oneOf(random, [4, 200, 20_000]));
  let at = 0;
  for (; at < octets.length && !socket.destroyed && at < 60 * piece; at += piece)
    await new Promise<void>(resolve => socket.write(octets.subarray(at, at + piece), () => resolve()));
  if (!socket.destroyed) socket.write(octets.subarray(at));
  const end = random();
  if (end < 0.2) socket.resetAndDestroy();
  else if (end < 0.3) socket.destroy();
  else socket.end();
  socket.resume();
  const cut = setTimeout(() => socket.destroy(), 300);
  await gone;
  clearTimeout(cut);
}

/** Says each line once the last was answered; gives all answers. */
async function converse(port: number, lines: readonly string[]): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' });
  let heard = '';
  let said = 0;
  socket.on('data', chunk => {
    heard += chunk.toString('latin1');
    if ((heard.match(/^(?:\d{3} |\+OK|-ERR).*\r\n/gm) ?? []).length <= said) return;
    const line = lines[said++];
    if (line !== undefined) socket.write(line);
  });
  await closedInTime(socket);
  return heard;
}

async function closedInTime(socket: Socket): Promise<void> {
  socket.on('error', () => socket.destroy());
  const late = setTimeout(() => socket.destroy(), PATIENCE);
  await once(socket, 'close');
  clearTimeout(late);
}

/** Measures how long the event loop does not turn, in processor time: what others take of the machine is not our stall. */
function watchLoop(): () => number {
  let longest = 0;
  let at = performance.now();
  let cpu = process.cpuUsage();
  const timer = setInterval(() => {
    const [now, used] = [performance.now(), process.cpuUsage(cpu)];
    longest = Math.max(longest, Math.min(now - at, (used.user + used.system) / 1000));
    at = now;
    cpu = process.cpuUsage();
  }, 10);
  return () => {
    clearInterval(timer);
    return longest;
  };
}

async function fuzz(
  { name, come, serve }: { name: string; come: Visit; serve: Honest },
  iterations: number,
  seed: number,
): Promise<ProtocolFuzz> {
  const random = seededRandom(seed, name);
  const broken = (nth: number, what: string): Error => new Error(`${name}, seed ${seed}, iteration ${nth}: ${what}`);
  let served = 0;
  let longestStall = 0;
  let heapGrowth = 0;
  let heap: number | null = null;
  for (let done = 0; done < iterations; ) {
    const ports = ANY_PORTS;
    const room = await openRoom({ world: blueAndGreen, data: null, ports });
    try {
      const { published } = room;
      if (published === null) throw broken(done, 'nothing is published');
      const serveOne = async (): Promise<void> => {
        try {
          await serve(published);
          served += 1;
        } catch (error) {
          throw broken(done, `the next honest user is not served: ${error instanceof Error ? error.message : error}`);
        }
      };
      await serveOne();
      const stop = watchLoop();
      for (const end = Math.min(iterations, done + A_ROOM); done < end; ) {
        const some = Math.min(ABREAST, end - done);
        await Promise.all(Array.from({ length: some }, () => come(published, random)));
        done += some;
        if (done % (5 * ABREAST) === 0) await serveOne();
      }
      longestStall = Math.max(longestStall, stop());
      await serveOne();
      if (longestStall > MOST_STALL)
        throw broken(done, `the event loop stood still for ${Math.round(longestStall)} ms`);
    } finally {
      await room.close();
    }
    const { heapUsed } = process.memoryUsage();
    heap ??= heapUsed;
    heapGrowth = Math.max(heapGrowth, heapUsed - heap);
    if (heapGrowth > MOST_HEAP) throw broken(done, `the heap grew by ${Math.round(heapGrowth / 1e6)} MB`);
  }
  return { iterations, served, longestStall, heapGrowth };
}

const plain = (user: string, password: string): string => Buffer.from(`\0${user}\0${password}`).toString('base64');
const userAt = (domain: string) => {
  const user = blueAndGreen.users.find(({ address }) => address.endsWith(`@${domain}`));
  if (user === undefined) throw new Error(`nobody lives at ${domain}`);
  return user;
};
const alice = userAt('blue.example');
const bob = userAt('green.example');

const SMTP_LINES: readonly [string, ...string[]] = [
  'EHLO laptop.example\r\n',
  'HELO x\r\n',
  `AUTH PLAIN ${plain(alice.address, alice.password)}\r\n`,
  'AUTH LOGIN\r\n',
  'AUTH PLAIN\r\n=\r\n',
  `MAIL FROM:<${alice.address}> SIZE=99 BODY=8BITMIME\r\n`,
  'MAIL FROM:<> SMTPUTF8 RET=HDRS ENVID=x+2B\r\n',
  `RCPT TO:<${bob.address}> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;a+40b\r\n`,
  'RCPT TO:<"a\\"b"@green.example>\r\n',
  'RCPT TO:<@a,@b:postmaster@[198.51.100.25]>\r\n',
  'DATA\r\n',
  'Subject: =?utf-8?B?x?=\r\n\r\nHi\r\n.\r\n',
  'From: a\r\n\tfolded\r\n: none\r\nno field\r\n\r\n..\r\n.x\r\n.\r\n',
  'BDAT 5\r\nab\r\n.',
  'BDAT 12 LAST\r\nSubject: x\r\n',
  'BDAT 99999999999\r\n',
  'BDAT 0 LAST\r\n',
  'RSET\r\n',
  'NOOP\r\n',
  'VRFY bob\r\n',
  'QUIT\r\n',
  'GET / HTTP/1.1\r\n\r\n',
  '\r\n',
  '\n',
  `NOOP ${'x'.repeat(20_000)}\r\n`,
  `${'X: y\r\n'.repeat(300)}\r\n.\r\n`,
  `\r\n${'.\r\n'.repeat(50)}`,
];

const POP3_LINES: readonly [string, ...string[]] = [
  `USER ${bob.address}\r\nPASS ${bob.password}\r\n`,
  `AUTH PLAIN ${plain(bob.address, bob.password)}\r\n`,
  'AUTH PLAIN\r\n*\r\n',
  'USER nobody\r\n',
  'PASS wrong\r\n',
  'STAT\r\n',
  'LIST\r\n',
  'UIDL 1\r\n',
  'RETR 1\r\n',
  'TOP 1 999999999\r\n',
  'DELE 1\r\n',
  'RSET\r\n',
  'CAPA\r\n',
  'RETR 99999999999999999999\r\n',
  'LIST -1\r\n',
  'toString\r\n',
  '__proto__\r\n',
  'QUIT\r\n',
  '\n',
  '\r',
  `NOOP ${'x'.repeat(5_000)}\r\n`,
];

/** Any lines in any order, after those that bring the conversation somewhere more often than not. */
function conversation(lines: readonly [string, ...string[]], begin: readonly string[], random: Random): Buffer {
  const some = Array.from({ length: 1 + below(random, 14) }, () => oneOf(random, lines));
  return damaged(Buffer.from([...(random() < 0.7 ? begin : []), ...some].join(''), 'latin1'), random);
}

const send = async ({ smtp }: Published): Promise<void> => {
  const lines = ['EHLO a.example', 'MAIL FROM:<c@elsewhere.example>', `RCPT TO:<${bob.address}>`, 'DATA'];
  const heard = await converse(smtp.port, [
    ...lines.map(line => `${line}\r\n`),
    'Subject: hi\r\n\r\nhi\r\n.\r\n',
    'QUIT\r\n',
  ]);
  if (!/\r\n250 2\.0\.0 Ok.*\r\n221 /.test(heard)) throw new Error(JSON.stringify(heard.slice(-200)));
};

/** Nonsense for ports 25 and 587. Rejects where a promise is broken. */
export const fuzzSmtp = (iterations: number, seed: number): Promise<ProtocolFuzz> => {
  const begin = (port: 'smtp' | 'submission'): readonly string[] =>
    port === 'smtp'
      ? SMTP_LINES.slice(0, 1).concat(SMTP_LINES.slice(6, 8))
      : [...SMTP_LINES.slice(0, 1), ...SMTP_LINES.slice(2, 3)];
  const come: Visit = (ports, random) => {
    const port = oneOf<'smtp' | 'submission'>(random, ['smtp', 'submission']);
    return visit(ports[port].port, conversation(SMTP_LINES, begin(port), random), random);
  };
  return fuzz({ name: 'SMTP', come, serve: send }, iterations, seed);
};

/** Nonsense for port 110, where there is mail. Rejects where a promise is broken. */
export const fuzzPop3 = (iterations: number, seed: number): Promise<ProtocolFuzz> => {
  const come: Visit = (ports, random) =>
    visit(ports.pop3.port, conversation(POP3_LINES, POP3_LINES.slice(0, 1), random), random);
  const serve: Honest = async ports => {
    await send(ports);
    const lines = [`USER ${bob.address}`, `PASS ${bob.password}`, 'RETR 1', 'QUIT'].map(line => `${line}\r\n`);
    // Whoever had the lock before may be leaving still.
    for (const end = performance.now() + PATIENCE; ; ) {
      const heard = await converse(ports.pop3.port, lines);
      if (/\r\n\+OK \d+ octets[\s\S]*\+OK goodbye/.test(heard)) return;
      if (!heard.includes('[IN-USE]') || performance.now() > end) throw new Error(JSON.stringify(heard.slice(-200)));
    }
  };
  return fuzz({ name: 'POP3', come, serve }, iterations, seed);
};

/** A question for the exchangers of green.example, with this ID. */
function question(id: number): Buffer {
  const bytes = Buffer.from('00000100000100000000000005677265656e076578616d706c6500000f0001', 'hex');
  bytes.writeUInt16BE(id, 0);
  return bytes;
}
const framed = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);

const DNS_MESSAGES: readonly [Buffer, ...Buffer[]] = [
  question(7),
  // With an OPT record, with a pointer to itself, with a label that has no end, for ANY, with three questions and one told.
  Buffer.from('00070100000100000000000105677265656e076578616d706c6500000f00010000291000000000000000', 'hex'),
  Buffer.from('000701000001000000000000c00c000f0001', 'hex'),
  Buffer.from('0007010000010000000000003f616161', 'hex'),
  Buffer.from('00070100000100000000000005677265656e076578616d706c650000ff0001', 'hex'),
  Buffer.from('00070100000300000000000005677265656e076578616d706c6500000f0001', 'hex'),
  Buffer.from('GET / HTTP/1.1\r\n\r\n'),
  Buffer.alloc(0),
  Buffer.alloc(1400, 0xc0),
];

async function datagrams(port: number, messages: readonly Buffer[]): Promise<void> {
  const socket: UdpSocket = createSocket('udp4');
  for (const bytes of messages)
    await new Promise<void>(resolve => socket.send(bytes, port, '127.0.0.1', () => resolve()));
  await new Promise(setImmediate);
  socket.close();
}

async function askOverUdp(port: number): Promise<Buffer> {
  const socket = createSocket('udp4');
  // A datagram may be lost beside so many: asked again, as every resolver does.
  const again = setInterval(() => socket.send(question(9), port, '127.0.0.1'), 200);
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), PATIENCE);
  try {
    socket.send(question(9), port, '127.0.0.1');
    const [answer] = await once(socket, 'message', { signal: late.signal });
    return Buffer.isBuffer(answer) ? answer : Buffer.alloc(0);
  } finally {
    clearTimeout(timer);
    clearInterval(again);
    socket.close();
  }
}

async function askOverTcp(port: number): Promise<Buffer> {
  const socket = connect({ port, host: '127.0.0.1' });
  const heard: Buffer[] = [];
  socket.on('data', chunk => heard.push(chunk));
  socket.end(framed(question(9)));
  await closedInTime(socket);
  return Buffer.concat(heard).subarray(2);
}

/** Nonsense for port 53, UDP and TCP. Rejects where a promise is broken. */
export const fuzzDns = (iterations: number, seed: number): Promise<ProtocolFuzz> => {
  const come: Visit = ({ dns }, random) => {
    const messages = Array.from({ length: 1 + below(random, 6) }, () => damaged(oneOf(random, DNS_MESSAGES), random));
    if (random() < 0.6) return datagrams(dns.port, messages);
    return visit(dns.port, damaged(Buffer.concat(messages.map(framed)), random), random);
  };
  const serve: Honest = async ({ dns }) => {
    for (const answer of [await askOverUdp(dns.port), await askOverTcp(dns.port)])
      if (decodeDns(answer)?.answers.length !== 2) throw new Error(`no answer in ${answer.toString('hex')}`);
  };
  return fuzz({ name: 'DNS', come, serve }, iterations, seed);
};
