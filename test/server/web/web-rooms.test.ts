/** Every call says which room it means: a story has its own, its servers are its own, and one that has ended says so. */
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import * as z from 'zod/mini';
import { createLobby, type Lobby } from '../../../server/rooms/lobby.ts';
import { openRoom, type Room } from '../../../server/rooms/room.ts';
import { createStoryTeller } from '../../../server/web/calls/story-teller.ts';
import { startWebServer, type WebServer } from '../../../server/web/http.ts';
import { parseToClient, ROOM_ENDED } from '../../../shared/api/live.ts';
import { eachService } from '../../../shared/protocols.ts';
import { decodeTrace } from '../../../shared/trace/codec.ts';
import type { TraceEvent } from '../../../shared/trace/event.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';
import { LUNCH, teller } from '../../fixtures/teller.ts';

const PLACE = { host: '127.0.0.1', port: 1 };
let main: Room;
let lobby: Lobby;
let web: WebServer;
let troubles: string[];
beforeEach(async () => {
  troubles = [];
  const onTrouble = (sentence: string) => troubles.push(sentence);
  main = await openRoom({ world: blueAndGreen, data: null, ports: null });
  lobby = createLobby({ main, most: 2, onTrouble });
  const published = eachService(() => PLACE);
  web = await startWebServer({ lobby, published, stories: teller, host: '127.0.0.1', port: 0, page: null, onTrouble });
});
afterEach(async () => {
  await web.close();
  await lobby.close();
  expect(troubles).toEqual([]);
});

const call = async (method: string, path: string, body?: unknown) => {
  const response = await fetch(new URL(path, web.url), {
    method,
    ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, text, value: text.startsWith('{"mailscope"') || text === '' ? null : parsed(text) };
};
const parsed = (text: string): unknown => JSON.parse(text);

const begunShape = z.object({ room: z.string(), name: z.string() });
/** Begins a story; its room, and its name in the address of a call. */
async function begin(body: unknown) {
  const answered = await call('POST', '/api/stories', body);
  expect(answered.status, answered.text).toBe(201);
  const { room, name } = begunShape.parse(answered.value);
  const found = lobby.find(room);
  if (found === null) throw new Error('a story that has begun has a room');
  return { id: room, name, room: found, at: (path: string) => `${path}?room=${room}` };
}

/** Resolves once the room has recorded such an event, now or before. */
function until(room: Room, seen: (event: TraceEvent) => boolean): Promise<void> {
  return new Promise(resolve => {
    if (room.recorder.events(1).some(seen)) resolve();
    else
      room.recorder.watch(notice => {
        if (notice.kind === 'events' && notice.events.some(seen)) resolve();
      });
  });
}
const overIn = (room: Room): Promise<void> => until(room, ({ kind }) => kind === 'story.ended');

const error = (code: string, message: RegExp) => ({
  error: { code, message: expect.stringMatching(message) as string },
});

describe('a story', () => {
  test('is performed at once in a room of its own, and nothing of it happens in one’s own world', async () => {
    const story = await begin({ name: 'lunch' });
    expect(story.name).toBe('lunch');
    await overIn(story.room);
    const trace = decodeTrace((await call('GET', story.at('/api/trace'))).text);
    if (!trace.ok) throw new Error(trace.message);
    expect(trace.events[0]).toMatchObject({ kind: 'story.begun', name: 'lunch', source: LUNCH });
    expect(trace.events.at(-1)).toMatchObject({ kind: 'story.ended', name: 'lunch' });
    expect(trace.events.map(({ kind }) => kind)).toContain('mail.stored');
    expect(main.recorder.length).toBe(0);
  });

  test('of one’s own is performed from its source', async () => {
    const story = await begin({ source: LUNCH });
    await overIn(story.room);
    expect(story.room.recorder.events(1)[0]).toMatchObject({ kind: 'story.begun', source: LUNCH });
  });

  test('can be begun on a held wire: nothing crosses until somebody lets it, and then all of it happens', async () => {
    const { room } = await begin({ name: 'lunch', held: true });
    await until(room, ({ kind }) => kind === 'wire.held');
    expect(room.recorder.events(1).filter(({ kind }) => kind === 'wire.bytes')).toEqual([]);
    while (!room.recorder.events(1).some(({ kind }) => kind === 'story.ended')) {
      room.brake.release();
      await new Promise(resolve => setImmediate(resolve));
    }
    expect(room.brake.state()).toEqual({ on: true, waiting: 0 });
  });

  test('that breaks off is over, and nobody waits for the rest', async () => {
    const story = await begin({ name: 'broken' });
    await overIn(story.room);
    expect(story.room.recorder.events(1).map(({ kind }) => kind)).toEqual(['story.begun', 'marker', 'story.ended']);
    expect(troubles.splice(0)).toEqual(['broken: The story broke off: the author asked for too much']);
  });

  test.each([
    ['unknown', { name: 'moon' }, 404, 'unknown-story'],
    ['wrong', { source: 'no title' }, 422, 'bad-story'],
    ['too long', { source: `# ${'ü'.repeat(16 * 1024)}` }, 413, 'too-large'],
    ['far too long', { source: 'x'.repeat(300_000) }, 413, 'too-large'],
    ['neither', {}, 400, 'bad-request'],
    ['both', { name: 'lunch', source: LUNCH }, 400, 'bad-request'],
  ])('that is %s is refused', async (_how, body, status, code) => {
    const refused = await call('POST', '/api/stories', body);
    expect(refused).toMatchObject({ status, value: error(code, /\.?$/) });
    if (code === 'bad-story')
      expect(refused.value).toMatchObject({ error: { problems: [{ line: 1, message: 'a story has a title' }] } });
  });

  test('finds no place while all rooms are watched', async () => {
    for (const name of ['lunch', 'supper']) lobby.watched((await begin({ name })).id, 1);
    expect(await call('POST', '/api/stories', { name: 'lunch' })).toMatchObject({
      status: 503,
      value: error('lobby-full', /being watched/),
    });
  });

  test('can only be begun so often', async () => {
    const replies = await Promise.all(Array.from({ length: 14 }, () => call('POST', '/api/stories', { name: 'moon' })));
    const statuses = replies.map(({ status }) => status).toSorted();
    expect(statuses.slice(0, 10)).toEqual(Array<number>(10).fill(404));
    expect(statuses.at(-1)).toBe(429);
  });
});

describe('its room', () => {
  test('is what every call acts on that names it', async () => {
    const story = await begin({ name: 'lunch' });
    await overIn(story.room);
    const after = story.room.recorder.length;
    const letter = { from: 'bob@green.example', to: ['alice@blue.example'], subject: 'Re: Lunch?', text: 'Yes.' };
    expect(await call('POST', story.at('/api/messages'), letter)).toMatchObject({ status: 202 });
    await until(story.room, event => event.seq > after && event.kind === 'mail.stored');
    expect(await call('POST', story.at('/api/collect'), { user: 'alice@blue.example' })).toMatchObject({
      value: { messages: 1 },
    });
    const fault = { kind: 'host-off', host: 'mx1.green.example', times: 'always' };
    expect(await call('POST', story.at('/api/faults'), fault)).toMatchObject({ status: 201 });
    expect(await call('POST', story.at('/api/clock'), { advance: 60 })).toMatchObject({ value: { jumped: 60_000 } });
    expect(await call('GET', story.at('/api/queue'))).toMatchObject({ value: { entries: [] } });
    expect(await call('GET', story.at('/api/outbox/bob%40green.example'))).toMatchObject({ value: { letters: [] } });
    const world = await call('GET', story.at('/api/world'));
    expect(world).toMatchObject({ value: { canUndo: true, connect: null } });
    expect(world.text, 'no password leaves the server').not.toContain('password');
    expect(await call('GET', '/api/world')).toMatchObject({ value: { canUndo: false, connect: web.ready } });
    expect(main.recorder.length).toBe(0);
  });

  test('that is unknown is said to have ended, by every call', async () => {
    for (const [method, path, body] of [
      ['GET', '/api/world'],
      ['GET', '/api/trace'],
      ['POST', '/api/messages', {}],
      ['DELETE', '/api/faults'],
      ['GET', '/api/outbox/bob@green.example'],
    ] as const)
      for (const room of ['moon', ''])
        expect(await call(method, `${path}?room=${room}`, body), path).toMatchObject({
          status: 404,
          value: error('unknown-room', /^That story’s world has ended; start the story again\.$/),
        });
    expect(await call('GET', '/healthz?room=moon')).toMatchObject({ status: 200 });
  });
});

/** A page that watches a room: resolves what `end` was, a code and a reason. */
function watch(room: string) {
  const socket = new WebSocket(`${web.url.replace('http', 'ws')}api/live?room=${room}`);
  const heard: string[] = [];
  socket.on('message', data => {
    const message = parseToClient(String(data));
    if (message !== null) heard.push(message.type);
  });
  const end = once(socket, 'close').then(([code, reason]: unknown[]) => [code, String(reason)]);
  return { socket, heard, end };
}

describe('watching it', () => {
  test('tells what happens there, and keeps it', async () => {
    const story = await begin({ name: 'lunch' });
    const { socket, heard } = watch(story.id);
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'watch', trace: null, from: 1 }));
    await new Promise<void>(resolve => socket.on('message', () => heard.includes('events') && resolve()));
    const others = [await begin({ name: 'supper' }), await begin({ name: 'supper' })];
    expect(lobby.find(story.id)).toBe(story.room);
    expect(others.map(({ id }) => lobby.find(id) === null)).toEqual([true, false]);
    const gone = once(socket, 'close');
    socket.close();
    await gone;
  });

  test('ends with a code of its own when the room ends, and at once where there is none', async () => {
    const story = await begin({ name: 'lunch' });
    const viewer = watch(story.id);
    await once(viewer.socket, 'open');
    await lobby.close();
    expect(await viewer.end).toEqual([ROOM_ENDED, 'unknown-room']);
    expect(await watch(story.id).end).toEqual([ROOM_ENDED, 'unknown-room']);
    expect(await watch('moon').end).toEqual([ROOM_ENDED, 'unknown-room']);
  });

  test('is for nobody’s page but our own, whichever room it names', async () => {
    const story = await begin({ name: 'lunch' });
    for (const room of [story.id, 'moon']) {
      const address = `${web.url.replace('http', 'ws')}api/live?room=${room}`;
      const foreign = new WebSocket(address, { headers: { origin: 'http://elsewhere.example' } });
      const [refused]: unknown[] = await once(foreign, 'error');
      expect(String(refused)).toContain('403');
    }
  });
});

describe('the stories of a folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mailscope-stories-'));
    await writeFile(join(folder, 'lunch.md'), LUNCH);
    await web.close();
    const published = eachService(() => PLACE);
    const onTrouble = (sentence: string) => troubles.push(sentence);
    const stories = createStoryTeller(folder);
    web = await startWebServer({ lobby, published, stories, host: '127.0.0.1', port: 0, page: null, onTrouble });
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('are known by their names, and nothing beside them is', async () => {
    const story = await begin({ name: 'lunch' });
    await overIn(story.room);
    const kinds = story.room.recorder.events(1).map(({ kind }) => kind);
    expect([kinds[0], kinds.at(-1)]).toEqual(['story.begun', 'story.ended']);
    expect(kinds).toContain('mail.stored');
    for (const name of ['supper', '', '../lunch', 'lunch.md'])
      expect(await call('POST', '/api/stories', { name }), name).toMatchObject({
        status: 404,
        value: error('unknown-story', /\.$/),
      });
  });

  test('one’s own is told what is wrong with it, line by line', async () => {
    const source = LUNCH.replace('from: alice', 'from: eve').replace('at press-send', 'at the moon');
    const refused = await call('POST', '/api/stories', { source });
    expect(refused).toMatchObject({ status: 422, value: error('bad-story', /^Line 4: .* There is 1 more\.$/) });
    expect(refused.value).toMatchObject({ error: { problems: [{ line: 4 }, { line: 11 }] } });
  });

  test('one whose room ends in the middle of it stops, and troubles nobody', async () => {
    const lines = Array.from(
      { length: 20 },
      () => '  - send: { from: alice, to: bob, subject: Lunch?, text: At noon? }',
    );
    const source = LUNCH.replace(/^ {2}- send: .*$/m, lines.join('\n'));
    const story = await begin({ source });
    await until(story.room, ({ kind }) => kind === 'mail.queued');
    await lobby.close();
    expect(story.room.recorder.events(1).map(({ kind }) => kind)).not.toContain('story.ended');
  });
});
