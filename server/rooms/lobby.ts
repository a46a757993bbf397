/** Who has which room: the main one, and a few in which stories are told, each until nobody has looked at it for a while. */
import { randomBytes } from 'node:crypto';
import type { OctetBudget } from '../base/octet-budget.ts';
import { openRoom, type Room, type RoomOptions } from './room.ts';

/** Each is a whole world of servers on loopback. */
const MOST_ROOMS = 8;
/** Milliseconds that a room is kept for whoever may come back to it. */
const IDLE = 10 * 60_000;

/** What a story's room may be like; it keeps nothing, and nothing of it is published on this machine. */
export type StoryRoom = Omit<RoomOptions, 'data' | 'ports'>;

export interface LobbyOptions {
  readonly main: Room;
  /** Octets under way, of all rooms together; default: each has a budget of its own. */
  readonly budget?: OctetBudget;
  /** How a story's room is opened. */
  readonly open?: (room: StoryRoom) => Promise<Room>;
  /** Story rooms at once. */
  readonly most?: number;
  /** Milliseconds without a watcher or a request after which a story room ends. */
  readonly idle?: number;
  /** Calls back once after so many milliseconds; answers how not to. */
  readonly after?: (milliseconds: number, then: () => void) => () => void;
  /** Something went wrong outside that does not stop anything: one sentence. */
  readonly onTrouble?: (sentence: string) => void;
}

export interface Lobby {
  readonly main: Room;
  /** Opens a story room. Where there is no place, the one longest idle goes; rejects with LobbyFullError where all are watched. */
  open(wanted: StoryRoom): Promise<{ readonly id: string; readonly room: Room }>;
  /** Null where there is no such story room, or no more. */
  find(id: string): Room | null;
  /** Somebody has asked the room for something. */
  touch(id: string): void;
  /** So many watch the room from now on; while somebody does, it stays. */
  watched(id: string, watchers: number): void;
  /** Told when a story room ends, which nobody finds any more; its servers stop once that is done. */
  onEnd(listener: (id: string) => Promise<void>): void;
  /** Ends every room, the main one last. */
  close(): Promise<void>;
}

/** There is no place for one more. The message is one sentence, for whoever wanted it. */
export class LobbyFullError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'LobbyFullError';
  }
}

interface Guest {
  readonly room: Room;
  watchers: number;
  /** Rises with every sign of life: of two that are idle, the one with the smaller number has been so for longer. */
  seen: number;
  forget: () => void;
}

function afterwards(milliseconds: number, then: () => void): () => void {
  const timer = setTimeout(then, milliseconds);
  timer.unref();
  return () => clearTimeout(timer);
}

export function createLobby(options: LobbyOptions): Lobby {
  const { main, most = MOST_ROOMS, idle = IDLE, after = afterwards, onTrouble = () => undefined } = options;
  const shared = options.budget && { budget: options.budget };
  const openOne = options.open ?? (wanted => openRoom({ onTrouble, ...shared, ...wanted, data: null, ports: null }));
  const guests = new Map<string, Guest>();
  const listeners: ((id: string) => Promise<void>)[] = [];
  const ending = new Set<Promise<void>>();
  const opening = new Set<Promise<unknown>>();
  let signs = 0;
  let closed = false;

  async function finish(id: string, room: Room): Promise<void> {
    try {
      for (const listener of listeners) await listener(id);
      await room.close();
    } catch (error) {
      onTrouble(`A story's world could not be ended: ${error instanceof Error ? error.message : String(error)}.`);
    }
  }

  function end(id: string): Promise<void> {
    const guest = guests.get(id);
    if (guest === undefined) return Promise.resolve();
    guests.delete(id);
    guest.forget();
    const finished = finish(id, guest.room).finally(() => ending.delete(finished));
    ending.add(finished);
    return finished;
  }

  function seen(id: string, guest: Guest): void {
    signs += 1;
    guest.seen = signs;
    guest.forget();
    guest.forget = guest.watchers > 0 ? () => undefined : after(idle, () => void end(id));
  }

  /** Whatever goes for it is gone at once, before anybody else looks for a place. */
  async function makePlace(): Promise<void> {
    if (closed) throw new LobbyFullError('mailscope is about to end.');
    if (guests.size + opening.size < most) return;
    const [longest] = [...guests]
      .filter(([, guest]) => guest.watchers === 0)
      .toSorted(([, one], [, other]) => one.seen - other.seen);
    if (longest === undefined)
      throw new LobbyFullError(
        `There are ${most} worlds for stories, and each is being watched; close one of their windows and try again.`,
      );
    await end(longest[0]);
  }

  async function openRoomIn(place: Promise<void>, wanted: StoryRoom): ReturnType<Lobby['open']> {
    await place;
    const room = await openOne(wanted);
    const id = randomBytes(16).toString('base64url');
    const guest: Guest = { room, watchers: 0, seen: 0, forget: () => undefined };
    guests.set(id, guest);
    seen(id, guest);
    return { id, room };
  }

  return {
    main,
    open(wanted) {
      const opened = openRoomIn(makePlace(), wanted).finally(() => opening.delete(opened));
      opening.add(opened);
      return opened;
    },
    find: id => guests.get(id)?.room ?? null,
    touch(id) {
      const guest = guests.get(id);
      if (guest !== undefined) seen(id, guest);
    },
    watched(id, watchers) {
      const guest = guests.get(id);
      if (guest === undefined) return;
      guest.watchers = watchers;
      seen(id, guest);
    },
    onEnd(listener) {
      listeners.push(listener);
    },
    async close() {
      closed = true;
      await Promise.allSettled(opening);
      for (const id of [...guests.keys()]) void end(id);
      await Promise.all(ending);
      await main.close();
    },
  };
}
