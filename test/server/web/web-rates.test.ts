/** One socket says only so much, history leaves a page at a time, bodies are counted, and the rate is asked before a body is read. */
import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import { createOctetBudget, type OctetBudget } from '../../../server/base/octet-budget.ts';
import { closeServer, listenOn } from '../../../server/network/door.ts';
import { createLobby } from '../../../server/rooms/lobby.ts';
import { openRoom, type Room } from '../../../server/rooms/room.ts';
import type { Timing } from '../../../server/shows/pace.ts';
import { startWebServer, type WebServer } from '../../../server/web/http.ts';
import { createBodies } from '../../../server/web/limits/bodies.ts';
import { hangUp } from '../../../server/web/limits/hang-up.ts';
import { createTokenBucket } from '../../../server/web/limits/token-bucket.ts';
import { createTurns } from '../../../server/web/limits/turns.ts';
import { createLive } from '../../../server/web/sockets/live.ts';
import { parseToClient, type ToClient } from '../../../shared/api/live.ts';
import { parseFromShow } from '../../../shared/api/show.ts';
import { eachService } from '../../../shared/protocols.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';
import { atBeat, attend, cueAt, dial, type Ear, NarrowLine } from '../../help/loopback/show-loopback.ts';

const PLACE = { host: '127.0.0.1', port: 1 };
let room: Room;
let web: WebServer;
let budget: OctetBudget;
let troubles: string[];
beforeEach(async () => {
  troubles = [];
  budget = createOctetBudget(1024 * 1024);
  room = await openRoom({ world: blueAndGreen, data: null, ports: null });
  web = await startWebServer({
    lobby: createLobby({ main: room }),
    published: eachService(() => PLACE),
    octets: budget,
    host: '127.0.0.1',
    port: 0,
    audience: { host: '127.0.0.1', port: 0 },
    page: null,
    onTrouble: sentence => troubles.push(sentence),
  });
});
afterEach(async () => {
  await web.close();
  await room.close();
  expect(troubles).toEqual([]);
});

const WATCH = { type: 'watch', trace: null, from: 1 } as const;
const live = () => dial(web.url, '/api/live', parseToClient);

describe('a token bucket', () => {
  let at = 0;
  const bucket = (burst: number, perSecond: number) => {
    at = 0;
    return createTokenBucket(burst, perSecond, () => at);
  };

  test('gives its burst at once, says how long until the next, and gives that then', () => {
    const { take } = bucket(3, 2);
    expect([take(), take(), take(), take()]).toEqual([0, 0, 0, 500]);
    at = 250;
    expect(take()).toBe(250);
    at = 500;
    expect([take(), take()]).toEqual([0, 500]);
    at = 1750;
    expect([take(), take(), take()]).toEqual([0, 0, 250]);
  });

  test('never holds more than its burst, however long nobody asks', () => {
    const { take } = bucket(3, 2);
    at = 3_600_000;
    expect([take(), take(), take(), take()]).toEqual([0, 0, 0, 500]);
  });

  test('takes nothing where there is too little', () => {
    const { take } = bucket(10, 10);
    expect([take(8), take(3), take(2), take(11)]).toEqual([0, 100, 0, 1100]);
  });
});

describe('a socket that says too much', () => {
  test.each([
    ['watches twice in a second', 2, WATCH],
    ['holds and lets go faster than any finger', 300, { type: 'hold', on: true }],
    ['lets chunks go faster than any key repeats', 900, { type: 'release' }],
  ])('is shown out: it %s', async (_how, count, message) => {
    const viewer = await live();
    for (let nth = 0; nth < count; nth += 1) viewer.say(message);
    expect(await viewer.closed).toBe(1008);
  });

  test.each([
    ['cues', 1500, { type: 'cue', cue: cueAt(1) }],
    ['steers', 900, { type: 'steer', steer: { do: 'next' } }],
  ])('is shown out of a show, too: %s', async (_what, count, message) => {
    const { id, secret } = await begin();
    const speaker = await attend(web.url, id, secret);
    for (let nth = 0; nth < count; nth += 1) speaker.say(message);
    expect(await speaker.closed).toBe(1008);
  });

  test.each(['/api/live', '/api/show'])('is shown out of %s for octets that are no message, too', async path => {
    const { id } = await begin();
    const ear = await dial(web.url, `${path}?id=${id}`, String);
    for (let nth = 0; nth < 2000; nth += 1) ear.socket.pong(Buffer.alloc(100));
    // Whoever is still talking may not hear why.
    expect([1006, 1008]).toContain(await ear.closed);
  });

  test('is not who holds a key, drags a slider or points all the while', async () => {
    const { id, secret } = await begin();
    const speaker = await attend(web.url, id, secret);
    const follower = await attend(web.ready.audience?.[0] ?? '', id, null);
    for (let beat = 0; beat < 400; beat += 1) {
      speaker.say({ type: 'cue', cue: { ...cueAt(beat), pointer: { x: 0.123456789, y: 0.987654321 } } });
      if (beat % 2 === 0) speaker.say({ type: 'steer', steer: { do: 'next' } });
    }
    await follower.hears(atBeat(399));
    const viewer = await live();
    for (let nth = 0; nth < 200; nth += 1) viewer.say({ type: 'release' });
    viewer.say(WATCH);
    await viewer.hears(({ type }) => type === 'trace');
    expect(speaker.socket.readyState).toBe(WebSocket.OPEN);
  });

  test('and is hung up on again and again, leaves one listener of each kind', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const welcomed = once(server, 'connection') as Promise<[WebSocket]>;
    const client = new WebSocket(`ws://127.0.0.1:${port}`);
    const [socket] = await welcomed;
    const before = socket.listenerCount('close');
    for (let nth = 0; nth < 50; nth += 1) hangUp(socket, 1008, 'once');
    expect([socket.listenerCount('close') - before, socket.listenerCount('error')]).toEqual([1, 1]);
    const [code] = await once(client, 'close');
    expect(code).toBe(1008);
    server.close();
  });
});

async function begin(): Promise<{ id: string; secret: string }> {
  const text = await (await fetch(new URL('/api/shows', web.url), { method: 'POST' })).text();
  const [, id = '', secret = ''] = /"id":"([\w-]+)","secret":"([\w-]+)"/.exec(text) ?? [];
  return { id, secret };
}

describe('history', () => {
  /** A viewer whose line takes nothing while it is blocked, and who is never too soon. */
  async function slowViewer() {
    let at = 0;
    const door = createLive(room, { now: () => at });
    const lines: NarrowLine[] = [];
    const server = createServer().on('upgrade', (asked, socket, head) => {
      const line = new NarrowLine(socket);
      lines.push(line);
      door.upgrade(asked, line, head);
    });
    const base = `http://127.0.0.1:${await listenOn(server, 0, '127.0.0.1')}/`;
    const viewer = await dial(base, '/', parseToClient);
    await viewer.hears(({ type }) => type === 'holding');
    const [line] = lines;
    if (line === undefined) throw new Error('a viewer has a line');
    return {
      viewer,
      line,
      another: () => dial(base, '/', parseToClient),
      async watch(): Promise<void> {
        at += 1000;
        const heard = once(line, 'data');
        viewer.say(WATCH);
        await heard;
      },
      async end(): Promise<void> {
        await door.close();
        await closeServer(server);
      },
    };
  }
  const traces = ({ heard }: Ear<ToClient>) => heard.filter(({ type }) => type === 'trace').length;
  const seqs = ({ heard }: Ear<ToClient>) =>
    heard.flatMap(message => (message.type === 'events' ? message.events.map(event => seqOf(event)) : []));
  const seqOf = (event: unknown): number =>
    typeof event === 'object' && event !== null && 'seq' in event ? Number(event.seq) : 0;

  test('leaves a page at a time, and whoever asks again meanwhile gets no second reader', async () => {
    for (let nth = 0; nth < 3000; nth += 1) room.recorder.append({ kind: 'marker', label: 'x'.repeat(1000) });
    const { viewer, line, watch, another, end } = await slowViewer();
    line.block(true);
    for (let nth = 0; nth < 5; nth += 1) {
      await watch();
      // Whoever comes behind them has had a turn: so have they.
      const next = await another();
      next.say(WATCH);
      await next.hears(({ type }) => type === 'events');
      next.socket.terminate();
    }
    expect(line.writableLength).toBeLessThan(512 * 1024);
    line.block(false);
    await viewer.hears(message => message.type === 'events' && message.events.some(event => seqOf(event) === 3000));
    expect(traces(viewer)).toBeLessThanOrEqual(2);
    expect(new Set(seqs(viewer)).size).toBe(3000);
    expect(seqs(viewer).length).toBeLessThan(3000 + 1001);
    await end();
  });

  test('is given to each in turn, and rests twice as long as it took', () => {
    let at = 0;
    const due: { readonly at: number; readonly then: () => void }[] = [];
    const timing: Timing = {
      now: () => at,
      after(milliseconds, then) {
        due.push({ at: at + milliseconds, then });
        return () => undefined;
      },
    };
    const given: string[] = [];
    const turns = createTurns<string>(who => {
      at += 10;
      given.push(who);
      turns.want(who);
      return 0;
    }, timing);
    turns.want('a');
    turns.want('b');
    while (at < 300) {
      const next = due.shift();
      if (next === undefined) throw new Error('somebody wants more');
      at = Math.max(at, next.at);
      next.then();
    }
    expect(given.slice(0, 4)).toEqual(['a', 'b', 'a', 'b']);
    expect(given.length).toBeLessThanOrEqual(11);
  });

  test('keeps to 64 MiB a second, however fast it is made', () => {
    let waited = 0;
    const turns = createTurns<string>(() => 2 * 1024 * 1024, {
      now: () => 0,
      after(milliseconds) {
        waited = milliseconds;
        return () => undefined;
      },
    });
    turns.want('a');
    expect(waited).toBe(0);
    const first: (() => void)[] = [];
    const again = createTurns<string>(() => 2 * 1024 * 1024, {
      now: () => 0,
      after(milliseconds, then) {
        waited = milliseconds;
        first.push(then);
        return () => undefined;
      },
    });
    again.want('a');
    again.want('b');
    first[0]?.();
    expect(waited).toBeCloseTo(31.25);
  });

  test('is not told what is held once for each chunk, but once a frame', async () => {
    const viewer = await live();
    await viewer.hears(({ type }) => type === 'holding');
    for (let nth = 0; nth < 101; nth += 1) room.brake.hold(nth % 2 === 0);
    await viewer.hears(message => message.type === 'holding' && message.on);
    viewer.say(WATCH);
    await viewer.hears(({ type }) => type === 'trace');
    expect(viewer.heard.filter(({ type }) => type === 'holding').length).toBeLessThan(10);
    room.brake.hold(false);
  });
});

interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}
function post(path: string, body: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const asked = request(new URL(path, web.url), { method: 'POST', headers, agent: false }, response => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}
const letter = (text: string) =>
  JSON.stringify({ from: 'alice@blue.example', to: ['bob@green.example'], subject: 'Lunch?', text });

describe('the rate', () => {
  test.each([
    ['POST', '/api/messages', 20],
    ['POST', '/api/collect', 20],
    ['POST', '/api/outbox', 20],
    ['POST', '/api/strangers', 20],
    ['PUT', '/api/world', 100],
    ['POST', '/api/world/undo', 100],
    ['POST', '/api/world/redo', 100],
    ['POST', '/api/world/reset', 100],
    ['POST', '/api/faults', 100],
    ['DELETE', '/api/faults/1', 100],
    ['POST', '/api/clock', 100],
    ['POST', '/api/queue/flush', 100],
    ['POST', '/api/stories', 10],
    ['POST', '/api/shows', 10],
  ])('of %s %s is asked before a body is read', async (method, path, burst) => {
    const { host, port } = new URL(web.url);
    const head = `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n`;
    const sockets = Array.from({ length: 2 * burst }, () => connect(Number(port), '127.0.0.1'));
    for (const socket of sockets) {
      socket.on('error', () => undefined);
      ended.push(() => socket.destroy());
    }
    // All ask in one turn: the time that a slow machine takes to connect them would earn them a new allowance.
    await Promise.all(sockets.map(socket => once(socket, 'connect')));
    const refused = new Promise<string>(resolve => {
      for (const socket of sockets) {
        socket.on('data', (chunk: Buffer) => {
          const answer = chunk.toString('latin1');
          if (answer.startsWith('HTTP/1.1 429 ')) resolve(answer);
        });
        socket.write(head);
      }
    });
    const answer = await refused;
    expect(answer).toMatch(/retry-after: [1-9]/);
    expect(answer.toLowerCase()).toContain('connection: close');
    for (const end of ended.splice(0)) end();
  });
  const ended: (() => void)[] = [];
});

describe('a body', () => {
  test('that finds no room in the budget is refused as one, a usual letter is not, and all is given back', async () => {
    const large = await post('/api/messages', letter('x'.repeat(2 * 1024 * 1024)));
    expect(large).toMatchObject({ status: 503, headers: { 'retry-after': '1', connection: 'close' } });
    expect(JSON.parse(large.text)).toMatchObject({
      error: { code: 'busy', message: expect.stringMatching(/\.$/) as string },
    });
    expect(budget.inUse()).toBe(0);
    const rest = 1024 * 1024;
    expect(budget.reserve(rest)).toBe(true);
    expect(await post('/api/collect', '{"user":"bob@green.example"}')).not.toMatchObject({ status: 503 });
    expect((await post('/api/messages', letter('x'.repeat(100_000)))).status).toBe(503);
    budget.release(rest);
    expect((await post('/api/messages', letter('x'.repeat(100_000)))).status).toBe(202);
    await expect.poll(() => budget.inUse()).toBe(0);
  });

  test('that has begun to come has room for all that it announced', async () => {
    const counted = createOctetBudget(1024 * 1024);
    const bodies = createBodies(counted);
    const silent = incoming();
    silent.headers['content-length'] = '1000000';
    await bodies.octets(silent, 1_000_000);
    expect(counted.inUse()).toBe(0);
    const begun = incoming(70_000);
    begun.headers['content-length'] = '1000000';
    await bodies.octets(begun, 1_000_000);
    expect(counted.inUse()).toBe(1_000_000 - 64 * 1024);
    await expect(bodies.octets(incoming(200_000), 1_000_000)).rejects.toMatchObject({ status: 503, code: 'busy' });
  });

  const incoming = (...chunks: readonly number[]): IncomingMessage => {
    const stream = new PassThrough();
    for (const size of chunks) stream.write(Buffer.alloc(size));
    stream.end();
    return Object.assign(stream, { headers: {} }) as unknown as IncomingMessage;
  };

  test('is counted until its work is over', async () => {
    const counted = createOctetBudget(10 * 1024 * 1024);
    const bodies = createBodies(counted);
    const one = incoming(40_000, 40_000);
    await bodies.octets(one, 1_000_000);
    expect(counted.inUse()).toBe(80_000 - 64 * 1024);
    const over = new EventEmitter();
    bodies.keepUntil(one, once(over, 'over'));
    bodies.done(one);
    expect(counted.inUse()).toBe(80_000 - 64 * 1024);
    over.emit('over');
    await new Promise(done => setImmediate(done));
    expect(counted.inUse()).toBe(0);
    const small = incoming(64 * 1024);
    await bodies.octets(small, 1_000_000);
    expect(counted.inUse()).toBe(0);
  });

  test('of the API never takes what mail needs: together they have 64 MiB', async () => {
    const counted = createOctetBudget(256 * 1024 * 1024);
    const bodies = createBodies(counted);
    const size = 20 * 1024 * 1024;
    const read = [];
    for (let nth = 0; nth < 6; nth += 1)
      read.push(
        await bodies.octets(incoming(size), size).then(
          () => 'read',
          (error: Error) => error.message,
        ),
      );
    expect(read.filter(each => each === 'read')).toHaveLength(3);
    expect(counted.inUse()).toBeLessThan(64 * 1024 * 1024);
  });
});

test('who joins a show again and again is shown out', async () => {
  const { id } = await begin();
  const ear = await dial(web.url, `/api/show?id=${id}`, parseFromShow);
  for (let nth = 0; nth < 5; nth += 1) ear.say({ type: 'join', secret: null });
  expect(await ear.closed).toBe(1008);
});
