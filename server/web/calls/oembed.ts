/** oEmbed (oembed.com, 1.0): whoever pastes one of our addresses into an article gets the figure that it shows. Pure. */

import { escaped, plain } from '../../../shared/export/html.ts';
import { CARD } from '../../cards/card.ts';
import { HttpError } from '../limits/answer.ts';
import { figurePath, type Place, placeAt } from './place.ts';
import type { Shelved } from './shelved.ts';

/** CSS pixels: an article's column. */
const WIDTH = 680;
/** From here on the map lies on its side (client/figure/draw/figure.css). */
const WIDE = 570;
/** Less cannot be read. */
const LEAST = { w: 200, h: 200 } as const;
/** Seconds that a consumer may keep the answer. */
const CACHE = 86_400;

export interface Rich {
  readonly version: '1.0';
  readonly type: 'rich';
  readonly title: string;
  readonly html: string;
  readonly width: number;
  readonly height: number;
  readonly provider_name: string;
  readonly provider_url: string;
  readonly cache_age: number;
  readonly thumbnail_url: string;
  readonly thumbnail_width: number;
  readonly thumbnail_height: number;
}

/** In CSS pixels; null where it is not said. Throws HttpError. */
function pixels(query: URLSearchParams, name: string): number | null {
  const said = query.get(name);
  if (said === null || said === '') return null;
  if (!/^[1-9]\d{0,4}$/.test(said)) throw new HttpError('bad-request', `“${name}” is a number of pixels.`);
  return Number(said);
}

/** What the figure would take by itself at a width: map, caption and controls. Its page says it again, exactly, in a message. */
const heightAt = (width: number): number =>
  Math.round(width < WIDE ? Math.min(width * 1.16, 420) + 236 : width * 0.525 + 161);

/** Never more than is asked for, also where that is too little to read. */
function sizeFor(most: { readonly w: number | null; readonly h: number | null }): {
  readonly w: number;
  readonly h: number;
} {
  const w = Math.min(WIDTH, most.w ?? WIDTH);
  return { w, h: Math.min(heightAt(Math.max(w, LEAST.w)), most.h ?? Number.POSITIVE_INFINITY) };
}

/** The place that an address of ours names. Throws HttpError. `hosts`: the values of Host that are this server. */
export function placeOf(address: string | null, hosts: ReadonlySet<string>): Place {
  if (address === null || address === '') throw new HttpError('bad-request', '“url” says what is to be embedded.');
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    throw new HttpError('bad-request', '“url” is a whole address, with http:// before it.');
  }
  const ours = (url.protocol === 'http:' || url.protocol === 'https:') && hosts.has(url.host.toLowerCase());
  const place = ours ? placeAt(url.pathname, url.search.slice(1), url.hash.slice(1)) : null;
  if (place === null || place.source === null)
    throw new HttpError('unknown-address', 'There is no run at that address that could be embedded.');
  return place;
}

/** `site` is our own address, ending in a slash; `story` what is told there, null where it is a recording from elsewhere. Throws HttpError. */
export function oembed(query: URLSearchParams, place: Place, story: Shelved | null, site: string): Rich {
  const { w, h } = sizeFor({ w: pixels(query, 'maxwidth'), h: pixels(query, 'maxheight') });
  const title = story === null ? 'A letter’s way, recorded' : plain(story.title);
  const src = `${site}${figurePath(place)}`;
  return {
    version: '1.0',
    type: 'rich',
    title,
    // Whoever takes nothing but an iframe's plainest attributes (WordPress) still has all that is needed.
    html: `<iframe src="${escaped(src)}" width="${w}" height="${h}" frameborder="0" title="${escaped(`${title} (mailscope)`)}" loading="lazy" allow="fullscreen *"></iframe>`,
    width: w,
    height: h,
    provider_name: 'mailscope',
    provider_url: site,
    cache_age: CACHE,
    thumbnail_url: `${site}og/${story === null ? 'default' : story.name}.png`,
    thumbnail_width: CARD.w,
    thumbnail_height: CARD.h,
  };
}
