/** Every error code of the API with the HTTP status it is answered with, and the shape of an error; docs/api.md lists the same codes. */
import * as z from 'zod/mini';
import type { Problem } from '../story/script.ts';

/** What is behind a code is a sentence for a person; the code itself is stable. */
export const ERRORS = {
  // The request cannot be understood.
  'bad-request': 400,
  'bad-json': 400,
  incomplete: 400,
  'not-json': 415,
  'too-large': 413,
  'method-not-allowed': 405,
  'not-found': 404,
  'not-implemented': 501,
  // Whoever asks may not.
  forbidden: 403,
  'not-the-speaker': 403,
  // There is too much of it now.
  'too-many-requests': 429,
  busy: 503,
  'lobby-full': 503,
  'shows-full': 503,
  // There is no such thing.
  'unknown-room': 404,
  'unknown-story': 404,
  'unknown-user': 404,
  'unknown-sender': 404,
  'unknown-host': 404,
  'unknown-fault': 404,
  'unknown-address': 404,
  'unknown-picture': 404,
  // A letter, or what a stranger says, cannot be written that way.
  'bad-sender': 400,
  'no-recipients': 400,
  'too-many-recipients': 400,
  'bad-recipient': 400,
  'bad-subject': 400,
  'subject-too-long': 400,
  'bad-text': 400,
  'text-too-long': 413,
  'bad-reference': 400,
  'bad-envelope-sender': 400,
  'bad-notify': 400,
  'bad-ret': 400,
  'bad-envid': 400,
  'bad-attachment': 400,
  'attachment-too-large': 400,
  'bad-encoding': 400,
  'bad-server': 400,
  'bad-port': 400,
  'bad-helo': 400,
  'bad-data': 400,
  'data-too-long': 400,
  'bad-login': 400,
  'collect-failed': 502,
  // A world, a fault, a story or a recording cannot be as it was sent.
  'bad-world': 422,
  'bad-fault': 400,
  stale: 409,
  'nothing-to-undo': 409,
  'world-not-kept': 507,
  'bad-story': 422,
  'bad-trace': 422,
  // Ours.
  internal: 500,
} as const satisfies Readonly<Record<string, number>>;

export type ErrorCode = keyof typeof ERRORS;

export const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(ERRORS, code);

/** What an error says beside its code and its sentence. `path`: where in a world the mistake is. `problems`: those of a story. */
export interface ErrorDetails {
  readonly path?: string;
  readonly problems?: readonly Problem[];
}

export const errorAnswer = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    path: z.exactOptional(z.string()),
    problems: z.exactOptional(z.array(z.object({ line: z.int(), message: z.string() }))),
  }),
});
