/** The part of the API about letters that a mail client could not hand over: what waits in its outbox, and sending it again. */
import * as z from 'zod/mini';
import type { Room } from '../rooms/room.ts';
import { answer, HttpError, readJson } from './answer.ts';
import type { Route } from './world-api.ts';

const again = z.object({ user: z.string(), id: z.string() });

const unknown = (user: string): HttpError =>
  new HttpError(404, 'unknown-user', `There is no user ${user} in this world.`);

export function outboxRoutes(room: Room, onTrouble: (sentence: string) => void): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/api/outbox/',
      async handle(_request, response, user) {
        const letters = await room.unsent(user);
        if (letters === null) throw unknown(user);
        answer(response, 200, { letters });
      },
    },
    {
      method: 'POST',
      path: '/api/outbox',
      async handle(request, response) {
        const read = again.safeParse(await readJson(request, 4096));
        if (!read.success) throw new HttpError(400, 'bad-request', '"user" is an address, "id" the letter’s.');
        const { user, id } = read.data;
        const sending = room.resend(user, id);
        if (sending === null) throw unknown(user);
        sending.catch((error: unknown) => onTrouble(`A letter could not be sent again: ${String(error)}`));
        answer(response, 202, { id });
      },
    },
  ];
}
