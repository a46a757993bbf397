/** One call of the API: how it is reached, and what it does. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Call, type Parameter, pathReader } from '../../shared/api/routes.ts';

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

/** The calls that a path may mean, each with its method. */
export const callsAt = (
  routes: readonly Route[],
  path: string,
): readonly { readonly method: Route['method']; readonly handle: Handler }[] =>
  routes.flatMap(({ method, at }) => {
    const handle = at(path);
    return handle === null ? [] : [{ method, handle }];
  });

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
