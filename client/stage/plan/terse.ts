/** The wide stage in the column of an article: the same places on a smaller drawing, with names alone, so that these can be read. */
import type { Host, HostId, PublicWorld } from '../../../shared/world/world.ts';
import { TERSE, terse } from './cards.ts';
import { clamp } from './geometry.ts';
import { ENVELOPE, NOTE, type Placement, type Size, type Station, type Territory } from './plan.ts';
import { type Cast, straysOf } from './roles.ts';

/** Between a card and the border of its territory. */
const EDGE = 12;
/** Room for the name of a territory above its cards. */
const SIGN = 32;
const QUIET_STEP = TERSE.quiet + 9;
/** The widest a card may be. */
const MOST = 150;

/** For a drawing of at least 740 x 390; it grows in height where a domain has more hosts than that. */
export function placeTerse(world: PublicWorld, cast: readonly Cast[], visitor: boolean, size: Size): Placement {
  const [margin, top] = [10, 12];
  const gap = clamp(size.w * 0.155, 112, 150);
  const width = (size.w - 2 * margin - gap) / 2;
  const middle = size.w / 2;
  const host = (id: HostId | null): Host | undefined => world.hosts.find(one => one.id === id);

  const stack = Math.max(0, ...cast.slice(0, 2).map(one => one.quiet.length));
  // Under the server lies a letter, and under that stands the client, or the mailbox.
  const letter = 20 + ENVELOPE.wide.h + NOTE.wide + 12;
  const high = top + 46;
  const least =
    Math.max(high + TERSE.full + letter, top + SIGN + stack * QUIET_STEP + letter) + TERSE.full + EDGE + top;
  const h = Math.max(size.h, least);
  const bottom = h - top;
  const low = bottom - EDGE - TERSE.full;

  const stations: Station[] = [];
  const territories: Territory[] = [];
  cast.slice(0, 2).forEach((one, index) => {
    const first = index === 0;
    const x = first ? margin : size.w - margin - width;
    territories.push({
      domain: one.domain,
      tone: first ? 'blue' : 'green',
      x,
      y: top,
      w: width,
      h: bottom - top,
      sign: first ? { x: x + 20, y: top + 22, anchor: 'start' } : { x: x + width - 20, y: top + 22, anchor: 'end' },
    });
    /** At the border that is away from the other domain, or at the one that is near. */
    const put = (id: HostId | null, card: 'full' | 'quiet', outer: boolean, y: number): void => {
      const found = host(id);
      if (found === undefined) return;
      const made = terse(world, found, { x: 0, y }, card, MOST);
      stations.push({ ...made, x: outer === first ? x + EDGE : x + width - EDGE - made.w });
    };
    put(one.client, 'full', true, low);
    put(one.server, 'full', false, high);
    put(one.pop, 'full', false, low);
    for (const [row, id] of one.quiet.entries()) put(id, 'quiet', true, top + SIGN + row * QUIET_STEP);
  });

  const dns = host(world.dns);
  if (dns !== undefined) stations.push(terse(world, dns, { x: middle, y: 4 }, 'full', gap - 16));
  const strays = straysOf(world, visitor);
  strays.toReversed().forEach((stray, row) => {
    const card = row === 0 && stray.kind === 'visitor' ? 'full' : 'quiet';
    stations.push(terse(world, stray, { x: middle, y: low - row * (TERSE.full + 10) }, card, gap - 6));
  });
  return {
    h,
    stations,
    territories,
    internet: strays.length > 0 ? null : { x: middle, y: high + TERSE.full + 34 },
  };
}
