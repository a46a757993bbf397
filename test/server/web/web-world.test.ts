/** Whoever may change a world is told of it over the socket as it changes; whoever may not is told nothing; and every call of the table is answered. */
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import * as z from 'zod/mini';
import { createLobby, type Lobby } from '../../../server/rooms/lobby.ts';
import { openRoom, type Room } from '../../../server/rooms/room.ts';
import { startWebServer, type WebServer } from '../../../server/web/http.ts';
import { parseToClient, type ToClient, type WorldMessage } from '../../../shared/api/live.ts';
import { inRoom, ROOM_CALLS, SITE_CALLS, SOCKETS } from '../../../shared/api/routes.ts';
import { eachService } from '../../../shared/protocols.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';
import { attend, cueAt } from '../../help/loopback/show-loopback.ts';

const PLACE = { host: '127.0.0.1', port: 1 };
const ALICE = 'alice@blue.example';
let room: Room;
let lobby: Lobby;
let web: WebServer;
let troubles: string[];
let sockets: WebSocket[];
beforeEach(async () => {
  troubles = [];
  sockets = [];
  room = await openRoom({ world: blueAndGreen, data: null, ports: null });
  lobby = createLobby({ main: room });
  web = await startWebServer({
    lobby,
    published: eachService(() => PLACE),
    host: '127.0.0.1',
    port: 0,
    audience: { host: '127.0.0.1', port: 0 },
    page: null,
    onTrouble: sentence => troubles.push(sentence),
  });
});
afterEach(async () => {
  for (const socket of sockets) socket.close();
  await web.close();
  await lobby.close();
  expect(troubles).toEqual([]);
});

/** Somebody at `base` who watches; `until` resolves with the first message that satisfies it, past ones included. */
async function watch(base: string, wants: { readonly world?: boolean }) {
  const socket = new WebSocket(`${base.replace('http', 'ws')}${SOCKETS.live.slice(1)}`);
  sockets.push(socket);
  const messages: ToClient[] = [];
  let check = (): void => undefined;
  socket.on('message', data => {
    const message = parseToClient(String(data));
    if (message === null) throw new Error('not a message of the contract');
    messages.push(message);
    check();
  });
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'watch', trace: null, from: 1, ...wants }));
  const until = (satisfies: (message: ToClient) => boolean): Promise<ToClient> =>
    new Promise(resolve => {
      check = () => {
        const found = messages.find(satisfies);
        if (found !== undefined) resolve(found);
      };
      check();
    });
  const untilWorld = async (satisfies: (message: WorldMessage) => boolean): Promise<WorldMessage> => {
    const found = await until(message => message.type === 'world' && satisfies(message));
    if (found.type !== 'world') throw new Error('not of the world');
    return found;
  };
  return { socket, messages, until, untilWorld };
}
const edit = (seed: number): Promise<void> => room.change({ ...room.world, seed }, { code: 'seed-changed' });
const isEvent = (kind: string) => (message: ToClient) =>
  message.type === 'events' && JSON.stringify(message.events).includes(`"kind":"${kind}"`);
const post = (path: string, body: unknown) =>
  fetch(new URL(path, web.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const letter = { from: ALICE, to: ['bob@green.example'], subject: 'Lunch?', text: 'Noon?' };
const seedOf = ({ world }: WorldMessage): number | null =>
  z.nullish(z.object({ seed: z.number() })).parse(world)?.seed ?? null;

describe('whoever watches and wants to know', () => {
  test('is told all of the world at once, without passwords, and of each change, whoever made it', async () => {
    const viewer = await watch(web.url, { world: true });
    const first = await viewer.untilWorld(() => true);
    expect(first).toMatchObject({ revision: 1, canUndo: false, canRedo: false, outbox: [] });
    expect(JSON.stringify(first)).not.toContain('password');
    expect(seedOf(first)).toBe(room.world.seed);
    expect(viewer.messages.findIndex(({ type }) => type === 'trace')).toBeLessThan(viewer.messages.indexOf(first));

    await edit(4711);
    const second = await viewer.untilWorld(({ revision }) => revision === 2);
    expect(second).toMatchObject({ canUndo: true, canRedo: false });
    expect(seedOf(second)).toBe(4711);
    await post(ROOM_CALLS.undo.path, {});
    const third = await viewer.untilWorld(({ revision }) => revision === 3);
    expect(third).toMatchObject({ canUndo: false, canRedo: true });
  });

  test('is not told again what is as it was: the world comes with its revision and not with the clock', async () => {
    const viewer = await watch(web.url, { world: true });
    await viewer.untilWorld(() => true);
    room.clock.jump(3_600_000);
    const moved = await viewer.untilWorld(({ clock }) => clock.jumped === 3_600_000);
    expect(moved).not.toHaveProperty('world');
    expect(moved).not.toHaveProperty('outbox');
  });

  test('is told what is waited for, without asking', async () => {
    const viewer = await watch(web.url, { world: true });
    const first = await viewer.untilWorld(() => true);
    expect(first.clock.next).toBeNull();
    const cancel = room.clock.after(60_000, 'the next attempt', () => undefined);
    const waits = await viewer.untilWorld(({ clock }) => clock.next !== null);
    expect(waits.clock.next).toMatchObject({ what: 'the next attempt' });
    cancel();
    await viewer.untilWorld(message => viewer.messages.indexOf(message) > viewer.messages.indexOf(waits));
    expect(viewer.messages.findLast(({ type }) => type === 'world')).toMatchObject({ clock: { next: null } });
  });

  test('is told which letters a mail client could not hand over, and that they have gone', async () => {
    const viewer = await watch(web.url, { world: true });
    await viewer.untilWorld(() => true);
    const [submission] = blueAndGreen.domains;
    const fault = { kind: 'host-off', host: submission?.submission ?? '', times: 'always' };
    expect((await post(ROOM_CALLS.setFault.path, fault)).status).toBe(201);
    const { id } = z.object({ id: z.string() }).parse(await (await post(ROOM_CALLS.sendLetter.path, letter)).json());
    const stuck = await viewer.untilWorld(({ outbox }) => (outbox?.length ?? 0) > 0);
    expect(stuck.outbox).toEqual([
      { user: ALICE, letters: [{ id, subject: 'Lunch?', envelope: { recipients: letter.to } }], more: 0 },
    ]);
    await fetch(new URL(ROOM_CALLS.clearFaults.path, web.url), { method: 'DELETE' });
    expect((await post(ROOM_CALLS.sendAgain.path, { user: ALICE, id })).status).toBe(202);
    const after = viewer.messages.indexOf(stuck);
    await viewer.untilWorld(
      message =>
        viewer.messages.indexOf(message) > after && message.outbox !== undefined && message.outbox.length === 0,
    );
    await viewer.until(isEvent('mail.stored'));
  });

  test('finds in the first message what has waited in an outbox since before', async () => {
    const early = await watch(web.url, { world: true });
    await post(ROOM_CALLS.setFault.path, {
      kind: 'host-off',
      host: blueAndGreen.domains[0]?.submission ?? '',
      times: 'always',
    });
    await post(ROOM_CALLS.sendLetter.path, letter);
    await early.untilWorld(({ outbox }) => (outbox?.length ?? 0) > 0);
    const late = await watch(web.url, { world: true });
    expect((await late.untilWorld(() => true)).outbox).toMatchObject([{ user: ALICE, more: 0 }]);
  });
});

describe('nobody else is told anything of it', () => {
  test('not who does not ask: the messages are those of always', async () => {
    const knows = await watch(web.url, { world: true });
    const old = await watch(web.url, {});
    await knows.untilWorld(() => true);
    await edit(4711);
    await Promise.all([knows.untilWorld(({ revision }) => revision === 2), old.until(isEvent('world.changed'))]);
    expect(old.messages.filter(({ type }) => type === 'world')).toEqual([]);
  });

  test('not the audience, though it asks', async () => {
    const begun = await fetch(new URL(SITE_CALLS.beginShow.path, web.url), { method: 'POST' });
    const { id, secret } = z.object({ id: z.string(), secret: z.string() }).parse(await begun.json());
    const door = new URL('/', web.ready.audience?.[0] ?? '').href;
    const stage = await attend(web.url, id, secret);
    const follower = await attend(door, id, null);
    stage.say({ type: 'cue', cue: { ...cueAt(0), shown: { kind: 'room', room: null } } });
    await follower.hears(message => message.type === 'cue' && message.cue?.shown.kind === 'room');
    const guest = await watch(door, { world: true });
    const knows = await watch(web.url, { world: true });
    await knows.untilWorld(() => true);
    await edit(4711);
    await Promise.all([knows.untilWorld(({ revision }) => revision === 2), guest.until(isEvent('world.changed'))]);
    expect(guest.messages.filter(({ type }) => type === 'world')).toEqual([]);
  });
});

describe('the table of calls', () => {
  const ask = async ({ method, path }: { readonly method: string; readonly path: string }) => {
    const response = await fetch(new URL(path.replace(/\{\w+\}/g, 'x'), web.url), { method });
    return { status: response.status, text: await response.text() };
  };

  test.each(Object.entries({ ...SITE_CALLS, ...ROOM_CALLS }))('%s is answered', async (_, call) => {
    const { status, text } = await ask(call);
    expect(status).not.toBe(405);
    expect(text).not.toContain('There is no such call.');
  });

  test.each(Object.entries(ROOM_CALLS))('%s is about the room that its address names', async (_, call) => {
    const { text } = await ask({ ...call, path: inRoom(call.path, 'nowhere') });
    expect(text).toContain('"code":"unknown-room"');
  });
});
