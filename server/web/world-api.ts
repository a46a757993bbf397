/** The part of the API that changes how the world goes: its edits, its faults, its clock, its queues, and callers from outside. */
import { randomBytes } from 'node:crypto';
import * as z from 'zod/mini';
import { fault as faultShape } from '../../shared/faults/schema.ts';
import { remarks } from '../../shared/world/remarks.ts';
import { validateWorld } from '../../shared/world/validate.ts';
import type { World } from '../../shared/world/world.ts';
import { checkZones } from '../dns/respond.ts';
import { parseStrangerCall } from '../mail-client/stranger-call.ts';
import { withoutServers } from '../rooms/outside.ts';
import type { Room } from '../rooms/room.ts';
import { answer, HttpError } from './answer.ts';
import { LARGEST_LETTER } from './letters-api.ts';
import type { Bodies } from './limits/bodies.ts';
import type { Route } from './route.ts';

/** A world of 20 hosts with long zones. */
const LARGEST_WORLD = 4 * 1024 * 1024;
const LARGEST = 64 * 1024;
/** A month of world time at once. */
const LONGEST_ADVANCE = 31 * 24 * 3600;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Passwords never leave the server, so an edited world comes back without them: each user keeps the one they had. */
function withPasswords(value: unknown, world: World): unknown {
  if (!isObject(value) || !Array.isArray(value.users)) return value;
  const known = new Map(world.users.map(({ address, password }) => [address.toLowerCase(), password]));
  const users = value.users.map((user: unknown) => {
    if (!isObject(user) || user.password !== undefined) return user;
    const address = typeof user.address === 'string' ? user.address.toLowerCase() : '';
    return { ...user, password: known.get(address) ?? randomBytes(6).toString('base64url') };
  });
  return { ...value, users };
}

const badWorld = (path: string, message: string): HttpError =>
  new HttpError(422, 'bad-world', path === '' ? `The world ${message}.` : `${path}: ${message}.`, {}, { path });

/** A world that may run from now on. Throws HttpError. */
function readWorld(value: unknown, now: World): World {
  const filled = withPasswords(value, now);
  const stripped = isObject(filled) && Array.isArray(filled.hosts) ? withoutReal(filled) : filled;
  const result = validateWorld(stripped);
  if (!result.ok) throw badWorld(result.path, result.message);
  try {
    checkZones(result.world.zones);
  } catch (error) {
    if (error instanceof RangeError) throw badWorld('zones', error.message);
    throw error;
  }
  return result.world;
}

/** Real servers of the machine are shown as hosts, and are nobody's to edit. */
function withoutReal(value: Record<string, unknown>): unknown {
  const hosts = Array.isArray(value.hosts) ? value.hosts.filter(isHostLike) : [];
  return hosts.length === (Array.isArray(value.hosts) ? value.hosts.length : 0)
    ? { ...value, hosts: withoutServers({ hosts }).hosts }
    : value;
}
const isHostLike = (value: unknown): value is World['hosts'][number] => isObject(value) && typeof value.id === 'string';

const edit = z.object({
  world: z.unknown(),
  what: z.optional(z.string().check(z.minLength(1), z.maxLength(200))),
  revision: z.optional(z.int()),
});
const moving = z.union([
  z.object({ to: z.literal('next') }),
  z.object({ advance: z.number().check(z.positive(), z.maximum(LONGEST_ADVANCE)) }),
]);

/** Each throws HttpError where it is too much at once. */
export interface WorldLimits {
  readonly limitChanges: () => void;
  readonly limitStrangers: () => void;
}

export function worldRoutes(
  room: Room,
  bodies: Bodies,
  { limitChanges, limitStrangers }: WorldLimits,
  connect: () => unknown,
  onTrouble: (sentence: string) => void,
): readonly Route[] {
  const { living, clock } = room;

  const state = () => ({
    world: room.publicWorld,
    revision: living.revision(),
    canUndo: living.canUndo(),
    canRedo: living.canRedo(),
    remarks: remarks(room.world),
    connect: connect(),
  });
  const time = () => ({ now: clock.now().toISOString(), jumped: clock.jumped(), next: clock.next() });

  /** An edit is in force at once, also for those who watch; whoever made it hears where it would not outlive this process. */
  const keptOrSaid = async (): Promise<void> => {
    const error = await living.kept();
    if (error === null) return;
    const why = 'code' in error ? String(error.code) : error.name;
    const sentence = `The world is changed, and it could not be kept (${why}): the change is lost if mailscope ends before there is room again. It is tried again by itself.`;
    throw new HttpError(507, 'world-not-kept', sentence);
  };

  const put: Route['handle'] = async (request, response) => {
    limitChanges();
    const read = edit.safeParse(await bodies.json(request, LARGEST_WORLD));
    if (!read.success)
      throw new HttpError(400, 'bad-request', 'An edit is {"world": …} and perhaps "what" and "revision".');
    const { world, what = 'The world was edited.', revision } = read.data;
    if (revision !== undefined && revision !== living.revision())
      throw new HttpError(409, 'stale', 'Somebody has changed the world since; look at it as it is now and try again.');
    await room.change(readWorld(world, room.world), what);
    await keptOrSaid();
    answer(response, 200, state());
  };

  const turn =
    (how: () => string | null, nothing: string): Route['handle'] =>
    async (request, response) => {
      limitChanges();
      await bodies.json(request, LARGEST);
      if (how() === null) throw new HttpError(409, 'nothing-to-undo', nothing);
      await room.follow();
      await keptOrSaid();
      answer(response, 200, state());
    };

  const setFault: Route['handle'] = async (request, response) => {
    limitChanges();
    const body = await bodies.json(request, LARGEST);
    const read = faultShape.safeParse(isObject(body) ? { ...body, id: 'new' } : body);
    if (!read.success) {
      const [issue] = read.error.issues;
      const where = issue === undefined || issue.path.length === 0 ? '' : ` (${issue.path.join('.')})`;
      throw new HttpError(400, 'bad-fault', `This is not a fault that mailscope knows${where}.`);
    }
    const { id: _id, times, ...what } = read.data;
    // The world it would be in is what decides whether it makes sense there.
    readWorld({ ...room.world, faults: [...room.world.faults, { ...what, id: 'new', times }] }, room.world);
    const id = living.setFault(what, times);
    await room.follow();
    await keptOrSaid();
    answer(response, 201, { id });
  };

  const clear =
    (idOf: (rest: string) => string | null): Route['handle'] =>
    async (_request, response, rest) => {
      limitChanges();
      const id = idOf(rest);
      if (!living.clearFault(id) && id !== null)
        throw new HttpError(404, 'unknown-fault', `There is no fault ${id}; it may have struck already.`);
      await room.follow();
      await keptOrSaid();
      response.writeHead(204).end();
    };

  const move: Route['handle'] = async (request, response) => {
    limitChanges();
    const read = moving.safeParse(await bodies.json(request, LARGEST));
    if (!read.success)
      throw new HttpError(
        400,
        'bad-request',
        `Time is moved on by {"advance": seconds}, at most ${LONGEST_ADVANCE}, or {"to": "next"}.`,
      );
    await room.advance('to' in read.data ? 'next' : read.data.advance * 1000);
    answer(response, 200, time());
  };

  const queue: Route['handle'] = (_request, response) => {
    const entries = [...room.queues()].flatMap(([host, { entries }]) =>
      entries().map(({ id, envelope, pending, attempts, nextAt, lastReason, messageId, octets }) => ({
        host,
        id,
        messageId,
        reversePath: envelope.reversePath,
        pending,
        octets,
        attempts,
        nextAt: nextAt?.toISOString() ?? null,
        lastReason,
      })),
    );
    answer(response, 200, { entries });
  };

  const flush: Route['handle'] = async (request, response) => {
    limitChanges();
    await bodies.json(request, LARGEST);
    const queues = [...room.queues().values()];
    const tried = queues.reduce((sum, each) => sum + each.entries().length, 0);
    // Whoever waits for the clock in the middle of it would keep this request waiting, too.
    for (const each of queues)
      each.flush().catch((error: unknown) => onTrouble(`A queue could not be tried: ${String(error)}`));
    answer(response, 200, { tried });
  };

  const stranger: Route['handle'] = async (request, response) => {
    limitStrangers();
    const read = parseStrangerCall(await bodies.json(request, LARGEST_LETTER));
    if (!read.ok) throw new HttpError(400, read.code, read.message);
    const { server, port, ...words } = read.call;
    const called = room.call(server, port, words);
    if (called === null) throw new HttpError(404, 'unknown-host', `There is no host ${server} in this world.`);
    bodies.keepUntil(request, called);
    called.catch((error: unknown) => onTrouble(`A caller from outside could not be followed: ${String(error)}`));
    answer(response, 202, {});
  };

  return [
    { method: 'GET', path: '/api/world', handle: (_request, response) => answer(response, 200, state()) },
    { method: 'PUT', path: '/api/world', handle: put },
    { method: 'POST', path: '/api/world/undo', handle: turn(living.undo, 'There is nothing to undo.') },
    { method: 'POST', path: '/api/world/redo', handle: turn(living.redo, 'There is nothing to redo.') },
    {
      method: 'POST',
      path: '/api/world/reset',
      handle: turn(() => {
        living.reset();
        return '';
      }, ''),
    },
    {
      method: 'GET',
      path: '/api/world/file',
      handle: (_request, response) => {
        const world = withoutServers(room.world);
        const deliberate = remarks(room.world).length > 0;
        response.writeHead(200, {
          'content-type': 'application/json; charset=utf-8',
          'content-disposition': 'attachment; filename="world.json"',
          'cache-control': 'no-store',
        });
        response.end(`${JSON.stringify(deliberate ? { ...world, mistakes: 'deliberate' } : world, null, 2)}\n`);
      },
    },
    { method: 'POST', path: '/api/faults', handle: setFault },
    { method: 'DELETE', path: '/api/faults', handle: clear(() => null) },
    { method: 'DELETE', path: '/api/faults/', handle: clear(rest => rest) },
    { method: 'GET', path: '/api/clock', handle: (_request, response) => answer(response, 200, time()) },
    { method: 'POST', path: '/api/clock', handle: move },
    { method: 'GET', path: '/api/queue', handle: queue },
    { method: 'POST', path: '/api/queue/flush', handle: flush },
    { method: 'POST', path: '/api/strangers', handle: stranger },
  ];
}
