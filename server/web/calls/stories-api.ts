/** The part of the API that begins a story: it is read, gets a room of its own, and is performed there at once. */
import { SITE_CALLS } from '../../../shared/api/routes.ts';
import { type BegunStory, type StoryRequest, storyRequest } from '../../../shared/api/site.ts';
import type { Problem } from '../../../shared/story/script.ts';
import { type Lobby, LobbyFullError, type StoryRoom } from '../../rooms/lobby.ts';
import type { Room } from '../../rooms/room.ts';
import { answer, HttpError } from '../limits/answer.ts';
import type { Bodies } from '../limits/bodies.ts';
import { type Route, route } from './route.ts';

/** As a trace holds it. */
const LARGEST_SOURCE = 32 * 1024;
/** Each octet may be written as an escape of six. */
const LARGEST_BODY = 6 * LARGEST_SOURCE + 1024;

/** A story as it can be performed. */
export interface Performable {
  /** As `story.begun` has it. */
  readonly name: string;
  /** What it is performed in: above all the world before it begins. */
  readonly room: StoryRoom;
  /** From `story.begun` to `story.ended`. Rejects where it cannot go on; once `signal` says so, because its room ends. */
  perform(room: Room, signal: AbortSignal): Promise<void>;
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

const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const badStory = (problems: readonly Problem[]): HttpError => {
  const [first] = problems;
  const where = first === undefined ? 'It cannot be told.' : `Line ${first.line}: ${first.message}`;
  const others = problems.length - 1;
  const more = others > 0 ? ` There ${others === 1 ? 'is' : 'are'} ${others} more.` : '';
  return new HttpError('bad-story', `${where}${more}`, {}, { problems });
};

/** `limitRate` throws HttpError where stories are begun too fast. */
export function storyRoute(
  lobby: Lobby,
  teller: StoryTeller,
  bodies: Bodies,
  limitRate: () => void,
  onTrouble: (sentence: string) => void,
): Route {
  const onStage = new Map<string, AbortController>();
  lobby.onEnd(async id => onStage.get(id)?.abort());

  async function perform(id: string, room: Room, { name, perform }: Performable): Promise<void> {
    const stage = new AbortController();
    onStage.set(id, stage);
    try {
      await perform(room, stage.signal);
    } catch (error) {
      // A room that was ended in the middle has nobody left to tell.
      if (stage.signal.aborted) return;
      const label = `The story broke off: ${sentenceOf(error)}`;
      onTrouble(`${name}: ${label}`);
      room.recorder.append({ kind: 'marker', label });
      // Whoever watches is not left waiting for what does not come.
      const over = room.recorder.events(1).some(({ kind }) => kind === 'story.ended');
      if (!over) room.recorder.append({ kind: 'story.ended', name });
    } finally {
      onStage.delete(id);
    }
  }

  function understand(body: unknown): StoryRequest {
    const asked = storyRequest.safeParse(body);
    if (!asked.success)
      throw new HttpError('bad-request', 'A story is begun by {"name": …}, or by its own {"source": …}.');
    if ('source' in asked.data && Buffer.byteLength(asked.data.source) > LARGEST_SOURCE)
      throw new HttpError('too-large', `A story may have at most ${LARGEST_SOURCE} octets.`);
    return asked.data;
  }

  async function read(asked: StoryRequest): Promise<Performable> {
    const read = 'name' in asked ? await teller.read(asked.name) : teller.parse(asked.source);
    if (read === null) throw new HttpError('unknown-story', 'There is no story of that name.');
    if (!read.ok) throw badStory(read.problems);
    return read.story;
  }

  return route(SITE_CALLS.performStory, async (request, response) => {
    limitRate();
    const asked = understand(await bodies.json(request, LARGEST_BODY));
    const story = await read(asked);
    const { id, room } = await lobby.open(story.room).catch((error: unknown) => {
      throw error instanceof LobbyFullError ? new HttpError('lobby-full', error.message) : error;
    });
    if (asked.held === true) room.brake.hold(true);
    void perform(id, room, story);
    answer<BegunStory>(response, 201, { room: id, name: story.name });
  });
}
