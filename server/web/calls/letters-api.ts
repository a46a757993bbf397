/** The part of the API about letters: writing them, collecting them, and trying again those that stayed in an outbox. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type Collected,
  collectRequest,
  type LetterSent,
  type OutboxAnswer,
  sendAgainRequest,
} from '../../../shared/api/letters.ts';
import { ROOM_CALLS } from '../../../shared/api/routes.ts';
import { causeText } from '../../../shared/explain/causes.ts';
import { parseDraft } from '../../mail-client/draft.ts';
import type { Room } from '../../rooms/room.ts';
import { answer, HttpError } from '../limits/answer.ts';
import type { Bodies } from '../limits/bodies.ts';
import { type Route, route } from './route.ts';

/** A text of 16 MiB with its escapes: a line end is two characters more. Reading it takes a tenth of a second, and the server meanwhile. */
export const LARGEST_LETTER = 24 * 1024 * 1024;

const isCollect = (body: unknown): body is { collect?: boolean } =>
  typeof body === 'object' && body !== null && (!('collect' in body) || typeof body.collect === 'boolean');

const unknown = (user: string): HttpError => new HttpError('unknown-user', `There is no user ${user} in this world.`);

/** `limitRate` throws HttpError where it is too much at once. */
export function letterRoutes(
  room: Room,
  bodies: Bodies,
  limitRate: () => void,
  onTrouble: (sentence: string) => void,
): readonly Route[] {
  async function postMessage(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Before the body is read: what is refused takes no memory.
    limitRate();
    const body = await bodies.json(request, LARGEST_LETTER);
    const read = parseDraft(body);
    if (!read.ok) throw new HttpError(read.code, read.message);
    if (!isCollect(body)) throw new HttpError('bad-request', '"collect" is true or false.');
    const sent = room.send(read.draft, { collect: body.collect ?? false });
    if (sent === null)
      throw new HttpError('unknown-sender', `There is no user ${read.draft.from.address} in this world.`);
    bodies.keepUntil(request, sent.finished);
    sent.finished.catch((error: unknown) => onTrouble(`A letter could not be followed: ${String(error)}`));
    answer<LetterSent>(response, 202, { id: sent.id });
  }

  async function postCollect(request: IncomingMessage, response: ServerResponse): Promise<void> {
    limitRate();
    const body = await bodies.json(request, 4096);
    const read = collectRequest.safeParse(body);
    if (!read.success)
      throw new HttpError('bad-request', '"user" is the address of a user; the other members are true or false.');
    const { user, dropBeforeQuit, ...wishes } = read.data;
    const under = room.collect(user, {
      ...wishes,
      ...(dropBeforeQuit !== undefined && { stopBeforeQuit: dropBeforeQuit }),
    });
    if (under === null) throw unknown(user);
    // While the wire is held nobody knows how long it takes.
    if (room.brake.state().on) {
      under.catch((error: unknown) => onTrouble(`Mail could not be collected: ${String(error)}`));
      answer(response, 202, {});
      return;
    }
    const outcome = await under;
    if (outcome.kind === 'failed') throw new HttpError('collect-failed', causeText(outcome.cause));
    answer<Collected>(response, 200, { messages: outcome.messages });
  }

  async function getOutbox(response: ServerResponse, user: string): Promise<void> {
    const letters = await room.unsent(user);
    if (letters === null) throw unknown(user);
    answer<OutboxAnswer>(response, 200, { letters });
  }

  async function postOutbox(request: IncomingMessage, response: ServerResponse): Promise<void> {
    limitRate();
    const read = sendAgainRequest.safeParse(await bodies.json(request, 4096));
    if (!read.success) throw new HttpError('bad-request', '"user" is an address, "id" the letter’s.');
    const { user, id } = read.data;
    const sending = room.resend(user, id);
    if (sending === null) throw unknown(user);
    sending.catch((error: unknown) => onTrouble(`A letter could not be sent again: ${String(error)}`));
    answer<LetterSent>(response, 202, { id });
  }

  return [
    route(ROOM_CALLS.sendLetter, postMessage),
    route(ROOM_CALLS.collect, postCollect),
    route(ROOM_CALLS.outbox, (_request, response, parameter) => getOutbox(response, parameter('user'))),
    route(ROOM_CALLS.sendAgain, postOutbox),
  ];
}
