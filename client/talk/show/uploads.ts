/** The recordings that a show's server has been given: each is uploaded once, and one that was refused is not uploaded again at every cue. */
import type { ErrorCode } from '../../../shared/api/errors.ts';
import type { GivenRecording } from '../../../shared/api/site.ts';
import type { Answer } from '../../source/api.ts';

/** Milliseconds after which a server that was away or busy is tried again, at the next cue. */
const AGAIN = 5000;
/** Refusals that say nothing about the recording. */
const PASSING: ReadonlySet<ErrorCode | '' | 'no-api'> = new Set([
  '',
  'busy',
  'too-many-requests',
  'incomplete',
  'internal',
]);

export interface UploadsOptions<Show> {
  readonly put: (show: Show, ndjson: string) => Promise<Answer<GivenRecording>>;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  /** The server has it by now. */
  readonly onGiven: () => void;
  /** `message` is a sentence. */
  readonly onRefused: (message: string) => void;
}

/** A recording that is shown: its name in this window, and what it is itself, also where another has that name. */
interface ShownRecording {
  readonly name: string;
  readonly identity: object;
  /** NDJSON; null while it cannot be had. */
  readonly text: () => string | null;
}

export interface Uploads<Show> {
  /** What the server calls the recording; null where it has not got it, and then it is uploaded unless that is vain. */
  nameOnServer(show: Show, recording: ShownRecording): string | null;
  /** The show is over: another one has been given nothing and has refused nothing. */
  forget(): void;
}

export function createUploads<Show>({ put, now, onGiven, onRefused }: UploadsOptions<Show>): Uploads<Show> {
  const given = new Map<string, string>();
  /** Until when each is not uploaded: while it is under way, and after a refusal for as long as that holds. */
  let notBefore = new WeakMap<object, number>();
  let shows = 0;

  async function upload(show: Show, { name, identity, text }: ShownRecording): Promise<void> {
    const ndjson = text();
    if (ndjson === null) return;
    const mine = shows;
    notBefore.set(identity, Number.POSITIVE_INFINITY);
    const answer = await put(show, ndjson);
    if (mine !== shows) return;
    if (answer.ok) {
      given.set(name, answer.value.name);
      onGiven();
    } else {
      if (PASSING.has(answer.code)) notBefore.set(identity, now() + AGAIN);
      onRefused(answer.message);
    }
  }

  return {
    nameOnServer(show, recording) {
      const known = given.get(recording.name);
      if (known !== undefined) return known;
      if (now() >= (notBefore.get(recording.identity) ?? 0)) void upload(show, recording);
      return null;
    },
    forget() {
      shows += 1;
      given.clear();
      notBefore = new WeakMap();
    },
  };
}
