/** One call of the API: how it is reached, and what it does. */
import type { IncomingMessage, ServerResponse } from 'node:http';

export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  /** `rest` is what follows a path that ends in a slash. */
  readonly handle: (request: IncomingMessage, response: ServerResponse, rest: string) => Promise<void> | void;
}

/** A part of a path as it was meant, or as it stands where it cannot be read. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** A path that ends in a slash takes whatever follows it. */
export const routesTo = (routes: readonly Route[], path: string): readonly Route[] =>
  routes.filter(route => (route.path.endsWith('/') ? path.startsWith(route.path) : route.path === path));

/** What `handle` is told of the path. */
export const restOf = (route: Route, path: string): string => decoded(path.slice(route.path.length));

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
