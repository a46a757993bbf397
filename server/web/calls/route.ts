/** One call of the API: how it is reached, and what it does. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Call, type Parameter, pathReader } from '../../../shared/api/routes.ts';
import { HttpError } from '../limits/answer.ts';

export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

export interface Route {
  readonly method: Call['method'];
  /** What answers a request for this path, or null where the path is another's. */
  readonly at: (path: string) => Handler | null;
}

/** `handle` is given what reads the parameters of the path. */
export function route<Path extends string>(
  call: Call<Path>,
  handle: (
    request: IncomingMessage,
    response: ServerResponse,
    parameter: (name: Parameter<Path>) => string,
  ) => Promise<void> | void,
): Route {
  const read = pathReader(call);
  return {
    method: call.method,
    at(path) {
      const parameter = read(path);
      return parameter === null ? null : (request, response) => handle(request, response, parameter);
    },
  };
}

/** What answers one method of a path. */
export interface PossibleCall {
  readonly method: Route['method'];
  readonly handle: Handler;
}

/** The calls that a path may mean, each with its method. */
export const callsAt = (routes: readonly Route[], path: string): readonly PossibleCall[] =>
  routes.flatMap(({ method, at }) => {
    const handle = at(path);
    return handle === null ? [] : [{ method, handle }];
  });

/** The one of them that a request with this method means; HEAD is answered as GET (RFC 9110 §9.3.2). Throws HttpError. */
export function callFor(calls: readonly PossibleCall[], asked: string | undefined): PossibleCall {
  const method = asked === 'HEAD' ? 'GET' : asked;
  const call = calls.find(each => each.method === method);
  if (call !== undefined) return call;
  const methods = calls.map(each => each.method);
  throw new HttpError(
    'method-not-allowed',
    `Only ${methods.join(' and ')} ${methods.length > 1 ? 'are' : 'is'} possible here.`,
    { allow: methods.flatMap(each => (each === 'GET' ? ['GET', 'HEAD'] : [each])).join(', ') },
  );
}

/** What a request asks for: a path, and the room that it means, null is the main one; `id` is a show's. */
export function askedFor(url: string | undefined): {
  readonly path: string;
  readonly room: string | null;
  readonly id: string | null;
} {
  const [path = '/', query = ''] = (url ?? '/').split(/\?(.*)/s, 2);
  const parameters = new URLSearchParams(query);
  return { path, room: parameters.get('room'), id: parameters.get('id') };
}
