/** Finds room beside a card for something small that may also be left out: pure, and the same whenever it is asked. */
import { assertNever } from '../../../shared/world/world.ts';
import { type Box, inside, overlap } from './geometry.ts';
import type { Layout, Side, Size, Station } from './plan.ts';

const SIDES: readonly Side[] = ['left', 'right', 'above', 'below'];
const AWAY = [0, 12, 24, 40, 56];
const ALONG = [0, -14, 14, -28, 28, -44, 44, -60, 60];
/** Badges hang over a card's upper and lower edge. */
const [BESIDE, OVER, UNDER] = [10, 17, 19];

function at({ x, y, w, h }: Station, side: Side, size: Size, away: number, along: number): Box {
  const [across, down] = [x + w / 2 - size.w / 2 + along, y + h / 2 - size.h / 2 + along];
  switch (side) {
    case 'left':
      return { ...size, x: x - BESIDE - away - size.w, y: down };
    case 'right':
      return { ...size, x: x + w + BESIDE + away, y: down };
    case 'above':
      return { ...size, x: across, y: y - OVER - away - size.h };
    case 'below':
      return { ...size, x: across, y: y + h + UNDER + away };
    default:
      return assertNever(side);
  }
}

/** A card with what may hang on its edges: at its lower one also beside it. */
const withBadges = ({ x, y, w, h }: Box): readonly Box[] => [
  { x: x - 5, y: y - 12, w: w + 10, h: h + 26 },
  { x: x - 17, y: y + h - 8, w: w + 34, h: 22 },
];

const known = new WeakMap<Layout, Map<string, Box | null>>();
const keyOf = ({ x, y, w, h }: Box): string => `${x} ${y} ${w} ${h}`;

/**
 * On the drawing, near `station`, on no card and on nothing that is `taken`; at home where it can be. Null where there is no
 * room. Looked for once: it is asked at every step of a story, and hardly ever for another place.
 */
export function spotNear(layout: Layout, station: Station, size: Size, taken: readonly Box[]): Box | null {
  const spots = known.get(layout) ?? new Map<string, Box | null>();
  known.set(layout, spots);
  const key = [station.host, size.w, size.h, ...taken.map(keyOf)].join();
  const found = spots.get(key);
  if (found !== undefined) return found;
  const spot = lookFor(layout, station, size, taken);
  spots.set(key, spot);
  return spot;
}

function lookFor(layout: Layout, station: Station, size: Size, taken: readonly Box[]): Box | null {
  const page = { x: 4, y: 4, w: layout.w - 8, h: layout.h - 8 };
  const walls = [...layout.stations.flatMap(withBadges), ...taken];
  const home = layout.territories.find(territory => inside(station, territory));
  let best: Box | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const [rank, side] of SIDES.entries()) {
    for (const away of AWAY) {
      for (const along of ALONG) {
        const box = at(station, side, size, away, along);
        const abroad = home === undefined || inside(box, home) ? 0 : 70;
        const cost = rank * 12 + Math.abs(along) + away * 1.5 + abroad;
        if (cost >= least || !inside(box, page)) continue;
        if (walls.some(wall => overlap(wall, box))) continue;
        [best, least] = [box, cost];
      }
    }
  }
  return best;
}
