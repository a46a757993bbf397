/** The web server of a room: the page, a small API, and the door to the live trace. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as z from 'zod/mini';
import { encodeHeader } from '../../shared/trace/codec.ts';
import { parseDraft } from '../mail-client/draft.ts';
import { listenOn } from '../network/door.ts';
import { portError } from '../network/port-error.ts';
import type { Published } from '../rooms/publish.ts';
import type { Room } from '../rooms/room.ts';
import { answer, answerError, HttpError, readJson } from './answer.ts';
import { hostsOf, refusalOf, securityHeaders } from './guard.ts';
import { createLive } from './live.ts';
import { outboxRoutes } from './outbox-api.ts';
import { pageFiles } from './page-files.ts';
import { createTokenBucket } from './token-bucket.ts';
import { type Route, worldRoutes } from './world-api.ts';

/** A text of 16 MiB with its escapes. */
const LARGEST_BODY = 40 * 1024 * 1024;
const TRACE_PAGE = 500;
/** Milliseconds that a client may take, so that those who dribble do not hold connections for ever. */
const TIMEOUTS = {
  headersTimeout: 15_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 5_000,
};
/** More than all viewers and their requests. */
const MOST_CONNECTIONS = 500;

/** What Node's own answers would say. */
const BAD_REQUESTS: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
};

/** An answer on a socket that has no response. */
const bareAnswer = (status: string): string =>
  [
    `HTTP/1.1 ${status}`,
    ...Object.entries(securityHeaders(null)).map(([name, value]) => `${name}: ${value}`),
    'connection: close',
    'content-length: 0',
    '\r\n',
  ].join('\r\n');

/** The line that `--json` prints, and `connect` of GET /api/world. */
interface ReadyLine extends Published {
  readonly ready: true;
  readonly url: string;
  readonly users: readonly { readonly address: string; readonly user: string; readonly password: string }[];
}

export interface WebOptions {
  readonly room: Room;
  readonly published: Published;
  readonly host: string;
  /** 0 is any free one. */
  readonly port: number;
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

/** A part of a path as it was meant, or as it stands where it cannot be read. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

const collecting = z.object({
  user: z.string(),
  leaveOnServer: z.optional(z.boolean()),
  dropBeforeQuit: z.optional(z.boolean()),
  another: z.optional(z.boolean()),
});

const isCollect = (body: unknown): body is { collect?: boolean } =>
  typeof body === 'object' && body !== null && (!('collect' in body) || typeof body.collect === 'boolean');

/** Listens; rejects with PortError. */
export async function startWebServer(options: WebOptions): Promise<WebServer> {
  const { room, published, host, onTrouble } = options;
  const bucket = createTokenBucket(20, 5, () => performance.now());
  const live = createLive(room);
  let hosts: ReadonlySet<string> = new Set();
  let url = '';

  const readyLine = (): ReadyLine => ({
    ready: true,
    url,
    submission: published.submission,
    smtp: published.smtp,
    pop3: published.pop3,
    dns: published.dns,
    users: room.world.users.map(({ address, password }) => ({ address, user: address, password })),
  });

  function limitRate(): void {
    const wait = bucket.take();
    if (wait > 0)
      throw new HttpError(429, 'too-many-requests', 'Too many letters at once; try again in a moment.', {
        'retry-after': `${Math.ceil(wait / 1000)}`,
        connection: 'close',
      });
  }

  async function postMessage(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Before the body is read: what is refused takes no memory.
    limitRate();
    const body = await readJson(request, LARGEST_BODY);
    const read = parseDraft(body);
    if (!read.ok) throw new HttpError(read.code === 'text-too-long' ? 413 : 400, read.code, read.message);
    if (!isCollect(body)) throw new HttpError(400, 'bad-request', '"collect" is true or false.');
    const sent = room.send(read.draft, { collect: body.collect ?? false });
    if (sent === null)
      throw new HttpError(404, 'unknown-sender', `There is no user ${read.draft.from.address} in this world.`);
    sent.finished.catch((error: unknown) => onTrouble(`A letter could not be followed: ${String(error)}`));
    answer(response, 202, { id: sent.id });
  }

  async function postCollect(request: IncomingMessage, response: ServerResponse): Promise<void> {
    limitRate();
    const body = await readJson(request, 4096);
    const read = collecting.safeParse(body);
    if (!read.success)
      throw new HttpError(400, 'bad-request', '"user" is the address of a user; the other members are true or false.');
    const { user, leaveOnServer, dropBeforeQuit, another } = read.data;
    const under = room.collect(user, {
      ...(leaveOnServer === undefined ? {} : { leaveOnServer }),
      ...(dropBeforeQuit === undefined ? {} : { stopBeforeQuit: dropBeforeQuit }),
      ...(another === undefined ? {} : { another }),
    });
    if (under === null) throw new HttpError(404, 'unknown-user', `There is no user ${user} in this world.`);
    // While the wire is held nobody knows how long it takes.
    if (room.brake.state().on) {
      under.catch((error: unknown) => onTrouble(`Mail could not be collected: ${String(error)}`));
      answer(response, 202, {});
      return;
    }
    const outcome = await under;
    if (outcome.kind === 'failed') throw new HttpError(502, 'collect-failed', outcome.reason);
    answer(response, 200, { messages: outcome.messages });
  }

  async function getTrace(_request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { header } = room.recorder;
    const lines = room.recorder.lines(1);
    response.writeHead(200, {
      'content-type': 'application/x-ndjson; charset=utf-8',
      'content-disposition': `attachment; filename="mailscope-${header.createdAt.replaceAll(':', '-')}.trace.ndjson"`,
      'cache-control': 'no-store',
    });
    function* text() {
      yield `${JSON.stringify(encodeHeader(header))}\n`;
      for (let at = 0; at < lines.length; at += TRACE_PAGE)
        yield lines
          .slice(at, at + TRACE_PAGE)
          .map(line => `${line}\n`)
          .join('');
    }
    try {
      await pipeline(Readable.from(text()), response);
    } catch (error) {
      // Whoever asked went away.
      if (!response.destroyed) throw error;
    }
  }

  const page: Handler = pageFiles(options.page);

  const routes: readonly Route[] = [
    { method: 'GET', path: '/healthz', handle: (_request, response) => answer(response, 200, { ok: true }) },
    { method: 'GET', path: '/api/trace', handle: getTrace },
    { method: 'POST', path: '/api/messages', handle: postMessage },
    { method: 'POST', path: '/api/collect', handle: postCollect },
    ...outboxRoutes(room, onTrouble),
    ...worldRoutes(room, () => readyLine(), onTrouble),
  ];
  /** A path that ends in a slash takes whatever follows it. */
  const routesTo = (path: string): readonly Route[] =>
    routes.filter(route => (route.path.endsWith('/') ? path.startsWith(route.path) : route.path === path));

  const handle: Handler = async (request, response) => {
    const refused = refusalOf(request, hosts);
    const trusted = refused === null ? (request.headers.host ?? null) : null;
    for (const [name, value] of Object.entries(securityHeaders(trusted))) response.setHeader(name, value);
    if (refused !== null) throw new HttpError(403, 'forbidden', refused, { connection: 'close' });
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    const possible = routesTo(path);
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    if (possible.length === 0 && path.startsWith('/api/'))
      throw new HttpError(404, 'not-found', 'There is no such call.');
    const methods = possible.length === 0 ? ['GET'] : possible.map(route => route.method);
    if (!methods.some(each => each === method))
      throw new HttpError(
        405,
        'method-not-allowed',
        `Only ${methods.join(' and ')} ${methods.length > 1 ? 'are' : 'is'} possible here.`,
        {
          allow: methods.flatMap(each => (each === 'GET' ? ['GET', 'HEAD'] : [each])).join(', '),
        },
      );
    const route = possible.find(each => each.method === method);
    if (route === undefined) await page(request, response);
    else await route.handle(request, response, decoded(path.slice(route.path.length)));
  };

  const server: Server = createServer(TIMEOUTS, (request, response) => {
    Promise.resolve(handle(request, response)).catch((error: unknown) => {
      if (error instanceof HttpError) answerError(response, error);
      else {
        onTrouble(
          `${request.method} ${request.url}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        );
        answerError(response, new HttpError(500, 'internal', 'Something went wrong inside mailscope.'));
      }
    });
  });
  server.maxConnections = MOST_CONNECTIONS;
  // What is no HTTP never becomes a request; the default answer has no headers at all.
  server.on('clientError', (error, socket) => {
    const status = 'code' in error && typeof error.code === 'string' ? BAD_REQUESTS[error.code] : undefined;
    if (socket.writable) socket.end(bareAnswer(status ?? '400 Bad Request'));
    else socket.destroy();
  });
  server.on('upgrade', (request, socket, head) => {
    if (refusalOf(request, hosts) !== null || request.url?.split('?', 1)[0] !== '/api/live') {
      socket.on('error', () => socket.destroy());
      socket.end(bareAnswer('403 Forbidden'));
      return;
    }
    live.upgrade(request, socket, head);
  });

  let port: number;
  try {
    port = await listenOn(server, options.port, host);
  } catch (error) {
    await live.close();
    throw portError(error, { host, port: options.port, option: '--port' });
  }
  hosts = hostsOf(host, port);
  url = `http://${host.includes(':') ? `[${host}]` : host}:${port}/`;
  return {
    url,
    ready: readyLine(),
    async close() {
      await live.close();
      const closed = new Promise<void>(resolve => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
