/** The audience's door: other machines may come by it to follow a show. It gives out the page and what is being shown, and takes nothing. */
import type { IncomingMessage } from 'node:http';
import { networkInterfaces } from 'node:os';
import type { Duplex } from 'node:stream';
import { ROOM_ENDED } from '../../shared/api/live.ts';
import { pathReader, SITE_CALLS, SOCKETS } from '../../shared/api/routes.ts';
import { listenOn } from '../network/door.ts';
import { isLoopback, portError } from '../network/port-error.ts';
import type { Shows } from '../shows/shows.ts';
import { healthRoute } from './calls/health-api.ts';
import { askedFor, callsAt, type Handler } from './calls/route.ts';
import { recordingRoute } from './calls/shows-api.ts';
import type { Desks } from './desks.ts';
import { admit, hostsOf, refusalAtOpenDoor, refusalOf } from './guard.ts';
import { closeHttpServer, createHttpServer, refuseUpgrade } from './http-server.ts';
import { HttpError } from './limits/answer.ts';
import { TRY_AGAIN_LATER, turnAway } from './limits/turned-away.ts';
import { createShowSockets } from './sockets/show-sockets.ts';

/** One show, or one address, leaves a part of them to others: 5,038 follow where there is nobody else. */
const FOLLOWERS = { most: 5_700, kept: 32, sharedByAddress: true };
/** Each follower has a socket for the show, one for a room that is live, and a few while its page loads. */
const MOST_CONNECTIONS = 16_000;
/** As many calls may wait to be taken: when the QR code appears, all phones come at once. The system may allow fewer. */
const BACKLOG = 4096;

/** A call about one show; here, none that takes something. */
const isOfShow = (path: string): boolean =>
  [SITE_CALLS.recording, SITE_CALLS.giveRecording, SITE_CALLS.endShow].some(call => pathReader<string>(call)(path));

export interface AudienceAt {
  /** An address of this machine; 0.0.0.0 or :: are all of them. */
  readonly host: string;
  /** 0 is any free one. */
  readonly port: number;
}

export interface AudienceOptions extends AudienceAt {
  readonly shows: Shows;
  readonly desks: Desks;
  readonly page: Handler;
  readonly onTrouble: (sentence: string) => void;
}

export interface AudienceDoor {
  /** Addresses of the page by this door, as another machine reaches it. */
  urls(): readonly string[];
  close(): Promise<void>;
}

/** Leaves a quarter of what the system lets this process open to everything else: the mail must flow on while the hall is full. */
function mostConnections(): number {
  const report: object = process.report.getReport();
  const limits = 'userLimits' in report ? JSON.stringify(report.userLimits) : '';
  const open = Number(/"open_files":\{"soft":"?(\d+)/.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
  return Math.min(MOST_CONNECTIONS, Math.floor(open * 0.75));
}

const isEverywhere = (host: string): boolean => host === '0.0.0.0' || host === '::';

/** Where other machines of the network find this one; only itself where there is no network. */
function reachable(host: string): readonly string[] {
  if (!isEverywhere(host)) return [host];
  const addresses = Object.values(networkInterfaces())
    .flatMap(each => each ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);
  return addresses.length > 0 ? addresses : ['127.0.0.1'];
}

/** Listens; rejects with PortError. */
export async function openAudienceDoor(options: AudienceOptions): Promise<AudienceDoor> {
  const { host, shows, desks, page, onTrouble } = options;
  let hosts: ReadonlySet<string> = new Set();
  const sockets = createShowSockets(shows, FOLLOWERS);
  const open = [healthRoute, recordingRoute(shows)];

  const refusal = (request: IncomingMessage): string | null =>
    isLoopback(host) ? refusalOf(request, hosts) : refusalAtOpenDoor(request);

  const handle: Handler = async (request, response) => {
    admit(request, response, refusal(request));
    const { path } = askedFor(request.url);
    const [call] = callsAt(open, path);
    const watches = request.method === 'GET' || request.method === 'HEAD';
    if (path.startsWith('/api/') && (watches ? call === undefined : !isOfShow(path)))
      throw new HttpError('not-found', 'There is no such call.');
    if (!watches)
      throw new HttpError('method-not-allowed', 'Here one can only watch.', {
        allow: 'GET, HEAD',
        // Whatever body there is is not read.
        connection: 'close',
      });
    await (call?.handle ?? page)(request, response);
  };

  function watchRoom(request: IncomingMessage, socket: Duplex, head: Buffer, room: string | null): void {
    // What is not shown is not told from what is not there.
    const live = shows.showsRoom(room) ? desks.audienceAt(room) : null;
    if (live === null) turnAway(request, socket, head, ROOM_ENDED, 'unknown-room');
    else live.upgrade(request, socket, head);
  }

  const { server, connections } = createHttpServer({
    handle,
    connections: { most: mostConnections(), sharedByAddress: true },
    onTrouble,
  });
  server.on('upgrade', (request, socket, head) => {
    const { path, room, id } = askedFor(request.url);
    if (refusal(request) !== null) refuseUpgrade(socket);
    else if (!connections.admitUpgrade(socket)) turnAway(request, socket, head, TRY_AGAIN_LATER, 'too many at once');
    else if (path === SOCKETS.show) sockets.upgrade(request, socket, head, id);
    else if (path === SOCKETS.live) watchRoom(request, socket, head, room);
    else refuseUpgrade(socket);
  });

  let port: number;
  try {
    port = await listenOn(server, options.port, host, BACKLOG);
  } catch (error) {
    await sockets.close();
    throw portError(error, { host, port: options.port, option: '--audience', hostOption: '--audience' });
  }
  hosts = hostsOf(host, port);
  shows.onShown(() => desks.keepAudiences(room => shows.showsRoom(room)));

  return {
    urls: () => reachable(host).map(name => `http://${name.includes(':') ? `[${name}]` : name}:${port}/`),
    async close() {
      await sockets.close();
      await closeHttpServer(server);
    },
  };
}
