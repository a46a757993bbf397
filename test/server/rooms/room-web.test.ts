/** The web server tells the page everything once, and strangers nothing. */
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { createLobby } from '../../../server/rooms/lobby.ts';
import type { Room } from '../../../server/rooms/room.ts';
import { openRoom } from '../../../server/rooms/room.ts';
import type { WebServer } from '../../../server/web/http.ts';
import { startWebServer } from '../../../server/web/http.ts';
import { createLive } from '../../../server/web/sockets/live.ts';
import type { ToClient, ToServer } from '../../../shared/api/live.ts';
import { parseToClient } from '../../../shared/api/live.ts';
import { eachService } from '../../../shared/protocols.ts';
import { decodeTrace } from '../../../shared/trace/codec.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';

const PLACE = { host: '127.0.0.1', port: 1 };
let room: Room;
let web: WebServer;
let troubles: string[];
beforeEach(async () => {
  troubles = [];
  room = await openRoom({ world: blueAndGreen, data: null, ports: null });
  web = await startWebServer({
    lobby: createLobby({ main: room }),
    published: eachService(() => PLACE),
    host: '127.0.0.1',
    port: 0,
    page: null,
    onTrouble: sentence => troubles.push(sentence),
  });
});
afterEach(async () => {
  await web.close();
  await room.close();
  expect(troubles).toEqual([]);
});

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}
/** Also sends what fetch would not let through: Host, Origin. */
function ask(
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const asked = request(
      new URL(path, web.url),
      { method: options.method ?? 'GET', headers: options.headers ?? {}, agent: false },
      response => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
      },
    );
    asked.on('error', reject);
    asked.end(options.body);
  });
}
const JSON_TYPE = { 'content-type': 'application/json' };
const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  ask(path, {
    method: 'POST',
    headers: { ...JSON_TYPE, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const letter = { from: 'alice@blue.example', to: ['bob@green.example'], subject: 'Lunch?', text: 'Noon?' };

describe('the API', () => {
  test('sends, collects, and hands out the trace', async () => {
    const sent = await post('/api/messages', letter);
    expect(sent).toMatchObject({ status: 202, text: expect.stringMatching(/^\{"id":"[0-9a-f]+"\}\n$/) as string });
    await untilKind('mail.stored');
    for (const messages of [1, 0])
      expect(await post('/api/collect', { user: 'bob@green.example' })).toMatchObject({
        status: 200,
        text: `{"messages":${messages}}\n`,
      });
    const trace = await ask('/api/trace');
    expect(trace.headers['content-disposition']).toMatch(/^attachment; filename="mailscope-.*\.trace\.ndjson"$/);
    expect(decodeTrace(trace.text)).toMatchObject({ ok: true });
    expect(trace.text).not.toContain('alice-wonder');
  });

  test('tells how to connect, and the world without passwords', async () => {
    const { text } = await ask('/api/world');
    const answer = JSON.parse(text) as { world: object; connect: object };
    expect(answer.connect).toEqual(web.ready);
    expect(JSON.stringify(answer.world)).not.toContain('password');
    expect(await ask('/healthz')).toMatchObject({ status: 200 });
  });

  test.each([
    ['not a letter', '/api/messages', { ...letter, to: [] }, 400, 'no-recipients'],
    ['not an address', '/api/messages', { ...letter, to: ['bob'] }, 400, 'bad-recipient'],
    ['a header in the subject', '/api/messages', { ...letter, subject: 'x\r\nBcc: eve@x.example' }, 400, 'bad-subject'],
    ['an endless subject', '/api/messages', { ...letter, subject: 'x'.repeat(2001) }, 400, 'subject-too-long'],
    ['not JSON', '/api/messages', '{', 400, 'bad-json'],
    ['collect is no word', '/api/messages', { ...letter, collect: 'yes' }, 400, 'bad-request'],
    ['an unknown sender', '/api/messages', { ...letter, from: 'eve@blue.example' }, 404, 'unknown-sender'],
    ['an unknown user', '/api/collect', { user: 'eve@blue.example' }, 404, 'unknown-user'],
    ['no user', '/api/collect', {}, 400, 'bad-request'],
    ['a large body', '/api/collect', { user: 'x'.repeat(5000) }, 413, 'too-large'],
    ['no such call', '/api/moon', {}, 404, 'not-found'],
    ['the wrong method', '/api/world', {}, 405, 'method-not-allowed'],
  ])('%s is refused with its code', async (_name, path, body, status, code) => {
    const reply = await post(path, body);
    expect(reply.status).toBe(status);
    expect(JSON.parse(reply.text)).toMatchObject({ error: { code, message: expect.stringMatching(/\.$/) as string } });
  });

  test('a form cannot post', async () => {
    const reply = await post('/api/messages', letter, { 'content-type': 'text/plain' });
    expect(reply).toMatchObject({ status: 415 });
  });

  test('a flood is slowed down', async () => {
    const began = performance.now();
    const replies = await Promise.all(
      Array.from({ length: 60 }, () => post('/api/collect', { user: 'eve@x.example' })),
    );
    const most = 20 + Math.ceil(((performance.now() - began) / 1000) * 5);
    const served = replies.filter(({ status }) => status === 404).length;
    expect(served).toBeGreaterThanOrEqual(20);
    expect(served).toBeLessThanOrEqual(most);
    const refused = replies.filter(({ status }) => status === 429);
    expect(served + refused.length).toBe(60);
    for (const { headers, text } of refused) {
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
      expect(text).toContain('"code":"too-many-requests"');
    }
  });

  test('strangers get nothing: wrong Host, foreign Origin, null Origin', async () => {
    const { host } = new URL(web.url);
    for (const headers of [
      { host: 'mailscope.evil.example' },
      { host: `evil.example:${new URL(web.url).port}` },
      { host, origin: 'http://evil.example' },
      { host, origin: 'null' },
    ])
      expect(await post('/api/messages', letter, headers)).toMatchObject({ status: 403 });
    expect(room.recorder.length).toBe(0);
    expect(
      await ask('/api/world', { headers: { host: `localhost:${new URL(web.url).port}`, origin: `http://${host}` } }),
    ).toMatchObject({ status: 200 });
  });

  test('every answer forbids what the page does not need', async () => {
    for (const path of ['/', '/healthz', '/nothing']) {
      const { headers } = await ask(path);
      expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'");
      expect(headers['content-security-policy']).not.toContain('unsafe');
      expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
    }
    expect(await ask('/')).toMatchObject({ status: 503, text: expect.stringContaining('npm run build') as string });
  });
});

/** What comes back for these octets, headers and all, until the server hangs up. */
async function raw(...octets: (string | Buffer)[]): Promise<string> {
  const socket = connect(Number(new URL(web.url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  let heard = '';
  socket.setEncoding('latin1').on('data', (text: string) => {
    heard += text;
  });
  for (const each of octets) socket.write(each);
  await once(socket, 'close');
  return heard;
}
const upgradeTo = (path: string, more = '', host = new URL(web.url).host): string =>
  `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n${more}\r\n`;

describe('a hostile client', () => {
  const ROUTES = ['/', '/healthz', '/api/world', '/api/trace', '/api/messages', '/api/collect', '/api/moon', '/x'];

  test.each(ROUTES)(
    'gets nothing from %s by a foreign name or page, and the answer is as strict as any',
    async path => {
      const { port, host } = new URL(web.url);
      for (const method of ['GET', 'POST', 'OPTIONS', 'PUT'])
        for (const headers of [
          { host: `rebound.example:${port}` },
          { host: '127.0.0.1' },
          { host, origin: `http://rebound.example:${port}` },
          { host, origin: `https://${host}` },
          { host, origin: 'null' },
        ]) {
          const reply = await ask(path, { method, headers: { ...JSON_TYPE, ...headers } });
          expect(reply.status).toBe(403);
          expect(reply.text).not.toContain('password');
          expect(reply.headers['content-security-policy']).toContain("default-src 'none'");
          expect(reply.headers['content-security-policy']).not.toContain('rebound');
          expect(reply.headers).not.toHaveProperty('access-control-allow-origin');
        }
      expect(room.recorder.length).toBe(0);
    },
  );

  test('gets a strict answer for every kind of error', async () => {
    const replies = [
      await ask('/api/moon'),
      await ask('/api/world', { method: 'DELETE' }),
      await post('/api/messages', '{'),
      await post('/api/messages', letter, { 'content-type': 'text/plain' }),
      await post('/api/collect', 'x'.repeat(5000)),
    ];
    expect(replies.map(({ status }) => status)).toEqual([404, 405, 400, 415, 413]);
    for (const { headers } of replies) {
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff' });
    }
    for (const [octets, status] of [
      ['nonsense\r\n\r\n', 400],
      ['GET / HTTP/1.1\r\n\r\n', 400],
      [`GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
      [upgradeTo('/api/moon'), 403],
      [upgradeTo('/api/live', '', 'rebound.example'), 403],
      [upgradeTo('/api/live', 'Origin: null\r\n'), 403],
    ] as const) {
      const heard = await raw(octets);
      expect(heard).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
      expect(heard.toLowerCase()).toContain('connection: close');
    }
    expect(await raw('nonsense\r\n\r\n')).toContain("content-security-policy: default-src 'none'");
  });

  test('has a body cut off where it becomes too large, whatever it declared', async () => {
    const { host } = new URL(web.url);
    const head = `POST /api/collect HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n`;
    const chunk = `2000\r\n${'x'.repeat(8192)}\r\n`;
    expect(await raw(`${head}Transfer-Encoding: chunked\r\n\r\n`, chunk)).toMatch(/^HTTP\/1\.1 413 /);
    expect(await raw(`${head}Content-Length: 99999999999\r\n\r\n`)).toMatch(/^HTTP\/1\.1 413 /);
  });

  test('that goes away in the middle of its body troubles nobody', async () => {
    const { host, port } = new URL(web.url);
    const socket = connect(Number(port), '127.0.0.1');
    const head = `Host: ${host}\r\nContent-Type: application/json\r\nContent-Length: 50\r\nExpect: 100-continue`;
    socket.write(`POST /api/messages HTTP/1.1\r\n${head}\r\n\r\n{`);
    // The server reads the body as soon as it says that it will.
    await once(socket, 'data');
    socket.resetAndDestroy();
    await once(socket, 'close');
    // Another request later, the first one is over; the end of the test looks at `troubles`.
    expect(await ask('/healthz')).toMatchObject({ status: 200 });
  });

  test('who speaks no WebSocket after the upgrade is shown out, and the others notice nothing', async () => {
    const good = new Viewer();
    await good.ask({ type: 'watch', trace: null, from: 1 });
    for (const frame of [
      Buffer.from([0xff, 0xff, 0xff, 0xff]),
      // Not masked, as a client's must be (RFC 6455 §5.1).
      Buffer.from([0x81, 0x02, 0x7b, 0x7d]),
      // A megabyte is announced where 64 KiB are allowed.
      Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0]),
      // Binary, and then UTF-8 that is none.
      Buffer.from([0x82, 0x81, 0, 0, 0, 0, 0x41]),
      Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0xff]),
    ])
      expect(await raw(upgradeTo('/api/live'), frame)).toMatch(/^HTTP\/1\.1 101 /);
    marker();
    await good.until(() => good.seqs.includes(1));
    good.socket.close();
  });
});

test('nothing beside the page is served, however the path is written', async () => {
  const root = await mkdtemp(join(tmpdir(), 'mailscope-web-'));
  const page = join(root, 'page');
  await mkdir(join(page, 'assets'), { recursive: true });
  await writeFile(join(page, 'index.html'), '<title>page</title>');
  await writeFile(join(page, '.hidden'), 'secret');
  await writeFile(join(root, 'secret.txt'), 'secret');
  await web.close();
  const published = eachService(() => PLACE);
  const onTrouble = (sentence: string) => troubles.push(sentence);
  web = await startWebServer({
    lobby: createLobby({ main: room }),
    published,
    host: '127.0.0.1',
    port: 0,
    page,
    onTrouble,
  });
  const { host } = new URL(web.url);
  for (const path of [
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e%2fsecret.txt',
    '/..%5csecret.txt',
    '//secret.txt',
    '/.hidden',
    '/%00',
    '/%',
    '/assets',
  ]) {
    const heard = await raw(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    expect(heard, path).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(heard, path).not.toContain('secret\n');
    expect(heard, path).not.toMatch(/\r\nsecret/);
  }
  expect(await ask('/')).toMatchObject({ status: 200, text: '<title>page</title>' });
  await rm(root, { recursive: true });
});

/** Resolves once the room has recorded a fact of this kind. */
function untilKind(kind: string): Promise<void> {
  if (room.recorder.events(1).some(event => event.kind === kind)) return Promise.resolve();
  return new Promise(resolve => {
    const stop = room.recorder.watch(notice => {
      if (notice.kind !== 'events' || !notice.events.some(event => event.kind === kind)) return;
      stop();
      resolve();
    });
  });
}

/** A viewer as the page is one; `until` resolves with all messages so far once they satisfy it. */
class Viewer {
  readonly messages: ToClient[] = [];
  readonly socket: WebSocket;
  private check: () => void = () => undefined;
  constructor(headers: Record<string, string> = {}) {
    this.socket = new WebSocket(`${web.url.replace('http', 'ws')}api/live`, { headers });
    this.socket.on('message', data => {
      const message = parseToClient(String(data));
      if (message === null) throw new Error('not a message of the contract');
      this.messages.push(message);
      this.check();
    });
  }
  async ask(message: ToServer): Promise<void> {
    if (this.socket.readyState !== WebSocket.OPEN) await new Promise(resolve => this.socket.once('open', resolve));
    this.socket.send(JSON.stringify(message));
  }
  get seqs(): number[] {
    return this.messages.flatMap(message =>
      message.type === 'events' ? message.events.map(event => (event as { seq: number }).seq) : [],
    );
  }
  until(satisfied: () => boolean): Promise<void> {
    return new Promise(resolve => {
      this.check = () => {
        if (satisfied()) resolve();
      };
      this.check();
    });
  }
  closed(): Promise<number> {
    return new Promise(resolve => this.socket.once('close', code => resolve(code)));
  }
}
const marker = (label = 'x') => room.recorder.append({ kind: 'marker', label });
const upTo = (last: number, from = 1) => Array.from({ length: last - from + 1 }, (_, at) => from + at);

describe('watching', () => {
  test('gives what is there, then what comes, each once and in order', async () => {
    for (let at = 0; at < 2500; at += 1) marker();
    const viewer = new Viewer();
    await viewer.ask({ type: 'watch', trace: null, from: 1 });
    await viewer.until(() => viewer.seqs.length > 0);
    for (let at = 0; at < 10; at += 1) marker();
    await viewer.until(() => viewer.seqs.includes(2510));
    expect([...new Set(viewer.seqs)]).toEqual(upTo(2510));
    expect(viewer.messages.find(message => message.type === 'trace')).toMatchObject({
      id: room.recorder.id,
      last: 2500,
      header: { mailscope: 1 },
    });
    viewer.socket.close();
  });

  test('goes on where a viewer left off, and starts over in another trace', async () => {
    for (let at = 0; at < 10; at += 1) marker();
    const again = new Viewer();
    await again.ask({ type: 'watch', trace: room.recorder.id, from: 8 });
    await again.until(() => again.seqs.includes(10));
    expect(again.seqs).toEqual([8, 9, 10]);
    const lost = new Viewer();
    await lost.ask({ type: 'watch', trace: 'another', from: 8 });
    await lost.until(() => lost.seqs.includes(10));
    expect(lost.seqs).toEqual(upTo(10));
    again.socket.close();
    lost.socket.close();
  });

  test('a viewer can hold the wire and let things go', async () => {
    const viewer = new Viewer();
    await viewer.ask({ type: 'hold', on: true });
    await viewer.until(() => viewer.messages.some(message => message.type === 'holding' && message.on));
    await post('/api/messages', letter);
    await viewer.until(() => viewer.messages.some(message => message.type === 'holding' && message.waiting === 1));
    expect(room.recorder.events(1).some(event => event.kind === 'mail.stored')).toBe(false);
    await viewer.ask({ type: 'hold', on: false });
    await untilKind('mail.stored');
    viewer.socket.close();
  });

  test('nonsense ends it, and so does a foreign page', async () => {
    const viewer = new Viewer();
    await new Promise(resolve => viewer.socket.once('open', resolve));
    viewer.socket.send('{"type":"moon"}');
    expect(await viewer.closed()).toBe(1008);
    const foreign = new Viewer({ origin: 'http://evil.example' });
    const refused = await new Promise<Error>(resolve => foreign.socket.once('error', resolve));
    expect(refused.message).toContain('403');
  });

  test('a viewer that does not read is dropped, and the others miss nothing', async () => {
    const { host, port } = new URL(web.url);
    const slow = connect(Number(port), '127.0.0.1');
    slow.write(
      `GET /api/live HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
    );
    await new Promise(resolve => slow.once('readable', resolve));
    // A masked text frame {"type":"watch","trace":null,"from":1} with a mask of zeros; after it nothing is read any more.
    const ask = Buffer.from('{"type":"watch","trace":null,"from":1}');
    slow.write(Buffer.concat([Buffer.from([0x81, 0x80 | ask.length, 0, 0, 0, 0]), ask]));
    const gone = new Promise<void>(resolve => slow.once('close', () => resolve()));
    slow.on('error', () => undefined);
    const good = new Viewer();
    await good.ask({ type: 'watch', trace: null, from: 1 });
    await good.until(() => good.messages.some(message => message.type === 'trace'));
    const large = 'x'.repeat(60_000);
    for (let at = 1; at <= 600; at += 1) {
      marker(large);
      if (at % 20 === 0) await good.until(() => good.seqs.includes(at));
    }
    // Reading now shows what was sent before the end: it was ended, not waited for.
    slow.resume();
    await gone;
    expect(good.seqs).toEqual(upTo(600));
    good.socket.close();
  });

  test('a wire that the last viewer left held is let go', async () => {
    const live = createLive(room, { unattended: 20 });
    const server = createServer();
    server.on('upgrade', (asked, socket, head) => live.upgrade(asked, socket, head));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const only = new WebSocket(`ws://127.0.0.1:${port}/`);
    await once(only, 'open');
    const held = new Promise<void>(done => room.brake.onChange(({ on }) => on && done()));
    const released = new Promise<void>(done => room.brake.onChange(({ on }) => !on && done()));
    only.send(JSON.stringify({ type: 'hold', on: true }));
    await held;
    only.close();
    await released;
    expect(room.brake.state()).toEqual({ on: false, waiting: 0 });
    await live.close();
    server.close();
  });

  test('there are only so many at once, and whoever has not asked for anything makes room', async () => {
    const live = createLive(room, { most: 1 });
    const server = createServer();
    server.on('upgrade', (asked, socket, head) => live.upgrade(asked, socket, head));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const idle = new WebSocket(`ws://127.0.0.1:${port}/`);
    await once(idle, 'open');
    const left = once(idle, 'close');
    const first = new WebSocket(`ws://127.0.0.1:${port}/`);
    const told = new Promise<void>(resolve => {
      first.on('message', data => String(data).startsWith('{"type":"trace"') && resolve());
    });
    await once(first, 'open');
    expect((await left)[0]).toBe(1013);
    first.send('{"type":"watch","trace":null,"from":1}');
    await told;
    const second = new WebSocket(`ws://127.0.0.1:${port}/`);
    expect((await once(second, 'close'))[0]).toBe(1013);
    expect(live.viewers()).toBe(1);
    const ended = once(first, 'close');
    await live.close();
    expect((await ended)[0]).toBe(1001);
    server.close();
  });
});
