/** Whoever takes all places keeps nobody out: shares for each address and show, and whoever is idle makes room. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { listenOn } from '../../../server/network/door.ts';
import { createShows } from '../../../server/shows/shows.ts';
import { closeHttpServer, createHttpServer } from '../../../server/web/http-server.ts';
import { answer } from '../../../server/web/limits/answer.ts';
import { createPlaces, type Place, type PlacesOptions } from '../../../server/web/limits/places.ts';
import { createShowSockets } from '../../../server/web/sockets/show-sockets.ts';
import { parseFromShow } from '../../../shared/api/show.ts';
import { Ear } from '../../help/loopback/show-loopback.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

describe('places', () => {
  function house(options: PlacesOptions) {
    const places = createPlaces(options);
    const expelled: string[] = [];
    const enter = (address: string, name = address): Place | null =>
      places.enter({ address, expel: () => expelled.push(name) });
    /** How many of so many who come from `address` are admitted. */
    const admitted = (address: string, count: number, group: string | null = null): number =>
      Array.from({ length: count }, () => enter(address)?.admit(group)).filter(each => each === true).length;
    return { places, expelled, enter, admitted };
  }

  test('are made by the longest idle, then by the slow, and never by the busy', () => {
    const { enter, expelled } = house({ most: 3, sharedByAddress: false });
    enter('a', 'slow')?.stand('slow');
    enter('a', 'first');
    const busy = enter('a', 'busy');
    busy?.stand('busy');
    enter('b', 'fourth');
    expect(expelled).toEqual(['first']);
    enter('b', 'fifth')?.stand('busy');
    enter('b', 'sixth')?.stand('busy');
    expect(expelled).toEqual(['first', 'fourth', 'slow']);
    expect(enter('b', 'seventh')).toBeNull();
    busy?.leave();
    expect(enter('b', 'eighth')).not.toBeNull();
  });

  test('whoever stands idle anew is the last to go', () => {
    const { enter, expelled } = house({ most: 2, sharedByAddress: false });
    const first = enter('a', 'first');
    enter('a', 'second');
    first?.stand('slow');
    first?.stand('idle');
    enter('a', 'third');
    expect(expelled).toEqual(['second']);
  });

  test('of one address are eight times as many as are left, so the next address finds some', () => {
    const { admitted, places } = house({ most: 90 });
    expect(admitted('hall', 200)).toBe(80);
    expect(admitted('other', 1)).toBe(1);
    expect(admitted('another', 1)).toBe(1);
    expect(places.size()).toBeLessThanOrEqual(90);
  });

  test('that an address fills with the idle are its own to lose', () => {
    const { enter, expelled } = house({ most: 20 });
    for (let nth = 0; nth < 3; nth += 1) enter('honest');
    for (let nth = 0; nth < 100; nth += 1) enter('stranger');
    expect(new Set(expelled)).toEqual(new Set(['stranger']));
    expect(enter('newcomer')).not.toBeNull();
  });

  test('of one group are eight times as many as are left, and some stay free of whoever is admitted', () => {
    const { admitted, enter } = house({ most: 94, kept: 4, sharedByAddress: false });
    expect(admitted('a', 200, 'one')).toBe(80);
    expect(admitted('a', 5, 'two')).toBe(5);
    expect(enter('a')).not.toBeNull();
  });

  test('come back once, however often somebody leaves', () => {
    const { enter, admitted, places } = house({ most: 10, sharedByAddress: false });
    const one = enter('a');
    one?.admit('g');
    one?.leave();
    one?.leave();
    one?.stand('busy');
    expect(one?.admit('g')).toBe(true);
    expect(places.size()).toBe(0);
    expect(admitted('a', 20)).toBe(10);
  });
});

/** A server with few places; `url` of it. */
async function serve(most: number) {
  const { server, connections } = createHttpServer({
    handle: (_request, response) => answer(response, 200, { ok: true }),
    connections: { most, sharedByAddress: false },
    onTrouble: String,
  });
  const upgraded: Socket[] = [];
  const refused: Socket[] = [];
  server.on('upgrade', (_request, socket) => {
    if (!(socket instanceof Object)) return;
    (connections.admitUpgrade(socket) ? upgraded : refused).push(socket as Socket);
    socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n');
  });
  const port = await listenOn(server, 0, '127.0.0.1');
  const sockets: Socket[] = [];
  ends.push(async () => {
    for (const socket of [...sockets, ...upgraded, ...refused]) socket.destroy();
    await closeHttpServer(server);
  });
  const call = async (octets: string): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    sockets.push(socket);
    await once(socket, 'connect');
    socket.write(octets);
    return socket;
  };
  return { port, call, upgraded, refused };
}
const HONEST = 'GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
const UPGRADE = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n';
const firstOf = async (socket: Socket): Promise<string> => {
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return chunk.toString('latin1');
};

describe('connections', () => {
  test.each([
    ['heads that never end', 'GET / HTTP/1.1\r\nX-Slow: '],
    ['nothing at all', ''],
    ['bodies that never end', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{'],
  ])('with %s keep nobody out', async (_what, octets) => {
    const { call } = await serve(20);
    const idle = await Promise.all(Array.from({ length: 30 }, () => call(octets)));
    expect(await firstOf(await call(HONEST))).toMatch(/^HTTP\/1\.1 200 /);
    expect(idle.some(socket => !socket.destroyed)).toBe(true);
  });

  test('of WebSockets leave a fifth of the places to requests', async () => {
    const { call, upgraded, refused } = await serve(20);
    for (let nth = 0; nth < 18; nth += 1) await firstOf(await call(UPGRADE));
    expect([upgraded.length, refused.length]).toEqual([16, 2]);
    expect(await firstOf(await call(HONEST))).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe('seats at a show', () => {
  async function hall(options: PlacesOptions) {
    const shows = createShows();
    const sockets = createShowSockets(shows, options);
    const server = createServer().on('upgrade', (request, socket, head) =>
      sockets.upgrade(request, socket, head, new URL(request.url ?? '', 'http://x').searchParams.get('id')),
    );
    const port = await listenOn(server, 0, '127.0.0.1');
    ends.push(async () => {
      shows.close();
      await sockets.close();
      await new Promise(done => server.close(done));
    });
    const dial = async (id: string, localAddress: string) => {
      const ear = new Ear(new WebSocket(`ws://127.0.0.1:${port}/?id=${id}`, { localAddress }), parseFromShow);
      await once(ear.socket, 'open');
      return ear;
    };
    /** Whether they have a seat, or the code that they were shown out with. */
    const join = async (id: string, localAddress: string, secret: string | null = null): Promise<true | number> => {
      const ear = await dial(id, localAddress);
      ear.say({ type: 'join', secret });
      return Promise.race([ear.hears(({ type }) => type === 'cue').then(() => true as const), ear.closed]);
    };
    return { shows, dial, join };
  }
  const STRANGER = '127.0.0.2';
  const OTHER = '127.0.0.3';

  test('are never all one address’s, and the speaker always has one', async () => {
    const { shows, join } = await hall({ most: 22, kept: 4 });
    const [one, two] = [shows.begin(), shows.begin()];
    const seated = [];
    for (let nth = 0; nth < 24; nth += 1) seated.push(await join(nth % 2 === 0 ? one.id : two.id, STRANGER));
    expect(seated.filter(each => each === true)).toHaveLength(16);
    expect(seated.filter(each => each === 1013)).toHaveLength(8);
    expect(await join(one.id, OTHER)).toBe(true);
    expect(await join(one.id, STRANGER, one.secret)).toBe(true);
  });

  test('are never all one show’s', async () => {
    const { shows, join } = await hall({ most: 22, kept: 4, sharedByAddress: false });
    const [one, two] = [shows.begin(), shows.begin()];
    for (let nth = 0; nth < 17; nth += 1) expect(await join(one.id, OTHER)).toBe(nth < 16 ? true : 1013);
    expect(await join(two.id, OTHER)).toBe(true);
  });

  test('are given back by whoever came and did not join', async () => {
    const { shows, dial, join } = await hall({ most: 10 });
    const { id } = shows.begin();
    const silent = [];
    for (let nth = 0; nth < 10; nth += 1) silent.push(await dial(id, STRANGER));
    expect(await join(id, OTHER)).toBe(true);
    expect(await Promise.race(silent.map(({ closed }) => closed))).toBe(1013);
  });
});
