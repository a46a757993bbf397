/** The part of the API about shows: beginning and ending one, and the recordings that its audience gets from here. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { SITE_CALLS } from '../../../shared/api/routes.ts';
import type { BegunShow, GivenRecording } from '../../../shared/api/site.ts';
import { decodeHeader } from '../../../shared/trace/codec.ts';
import { LARGEST_RECORDING } from '../../shows/recordings.ts';
import { sameSecret } from '../../shows/secret.ts';
import type { Show } from '../../shows/show.ts';
import { type Shows, ShowsFullError } from '../../shows/shows.ts';
import { answer, HttpError } from '../limits/answer.ts';
import type { Bodies } from '../limits/bodies.ts';
import { type Route, route } from './route.ts';

export interface ShowRoutesOptions {
  readonly shows: Shows;
  readonly bodies: Bodies;
  /** Addresses of the page under which somebody of the audience can come; the first is the best. */
  readonly audience: () => readonly string[];
  /** Throw HttpError where shows are begun, or recordings given, too fast. */
  readonly limitShows: () => void;
  readonly limitRecordings: () => void;
}

const noSuch = (): HttpError => new HttpError('not-found', 'There is no such show, or no more.');

/** Throws HttpError unless the request has the show's secret. */
function requireSpeaker(request: IncomingMessage, show: Show): void {
  const [, given] = /^Bearer ([\w-]{1,200})$/i.exec(request.headers.authorization ?? '') ?? [];
  if (given === undefined || !sameSecret(given, show.secret))
    throw new HttpError('not-the-speaker', 'Only the speaker may do that.', { connection: 'close' });
}

/** A browser tells a damaged recording from a good one; what cannot be one at all is refused here. */
function requireRecording(body: Buffer): void {
  const [line = ''] = body.toString('utf8', 0, body.indexOf('\n') + 1).split('\n', 1);
  const refuse = (message: string) => new HttpError('bad-trace', message);
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw refuse('A trace is NDJSON, and begins with its header.');
  }
  const header = decodeHeader(value);
  if (!header.ok) throw refuse(header.message);
}

/** GET of a show's recording, the only call about shows that the audience may make. */
export const recordingRoute = (shows: Shows): Route =>
  route(SITE_CALLS.recording, async (request, response, parameter) => {
    const zipped = shows.find(parameter('id'))?.recordings.get(parameter('name'));
    if (zipped === undefined || zipped === null) throw new HttpError('not-found', 'There is no such recording.');
    const asItIs = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
    response.writeHead(200, {
      'content-type': 'application/x-ndjson; charset=utf-8',
      // Its name is made of its content.
      'cache-control': 'private, max-age=14400, immutable',
      vary: 'accept-encoding',
      ...(asItIs && { 'content-encoding': 'gzip', 'content-length': zipped.length }),
    });
    if (asItIs || request.method === 'HEAD') {
      response.end(zipped);
      return;
    }
    const whole = createGunzip();
    whole.end(zipped);
    await pipeline(whole, response).catch((error: unknown) => {
      // Whoever asked went away.
      if (!response.destroyed) throw error;
    });
  });

export function showRoutes({
  shows,
  bodies,
  audience,
  limitShows,
  limitRecordings,
}: ShowRoutesOptions): readonly Route[] {
  function begin(_request: IncomingMessage, response: ServerResponse): void {
    limitShows();
    try {
      const { id, secret } = shows.begin();
      const urls = audience().map(base => `${base}?follow=${id}`);
      answer<BegunShow>(response, 201, { id, secret, audience: urls });
    } catch (error) {
      throw error instanceof ShowsFullError ? new HttpError('shows-full', error.message) : error;
    }
  }

  async function give(request: IncomingMessage, response: ServerResponse, id: string): Promise<void> {
    const show = shows.find(id);
    if (show === null) throw noSuch();
    requireSpeaker(request, show);
    // Before the body is read: what is refused takes no memory.
    limitRecordings();
    const body = await bodies.octets(request, LARGEST_RECORDING);
    requireRecording(body);
    const shown = show.shown();
    const name = await show.recordings.put(body, shown?.kind === 'trace' ? shown.name : null);
    answer<GivenRecording>(response, 201, { name });
  }

  function end(request: IncomingMessage, response: ServerResponse, id: string): void {
    const show = shows.find(id);
    if (show === null) throw noSuch();
    requireSpeaker(request, show);
    shows.end(id);
    response.writeHead(204).end();
  }

  return [
    route(SITE_CALLS.beginShow, begin),
    route(SITE_CALLS.giveRecording, (request, response, parameter) => give(request, response, parameter('id'))),
    route(SITE_CALLS.endShow, (request, response, parameter) => end(request, response, parameter('id'))),
    recordingRoute(shows),
  ];
}
