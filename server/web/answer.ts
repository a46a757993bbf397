/** How the web server answers: JSON, errors of one shape, and bodies that are read only so far. */
import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request that cannot be granted: status, stable code, and a sentence for a person. */
export class HttpError extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What else the answer's `error` says. */
  readonly more: Readonly<Record<string, unknown>>;
  constructor(
    status: number,
    code: string,
    message: string,
    headers: Readonly<Record<string, string>> = {},
    more: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = 'HttpError';
    this.status = status;
    this.code = code;
    this.headers = headers;
    this.more = more;
  }
}

export function answer(
  response: ServerResponse,
  status: number,
  body: unknown,
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
  answer(response, error.status, { error: { code: error.code, message: error.message, ...error.more } }, error.headers);
}

/** A request's body, of at most `most` octets. Throws HttpError. */
export async function readBody(request: IncomingMessage, most: number): Promise<Buffer> {
  const tooLarge = () =>
    new HttpError(413, 'too-large', `The body may have at most ${most} octets.`, { connection: 'close' });
  if (Number(request.headers['content-length'] ?? 0) > most) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > most) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    // Whoever asked went away in the middle; there is nobody to answer.
    throw error instanceof HttpError || !request.destroyed
      ? error
      : new HttpError(400, 'incomplete', 'The body broke off.');
  }
  return Buffer.concat(chunks);
}

/** The JSON of a request's body, of at most `most` octets. Throws HttpError. */
export async function readJson(request: IncomingMessage, most: number): Promise<unknown> {
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json')
    throw new HttpError(415, 'not-json', 'The body must be application/json.', { connection: 'close' });
  const body = await readBody(request, most);
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new HttpError(400, 'bad-json', 'The body is not JSON.');
  }
}
