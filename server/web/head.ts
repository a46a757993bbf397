/** What the head of a page says to those that only read heads: the card for a link to it, and where its figure is to be had. Pure. */

import { escaped, plain } from '../../shared/export/html.ts';
import { CARD } from '../cards/card.ts';
import { summary } from '../stories/pages/text-frame.ts';
import { figurePath, type Place } from './calls/place.ts';
import type { Shelved } from './calls/shelved.ts';

const SITE = 'mailscope: see what really happens when you press Send';
const ABOUT =
  'Real mail servers on your own machine, drawn from the bytes on the wire: pause it, step through it, break it, and see who answers what.';
const STORIES = 'Stories of mail, and of what goes wrong with it';

/** The address that stands for a place, from the site's. */
function pathOf({ page, source }: Place): string {
  if (page === 'stories') return 'stories/';
  if (source?.kind !== 'story') return '';
  return page === 'text' ? `stories/${source.name}/` : `?story=${source.name}`;
}

const property = (name: string, content: string): string => `<meta property="${name}" content="${escaped(content)}">`;

/** `site` is our own address, ending in a slash. `story`: what is told at `place`, null where that is no story of ours. */
function linksOf(place: Place, story: Shelved | null, site: string): string {
  const title = story === null ? (place.page === 'stories' ? STORIES : SITE) : plain(story.title);
  const url = `${site}${pathOf(place)}`;
  const image = `${site}og/${story?.name ?? 'default'}.png`;
  const figure = story === null && place.source?.kind !== 'trace' ? null : `${site}${figurePath(place)}`;
  return [
    property('og:site_name', 'mailscope'),
    property('og:type', place.page === 'text' ? 'article' : 'website'),
    property('og:title', title),
    property('og:description', story === null ? ABOUT : about(story, 200)),
    property('og:url', url),
    property('og:image', image),
    property('og:image:type', 'image/png'),
    property('og:image:width', `${CARD.w}`),
    property('og:image:height', `${CARD.h}`),
    property('og:image:alt', story === null ? SITE : `The way of a letter from host to host: ${title}`),
    '<meta name="twitter:card" content="summary_large_image">',
    ...(figure === null
      ? []
      : [
          `<link rel="alternate" type="application/json+oembed" href="${escaped(`${site}oembed?url=${encodeURIComponent(figure)}`)}" title="${escaped(title)}">`,
        ]),
  ].join('\n');
}

const about = ({ intro }: Shelved, most?: number): string => summary(intro.split(/\n[ \t]*\n/)[0] ?? '', most);

/** A page's own tags, replaced for what it shows. The page is ours: what is looked for stands there once, as we wrote it. */
export function withHead(html: string, place: Place, story: Shelved | null, site: string): string {
  const linked = html.replace('</head>', () => `${linksOf(place, story, site)}\n</head>`);
  if (story === null || place.page === 'text') return linked;
  return (
    linked
      .replace(/<title>[^<]*<\/title>/, () => `<title>${escaped(plain(story.title))} · mailscope</title>`)
      .replace(
        /<meta name="description" content="[^"]*"/,
        () => `<meta name="description" content="${escaped(about(story))}"`,
      )
      // The frame's page: its heading, and its way out where no script runs.
      .replace(/(<h1 class="unseen">)[^<]*/, (_all, tag: string) => `${tag}${escaped(plain(story.title))}`)
      .replace('href="stories/"', () => `href="stories/${story.name}/"`)
  );
}
