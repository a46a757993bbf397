/** The web server: the page, a small API, and the doors to the live traces; `?room=` says which room is meant, none the main one. */

import { ROOM_ENDED } from '../../shared/api/live.ts';
import { SOCKETS } from '../../shared/api/routes.ts';
import type { ConnectFacts } from '../../shared/api/world.ts';
import { createOctetBudget, type OctetBudget } from '../base/octet-budget.ts';
import { listenOn } from '../network/door.ts';
import { portError } from '../network/port-error.ts';
import type { Lobby } from '../rooms/lobby.ts';
import type { Published } from '../rooms/publish.ts';
import { createShows } from '../shows/shows.ts';
import { type AudienceAt, type AudienceDoor, openAudienceDoor } from './audience.ts';
import { cardRoute } from './calls/cards-api.ts';
import { healthRoute } from './calls/health-api.ts';
import { askedFor, callFor, callsAt, type Handler, type PossibleCall, type Route } from './calls/route.ts';
import { createShelf } from './calls/shelved.ts';
import { showRoutes } from './calls/shows-api.ts';
import { type StoryTeller, storyRoute } from './calls/stories-api.ts';
import { createStoryTeller } from './calls/story-teller.ts';
import { createDesks } from './desks.ts';
import { admit, hostsOf, refusalOf } from './guard.ts';
import { closeHttpServer, createHttpServer, refuseUpgrade } from './http-server.ts';
import { HttpError } from './limits/answer.ts';
import { limitAsking } from './limits/asking.ts';
import { createBodies } from './limits/bodies.ts';
import { TRY_AGAIN_LATER, turnAway } from './limits/turned-away.ts';
import { oembedRoute } from './oembed-api.ts';
import { pageFiles } from './page-files.ts';
import { answerPage } from './pages.ts';
import { createShowSockets } from './sockets/show-sockets.ts';

/** More than the viewers of a room, all followers by this door, and their requests. */
const MOST_CONNECTIONS = 500;
/** They are on this machine; the audience has its own door. A hundred follow one show where there is no other. */
const FOLLOWERS = { most: 120, kept: 8, sharedByAddress: false };

/** The line that `--json` prints, and `connect` of GET /api/world. */
interface ReadyLine extends ConnectFacts {
  readonly ready: true;
  readonly url: string;
  /** Addresses of the page by the audience's door, where there is one. */
  readonly audience?: readonly string[];
}

export interface WebOptions {
  readonly lobby: Lobby;
  /** Where other programs reach the main room. */
  readonly published: Published;
  /** Default: the stories that come with mailscope, and a visitor’s own. */
  readonly stories?: StoryTeller;
  readonly host: string;
  /** 0 is any free one. */
  readonly port: number;
  /** What counts the octets under way in the whole process; default one of its own. */
  readonly octets?: OctetBudget;
  /** Where the audience of a show may come in from other machines; default nowhere. */
  readonly audience?: AudienceAt | null;
  /** The folder of the built page, or null where there is none. */
  readonly page: string | null;
  /** Something of ours failed while answering: one line. */
  readonly onTrouble: (sentence: string) => void;
}

export interface WebServer {
  readonly url: string;
  readonly ready: ReadyLine;
  close(): Promise<void>;
}

/** Listens; rejects with PortError. */
export async function startWebServer(options: WebOptions): Promise<WebServer> {
  const { lobby, published, host, stories = createStoryTeller(), onTrouble } = options;
  let hosts: ReadonlySet<string> = new Set();
  let url = '';
  let door: AudienceDoor | null = null;

  const readyLine = (): ReadyLine => ({
    ready: true,
    url,
    ...published,
    users: lobby.main.world.users.map(({ address, password }) => ({ address, user: address, password })),
    ...(door !== null && { audience: door.urls() }),
  });

  const files: Handler = pageFiles(options.page);
  const shelf = createShelf(options.page);
  const page: Handler = async (request, response) => {
    const site = `http://${request.headers.host ?? ''}/`;
    const answered = options.page !== null && (await answerPage(options.page, shelf, request, response, site));
    if (!answered) await files(request, response);
  };

  const bodies = createBodies(options.octets ?? createOctetBudget());
  const desks = createDesks({
    lobby,
    connect: readyLine,
    bodies,
    limitLetters: limitAsking({ burst: 20, perSecond: 5 }, 'letters'),
    worldLimits: {
      limitChanges: limitAsking({ burst: 100, perSecond: 20 }, 'changes'),
      limitStrangers: limitAsking({ burst: 20, perSecond: 5 }, 'calls'),
    },
    onTrouble,
  });
  const shows = createShows();
  const showSockets = createShowSockets(shows, FOLLOWERS);
  /** Those that are about no room. */
  const shared: readonly Route[] = [
    healthRoute,
    storyRoute(lobby, stories, bodies, limitAsking({ burst: 10, perSecond: 0.5 }, 'stories'), onTrouble),
    oembedRoute(shelf, () => hosts),
    cardRoute(options.page, shelf, limitAsking({ burst: 12, perSecond: 1 }, 'pictures')),
    ...showRoutes({
      shows,
      bodies,
      audience: () => door?.urls() ?? [url],
      limitShows: limitAsking({ burst: 10, perSecond: 0.5 }, 'shows'),
      limitRecordings: limitAsking({ burst: 6, perSecond: 0.5 }, 'recordings'),
    }),
  ];
  function callsTo(path: string, room: string | null): readonly PossibleCall[] {
    const calls = callsAt(shared, path);
    if (calls.length > 0) return calls;
    if (!path.startsWith('/api/')) return [{ method: 'GET', handle: page }];
    const desk = desks.at(room);
    if (desk === null) throw new HttpError('unknown-room', 'That story’s world has ended; start the story again.');
    return callsAt(desk.routes, path);
  }

  const handle: Handler = async (request, response) => {
    admit(request, response, refusalOf(request, hosts));
    const { path, room } = askedFor(request.url);
    const possible = callsTo(path, room);
    if (possible.length === 0) throw new HttpError('not-found', 'There is no such call.');
    const call = callFor(possible, request.method);
    try {
      await call.handle(request, response);
    } finally {
      bodies.done(request);
    }
  };

  const { server, connections } = createHttpServer({
    handle,
    // They all come from this machine.
    connections: { most: MOST_CONNECTIONS, sharedByAddress: false },
    onTrouble,
  });
  server.on('upgrade', (request, socket, head) => {
    const { path, room, id } = askedFor(request.url);
    if (refusalOf(request, hosts) !== null) refuseUpgrade(socket);
    else if (!connections.admitUpgrade(socket)) turnAway(request, socket, head, TRY_AGAIN_LATER, 'too many at once');
    else if (path === SOCKETS.show) showSockets.upgrade(request, socket, head, id);
    else if (path !== SOCKETS.live) refuseUpgrade(socket);
    else {
      const desk = desks.at(room);
      if (desk === null) turnAway(request, socket, head, ROOM_ENDED, 'unknown-room');
      else desk.live.upgrade(request, socket, head);
    }
  });

  async function close(): Promise<void> {
    await desks.close();
    shows.close();
    await showSockets.close();
    await door?.close();
    if (server.listening) await closeHttpServer(server);
  }

  let port: number;
  try {
    port = await listenOn(server, options.port, host);
  } catch (error) {
    await close();
    throw portError(error, { host, port: options.port, option: '--port' });
  }
  hosts = hostsOf(host, port);
  url = `http://${host.includes(':') ? `[${host}]` : host}:${port}/`;
  try {
    if (options.audience) door = await openAudienceDoor({ ...options.audience, shows, desks, page, onTrouble });
  } catch (error) {
    await close();
    throw error;
  }
  return { url, ready: readyLine(), close };
}
