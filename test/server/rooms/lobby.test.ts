/** The lobby: a story's room stays while somebody looks at it, ends when nobody has for a while, and there are only so many. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLobby, type Lobby, LobbyFullError, type LobbyOptions } from '../../../server/rooms/lobby.ts';
import { openRoom, type Room } from '../../../server/rooms/room.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';

/** Time that only passes when it is told to. */
class Hours {
  private now = 0;
  private readonly due = new Set<{ readonly at: number; readonly then: () => void }>();
  readonly after = (milliseconds: number, then: () => void): (() => void) => {
    const entry = { at: this.now + milliseconds, then };
    this.due.add(entry);
    return () => this.due.delete(entry);
  };
  pass(minutes: number): void {
    this.now += minutes * 60_000;
    for (const entry of [...this.due]) if (entry.at <= this.now && this.due.delete(entry)) entry.then();
  }
}

let main: Room;
let lobby: Lobby;
let hours: Hours;
/** The rooms whose servers have stopped, by the order in which they were opened. */
let stopped: number[];
let ended: string[];
let opened: number;

async function open(): Promise<Room> {
  const room = await openRoom({ world: blueAndGreen, data: null, ports: null });
  opened += 1;
  const number = opened;
  return {
    ...room,
    close: async () => {
      await room.close();
      stopped.push(number);
    },
  };
}
function begin(options: Partial<LobbyOptions> = {}): void {
  lobby = createLobby({ main, open, most: 3, idle: 10 * 60_000, after: hours.after, ...options });
  lobby.onEnd(async id => {
    ended.push(id);
  });
}

beforeEach(async () => {
  [hours, stopped, ended, opened] = [new Hours(), [], [], 0];
  main = await openRoom({ world: blueAndGreen, data: null, ports: null });
  begin();
});
afterEach(() => lobby.close());

test('a story’s room is found by a name that nobody guesses, and by no other', async () => {
  const one = await lobby.open({ world: blueAndGreen });
  const other = await lobby.open({ world: blueAndGreen });
  expect(one.id).toMatch(/^[\w-]{22}$/);
  expect(other.id).not.toBe(one.id);
  expect(lobby.find(one.id)).toBe(one.room);
  expect(lobby.find(one.id.toLowerCase())).toBe(null);
  expect(lobby.find('')).toBe(null);
  expect(lobby.main).toBe(main);
});

test('it ends ten minutes after the last request, or after the last watcher has left', async () => {
  const { id, room } = await lobby.open({ world: blueAndGreen });
  hours.pass(9);
  lobby.touch(id);
  hours.pass(9);
  expect(lobby.find(id)).toBe(room);
  lobby.watched(id, 1);
  hours.pass(600);
  expect(lobby.find(id), 'while somebody watches, it stays').toBe(room);
  lobby.watched(id, 0);
  hours.pass(9);
  expect(lobby.find(id)).toBe(room);
  hours.pass(1);
  expect(lobby.find(id)).toBe(null);
  expect(ended).toEqual([id]);
  await lobby.close();
  expect(stopped).toEqual([1]);
});

test('whoever watches hears of the end before the servers stop', async () => {
  const order: string[] = [];
  begin({
    open: async () => ({ ...(await open()), close: () => Promise.resolve(void order.push('servers')) }),
  });
  lobby.onEnd(async () => {
    await Promise.resolve();
    order.push('watchers');
  });
  await lobby.open({ world: blueAndGreen });
  await lobby.close();
  expect(order).toEqual(['watchers', 'servers']);
});

test('where there is no place, the one longest idle goes; one that is watched never does', async () => {
  const [first, second, third] = [
    await lobby.open({ world: blueAndGreen }),
    await lobby.open({ world: blueAndGreen }),
    await lobby.open({ world: blueAndGreen }),
  ];
  lobby.watched(first.id, 1);
  lobby.touch(second.id);
  const fourth = await lobby.open({ world: blueAndGreen });
  expect(ended).toEqual([third.id]);
  expect(stopped, 'its servers have stopped before others start').toEqual([3]);
  lobby.watched(second.id, 2);
  lobby.watched(fourth.id, 1);
  const refused = await lobby.open({ world: blueAndGreen }).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(LobbyFullError);
  expect(String(refused)).toMatch(/each is being watched; .* try again\.$/);
  lobby.watched(second.id, 0);
  await lobby.open({ world: blueAndGreen });
  expect(lobby.find(second.id)).toBe(null);
  expect(lobby.find(first.id)).toBe(first.room);
});

test('however many are wanted at the same time, there are never more', async () => {
  const all = await Promise.allSettled(Array.from({ length: 5 }, () => lobby.open({ world: blueAndGreen })));
  const rooms = all.flatMap(each => (each.status === 'fulfilled' ? [each.value] : []));
  expect(rooms).toHaveLength(3);
  expect(rooms.map(({ id }) => lobby.find(id))).toEqual(rooms.map(({ room }) => room));
});

test('a world that cannot be opened takes nobody’s place', async () => {
  let fail = true;
  begin({ most: 1, open: () => (fail ? Promise.reject(new Error('no more sockets')) : open()) });
  await expect(lobby.open({ world: blueAndGreen })).rejects.toThrow('no more sockets');
  fail = false;
  const { id, room } = await lobby.open({ world: blueAndGreen });
  expect(lobby.find(id)).toBe(room);
});

test('when it closes every room does, also one that was just being opened', async () => {
  await lobby.open({ world: blueAndGreen });
  const late = lobby.open({ world: blueAndGreen });
  await lobby.close();
  await late;
  expect(stopped.toSorted()).toEqual([1, 2]);
  await expect(lobby.open({ world: blueAndGreen })).rejects.toThrow('about to end');
});
