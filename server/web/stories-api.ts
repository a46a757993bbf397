/** The part of the API that begins a story: it is read, gets a room of its own, and is performed there at once. */
import * as z from 'zod/mini';
import type { Problem } from '../../shared/script/script.ts';
import type { World } from '../../shared/world/world.ts';
import { type Lobby, LobbyFullError } from '../rooms/lobby.ts';
import type { Room } from '../rooms/room.ts';
import { answer, HttpError, readJson } from './answer.ts';
import type { Route } from './route.ts';

/** As a trace holds it. */
const LARGEST_SOURCE = 32 * 1024;
/** Each octet may be written as an escape of six. */
const LARGEST_BODY = 6 * LARGEST_SOURCE + 1024;

/** A story as it can be performed. */
export interface Performable {
  /** As `story.begun` has it. */
  readonly name: string;
  /** The world before it begins. */
  readonly world: World;
  /** From `story.begun` to `story.ended`, in a room of that world. */
  perform(room: Room): Promise<void>;
}

export type ReadStory =
  | { readonly ok: true; readonly story: Performable }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Whoever knows the stories and how to perform them. */
export interface StoryTeller {
  /** Null where there is none of that name. */
  read(name: string): Promise<ReadStory | null>;
  /** A visitor's own. */
  parse(source: string): ReadStory;
}

export const NO_STORIES: StoryTeller = {
  read: () => Promise.resolve(null),
  parse: () => ({ ok: false, problems: [{ line: 1, message: 'Nobody here can read stories.' }] }),
};

const wanted = z.union([z.strictObject({ name: z.string() }), z.strictObject({ source: z.string() })]);

const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const badStory = (problems: readonly Problem[]): HttpError => {
  const [first] = problems;
  const where = first === undefined ? 'It cannot be told.' : `Line ${first.line}: ${first.message}`;
  const more = problems.length > 1 ? ` There are ${problems.length - 1} more.` : '';
  return new HttpError(422, 'bad-story', `${where}${more}`, {}, { problems });
};

/** `limitRate` throws HttpError where stories are begun too fast. */
export function storyRoute(
  lobby: Lobby,
  teller: StoryTeller,
  limitRate: () => void,
  onTrouble: (sentence: string) => void,
): Route {
  /** Whoever watches is not left waiting for what does not come: the trace says that it is over. */
  function brokeOff(id: string, room: Room, name: string, error: unknown): void {
    // A room that was ended in the middle has nobody left to tell.
    if (lobby.find(id) === null) return;
    onTrouble(`The story ${name} broke off: ${sentenceOf(error)}`);
    room.recorder.append({ kind: 'marker', label: 'The story broke off.' });
    const over = room.recorder.events(1).some(({ kind }) => kind === 'story.ended');
    if (!over) room.recorder.append({ kind: 'story.ended', name });
  }

  async function read(body: unknown): Promise<Performable> {
    const asked = wanted.safeParse(body);
    if (!asked.success)
      throw new HttpError(400, 'bad-request', 'A story is begun by {"name": …}, or by its own {"source": …}.');
    if ('source' in asked.data && Buffer.byteLength(asked.data.source) > LARGEST_SOURCE)
      throw new HttpError(413, 'too-large', `A story may have at most ${LARGEST_SOURCE} octets.`);
    const read = 'name' in asked.data ? await teller.read(asked.data.name) : teller.parse(asked.data.source);
    if (read === null) throw new HttpError(404, 'unknown-story', 'There is no story of that name.');
    if (!read.ok) throw badStory(read.problems);
    return read.story;
  }

  return {
    method: 'POST',
    path: '/api/stories',
    async handle(request, response) {
      limitRate();
      const story = await read(await readJson(request, LARGEST_BODY));
      const { id, room } = await lobby.open(story.world).catch((error: unknown) => {
        throw error instanceof LobbyFullError ? new HttpError(503, 'lobby-full', error.message) : error;
      });
      story.perform(room).catch((error: unknown) => brokeOff(id, room, story.name, error));
      answer(response, 201, { room: id, name: story.name });
    },
  };
}
