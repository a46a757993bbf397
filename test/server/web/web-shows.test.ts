/** A show over real sockets: everybody is where the speaker is, only the speaker steers, and the audience's door gives nothing else away. */
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import * as z from 'zod/mini';
import { closeServer, listenOn } from '../../../server/network/door.ts';
import { createLobby, type Lobby } from '../../../server/rooms/lobby.ts';
import { openRoom, type Room } from '../../../server/rooms/room.ts';
import { createShows } from '../../../server/shows/shows.ts';
import { startWebServer, type WebServer } from '../../../server/web/http.ts';
import { createShowSockets } from '../../../server/web/sockets/show-sockets.ts';
import { parseToClient, ROOM_ENDED } from '../../../shared/api/live.ts';
import { NOT_THE_SPEAKER, parseFromShow, SHOW_ENDED } from '../../../shared/api/show.ts';
import { eachService } from '../../../shared/protocols.ts';
import { encodeTrace } from '../../../shared/trace/codec.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';
import { header, journey, Script } from '../../fixtures/script.ts';
import { teller } from '../../fixtures/teller.ts';
import { atBeat, attend, cueAt, cuesOf, dial, NarrowLine } from '../../help/loopback/show-loopback.ts';

const PLACE = { host: '127.0.0.1', port: 1 };
const published = eachService(() => PLACE);
let main: Room;
let lobby: Lobby;
let web: WebServer;
let troubles: string[];
beforeEach(async () => {
  troubles = [];
  main = await openRoom({ world: blueAndGreen, data: null, ports: null });
  lobby = createLobby({ main });
  web = await startWebServer({
    lobby,
    published,
    stories: teller,
    host: '127.0.0.1',
    port: 0,
    audience: { host: '0.0.0.0', port: 0 },
    page: null,
    onTrouble: sentence => troubles.push(sentence),
  });
});
afterEach(async () => {
  await web.close();
  await lobby.close();
  expect(troubles).toEqual([]);
});

/** The audience's door, from this machine. */
const door = (): string => `http://127.0.0.1:${new URL(web.ready.audience?.[0] ?? web.url).port}/`;

const begunShape = z.object({ id: z.string(), secret: z.string(), audience: z.array(z.string()) });
async function begin() {
  const response = await fetch(new URL('/api/shows', web.url), { method: 'POST' });
  expect(response.status).toBe(201);
  return begunShape.parse(await response.json());
}
const put = (path: string, secret: string, body: BodyInit) =>
  fetch(new URL(path, web.url), { method: 'PUT', headers: { authorization: `Bearer ${secret}` }, body });

describe('a show', () => {
  test('puts three followers, a late one and the speaker’s other device at the same beat', async () => {
    const { id, secret } = await begin();
    const stage = await attend(web.url, id, secret);
    const early = await Promise.all([door(), door(), web.url].map(base => attend(base, id, null)));
    for (const each of early) expect(cuesOf(each)).toEqual([null]);
    await stage.hears(message => message.type === 'followers' && message.count === 3);
    stage.say({ type: 'cue', cue: cueAt(4) });
    await Promise.all(early.map(each => each.hears(atBeat(4))));
    const late = await attend(door(), id, null);
    const device = await attend(door(), id, secret);
    for (const each of [late, device]) expect(cuesOf(each)).toEqual([cueAt(4)]);
    device.say({ type: 'steer', steer: { do: 'to', beat: 7 } });
    expect(await stage.hears(({ type }) => type === 'steer')).toEqual({ type: 'steer', steer: { do: 'to', beat: 7 } });
    expect(cuesOf(stage), 'one’s own cue does not come back').toEqual([null]);
  });

  test('is followed by the addresses that beginning it gave, or on this machine where there is no door', async () => {
    const { id, audience } = await begin();
    expect(audience).toEqual(web.ready.audience?.map(base => `${base}?follow=${id}`));
    for (const address of audience) expect(new URL(address).hostname).not.toBe('0.0.0.0');
    const alone = await startWebServer({ lobby, published, host: '127.0.0.1', port: 0, page: null, onTrouble: String });
    const response = await fetch(new URL('/api/shows', alone.url), { method: 'POST' });
    const show = begunShape.parse(await response.json());
    expect(show.audience).toEqual([`${alone.url}?follow=${show.id}`]);
    expect(alone.ready).not.toHaveProperty('audience');
    await alone.close();
  });

  test('that is unknown or has ended closes with a code of its own', async () => {
    const { id, secret } = await begin();
    for (const base of [web.url, door()])
      expect(await (await dial(base, '/api/show?id=nobody', parseFromShow)).closed).toBe(SHOW_ENDED);
    const one = await attend(door(), id, null);
    const end = (as: string) =>
      fetch(new URL(`/api/shows/${id}`, web.url), { method: 'DELETE', headers: { authorization: `Bearer ${as}` } });
    expect((await end('guess')).status).toBe(403);
    expect((await end(secret)).status).toBe(204);
    expect(await one.closed).toBe(SHOW_ENDED);
    expect((await end(secret)).status).toBe(404);
  });

  test('is steered by nobody without the secret', async () => {
    const { id, secret } = await begin();
    const [witness, other] = [await attend(door(), id, null), await attend(web.url, id, null)];
    const guesser = await dial(door(), `/api/show?id=${id}`, parseFromShow);
    guesser.say({ type: 'join', secret: `${secret.slice(0, -1)}_` });
    expect(await guesser.closed).toBe(NOT_THE_SPEAKER);
    other.say({ type: 'cue', cue: cueAt(9) });
    expect(await other.closed).toBe(NOT_THE_SPEAKER);
    const stage = await attend(web.url, id, secret);
    stage.say({ type: 'cue', cue: cueAt(1) });
    await witness.hears(atBeat(1));
    expect(cuesOf(witness)).toEqual([null, cueAt(1)]);
  });

  test.each([
    ['a message of 16 kB and more', `{"type":"join","secret":null,"more":"${'x'.repeat(16 * 1024)}"}`, 1009],
    ['what is no message', 'hello', 1008],
    ['octets', Buffer.from('{"type":"join","secret":null}'), 1008],
  ])('does not listen to %s', async (_what, message, code) => {
    const { id } = await begin();
    const ear = await dial(door(), `/api/show?id=${id}`, parseFromShow);
    ear.socket.send(message);
    expect(await ear.closed).toBe(code);
  });

  test('sends a slow follower only the newest of what they have missed, and makes nobody wait for them', async () => {
    const shows = createShows();
    const sockets = createShowSockets(shows, { most: 10 });
    const { id, secret } = shows.begin();
    const lines: NarrowLine[] = [];
    const server = createServer().on('upgrade', (request, socket, head) => {
      const line = new NarrowLine(socket);
      lines.push(line);
      sockets.upgrade(request, line, head, id);
    });
    const base = `http://127.0.0.1:${await listenOn(server, 0, '127.0.0.1')}/`;
    const slow = await attend(base, id, null);
    const [stage, quick] = [await attend(base, id, secret), await attend(base, id, null)];
    lines[0]?.block(true);
    for (let beat = 0; beat < 5; beat += 1) {
      stage.say({ type: 'cue', cue: cueAt(beat) });
      await quick.hears(atBeat(beat));
    }
    lines[0]?.block(false);
    await slow.hears(atBeat(4));
    expect(cuesOf(slow)).toEqual([null, cueAt(0), cueAt(4)]);
    shows.close();
    await sockets.close();
    await closeServer(server);
  });

  test('is closed with the server, everybody in it too', async () => {
    const { id, secret } = await begin();
    const all = [await attend(web.url, id, secret), await attend(door(), id, null), await attend(web.url, id, null)];
    const ports = [new URL(web.url).port, new URL(door()).port];
    await web.close();
    for (const each of all) expect(await each.closed).toBe(1001);
    for (const port of ports) {
      const [error] = await once(connect(Number(port), '127.0.0.1'), 'error').catch((error: unknown) => [error]);
      expect(error).toMatchObject({ code: 'ECONNREFUSED' });
    }
  });

  test('can only be begun so often', async () => {
    const replies = await Promise.all(
      Array.from({ length: 14 }, () => fetch(new URL('/api/shows', web.url), { method: 'POST' })),
    );
    expect(replies.map(({ status }) => status).toSorted()).toEqual([
      ...Array<number>(10).fill(201),
      ...Array<number>(4).fill(429),
    ]);
  });
});

const script = new Script();
journey(script, 'j-');
const trace = encodeTrace(header, script.events);

describe('a recording that the server has not', () => {
  test('is given to the show by the speaker, and got by the audience', async () => {
    const { id, secret } = await begin();
    const given = await put(`/api/shows/${id}/trace`, secret, trace);
    expect(given.status).toBe(201);
    const { name } = z.object({ name: z.string() }).parse(await given.json());
    for (const [base, encoding] of [
      [door(), 'gzip'],
      [web.url, 'identity'],
    ] as const) {
      const got = await fetch(new URL(`/api/shows/${id}/trace/${name}`, base), {
        headers: { 'accept-encoding': encoding },
      });
      expect(got.headers.get('content-encoding')).toBe(encoding === 'gzip' ? 'gzip' : null);
      expect(await got.text()).toBe(trace);
    }
    for (const path of [`/api/shows/${id}/trace/other`, `/api/shows/${id}/trace`, `/api/shows/nobody/trace/${name}`])
      expect((await fetch(new URL(path, door()))).status).toBe(404);
  });

  test.each([
    ['by somebody else', 'guess', trace, 403, 'not-the-speaker'],
    ['that is none', null, '{"mailscope":7}\n', 422, 'bad-trace'],
    ['that is no text', null, '\0', 422, 'bad-trace'],
    ['that is too large', null, 'x'.repeat(8 * 1024 * 1024 + 1), 413, 'too-large'],
  ])('%s is refused', async (_how, as, body, status, code) => {
    const { id, secret } = await begin();
    const refused = await put(`/api/shows/${id}/trace`, as ?? secret, body);
    expect(refused.status).toBe(status);
    expect(await refused.json()).toMatchObject({ error: { code } });
  });
});

describe('the audience’s door', () => {
  const watch = { type: 'watch', trace: null, from: 1 };
  const room = (base: string, query = '') => dial(base, `/api/live${query}`, parseToClient);

  test('shows a live room while it is shown, and nobody there holds it', async () => {
    const { id, secret } = await begin();
    expect(await (await room(door())).closed, 'nobody shows it yet').toBe(ROOM_ENDED);
    const stage = await attend(web.url, id, secret);
    const witness = await attend(door(), id, null);
    stage.say({ type: 'cue', cue: cueAt(0) });
    await witness.hears(atBeat(0));
    const viewer = await room(door());
    viewer.say(watch);
    main.recorder.append({ kind: 'marker', label: 'here' });
    await viewer.hears(message => message.type === 'events');
    for (const message of [{ type: 'hold', on: true }, { type: 'release' }]) {
      const other = await room(door());
      other.say(message);
      expect(await other.closed).toBe(NOT_THE_SPEAKER);
    }
    expect(main.brake.state().on).toBe(false);
    expect(await (await room(door(), '?room=other')).closed).toBe(ROOM_ENDED);
    stage.say({ type: 'cue', cue: cueAt(0, { kind: 'story', name: 'lunch' }) });
    expect(await viewer.closed).toBe(ROOM_ENDED);
  });

  test('leaves the speaker’s hold alone when the audience goes', async () => {
    const { id, secret } = await begin();
    const stage = await attend(web.url, id, secret);
    const witness = await attend(door(), id, null);
    stage.say({ type: 'cue', cue: cueAt(0) });
    await witness.hears(atBeat(0));
    const speaker = await room(web.url);
    speaker.say({ type: 'hold', on: true });
    const viewer = await room(door());
    await viewer.hears(message => message.type === 'holding' && message.on);
    viewer.socket.close();
    await viewer.closed;
    expect(main.brake.state().on).toBe(true);
    speaker.say({ type: 'hold', on: false });
  });

  /** Answers the status; fetch does not forge a Host. */
  const ask = (method: string, path: string, headers: Record<string, string> = {}): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const asking = request(new URL(path, door()), { method, headers }, response => {
        response.resume();
        resolve(response.statusCode);
      });
      asking.on('error', reject);
      asking.end();
    });

  const calls: readonly (readonly [string, readonly string[]])[] = [
    ['/api/world', ['GET', 'HEAD', 'PUT', 'POST', 'DELETE']],
    ['/api/world/undo', ['POST']],
    ['/api/world/reset', ['POST']],
    ['/api/world/file', ['GET']],
    ['/api/trace', ['GET']],
    ['/api/trace/', ['GET']],
    ['/api/messages', ['POST']],
    ['/api/collect', ['POST']],
    ['/api/outbox/alice@blue.example', ['GET']],
    ['/api/outbox', ['POST']],
    ['/api/strangers', ['POST']],
    ['/api/faults', ['POST', 'DELETE']],
    ['/api/clock', ['GET', 'POST']],
    ['/api/queue', ['GET']],
    ['/api/queue/flush', ['POST']],
    ['/api/stories', ['POST', 'GET']],
    ['/api/shows', ['GET', 'POST', 'PUT', 'DELETE']],
    ['/api/live', ['GET']],
    ['/api/show', ['GET']],
    ['/api', ['POST']],
    ['/', ['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE']],
    ['/healthz', ['POST']],
  ];
  test.each(calls.flatMap(([path, methods]) => methods.map(method => [method, path] as const)))(
    'does not answer %s %s, whatever the caller claims',
    async (method, path) => {
      const { port } = new URL(web.url);
      const forged = [
        {},
        { host: `127.0.0.1:${port}` },
        { host: 'localhost' },
        { host: `localhost:${port}`, origin: web.url.slice(0, -1) },
      ];
      for (const headers of forged) expect([403, 404, 405]).toContain(await ask(method, path, headers));
    },
  );

  test('gives out the page, its stories and their recordings, and nothing beside it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mailscope-audience-'));
    const page = join(folder, 'page');
    await mkdir(join(page, 'stories', 'lunch'), { recursive: true });
    await writeFile(join(folder, 'secret.txt'), 'secret');
    await writeFile(join(page, 'index.html'), 'the page');
    await writeFile(join(page, 'stories', 'lunch', 'index.html'), 'to read');
    await writeFile(join(page, 'stories', 'lunch.trace.ndjson'), trace);
    const served = await startWebServer({
      lobby,
      published,
      host: '127.0.0.1',
      port: 0,
      audience: { host: '0.0.0.0', port: 0 },
      page,
      onTrouble: String,
    });
    const { port } = new URL(served.ready.audience?.[0] ?? '');
    const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
    expect(await (await get('/?follow=x')).text()).toBe('the page');
    expect(await (await get('/stories/lunch')).text()).toBe('to read');
    expect(await (await get('/stories/lunch.trace.ndjson')).text()).toBe(trace);
    for (const path of ['/../secret.txt', '/%2e%2e/secret.txt', '/stories/..%2f..%2fsecret.txt', '/nothing'])
      expect((await get(path)).status).toBe(404);
    await served.close();
    await rm(folder, { recursive: true });
  });

  test('takes no recording and ends no show, not even for the speaker', async () => {
    const { id, secret } = await begin();
    const authorization = `Bearer ${secret}`;
    expect(await ask('PUT', `/api/shows/${id}/trace`, { authorization })).toBe(405);
    expect(await ask('DELETE', `/api/shows/${id}`, { authorization })).toBe(405);
  });

  test('answers to any name, but to none that means more in a header, and to no other site’s page', async () => {
    expect(await ask('GET', '/healthz', { host: 'laptop.local:4026' })).toBe(200);
    expect(await ask('GET', '/healthz', { host: '[fe80::1]:4026' })).toBe(200);
    for (const host of ["x; script-src 'unsafe-inline'", '*', 'a,b', 'a:b:c'])
      expect(await ask('GET', '/healthz', { host })).toBe(403);
    expect(await ask('GET', '/healthz', { host: 'laptop.local', origin: 'http://elsewhere.example' })).toBe(403);
    const { host } = new URL(door());
    const stranger = new WebSocket(`ws://${host}/api/show?id=x`, { origin: 'http://elsewhere.example' });
    const [error] = await once(stranger, 'error');
    expect(error).toMatchObject({ message: expect.stringContaining('403') as string });
    const page = await fetch(new URL('/', door()));
    expect(page.headers.get('content-security-policy')).toContain(`connect-src 'self' ws://${host};`);
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('is as strict about names as the main one where it is on loopback', async () => {
    const strict = await startWebServer({
      lobby,
      published,
      host: '127.0.0.1',
      port: 0,
      audience: { host: '127.0.0.1', port: 0 },
      page: null,
      onTrouble: String,
    });
    const [base = ''] = strict.ready.audience ?? [];
    const status = await new Promise(resolve =>
      request(new URL('/healthz', base), { headers: { host: 'laptop.local' } }, response => {
        response.resume();
        resolve(response.statusCode);
      }).end(),
    );
    expect(status).toBe(403);
    expect((await fetch(new URL('/healthz', base))).status).toBe(200);
    await strict.close();
  });

  test('that cannot be opened says so with its option, and leaves nothing open', async () => {
    const options = { lobby, published, host: '127.0.0.1', port: 0, page: null, onTrouble: String };
    const taken = { host: '127.0.0.1', port: Number(new URL(web.url).port) };
    await expect(startWebServer({ ...options, audience: taken })).rejects.toThrow(/already in use.*--audience/);
    await expect(startWebServer({ ...options, audience: { host: '203.0.113.1', port: 0 } })).rejects.toThrow(
      /no address 203\.0\.113\.1.*--audience/,
    );
  });
});
