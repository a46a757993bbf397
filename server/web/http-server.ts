/** An HTTP server as both of ours are: patient only so far, with an answer for whatever goes wrong. */
import { createServer, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Handler } from './calls/route.ts';
import { securityHeaders } from './guard.ts';
import { answerError, HttpError } from './limits/answer.ts';
import { type Connections, type ConnectionsOptions, keepConnections } from './limits/connections.ts';

/** Milliseconds that a client may take, so that those who dribble do not hold connections for ever. */
const TIMEOUTS = {
  headersTimeout: 5_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
};

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

/** The answer to an upgrade that is not granted. */
export function refuseUpgrade(socket: Duplex): void {
  socket.on('error', () => socket.destroy());
  socket.end(bareAnswer('403 Forbidden'));
}

export interface HttpServerOptions {
  /** Whatever it throws is answered. */
  readonly handle: Handler;
  readonly connections: ConnectionsOptions;
  /** Something of ours failed while answering: one line. */
  readonly onTrouble: (sentence: string) => void;
}

export interface HttpServer {
  /** It does not listen yet. */
  readonly server: Server;
  readonly connections: Connections;
}

export function createHttpServer({ handle, connections, onTrouble }: HttpServerOptions): HttpServer {
  const server = createServer(TIMEOUTS, (request, response) => {
    const answered = async () => handle(request, response);
    answered().catch((error: unknown) => {
      if (error instanceof HttpError) answerError(response, error);
      else {
        onTrouble(
          `${request.method} ${request.url}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        );
        answerError(response, new HttpError('internal', 'Something went wrong inside mailscope.'));
      }
    });
  });
  // What is no HTTP never becomes a request; the default answer has no headers at all.
  server.on('clientError', (error, socket) => {
    const status = 'code' in error && typeof error.code === 'string' ? BAD_REQUESTS[error.code] : undefined;
    if (socket.writable) socket.end(bareAnswer(status ?? '400 Bad Request'));
    else socket.destroy();
  });
  return { server, connections: keepConnections(server, connections) };
}

/** Resolves once nobody is connected any more; WebSockets are for others to close. */
export async function closeHttpServer(server: Server): Promise<void> {
  const closed = new Promise<void>(resolve => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
