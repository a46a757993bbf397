/** The few requests the page makes of its own server, about the room it shows; a refusal comes back as a sentence, never as a thrown error. */
import * as z from 'zod/mini';
import type { Problem } from '../../shared/script/script.ts';

export type Answer<T> = { readonly ok: true; readonly value: T } | Refused;
/**
 * `code` as the API has it; '' where there was no answer, `left` where the page has gone on to another room meanwhile.
 * `path`: where in a world the mistake is; `problems`: those of a story.
 */
interface Refused {
  readonly ok: false;
  readonly message: string;
  readonly code: string;
  readonly path?: string;
  readonly problems?: readonly Problem[];
}

const problem = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    path: z.optional(z.string()),
    problems: z.optional(z.array(z.object({ line: z.int(), message: z.string() }))),
  }),
});

const refused = (message: string, code = ''): Refused => ({ ok: false, message, code });

let room: string | null = null;
/** From now on every request is about this room; null is one's own world. */
export const setRoom = (id: string | null): void => {
  room = id;
};

/** The address of a call about the room `id`. */
export const inRoom = (path: string, id: string | null): string =>
  id === null ? path : `${path}?room=${encodeURIComponent(id)}`;

/** Asks about the room that the page shows. */
export async function ask<T>(path: string, init: RequestInit, read: (value: unknown) => T | null): Promise<Answer<T>> {
  const asked = room;
  const answer = await request(inRoom(path, asked), init, read);
  return asked === room ? answer : refused('The page has gone on to another world meanwhile.', 'left');
}

/** Asks about the server, or about a room that is named in the address. */
export async function request<T>(
  address: string,
  init: RequestInit,
  read: (value: unknown) => T | null,
): Promise<Answer<T>> {
  let response: Response;
  try {
    response = await fetch(address, init);
  } catch {
    return refused('The server does not answer. Nothing you typed is lost; try again in a moment.');
  }
  let body: unknown = null;
  try {
    body = await response.json();
  } catch {
    body = null; // not JSON: the status alone has to do
  }
  if (!response.ok) {
    const told = problem.safeParse(body);
    if (!told.success) return refused(`The server answered ${response.status}.`, `${response.status}`);
    const { code, message, path, problems } = told.data.error;
    return {
      ...refused(message, code),
      ...(path !== undefined && { path }),
      ...(problems !== undefined && { problems }),
    };
  }
  const value = read(body);
  return value === null ? refused('The server gave an answer this page does not know.') : { ok: true, value };
}

export const post = (body: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

export interface LetterToSend {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  /** The Message-ID of the letter it answers, with its angle brackets. */
  readonly inReplyTo?: string;
  /** The recipients' mail clients check their mail once it has arrived. */
  readonly collect: boolean;
  readonly bcc?: readonly string[];
  /** MAIL FROM, where it is to be another address than From. */
  readonly envelopeFrom?: string;
  /** RFC 3461 §4.1. */
  readonly notify?: readonly Notify[];
  /** RFC 3461 §4.3: how much of the letter comes back with a report. */
  readonly ret?: 'FULL' | 'HDRS';
  readonly attachment?: { readonly name: string; readonly octets: number };
  readonly encoding?: '7bit-safe' | '8bit' | 'binary';
}
export type Notify = 'NEVER' | 'SUCCESS' | 'FAILURE' | 'DELAY';

/** How the mail client goes about it: leaves what it fetched, or loses the line before it has said QUIT. */
export interface CollectWishes {
  readonly leaveOnServer?: boolean;
  readonly dropBeforeQuit?: boolean;
  /** A second session, also while one is on. */
  readonly another?: boolean;
}

const healthy = z.object({ ok: z.literal(true) });

/** Whether a mailscope server stands behind this page now. */
export async function serverAnswers(): Promise<boolean> {
  const answer = await request('/healthz', { method: 'GET', cache: 'no-store' }, value =>
    healthy.safeParse(value).success ? true : null,
  );
  return answer.ok;
}

/** Whether a room is still there. */
export async function roomLives(id: string): Promise<boolean> {
  const answer = await request(inRoom('/api/clock', id), { cache: 'no-store' }, () => true as const);
  return answer.ok;
}

const begun = z.object({ room: z.string(), name: z.string() });
/** A story that is being performed: its name, and the room of its own where that happens. */
export type BegunStory = z.infer<typeof begun>;

/** Has the server perform a story, one of those that it knows or somebody's own. `held`: its wire is held from the start. */
export const performStory = (
  story: ({ readonly name: string } | { readonly source: string }) & { readonly held?: boolean },
): Promise<Answer<BegunStory>> =>
  request('/api/stories', post(story), value => {
    const result = begun.safeParse(value);
    return result.success ? result.data : null;
  });

const queued = z.object({ id: z.string() });

/** Answers the letter's id, as `mail.composed` has it. */
export const sendLetter = (letter: LetterToSend): Promise<Answer<{ readonly id: string }>> =>
  ask('/api/messages', post(letter), value => {
    const result = queued.safeParse(value);
    return result.success ? result.data : null;
  });

/** Has the mail client of `user` (an address) check its mail. */
export const checkMail = (user: string, wishes: CollectWishes = {}): Promise<Answer<true>> =>
  ask('/api/collect', post({ user, ...wishes }), () => true as const);

const outboxAnswer = z.object({
  letters: z.array(
    z.object({ id: z.string(), subject: z.string(), envelope: z.object({ recipients: z.array(z.string()) }) }),
  ),
});
export type UnsentLetter = z.infer<typeof outboxAnswer>['letters'][number];

/** What the mail client of `user` could not hand over, oldest first. */
export const readOutbox = (user: string): Promise<Answer<readonly UnsentLetter[]>> =>
  ask(`/api/outbox/${encodeURIComponent(user)}`, { cache: 'no-store' }, value => {
    const result = outboxAnswer.safeParse(value);
    return result.success ? result.data.letters : null;
  });
/** Tries one of them again. */
export const sendAgain = (user: string, id: string): Promise<Answer<true>> =>
  ask('/api/outbox', post({ user, id }), () => true as const);

const place = z.object({ host: z.string(), port: z.int() });
const connect = z.object({
  submission: place,
  smtp: place,
  pop3: place,
  dns: place,
  users: z.array(z.object({ address: z.string(), user: z.string(), password: z.string() })),
});
/** Where this machine's own mail programs reach the world's servers, and with which passwords. */
export type ConnectFacts = z.infer<typeof connect>;
const worldAnswer = z.object({ connect: z.nullable(connect) });

/** `connect` is null in a room that other programs do not reach: a story's. */
export const connectFacts = (): Promise<Answer<z.infer<typeof worldAnswer>>> =>
  ask('/api/world', { method: 'GET' }, value => {
    const result = worldAnswer.safeParse(value);
    return result.success ? result.data : null;
  });

/** The trace of the world that is shown, as far as it has grown: NDJSON. */
export async function liveTrace(): Promise<Answer<string>> {
  try {
    const response = await fetch(inRoom('/api/trace', room), { cache: 'no-store' });
    if (response.ok) return { ok: true, value: await response.text() };
    return refused(`The server answered ${response.status} when asked for its recording.`);
  } catch {
    return refused('The server does not answer, and only it has the recording.');
  }
}
