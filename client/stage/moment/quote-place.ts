/** Where a refusal is written: its cross on the cable, and what was said beside it. Pure. */

import { type Box, type Curve, overlap, type Point, pointAt } from '../plan/geometry.ts';
import type { Layout } from '../plan/plan.ts';
import { internetBoxes, signBoxes } from '../plan/signs.ts';
import { type Extent, onDrawing } from './detour.ts';

/** How far from the card the cross sits on the cable. */
const BEFORE = 17;
const ALONG = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6];
const CANDIDATES: readonly Point[] = [0, 26, -26, 44, -44, 64, -64, 90, -90, 120, -120].flatMap(y =>
  [0, 50, -50, 100, -100, 160, -160].map(x => ({ x, y })),
);

/** Just before the card at which the curve begins. */
export function crossOn(curve: Curve): Point {
  for (let t = 0.02; t < 0.5; t += 0.02) {
    const point = pointAt(curve, t);
    if (Math.hypot(point.x - curve[0].x, point.y - curve[0].y) >= BEFORE) return point;
  }
  return pointAt(curve, 0.5);
}

/** Over the edges of a card badges may hang. */
const edgesOf = ({ x, y, w, h }: Box): readonly Box[] => [
  { x, y: y - 12, w, h: 12 },
  { x, y: y + h, w, h: 16 },
];

/** What it costs to hide a card or a letter, words, and what may be a badge; a step away costs 1 a unit. */
const [WALL, WORDS, EDGE] = [400, 120, 40];

/** Near the cross, on no card, no letter and nothing that is `taken` where that can be; where not, it `hides` some of these. */
export function quotePlace(
  curve: Curve,
  cross: Point,
  extent: Extent,
  layout: Layout,
  lying: Box | null,
  taken: readonly Box[],
): Point & { readonly hides: boolean } {
  const walls: Box[] = [...layout.stations, { x: cross.x - 11, y: cross.y - 11, w: 22, h: 22 }];
  if (lying !== null) walls.push(lying);
  const words = [...signBoxes(layout), ...internetBoxes(layout), ...taken];
  const edges = layout.stations.flatMap(edgesOf);
  let best = { ...pointAt(curve, 0.5), hides: true };
  let least = Number.POSITIVE_INFINITY;
  for (const t of ALONG) {
    for (const by of CANDIDATES) {
      const on = pointAt(curve, t);
      const point = onDrawing({ x: on.x + by.x, y: on.y + by.y }, extent, layout);
      const box = { x: point.x - extent.w - 4, y: point.y - extent.h - 4, w: 2 * extent.w + 8, h: 2 * extent.h + 8 };
      const hidden = (boxes: readonly Box[]): number => boxes.filter(other => overlap(box, other)).length;
      const hides = hidden(walls) * WALL + hidden(words) * WORDS;
      const cost = hides + hidden(edges) * EDGE + Math.hypot(point.x - cross.x, point.y - cross.y);
      if (cost < least) [best, least] = [{ ...point, hides: hides > 0 }, cost];
    }
  }
  return best;
}
