/** The part of the API that lets things happen: world time, the queues, and callers from outside. */
import { ROOM_CALLS } from '../../../shared/api/routes.ts';
import {
  type ClockFacts,
  type Flushed,
  LONGEST_ADVANCE,
  moveRequest,
  type QueueAnswer,
} from '../../../shared/api/world.ts';
import { parseStrangerCall } from '../../mail-client/stranger-call.ts';
import type { Room } from '../../rooms/room.ts';
import { answer, HttpError } from '../limits/answer.ts';
import type { Bodies } from '../limits/bodies.ts';
import { clockFacts } from '../sockets/world-news.ts';
import { LARGEST_LETTER } from './letters-api.ts';
import { type Handler, type Route, route } from './route.ts';
import type { WorldLimits } from './world-api.ts';

const LARGEST = 64 * 1024;

export function timeRoutes(
  room: Room,
  bodies: Bodies,
  { limitChanges, limitStrangers }: WorldLimits,
  onTrouble: (sentence: string) => void,
): readonly Route[] {
  const time: Handler = (_request, response) => answer<ClockFacts>(response, 200, clockFacts(room));

  const move: Handler = async (request, response) => {
    limitChanges();
    const read = moveRequest.safeParse(await bodies.json(request, LARGEST));
    if (!read.success)
      throw new HttpError(
        'bad-request',
        `Time is moved on by {"advance": seconds}, at most ${LONGEST_ADVANCE}, or {"to": "next"}.`,
      );
    await room.advance('to' in read.data ? 'next' : read.data.advance * 1000);
    answer<ClockFacts>(response, 200, clockFacts(room));
  };

  const queue: Handler = (_request, response) => {
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
    answer<QueueAnswer>(response, 200, { entries });
  };

  const flush: Handler = async (request, response) => {
    limitChanges();
    await bodies.json(request, LARGEST);
    const queues = [...room.queues().values()];
    const tried = queues.reduce((sum, each) => sum + each.entries().length, 0);
    // Whoever waits for the clock in the middle of it would keep this request waiting, too.
    for (const each of queues)
      each.flush().catch((error: unknown) => onTrouble(`A queue could not be tried: ${String(error)}`));
    answer<Flushed>(response, 200, { tried });
  };

  const stranger: Handler = async (request, response) => {
    limitStrangers();
    const read = parseStrangerCall(await bodies.json(request, LARGEST_LETTER));
    if (!read.ok) throw new HttpError(read.code, read.message);
    const { server, port, ...words } = read.call;
    const called = room.call(server, port, words);
    if (called === null) throw new HttpError('unknown-host', `There is no host ${server} in this world.`);
    bodies.keepUntil(request, called);
    called.catch((error: unknown) => onTrouble(`A caller from outside could not be followed: ${String(error)}`));
    answer(response, 202, {});
  };

  return [
    route(ROOM_CALLS.clock, time),
    route(ROOM_CALLS.moveClock, move),
    route(ROOM_CALLS.queue, queue),
    route(ROOM_CALLS.flushQueues, flush),
    route(ROOM_CALLS.callAsStranger, stranger),
  ];
}
