/** The pictures of runs, drawn when they are first asked for and kept: `/og/STORY.png`, and `/og/default.png` for the site. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SITE_CALLS } from '../../../shared/api/routes.ts';
import { createStoryteller } from '../../../shared/reading/storyteller.ts';
import { decodeTrace } from '../../../shared/trace/codec.ts';
import { cardOf, defaultCard, type Shown } from '../../cards/card.ts';
import { rasteriser } from '../../cards/raster.ts';
import { wayOf } from '../../cards/way.ts';
import { HttpError } from '../limits/answer.ts';
import { type Route, route } from './route.ts';
import type { Shelf, Shelved } from './shelved.ts';

/** About 100 kB each. */
const MOST_KEPT = 64;
const DEFAULT = 'default';
/** Whose way is the site's picture. */
const FIRST = 'youve-got-mail';
const ABOUT = 'See what really happens when you press Send.';

const unknown = (): HttpError => new HttpError('unknown-picture', 'There is no such picture.');

async function shownOf(folder: string, { name, title, intro, beats }: Shelved): Promise<Shown> {
  const decoded = decodeTrace(await readFile(join(folder, 'stories', `${name}.trace.ndjson`), 'utf8'));
  if (!decoded.ok) throw new Error(`The recording of ${name} cannot be read: ${decoded.message}`);
  const teller = createStoryteller(decoded.header);
  teller.append(decoded.events);
  const story = teller.finish();
  const lines = story.lines.filter(line => line.from !== 'aside').length;
  const steps = beats === 1 ? '1 step' : `${beats} steps`;
  return {
    title,
    lead: intro.split(/\n[ \t]*\n/)[0] ?? '',
    facts: `${steps} · ${lines} lines that crossed a real wire`,
    way: wayOf(story),
    world: story.steps.at(-1)?.after.world ?? story.start.world,
  };
}

/** `folder` is the built page. `limitRate` throws HttpError where too many are drawn. */
export function cardRoute(folder: string | null, shelf: Shelf, limitRate: () => void): Route {
  let version = '';
  const kept = new Map<string, Promise<Uint8Array>>();

  async function draw(name: string): Promise<Uint8Array> {
    const story = await shelf.find(name === DEFAULT ? FIRST : name);
    if (folder === null || story === null) throw unknown();
    const [shown, { faces, draw }] = await Promise.all([shownOf(folder, story), rasteriser()]);
    return draw(name === DEFAULT ? defaultCard({ ...shown, lead: ABOUT }, faces) : cardOf(shown, faces));
  }

  async function picture(name: string): Promise<Uint8Array> {
    const now = await shelf.version();
    if (now !== version) kept.clear();
    version = now;
    const before = kept.get(name);
    if (before !== undefined) return before;
    if (name !== DEFAULT && (await shelf.find(name)) === null) throw unknown();
    limitRate();
    const drawn = draw(name);
    kept.set(name, drawn);
    for (const [oldest] of kept) if (kept.size > MOST_KEPT) kept.delete(oldest);
    // What failed is tried again.
    drawn.catch(() => kept.delete(name));
    return drawn;
  }

  return route(SITE_CALLS.card, async (_request, response, parameter) => {
    const name = parameter('name');
    if (!/^[a-z0-9-]+$/.test(name)) throw unknown();
    const png = await picture(name);
    response.writeHead(200, {
      'content-type': 'image/png',
      'content-length': png.length,
      'cache-control': 'public, max-age=3600',
    });
    response.end(png);
  });
}
