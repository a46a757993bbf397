/** How far beside its cable a thing must fly so that it hides no words on the cards it passes: pure, found once a flight. */
import { type Box, type Curve, clamp, grown, overlap, type Point, pointAt } from '../plan/geometry.ts';
import type { Layout, Station } from '../plan/plan.ts';

/** Half the width and half the height of what flies. */
export interface Extent {
  readonly w: number;
  readonly h: number;
}

const SAMPLES = [0.26, 0.38, 0.5, 0.62, 0.74];
const ACROSS = [-75, -60, -45, -30, -15, 0, 15, 30, 45, 60, 75];
const UP = [-52, -46, -40, -34, -28, -22, -16, -10, -5, 0, 5, 10, 16, 22, 28, 34, 40, 46, 52];
/** The nearest first, so that those further away than the best is dear need not be looked at; `order` settles what costs the same. */
const CANDIDATES: readonly { readonly by: Point; readonly far: number; readonly order: number }[] = UP.flatMap(y =>
  ACROSS.map(x => ({ x, y })),
)
  .map((by, order) => ({ by, far: Math.hypot(by.x, by.y), order }))
  .sort((a, b) => a.far - b.far);

const shared = (a: Box, b: Box): number =>
  Math.max(0, Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x)) *
  Math.max(0, Math.min(a.y + a.h, b.y + b.h) - Math.max(a.y, b.y));

/** Words, and what a thing pays for each unit of area that it hides of them. */
interface Words extends Box {
  readonly price: number;
}

const [NAMES, BADGES] = [1 / 10, 1 / 50];

/** Where a card's words stand: under its picture and on its badges; all over it where it has no picture. */
const wordsOn = ({ size, x, y, w, h }: Station, { shape }: Layout): readonly Words[] =>
  shape === 'wide' && size === 'full'
    ? [
        { x: x + 6, y: y + h * 0.47, w: w - 12, h: h * 0.5, price: NAMES },
        { x, y: y - 12, w: 112, h: 24, price: BADGES },
        { x, y: y + h - 7, w, h: 20, price: BADGES },
      ]
    : [{ x, y, w, h, price: NAMES }];

/** Keeps the middle of a thing so far from the edge of the drawing that all of it is on it. */
export const onDrawing = ({ x, y }: Point, { w, h }: Extent, drawing: { w: number; h: number }): Point => ({
  x: clamp(x, w + 6, Math.max(w + 6, drawing.w - w - 6)),
  y: clamp(y, h + 4, Math.max(h + 4, drawing.h - h - 4)),
});

/** All that a thing could hide on this cable, however far it goes aside. */
function within(points: readonly Point[], extent: Extent): Box {
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const [x, y] = [Math.min(...xs) - extent.w - 80, Math.min(...ys) - extent.h - 58];
  return { x, y, w: Math.max(...xs) + extent.w + 80 - x, h: Math.max(...ys) + extent.h + 58 - y };
}

/** Added to the thing's place on the cable while it is on its way; nothing where it hides nothing. `lying`: the letter that does not move. */
export function detour(curve: Curve, extent: Extent, layout: Layout, lying: Box | null): Point {
  const points = SAMPLES.map(t => pointAt(curve, t));
  const corridor = within(points, extent);
  // Badges hang over the edge of their card.
  const cards: { readonly card: Box; readonly near: Box; readonly words: readonly Words[] }[] = layout.stations
    // A thing that is kept on the drawing may leave its corridor; the cards it then meets are those at the edge.
    .filter(station => overlap(grown(station, 40), corridor))
    .map(station => ({ card: station, near: grown(station, 14), words: wordsOn(station, layout) }));
  if (lying !== null) cards.push({ card: lying, near: grown(lying, 14), words: [{ ...lying, price: NAMES }] });
  let best = { by: { x: 0, y: 0 }, order: -1 };
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of CANDIDATES) {
    const { by, far, order } = candidate;
    if (far > least) break;
    let cost = far;
    for (const on of points) {
      if (cost > least) break;
      const { x, y } = onDrawing({ x: on.x + by.x, y: on.y + by.y }, extent, layout);
      const box = { x: x - extent.w - 3, y: y - extent.h - 3, w: 2 * extent.w + 6, h: 2 * extent.h + 6 };
      for (const { card, near, words } of cards) {
        if (!overlap(box, near)) continue;
        cost += shared(box, card) / 150;
        for (const word of words) cost += shared(box, word) * word.price;
      }
    }
    if (cost < least || (cost === least && order < best.order)) [best, least] = [candidate, cost];
  }
  return best.by;
}
