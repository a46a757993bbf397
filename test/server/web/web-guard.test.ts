/** Who is let in is compared to the letter: Host, Origin, methods, content types and the secret of a show. */
import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { createLobby } from '../../../server/rooms/lobby.ts';
import { openRoom, type Room } from '../../../server/rooms/room.ts';
import { sameSecret } from '../../../server/shows/secret.ts';
import { hostsOf, refusalAtOpenDoor, refusalOf } from '../../../server/web/guard.ts';
import { startWebServer, type WebServer } from '../../../server/web/http.ts';
import { NOT_THE_SPEAKER, parseFromShow } from '../../../shared/api/show.ts';
import { eachService } from '../../../shared/protocols.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';
import { dial } from '../../help/loopback/show-loopback.ts';

const PLACE = { host: '127.0.0.1', port: 1 };
let room: Room;
let web: WebServer;
const troubles: string[] = [];
beforeAll(async () => {
  room = await openRoom({ world: blueAndGreen, data: null, ports: null });
  web = await startWebServer({
    lobby: createLobby({ main: room }),
    published: eachService(() => PLACE),
    host: '127.0.0.1',
    port: 0,
    audience: { host: '127.0.0.1', port: 0 },
    page: null,
    onTrouble: sentence => troubles.push(sentence),
  });
});
afterAll(async () => {
  await web.close();
  await room.close();
  expect(troubles).toEqual([]);
});

/** Answers the status; fetch does not forge a Host. */
const ask = (base: string, method: string, path: string, headers: IncomingHttpHeaders, body = ''): Promise<number> =>
  new Promise((resolve, reject) => {
    const asked = request(new URL(path, base), { method, headers, agent: false }, response => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on('error', reject);
    asked.end(body);
  });

const PORT = 4025;
const hosts = hostsOf('127.0.0.1', PORT);
const asking = (method: string, url: string, headers: IncomingHttpHeaders) =>
  ({ method, url, headers }) as unknown as IncomingMessage;

/** What begins, ends or looks like a name that is let in, and is another. */
const nearly = (name: string): readonly string[] => [
  `${name}5`,
  name.slice(0, -1),
  name.replace(/:\d+$/, ''),
  name.replace(/:\d+$/, ':80'),
  `${name}.evil.example`,
  `${name.replace(/:\d+$/, '')}.evil.example:${PORT}`,
  `evil.example.${name}`,
  `x${name}`,
  `evil@${name}`,
  ` ${name} x`,
  `${name}/`,
  `${name},${name}`,
  '',
];

describe('a name', () => {
  test.each([...hosts])('%s is let in as it is, in any case, and nothing that is nearly it', host => {
    expect(refusalOf(asking('POST', '/api/messages', { host: host.toUpperCase() }), hosts)).toBeNull();
    for (const other of nearly(host))
      expect(refusalOf(asking('GET', '/', { host: other }), hosts), other).toMatch(/own address/);
  });

  test.each([...hosts])('http://%s is let in as the origin of a page, and nothing that is nearly it', host => {
    const own = { host: `127.0.0.1:${PORT}` };
    const ofPage = (origin: string) => refusalOf(asking('POST', '/api/messages', { ...own, origin }), hosts);
    expect(ofPage(`http://${host}`)).toBeNull();
    expect(ofPage(`HTTP://${host.toUpperCase()}`)).toBeNull();
    for (const other of [
      ...nearly(host).map(each => `http://${each}`),
      `https://${host}`,
      `ws://${host}`,
      host,
      'null',
    ])
      expect(ofPage(other), other).toMatch(/other origins/);
  });

  test('without its port means only port 80', () => {
    expect(refusalOf(asking('GET', '/', { host: 'localhost' }), hostsOf('127.0.0.1', 80))).toBeNull();
    expect(refusalOf(asking('GET', '/', { host: 'localhost:80' }), hostsOf('127.0.0.1', 80))).toBeNull();
    expect(refusalOf(asking('GET', '/', { host: 'localhost' }), hosts)).not.toBeNull();
  });

  test('of an open door is the one that the page came by, and nothing that is nearly it', () => {
    const host = `laptop.local:${PORT}`;
    const ofPage = (origin: string) => refusalAtOpenDoor(asking('GET', '/', { host, origin }));
    expect(ofPage(`http://${host}`)).toBeNull();
    expect(ofPage(`https://${host}`)).toBeNull();
    for (const other of [...nearly(host).map(each => `http://${each}`), host, 'null', `ftp://${host}`])
      expect(ofPage(other), other).toMatch(/other origins/);
  });

  test('is compared by the servers, too, for requests and for WebSockets', async () => {
    for (const base of [web.url, web.ready.audience?.[0] ?? '']) {
      const { host } = new URL(base);
      const origin = `http://${host}`;
      expect(await ask(base, 'GET', '/healthz', { host, origin })).toBe(200);
      for (const headers of [
        { host, origin: `${origin}5` },
        { host, origin: origin.slice(0, -1) },
        { host: `${host}5` },
      ])
        expect(await ask(base, 'GET', '/healthz', headers)).toBe(403);
      for (const path of ['/api/live', '/api/show?id=x']) {
        const socket = new WebSocket(`ws://${host}${path}`, { origin: `${origin}5` });
        const [error] = await once(socket, 'error');
        expect(String(error)).toContain('403');
      }
    }
  });
});

describe('what any page may load', () => {
  const foreign = { host: `127.0.0.1:${PORT}`, origin: 'http://elsewhere.example' };
  const refused = (method: string, path: string) => refusalOf(asking(method, path, foreign), hosts) !== null;

  test.each([
    '/embed',
    '/embed.html',
    '/embed?story=x',
    '/embed/x.js',
    '/stories/',
    '/assets/x.js',
    '/og/x.png',
    '/oembed?url=x',
  ])('%s is read, and only read', path => {
    for (const method of ['GET', 'HEAD']) expect(refused(method, path)).toBe(false);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'get']) expect(refused(method, path)).toBe(true);
  });

  test.each([
    '/',
    '/embedded',
    '/embed.htmlx',
    '/storiesx',
    '/stories',
    '/assets',
    '/og',
    '/oembed/',
    '/oembedx',
    '/api/trace',
    '/api/stories/',
    '/x/assets/',
    '/api/world?/assets/',
  ])('%s is not', path => {
    expect(refused('GET', path)).toBe(true);
  });
});

describe('a body', () => {
  const CALLS = [
    ['POST', '/api/messages'],
    ['POST', '/api/collect'],
    ['POST', '/api/outbox'],
    ['POST', '/api/strangers'],
    ['POST', '/api/stories'],
    ['PUT', '/api/world'],
    ['POST', '/api/world/undo'],
    ['POST', '/api/world/redo'],
    ['POST', '/api/world/reset'],
    ['POST', '/api/faults'],
    ['POST', '/api/clock'],
    ['POST', '/api/queue/flush'],
  ] as const;

  test.each(CALLS)('of %s %s is JSON by its type, which no form of another page can claim', async (method, path) => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', 'text/json', undefined])
      expect(await ask(web.url, method, path, type === undefined ? {} : { 'content-type': type }, '{}')).toBe(415);
  });

  test('may say its character set, and its type in capitals', async () => {
    for (const type of ['application/json; charset=utf-8', 'APPLICATION/JSON', 'application/json ;x=y'])
      expect(await ask(web.url, 'POST', '/api/queue/flush', { 'content-type': type }, '{}')).toBe(200);
  });
});

describe('the secret of a show', () => {
  test('is the whole of it', async () => {
    expect(sameSecret('abc', 'abc')).toBe(true);
    for (const guess of ['', 'a', 'ab', 'abcd', 'ABC', 'abc\0', ' abc']) {
      expect(sameSecret(guess, 'abc'), guess).toBe(false);
      expect(sameSecret('abc', guess), guess).toBe(false);
    }
    const begun = await (await fetch(new URL('/api/shows', web.url), { method: 'POST' })).text();
    const [, id = '', secret = ''] = /"id":"([\w-]+)","secret":"([\w-]+)"/.exec(begun) ?? [];
    const swapped = secret.replace(/[a-z]/i, letter =>
      letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
    );
    const guesses = ['', secret.slice(0, 1), secret.slice(0, -1), `${secret}x`, `${secret}${secret}`, swapped, id];
    for (const guess of guesses) {
      for (const [method, path] of [
        ['DELETE', `/api/shows/${id}`],
        ['PUT', `/api/shows/${id}/trace`],
      ] as const)
        expect(await ask(web.url, method, path, { authorization: `Bearer ${guess}` }), guess).toBe(403);
      const ear = await dial(web.url, `/api/show?id=${id}`, parseFromShow);
      ear.say({ type: 'join', secret: guess });
      expect(await ear.closed, guess).toBe(NOT_THE_SPEAKER);
    }
    for (const authorization of [undefined, secret, `Basic ${secret}`, `Bearer ${secret} x`])
      expect(
        await ask(web.url, 'DELETE', `/api/shows/${id}`, authorization === undefined ? {} : { authorization }),
      ).toBe(403);
    expect(await ask(web.url, 'DELETE', `/api/shows/${id}`, { authorization: `Bearer ${secret}` })).toBe(204);
  });
});
