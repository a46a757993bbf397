/** What the DNS server promises to clients nobody here wrote: dig, the resolver of Node (c-ares), and plain sockets with junk. */
import { execFile, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { promises as dns } from 'node:dns';
import { once } from 'node:events';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import packet from 'dns-packet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { framed, startDnsServer } from '../../../server/dns/server.ts';
import type { Listener } from '../../../server/network/contract.ts';
import { decodeDns, dnsFrames } from '../../../shared/decode/dns.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';
import type { Zone } from '../../../shared/world/world.ts';
import { type Loopback, loopback } from '../../help/loopback/dns-loopback.ts';

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

let network: Loopback;
let server: Listener;
let port: number;
let zones: readonly Zone[] = [...blueAndGreen.zones, large];

beforeAll(async () => {
  network = loopback(blueAndGreen);
  server = await startDnsServer({ network, host: 'ns.root.example', zones: () => zones });
  port = await network.portOf('ns.root.example');
});
afterAll(async () => {
  await server.close();
  await network.close();
});

/** Asks over UDP until something comes back. */
async function udp(...datagrams: Uint8Array[]): Promise<Buffer> {
  const socket = createSocket('udp4');
  try {
    for (const bytes of datagrams) socket.send(bytes, port, '127.0.0.1');
    const [answer] = await once(socket, 'message');
    if (!Buffer.isBuffer(answer)) throw new Error('no octets');
    return answer;
  } finally {
    socket.close();
  }
}

/** Sends these segments over TCP, ends, and gives all that comes back until the server ends too. */
async function tcp(...segments: Uint8Array[]): Promise<Buffer> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.setNoDelay(true);
  for (const bytes of segments) await new Promise(resolve => socket.write(bytes, resolve));
  socket.end();
  const parts: Buffer[] = [];
  socket.on('data', (part: Buffer) => parts.push(part));
  await once(socket, 'close');
  return Buffer.concat(parts);
}

const question = (id: number, name = 'green.example', type: packet.RecordType = 'MX') =>
  packet.encode({ type: 'query', id, questions: [{ name, type }] });

describe.skipIf(!hasDig)('dig (skipped where it is not installed)', () => {
  const dig = async (...options: string[]): Promise<string> => {
    const { stdout } = await run('dig', ['@127.0.0.1', '-p', String(port), '+tries=1', '+time=5', ...options]);
    return stdout;
  };

  test.each([
    ['with its defaults', []],
    ['without EDNS', ['+noedns']],
    ['over TCP', ['+tcp']],
    ['with a small buffer', ['+bufsize=512']],
    ['with a cookie', ['+cookie']],
  ])('%s gets both exchanges, their addresses and no complaint', async (_, options) => {
    const text = await dig(...options, 'MX', 'green.example');
    expect(text).toMatch(/status: NOERROR/);
    expect(text).toMatch(/flags: qr aa rd;/);
    expect(text).toMatch(/green\.example\.\s+3600\s+IN\s+MX\s+10 mx1\.green\.example\./);
    expect(text).toMatch(/mx2\.green\.example\.\s+3600\s+IN\s+A\s+198\.51\.100\.26/);
    expect(text).not.toMatch(/Warning: (?!recursion)|malformed|mismatch|FORMERR|garbage/i);
  });
  test('is told NXDOMAIN and NODATA with the SOA', async () => {
    const missing = await dig('A', 'nobody.green.example');
    expect(missing).toMatch(/status: NXDOMAIN/);
    expect(missing).toMatch(/AUTHORITY SECTION:\s+green\.example\.\s+300\s+IN\s+SOA/);
    const empty = await dig('AAAA', 'mx1.green.example');
    expect(empty).toMatch(/status: NOERROR/);
    expect(empty).toMatch(/ANSWER: 0, AUTHORITY: 1/);
  });
  test('falls back to TCP by itself when the answer is truncated', async () => {
    expect(await dig('+noedns', 'MX', 'large.example')).toMatch(/Truncated, retrying in TCP mode[\s\S]*ANSWER: 40/);
    expect(await dig('+noedns', '+ignore', 'MX', 'large.example')).toMatch(/flags: qr aa tc rd;.*ANSWER: 0/);
    expect(await dig('MX', 'large.example')).toMatch(/ANSWER: 40/);
  });
  test('finds the name of an address', async () => {
    expect(await dig('+short', '-x', '198.51.100.25')).toBe('mx1.green.example.\n');
  });
  test('asks several questions over one connection', async () => {
    const text = await dig('+tcp', '+keepopen', '+short', 'A', 'mx1.green.example', 'A', 'mx2.green.example');
    expect(text.split('\n').slice(0, 2)).toEqual(['198.51.100.25', '198.51.100.26']);
  });
  test('is refused a zone transfer, a foreign name, another class, and BADVERS from the future', async () => {
    expect(await dig('AXFR', 'green.example')).toMatch(/Transfer failed/);
    expect(await dig('A', 'example.com')).toMatch(/status: REFUSED/);
    expect(await dig('CH', 'TXT', 'version.bind')).toMatch(/status: REFUSED/);
    expect(await dig('+edns=1', '+noednsnegotiation', 'A', 'green.example')).toMatch(/status: BADVERS/);
    expect(await dig('+opcode=status', 'A', 'green.example')).toMatch(/status: NOTIMP/);
    expect(await dig('ANY', 'blue.example')).toMatch(/status: NOERROR/);
  });
});

test('the resolver of Node reads MX, A, TXT, NS, SOA and a truncated answer', async () => {
  const resolver = new dns.Resolver({ tries: 1, timeout: 5000 });
  resolver.setServers([`127.0.0.1:${port}`]);
  expect((await resolver.resolveMx('green.example')).toSorted((one, other) => one.priority - other.priority)).toEqual([
    { exchange: 'mx1.green.example', priority: 10 },
    { exchange: 'mx2.green.example', priority: 20 },
  ]);
  expect(await resolver.resolve4('mx1.green.example')).toEqual(['198.51.100.25']);
  expect(await resolver.resolveTxt('blue.example')).toEqual([['v=spf1 ip4:192.0.2.10 -all']]);
  expect(await resolver.resolveNs('blue.example')).toEqual(['ns.root.example']);
  expect((await resolver.resolveSoa('blue.example')).minttl).toBe(300);
  expect(await resolver.resolvePtr('25.100.51.198.in-addr.arpa')).toEqual(['mx1.green.example']);
  expect(await resolver.resolveMx('large.example')).toHaveLength(40);
  await expect(resolver.resolve4('nobody.green.example')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  await expect(resolver.resolve6('mx1.green.example')).rejects.toMatchObject({ code: 'ENODATA' });
});

test('junk over UDP is survived, and the next question is answered', async () => {
  const junk = [
    Buffer.alloc(0),
    Buffer.from('x'),
    Buffer.alloc(11),
    Buffer.alloc(2000, 0xff),
    question(5).subarray(0, 30),
  ];
  const answerToQuestion = question(9);
  answerToQuestion.writeUInt16BE(0x8180, 2);
  const answer = decodeDns(await udp(...junk, answerToQuestion, question(7)));
  expect([5, 7]).toContain(answer?.id);
  expect(decodeDns(await udp(question(8)))?.id).toBe(8);
});

describe('over TCP', () => {
  const idsIn = (stream: Buffer) =>
    dnsFrames(stream).frames.map(({ from, to }) => decodeDns(stream.subarray(from, to))?.id);

  test('pipelined questions in one segment are all answered, also after the client has ended', async () => {
    const ids = Array.from({ length: 200 }, (_, index) => index + 1);
    const stream = await tcp(Buffer.concat(ids.map(id => framed(question(id, 'large.example')))));
    expect(idsIn(stream)).toEqual(ids);
  });
  test('a client that does not read is not read from, and gets every answer once it does', async () => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    await once(socket, 'connect');
    socket.pause();
    const ids = Array.from({ length: 8_000 }, (_, index) => index + 1);
    socket.end(Buffer.concat(ids.map(id => framed(question(id, 'large.example')))));
    await expect.poll(() => network.accepted.at(-1)?.isPaused(), { timeout: 60_000 }).toBe(true);
    const parts: Buffer[] = [];
    socket.on('data', (part: Buffer) => parts.push(part));
    socket.resume();
    await once(socket, 'close');
    const stream = Buffer.concat(parts);
    const { frames } = dnsFrames(stream);
    expect(frames.map(({ from }) => stream.readUInt16BE(from))).toEqual(ids);
  }, 120_000); // Eight thousand long answers, as less might fit what the kernel keeps.
  test('a question that comes octet by octet is answered', async () => {
    const octets = Array.from(framed(question(3)), octet => Buffer.from([octet]));
    expect(idsIn(await tcp(...octets))).toEqual([3]);
  });
  test.each([
    ['an empty message', Buffer.from([0, 0])],
    ['a short one', Buffer.from([0, 3, 1, 2, 3])],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(1000))],
    ['half a question', framed(question(4)).subarray(0, 20)],
  ])('%s ends the connection and harms nobody', async (_, junk) => {
    expect(idsIn(await tcp(framed(question(1)), junk)).slice(0, 1)).toEqual([1]);
    expect(idsIn(await tcp(framed(question(2))))).toEqual([2]);
  });
  test('a client that breaks off harms nobody', async () => {
    const socket = connect({ port, host: '127.0.0.1' });
    await once(socket, 'connect');
    socket.write(framed(question(1, 'large.example')));
    socket.resetAndDestroy();
    await once(socket, 'close');
    expect(idsIn(await tcp(framed(question(2))))).toEqual([2]);
  });
});

test('an edited zone answers at once', async () => {
  const before = zones;
  zones = zones.map(zone => (zone.name === 'large.example' ? { ...zone, records: zone.records.slice(0, 1) } : zone));
  expect(decodeDns(await udp(question(1, 'large.example')))?.answers).toHaveLength(1);
  zones = before;
});
