/** Every call of the API and every WebSocket, once: method and path; the server answers them, the page asks them, docs/api.md lists them. Pure. */

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** `path`: `{name}` stands for one segment of it, or a part of one. */
export interface Call<Path extends string = string> {
  readonly method: Method;
  readonly path: Path;
}

/** Calls that are about no room. */
export const SITE_CALLS = {
  health: { method: 'GET', path: '/healthz' },
  performStory: { method: 'POST', path: '/api/stories' },
  beginShow: { method: 'POST', path: '/api/shows' },
  endShow: { method: 'DELETE', path: '/api/shows/{id}' },
  giveRecording: { method: 'PUT', path: '/api/shows/{id}/trace' },
  recording: { method: 'GET', path: '/api/shows/{id}/trace/{name}' },
  oembed: { method: 'GET', path: '/oembed' },
  card: { method: 'GET', path: '/og/{name}.png' },
} as const satisfies Readonly<Record<string, Call>>;

/** Calls about one room: the main one, or that of `?room=`. */
export const ROOM_CALLS = {
  trace: { method: 'GET', path: '/api/trace' },
  sendLetter: { method: 'POST', path: '/api/messages' },
  collect: { method: 'POST', path: '/api/collect' },
  outbox: { method: 'GET', path: '/api/outbox/{user}' },
  sendAgain: { method: 'POST', path: '/api/outbox' },
  callAsStranger: { method: 'POST', path: '/api/strangers' },
  world: { method: 'GET', path: '/api/world' },
  changeWorld: { method: 'PUT', path: '/api/world' },
  undo: { method: 'POST', path: '/api/world/undo' },
  redo: { method: 'POST', path: '/api/world/redo' },
  reset: { method: 'POST', path: '/api/world/reset' },
  worldFile: { method: 'GET', path: '/api/world/file' },
  setFault: { method: 'POST', path: '/api/faults' },
  clearFault: { method: 'DELETE', path: '/api/faults/{id}' },
  clearFaults: { method: 'DELETE', path: '/api/faults' },
  clock: { method: 'GET', path: '/api/clock' },
  moveClock: { method: 'POST', path: '/api/clock' },
  queue: { method: 'GET', path: '/api/queue' },
  flushQueues: { method: 'POST', path: '/api/queue/flush' },
} as const satisfies Readonly<Record<string, Call>>;

/** WebSockets: that of a room, with `?room=` as a call has it, and that of a show, with `?id=`. */
export const SOCKETS = { live: '/api/live', show: '/api/show' } as const;

/** The names in a path: `'id' | 'name'`. */
export type Parameter<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Parameter<Rest>
  : never;

const PARAMETER = /\{(\w+)\}/g;

/** The path with its parameters filled in. */
export const pathTo = <Path extends string>(
  { path }: Call<Path>,
  parameters: Readonly<Record<Parameter<Path>, string>>,
): string => {
  const values = new Map<string, string>(Object.entries(parameters));
  return path.replace(PARAMETER, (_, name: string) => encodeURIComponent(values.get(name) ?? ''));
};

/** The address of a call about the room `id`; null is the main one. */
export const inRoom = (path: string, id: string | null): string =>
  id === null ? path : `${path}?room=${encodeURIComponent(id)}`;

/** The address of the WebSocket of the show `id`. */
export const showSocketPath = (id: string): string => `${SOCKETS.show}?id=${encodeURIComponent(id)}`;

/** A part of a path as it was meant, or as it stands where it cannot be read. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Reads paths as `call` has them: gives the parameters of one, or null where the path is another. */
export function pathReader<Path extends string>({
  path,
}: Call<Path>): (asked: string) => ((name: Parameter<Path>) => string) | null {
  const names = [...path.matchAll(PARAMETER)].map(([, name = '']) => name);
  const literal = path.split(/\{\w+\}/).map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const pattern = new RegExp(`^${literal.join('([^/]+)')}$`);
  return asked => {
    const found = pattern.exec(asked);
    return found === null ? null : name => decoded(found[names.indexOf(name) + 1] ?? '');
  };
}
