/** The door for those that ask what may stand in an article for one of our addresses. */
import { SITE_CALLS } from '../../shared/api/routes.ts';
import { oembed, placeOf } from './calls/oembed.ts';
import { type Route, route } from './calls/route.ts';
import type { Shelf } from './calls/shelved.ts';
import { answer, HttpError } from './limits/answer.ts';
import { storyAt } from './pages.ts';

/** `hosts`: the values of Host that are this server, as they are by then. */
export const oembedRoute = (shelf: Shelf, hosts: () => ReadonlySet<string>): Route =>
  route(SITE_CALLS.oembed, async (request, response) => {
    const [, search = ''] = (request.url ?? '').split(/\?(.*)/s, 2);
    const query = new URLSearchParams(search);
    if ((query.get('format') ?? 'json').toLowerCase() !== 'json')
      throw new HttpError('not-implemented', 'Only format=json is spoken here.');
    const place = placeOf(query.get('url'), hosts());
    const story = await storyAt(place, shelf);
    if (place.source?.kind === 'story' && story === null)
      throw new HttpError('unknown-story', 'There is no story of that name.');
    const site = `http://${request.headers.host ?? ''}/`;
    answer(response, 200, oembed(query, place, story, site), { 'cache-control': 'public, max-age=3600' });
  });
