/** The pages of the built site, each with a head that says what is shown at its very address: absolute addresses are only known here. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { type Place, placeAt } from './calls/place.ts';
import type { Shelf, Shelved } from './calls/shelved.ts';
import { withHead } from './head.ts';

/** The story told at a place; null where that is none of ours. */
export const storyAt = async ({ source }: Place, shelf: Shelf): Promise<Shelved | null> =>
  source?.kind === 'story' ? shelf.find(source.name) : null;

function fileOf({ page, source }: Place): string {
  switch (page) {
    case 'site':
      return 'index.html';
    case 'figure':
      return 'embed.html';
    case 'stories':
      return join('stories', 'index.html');
    case 'text':
      // Its name has passed placeAt: letters, digits and hyphens.
      return join('stories', source?.kind === 'story' ? source.name : '', 'index.html');
  }
}

/**
 * Answers a GET of a page. False where it is none, or there is no such file: somebody else's then. `site` is our own
 * address, ending in a slash: the request's checked Host.
 */
export async function answerPage(
  folder: string,
  shelf: Shelf,
  request: IncomingMessage,
  response: ServerResponse,
  site: string,
): Promise<boolean> {
  const [path = '/', query = ''] = (request.url ?? '/').split(/\?(.*)/s, 2);
  const place = placeAt(path, query);
  // A folder's page has a slash at its end, or its links would lead beside it.
  if (place === null || /^\/stories(\/[a-z0-9-]+)?$/.test(path)) return false;
  const html = await readFile(join(folder, fileOf(place)), 'utf8').catch(() => null);
  if (html === null) return false;
  const body = withHead(html, place, await storyAt(place, shelf), site);
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`;
  response.setHeader('etag', etag);
  response.setHeader('cache-control', 'no-cache');
  if (request.headers['if-none-match']?.split(/,\s*/).includes(etag) === true) {
    response.writeHead(304).end();
    return true;
  }
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
  return true;
}
