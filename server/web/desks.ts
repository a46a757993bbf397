/** What the web server has for each room: its calls, and the door to its live trace; made when first asked for, gone with the room. */
import { ROOM_ENDED } from '../../shared/socket.ts';
import type { Lobby } from '../rooms/lobby.ts';
import type { Room } from '../rooms/room.ts';
import { letterRoutes } from './letters-api.ts';
import { createLive, type Live } from './live.ts';
import type { Route } from './route.ts';
import { traceRoute } from './trace-api.ts';
import { worldRoutes } from './world-api.ts';

export interface Desk {
  readonly routes: readonly Route[];
  readonly live: Live;
}

export interface DesksOptions {
  readonly lobby: Lobby;
  /** `connect` of the main room: where other programs reach it. */
  readonly connect: () => unknown;
  /** Throws HttpError where letters are sent too fast, to whichever room. */
  readonly limitRate: () => void;
  readonly onTrouble: (sentence: string) => void;
}

export interface Desks {
  /** `id` null: the main room. Null where there is no such room, or no more. */
  at(id: string | null): Desk | null;
  close(): Promise<void>;
}

export function createDesks({ lobby, connect, limitRate, onTrouble }: DesksOptions): Desks {
  const make = (room: Room, live: Live, connect: () => unknown): Desk => ({
    routes: [traceRoute(room), ...letterRoutes(room, limitRate, onTrouble), ...worldRoutes(room, connect, onTrouble)],
    live,
  });
  const main = make(lobby.main, createLive(lobby.main), connect);
  const desks = new Map<string, Desk>();
  lobby.onEnd(async id => {
    const desk = desks.get(id);
    desks.delete(id);
    await desk?.live.close(ROOM_ENDED, 'unknown-room');
  });

  return {
    at(id) {
      if (id === null) return main;
      const room = lobby.find(id);
      if (room === null) return null;
      lobby.touch(id);
      const known = desks.get(id);
      if (known !== undefined) return known;
      const live = createLive(room, { onViewers: count => lobby.watched(id, count) });
      // Nothing of a story's room is published on this machine.
      const desk = make(room, live, () => null);
      desks.set(id, desk);
      return desk;
    },
    async close() {
      const all = [main, ...desks.values()];
      desks.clear();
      await Promise.all(all.map(({ live }) => live.close()));
    },
  };
}
