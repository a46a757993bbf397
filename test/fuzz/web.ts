/** Seeded nonsense for the web server and its WebSockets: no crash, no trouble, and the next honest request is served. */
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { seededRandom } from '../../server/base/chance.ts';
import { createLobby } from '../../server/rooms/lobby.ts';
import { openRoom } from '../../server/rooms/room.ts';
import { startWebServer } from '../../server/web/http.ts';
import { eachService } from '../../shared/protocols.ts';
import { blueAndGreen } from '../../shared/world/presets.ts';

export interface WebFuzz {
  readonly iterations: number;
  /** Honest requests that were answered in between. */
  readonly served: number;
  /** Milliseconds of processor time that the longest round took: one piece of nonsense, and the honest request after it. */
  readonly longest: number;
}

/** Milliseconds after which a round is taken for a hang. */
const PATIENCE = 10_000;
/** Milliseconds for an answer to nonsense; none is one, too. */
const ANSWER = 30;
/** Milliseconds of processor time for one round. */
const MOST_TIME = 1000;

type Random = () => number;
const below = (random: Random, bound: number): number => Math.floor(random() * bound);
const oneOf = <T>(random: Random, things: readonly [T, ...T[]]): T => things[below(random, things.length)] ?? things[0];

/** Up to three changes: cut, doubled, an octet changed, something put in. */
function damaged(octets: Buffer, random: Random): Buffer {
  let now = octets;
  for (let changes = below(random, 4); changes > 0; changes -= 1) {
    const at = below(random, now.length + 1);
    const to = at + below(random, now.length - at + 1);
    const [before, inside, after] = [now.subarray(0, at), now.subarray(at, to), now.subarray(to)];
    const put = Buffer.from(oneOf(random, ['\r\n', '\n', '\r', '\0', '%', '{', '"', ':', '\xff\xfe', '../']), 'latin1');
    const parts = oneOf(random, [
      [before, after],
      [before, inside, inside, after],
      [before, put, inside, after],
      [before, Buffer.from(inside.map(octet => octet ^ below(random, 256))), after],
    ]);
    now = Buffer.concat(parts).subarray(0, 100_000);
  }
  return now;
}

const PATHS = [
  '/',
  '/healthz',
  '/api/world',
  '/api/world/undo',
  '/api/world/file',
  '/api/trace',
  '/api/messages',
  '/api/collect',
  '/api/outbox',
  '/api/outbox/%zz',
  '/api/strangers',
  '/api/faults',
  '/api/faults/1',
  '/api/queue/flush',
  '/api/shows',
  '/api/shows/x/trace/y',
  '/api/stories',
  '/oembed?url=http://127.0.0.1/embed',
  '/og/default.png',
  '/stories/../x',
  '/api/live?room=x',
] as const;
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'BREW', 'CONNECT'] as const;
const BODIES = [
  '',
  '{}',
  '[]',
  'null',
  '"x"',
  '{"user":"bob@green.example"}',
  '{"from":"alice@blue.example","to":["bob@green.example"],"subject":"x","text":"y"}',
  '{"server":"mx1.green.example","port":25,"raw":"QUIT\\r\\n"}',
  '{"world":{},"what":"x"}',
  '{"kind":"host-off","host":"mx1.green.example","times":"next"}',
  '{"name":"__proto__"}',
  `${'['.repeat(5000)}`,
  '{"__proto__":{"x":1}}',
] as const;

function requestOf(random: Random, host: string): Buffer {
  const body = oneOf(random, BODIES);
  const length = oneOf(random, [`${Buffer.byteLength(body)}`, '0', '-1', '99999999999', '1e3', 'x']);
  const headers = [
    `Host: ${oneOf(random, [host, host, host, 'x', ''])}`,
    ...(random() < 0.5 ? [`Origin: ${oneOf(random, [`http://${host}`, 'null', `http://${host}5`])}`] : []),
    `Content-Type: ${oneOf(random, ['application/json', 'application/json', 'text/plain', ''])}`,
    oneOf(random, [`Content-Length: ${length}`, 'Transfer-Encoding: chunked', 'Expect: 100-continue', 'X: y']),
    ...(random() < 0.3 ? ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'] : []),
    ...(random() < 0.1 ? [`X: ${'x'.repeat(below(random, 40_000))}`] : []),
  ];
  const head = `${oneOf(random, METHODS)} ${oneOf(random, PATHS)} HTTP/1.${oneOf(random, ['1', '1', '0', '9'])}`;
  return damaged(Buffer.from(`${[head, ...headers].join('\r\n')}\r\n\r\n${body}`, 'latin1'), random);
}

const MESSAGES = [
  '{"type":"watch","trace":null,"from":1}',
  '{"type":"watch","trace":"x","from":9007199254740991}',
  '{"type":"hold","on":true}',
  '{"type":"hold","on":false}',
  '{"type":"release"}',
  '{"type":"join","secret":null}',
  '{"type":"join","secret":""}',
  '{"type":"steer","steer":{"do":"next"}}',
  '{"type":"cue","cue":{"shown":{"kind":"room","room":null},"beat":0,"at":0,"playing":false,"speed":1,"blank":false,"pointer":null}}',
  '{}',
] as const;

/** A frame as RFC 6455 §5.2 has it, masked with zeros, or nearly. */
function frameOf(random: Random): Buffer {
  const payload = damaged(Buffer.from(oneOf(random, MESSAGES)), random).subarray(0, 60_000);
  const opcode = oneOf(random, [1, 1, 1, 1, 0, 2, 3, 8, 9, 10]);
  const first = (random() < 0.9 ? 0x80 : 0) | (random() < 0.05 ? 0x40 : 0) | opcode;
  const masked = random() < 0.95 ? 0x80 : 0;
  const length =
    payload.length < 126 ? [masked | payload.length] : [masked | 126, payload.length >> 8, payload.length & 255];
  return Buffer.concat([Buffer.from([first, ...length, ...(masked === 0 ? [] : [0, 0, 0, 0])]), payload]);
}

const upgradeTo = (path: string, host: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`;

/** Says these octets and goes away, when the server hangs up or a little after it answered. */
async function say(port: number, octets: Buffer): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  const over = once(socket, 'close');
  const patience = setTimeout(() => socket.destroy(), ANSWER);
  socket.on('data', () => setTimeout(() => socket.destroy(), 1));
  socket.end(octets);
  await over;
  clearTimeout(patience);
}

function health(url: string): Promise<boolean> {
  return new Promise(resolve => {
    const asked = request(new URL('/healthz', url), { agent: false, timeout: PATIENCE }, response => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(false));
    asked.end();
  });
}

interface Target {
  readonly port: number;
  readonly host: string;
  readonly audience: number;
  readonly show: string;
}

/** Rejects with the seed and the number of what broke a promise. */
async function fuzz(
  iterations: number,
  seed: number,
  name: string,
  visit: (target: Target, random: Random) => Promise<void>,
): Promise<WebFuzz> {
  const troubles: string[] = [];
  const onTrouble = (sentence: string): void => {
    troubles.push(sentence);
  };
  const room = await openRoom({ world: blueAndGreen, data: null, ports: null });
  const lobby = createLobby({ main: room, onTrouble });
  const nowhere = { host: '127.0.0.1', port: 1 };
  const web = await startWebServer({
    lobby,
    published: eachService(() => nowhere),
    host: '127.0.0.1',
    port: 0,
    audience: { host: '127.0.0.1', port: 0 },
    page: null,
    onTrouble,
  });
  const begun = await (await fetch(new URL('/api/shows', web.url), { method: 'POST' })).text();
  const { host, port } = new URL(web.url);
  const target: Target = {
    host,
    port: Number(port),
    audience: Number(new URL(web.ready.audience?.[0] ?? web.url).port),
    show: /"id":"([\w-]+)"/.exec(begun)?.[1] ?? '',
  };
  const random = seededRandom(seed, name);
  let longest = 0;
  try {
    for (let nth = 0; nth < iterations; nth += 1) {
      const before = process.cpuUsage();
      await visit(target, random);
      const where = `${name}, seed ${seed}, number ${nth}`;
      if (!(await health(web.url))) throw new Error(`${where}: the next honest request is not served`);
      if (troubles.length > 0) throw new Error(`${where}: ${troubles.join('; ')}`);
      const { user, system } = process.cpuUsage(before);
      longest = Math.max(longest, (user + system) / 1000);
      if (longest > MOST_TIME) throw new Error(`${where}: ${Math.round(longest)} ms of processor time`);
    }
  } finally {
    await web.close();
    await lobby.close();
  }
  return { iterations, served: iterations, longest };
}

/** Requests that nobody meant well. */
export const fuzzHttp = (iterations: number, seed: number): Promise<WebFuzz> =>
  fuzz(iterations, seed, 'http', ({ port, host }, random) => say(port, requestOf(random, host)));

/** Frames that nobody meant well, to a room and to a show, by both doors. */
export const fuzzWebSocket = (iterations: number, seed: number): Promise<WebFuzz> =>
  fuzz(iterations, seed, 'websocket', ({ port, audience, show }, random) => {
    const door = oneOf(random, [port, audience]);
    const path = oneOf(random, ['/api/live', `/api/show?id=${show}`]);
    const frames = Array.from({ length: 1 + below(random, 8) }, () => frameOf(random));
    return say(door, Buffer.concat([Buffer.from(upgradeTo(path, `127.0.0.1:${door}`)), ...frames]));
  });
