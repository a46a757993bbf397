/** The few requests the page makes of its own server; a refusal comes back as a sentence, never as a thrown error. */
import * as z from 'zod/mini';

export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

const problem = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

async function ask<T>(path: string, init: RequestInit, read: (value: unknown) => T | null): Promise<Answer<T>> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch {
    return { ok: false, message: 'The server does not answer. Nothing you typed is lost; try again in a moment.' };
  }
  let body: unknown = null;
  try {
    body = await response.json();
  } catch {
    body = null; // not JSON: the status alone has to do
  }
  if (!response.ok) {
    const told = problem.safeParse(body);
    return { ok: false, message: told.success ? told.data.error.message : `The server answered ${response.status}.` };
  }
  const value = read(body);
  return value === null
    ? { ok: false, message: 'The server gave an answer this page does not know.' }
    : { ok: true, value };
}

const post = (body: unknown): RequestInit => ({
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
}

const healthy = z.object({ ok: z.literal(true) });

/** Whether a mailscope server stands behind this page now. */
export async function serverAnswers(): Promise<boolean> {
  const answer = await ask('/healthz', { method: 'GET', cache: 'no-store' }, value =>
    healthy.safeParse(value).success ? true : null,
  );
  return answer.ok;
}

const queued = z.object({ id: z.string() });

/** Answers the letter's id, as `mail.composed` has it. */
export const sendLetter = (letter: LetterToSend): Promise<Answer<{ readonly id: string }>> =>
  ask('/api/messages', post(letter), value => {
    const result = queued.safeParse(value);
    return result.success ? result.data : null;
  });

/** Has the mail client of `user` (an address) check its mail. */
export const checkMail = (user: string): Promise<Answer<true>> =>
  ask('/api/collect', post({ user }), () => true as const);

const place = z.object({ host: z.string(), port: z.int() });
const worldAnswer = z.object({
  connect: z.object({
    submission: place,
    smtp: place,
    pop3: place,
    dns: place,
    users: z.array(z.object({ address: z.string(), user: z.string(), password: z.string() })),
  }),
});
/** Where this machine's own mail programs reach the world's servers, and with which passwords. */
export type ConnectFacts = z.infer<typeof worldAnswer>['connect'];

export const connectFacts = (): Promise<Answer<ConnectFacts>> =>
  ask('/api/world', { method: 'GET' }, value => {
    const result = worldAnswer.safeParse(value);
    return result.success ? result.data.connect : null;
  });
