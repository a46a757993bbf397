/** The requests that the page makes of its own server; a refusal comes back as a sentence, never as a thrown error. Here: those about no room. */
import { type ErrorCode, type ErrorDetails, errorAnswer, isErrorCode } from '../../shared/api/errors.ts';
import { type Call, inRoom, ROOM_CALLS, SITE_CALLS } from '../../shared/api/routes.ts';
import { type BegunStory, begunStory, healthy, type StoryRequest } from '../../shared/api/site.ts';

export type Answer<T> = { readonly ok: true; readonly value: T } | Refused;
/** `code` as the API has it; '' where there was no answer, `no-api` where it was one that no mailscope server gives. */
interface Refused extends ErrorDetails {
  readonly ok: false;
  readonly message: string;
  readonly code: ErrorCode | '' | 'no-api';
}

/** What an answer holds, or null where it is not what this page knows. */
export type Reader<T> = (body: unknown) => T | null;

export const refusedAnswer = (message: string, code: Refused['code'] = ''): Refused => ({ ok: false, message, code });

/** Accepts an answer whatever its body. */
export const anyBody: Reader<true> = () => true;

/** Reads what has the shape that the API gives it. */
export const shaped =
  <T>(schema: { safeParse(value: unknown): { success: true; data: T } | { success: false } }): Reader<T> =>
  body => {
    const read = schema.safeParse(body);
    return read.success ? read.data : null;
  };

/** Asks for `address`, with the method of `call`. */
export async function request<T>(
  { method }: Call,
  address: string,
  read: Reader<T>,
  init: RequestInit = {},
): Promise<Answer<T>> {
  let response: Response;
  try {
    response = await fetch(address, { cache: 'no-store', ...init, method });
  } catch {
    return refusedAnswer('The server does not answer. Nothing you typed is lost; try again in a moment.');
  }
  let body: unknown = null;
  try {
    body = await response.json();
  } catch {
    body = null; // not JSON: the status alone has to do
  }
  if (!response.ok) {
    const told = errorAnswer.safeParse(body);
    if (!told.success) return refusedAnswer(`The server answered ${response.status}.`, 'no-api');
    const { code, message, ...details } = told.data.error;
    return { ...refusedAnswer(message, isErrorCode(code) ? code : 'no-api'), ...details };
  }
  const value = read(body);
  return value === null ? refusedAnswer('The server gave an answer this page does not know.') : { ok: true, value };
}

/** A body of JSON. */
export const json = (body: unknown): RequestInit => ({
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

/** Whether a mailscope server stands behind this page now. */
export async function serverAnswers(): Promise<boolean> {
  const answer = await request(SITE_CALLS.health, SITE_CALLS.health.path, shaped(healthy));
  return answer.ok;
}

/** Whether a room is still there. */
export async function roomLives(id: string): Promise<boolean> {
  const answer = await request(ROOM_CALLS.clock, inRoom(ROOM_CALLS.clock.path, id), anyBody);
  return answer.ok;
}

/** Has the server perform a story, one of those that it knows or somebody's own. `held`: its wire is held from the start. */
export const performStory = (story: StoryRequest): Promise<Answer<BegunStory>> =>
  request(SITE_CALLS.performStory, SITE_CALLS.performStory.path, shaped(begunStory), json(story));
