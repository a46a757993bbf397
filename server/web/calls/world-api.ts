/** The part of the API that changes the world: its edits and its faults. */
import type { ServerResponse } from 'node:http';
import { ROOM_CALLS } from '../../../shared/api/routes.ts';
import { type ConnectFacts, editRequest, type FaultSet, type WorldAnswer } from '../../../shared/api/world.ts';
import { fault as faultShape } from '../../../shared/faults/schema.ts';
import { remarks } from '../../../shared/world/remarks.ts';
import type { WorldEdit } from '../../../shared/world/world-edit.ts';
import { withoutServers } from '../../rooms/outside.ts';
import type { Room } from '../../rooms/room.ts';
import { answer, HttpError } from '../limits/answer.ts';
import type { Bodies } from '../limits/bodies.ts';
import { type Handler, type Route, route } from './route.ts';
import { isObject, readWorld } from './sent-world.ts';

/** A world of 20 hosts with long zones. */
const LARGEST_WORLD = 4 * 1024 * 1024;
const LARGEST = 64 * 1024;

/** Each throws HttpError where it is too much at once. */
export interface WorldLimits {
  readonly limitChanges: () => void;
  readonly limitStrangers: () => void;
}

export function worldRoutes(
  room: Room,
  bodies: Bodies,
  { limitChanges }: Pick<WorldLimits, 'limitChanges'>,
  connect: () => ConnectFacts | null,
): readonly Route[] {
  const { living } = room;

  const state = (): WorldAnswer => ({
    world: room.publicWorld,
    revision: living.revision(),
    canUndo: living.canUndo(),
    canRedo: living.canRedo(),
    remarks: remarks(room.world),
    connect: connect(),
  });

  /** An edit is in force at once, also for those who watch; whoever made it hears where it would not outlive this process. */
  const keptOrSaid = async (): Promise<void> => {
    const error = await living.kept();
    if (error === null) return;
    const why = 'code' in error ? String(error.code) : error.name;
    const sentence = `The world is changed, and it could not be kept (${why}): the change is lost if mailscope ends before there is room again. It is tried again by itself.`;
    throw new HttpError('world-not-kept', sentence);
  };

  const put: Handler = async (request, response) => {
    limitChanges();
    const read = editRequest.safeParse(await bodies.json(request, LARGEST_WORLD));
    if (!read.success)
      throw new HttpError('bad-request', 'An edit is {"world": …} and perhaps "edit" or "what", and "revision".');
    const { world, edit, what, revision } = read.data;
    if (revision !== undefined && revision !== living.revision())
      throw new HttpError('stale', 'Somebody has changed the world since; look at it as it is now and try again.');
    const said: WorldEdit = what === undefined ? { code: 'edited' } : { code: 'words', text: what };
    await room.change(readWorld(world, room.world), edit ?? said);
    await keptOrSaid();
    answer(response, 200, state());
  };

  const turn =
    (how: () => WorldEdit | null, nothing: string): Handler =>
    async (request, response) => {
      limitChanges();
      await bodies.json(request, LARGEST);
      if (how() === null) throw new HttpError('nothing-to-undo', nothing);
      await room.follow();
      await keptOrSaid();
      answer(response, 200, state());
    };

  const setFault: Handler = async (request, response) => {
    limitChanges();
    const body = await bodies.json(request, LARGEST);
    const read = faultShape.safeParse(isObject(body) ? { ...body, id: 'new' } : body);
    if (!read.success) {
      const [issue] = read.error.issues;
      const where = issue === undefined || issue.path.length === 0 ? '' : ` (${issue.path.join('.')})`;
      throw new HttpError('bad-fault', `This is not a fault that mailscope knows${where}.`);
    }
    const { id: _id, times, ...what } = read.data;
    // The world it would be in is what decides whether it makes sense there.
    readWorld({ ...room.world, faults: [...room.world.faults, { ...what, id: 'new', times }] }, room.world);
    const id = living.setFault(what, times);
    await room.follow();
    await keptOrSaid();
    answer<FaultSet>(response, 201, { id });
  };

  /** Null clears all. */
  const clear = async (response: ServerResponse, id: string | null): Promise<void> => {
    limitChanges();
    if (!living.clearFault(id) && id !== null)
      throw new HttpError('unknown-fault', `There is no fault ${id}; it may have struck already.`);
    await room.follow();
    await keptOrSaid();
    response.writeHead(204).end();
  };

  const file: Handler = (_request, response) => {
    const world = withoutServers(room.world);
    const deliberate = remarks(room.world).length > 0;
    response.writeHead(200, {
      'content-type': 'application/json; charset=utf-8',
      'content-disposition': 'attachment; filename="world.json"',
      'cache-control': 'no-store',
    });
    response.end(`${JSON.stringify(deliberate ? { ...world, mistakes: 'deliberate' } : world, null, 2)}\n`);
  };

  const reset = (): WorldEdit => {
    living.reset();
    return { code: 'reset' };
  };

  return [
    route(ROOM_CALLS.world, (_request, response) => answer(response, 200, state())),
    route(ROOM_CALLS.changeWorld, put),
    route(ROOM_CALLS.undo, turn(living.undo, 'There is nothing to undo.')),
    route(ROOM_CALLS.redo, turn(living.redo, 'There is nothing to redo.')),
    route(ROOM_CALLS.reset, turn(reset, '')),
    route(ROOM_CALLS.worldFile, file),
    route(ROOM_CALLS.setFault, setFault),
    route(ROOM_CALLS.clearFaults, (_request, response) => clear(response, null)),
    route(ROOM_CALLS.clearFault, (_request, response, parameter) => clear(response, parameter('id'))),
  ];
}
