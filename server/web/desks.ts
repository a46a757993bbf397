/** What the web server has for each room: its calls, and the doors to its live trace; made when first asked for, gone with the room. */

import { ROOM_ENDED } from '../../shared/api/live.ts';
import type { ConnectFacts } from '../../shared/api/world.ts';
import type { Lobby } from '../rooms/lobby.ts';
import type { Room } from '../rooms/room.ts';
import { letterRoutes } from './calls/letters-api.ts';
import type { Route } from './calls/route.ts';
import { timeRoutes } from './calls/time-api.ts';
import { traceRoute } from './calls/trace-api.ts';
import { type WorldLimits, worldRoutes } from './calls/world-api.ts';
import type { Bodies } from './limits/bodies.ts';
import { createLive, type Live } from './sockets/live.ts';
import { createWorldNews, type WorldNews } from './sockets/world-news.ts';

/** Of the audience, in one room. */
const MOST_WATCHERS = 5_700;

interface Desk {
  readonly routes: readonly Route[];
  readonly live: Live;
}

export interface DesksOptions {
  readonly lobby: Lobby;
  /** `connect` of the main room: where other programs reach it. */
  readonly connect: () => ConnectFacts;
  readonly bodies: Bodies;
  /** Throws HttpError where letters are sent too fast, to whichever room. */
  readonly limitLetters: () => void;
  readonly worldLimits: WorldLimits;
  readonly onTrouble: (sentence: string) => void;
}

export interface Desks {
  /** `id` null: the main room. Null where there is no such room, or no more. */
  at(id: string | null): Desk | null;
  /** Where an audience watches that room and does nothing else; null where there is no such room, or no more. */
  audienceAt(id: string | null): Live | null;
  /** Shows the audience out of the rooms that are not `shown` any more. */
  keepAudiences(shown: (id: string | null) => boolean): void;
  close(): Promise<void>;
}

export function createDesks(options: DesksOptions): Desks {
  const { lobby, connect, bodies, limitLetters, worldLimits, onTrouble } = options;
  const make = (room: Room, live: Live, connect: () => ConnectFacts | null): Desk => ({
    routes: [
      traceRoute(room),
      ...letterRoutes(room, bodies, limitLetters, onTrouble),
      ...worldRoutes(room, bodies, worldLimits, connect),
      ...timeRoutes(room, bodies, worldLimits, onTrouble),
    ],
    live,
  });
  const newsOf = (room: Room): WorldNews => createWorldNews(room, onTrouble);
  const main = make(lobby.main, createLive(lobby.main, { news: newsOf(lobby.main) }), connect);
  const desks = new Map<string, Desk>();
  const audiences = new Map<string | null, Live>();
  const leaving = new Set<Promise<void>>();
  lobby.onEnd(async id => {
    const desk = desks.get(id);
    desks.delete(id);
    await Promise.all([desk?.live.close(ROOM_ENDED, 'unknown-room'), closeAudience(id)]);
  });

  function recount(id: string | null): void {
    if (id === null) return;
    lobby.watched(id, (desks.get(id)?.live.viewers() ?? 0) + (audiences.get(id)?.viewers() ?? 0));
  }

  function closeAudience(id: string | null): Promise<void> {
    const live = audiences.get(id);
    if (live === undefined) return Promise.resolve();
    audiences.delete(id);
    const left = live.close(ROOM_ENDED, 'not shown any more').finally(() => leaving.delete(left));
    leaving.add(left);
    return left;
  }

  return {
    at(id) {
      if (id === null) return main;
      const room = lobby.find(id);
      if (room === null) return null;
      lobby.touch(id);
      const known = desks.get(id);
      if (known !== undefined) return known;
      const live = createLive(room, { news: newsOf(room), onViewers: () => recount(id) });
      // Nothing of a story's room is published on this machine.
      const desk = make(room, live, () => null);
      desks.set(id, desk);
      return desk;
    },
    audienceAt(id) {
      const known = audiences.get(id);
      if (known !== undefined) return known;
      const room = id === null ? lobby.main : lobby.find(id);
      if (room === null) return null;
      const live = createLive(room, {
        most: MOST_WATCHERS,
        sharedByAddress: true,
        holding: false,
        onViewers: () => recount(id),
      });
      audiences.set(id, live);
      return live;
    },
    keepAudiences(shown) {
      for (const id of audiences.keys()) if (!shown(id)) void closeAudience(id);
    },
    async close() {
      const all = [main.live, ...[...desks.values()].map(({ live }) => live), ...audiences.values()];
      desks.clear();
      audiences.clear();
      await Promise.all([...all.map(live => live.close()), ...leaving]);
    },
  };
}
