/** How the web server answers: JSON, and errors of one shape. */
import type { ServerResponse } from 'node:http';
import { ERRORS, type ErrorCode, type ErrorDetails } from '../../../shared/api/errors.ts';

/** A request that cannot be granted: a stable code with its status, and a sentence for a person. */
export class HttpError extends Error {
  readonly status: number;
  readonly code: ErrorCode;
  readonly headers: Readonly<Record<string, string>>;
  /** What else the answer's `error` says. */
  readonly details: ErrorDetails;
  constructor(
    code: ErrorCode,
    message: string,
    headers: Readonly<Record<string, string>> = {},
    details: ErrorDetails = {},
  ) {
    super(message);
    this.name = 'HttpError';
    this.status = ERRORS[code];
    this.code = code;
    this.headers = headers;
    this.details = details;
  }
}

export function answer<Body = unknown>(
  response: ServerResponse,
  status: number,
  body: Body,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(text);
}

export function answerError(response: ServerResponse, error: HttpError): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  answer(
    response,
    error.status,
    { error: { code: error.code, message: error.message, ...error.details } },
    error.headers,
  );
}
