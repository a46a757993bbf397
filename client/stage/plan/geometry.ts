/** Boxes and the curves between them: what the layout and everything that flies is made of. */

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** `x`, `y` is the top left corner. */
export interface Box extends Point {
  readonly w: number;
  readonly h: number;
}

/** A cubic Bézier curve. */
export type Curve = readonly [Point, Point, Point, Point];

export const clamp = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most);
export const centre = (box: Box): Point => ({ x: box.x + box.w / 2, y: box.y + box.h / 2 });
export const grown = (box: Box, by: number): Box => ({
  x: box.x - by,
  y: box.y - by,
  w: box.w + 2 * by,
  h: box.h + 2 * by,
});
export const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
export const inside = (inner: Box, outer: Box): boolean =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.w <= outer.x + outer.w &&
  inner.y + inner.h <= outer.y + outer.h;
export const contains = (box: Box, point: Point): boolean =>
  point.x > box.x && point.x < box.x + box.w && point.y > box.y && point.y < box.y + box.h;

/** The point at parameter `t`, 0..1. */
export function pointAt([a, b, c, d]: Curve, t: number): Point {
  const u = 1 - t;
  const [i, j, k, l] = [u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t];
  return { x: i * a.x + j * b.x + k * c.x + l * d.x, y: i * a.y + j * b.y + k * c.y + l * d.y };
}

const round = (value: number): number => Math.round(value * 10) / 10;
/** The `d` attribute of an SVG path. */
export const pathOf = ([a, b, c, d]: Curve): string =>
  `M${round(a.x)} ${round(a.y)}C${round(b.x)} ${round(b.y)} ${round(c.x)} ${round(c.y)} ${round(d.x)} ${round(d.y)}`;

const SIDES = [
  { x: 0, y: -1 },
  { x: 1, y: 0 },
  { x: 0, y: 1 },
  { x: -1, y: 0 },
] as const;

const sharesSpan = (a: number, wide: number, b: number, other: number): boolean => a < b + other && b < a + wide;

const onSide = (box: Box, side: Point): Point => ({
  x: box.x + (box.w / 2) * (1 + side.x),
  y: box.y + (box.h / 2) * (1 + side.y),
});

/** Sample parameters at which a curve is checked against what it should not cross. */
const SAMPLES = Array.from({ length: 23 }, (_, index) => (index + 1) / 24);

/** How far a cable goes straight on at either end before it turns, at most. */
const BOWS = [
  [150, 150],
  [300, 300],
  [70, 300],
  [300, 70],
] as const;

/** What a cable should keep clear of, and what it costs it not to. */
export interface Terrain {
  /** Cards of other stations. */
  readonly cards: readonly Box[];
  /** Where letters lie: gone around only where that is hardly longer. */
  readonly letters: readonly Box[];
  readonly drawing: Box;
}

/** How much of a curve lies where it should not. */
function trespass(
  curve: Curve,
  ends: readonly Box[],
  walls: readonly Box[],
  letters: readonly Box[],
  drawing: Box,
): number {
  let cost = 0;
  for (const t of SAMPLES) {
    const point = pointAt(curve, t);
    if (walls.some(wall => contains(wall, point))) cost += 420;
    if (ends.some(end => contains(end, point))) cost += 400;
    if (letters.some(box => contains(box, point))) cost += 12;
    if (!contains(drawing, point)) cost += 400;
  }
  return cost;
}

const lengthOf = (curve: Curve): number => {
  let length = 0;
  let last = curve[0];
  for (const t of [0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1]) {
    const next = pointAt(curve, t);
    length += Math.hypot(next.x - last.x, next.y - last.y);
    last = next;
  }
  return length;
};

/**
 * The cable from the edge of `from` to the edge of `to`: of the ways to leave one side and enter another, in a near or a wide
 * bow, the short one that crosses no card, stays on the drawing and turns least.
 */
export function cableBetween(from: Box, to: Box, { cards, letters, drawing }: Terrain): Curve {
  let best: Curve | null = null;
  let least = Number.POSITIVE_INFINITY;
  const walls = cards.map(box => grown(box, 6));
  const ends = [grown(from, -2), grown(to, -2)];
  const diagonal = !sharesSpan(from.x, from.w, to.x, to.w) && !sharesSpan(from.y, from.h, to.y, to.h);
  for (const out of SIDES) {
    for (const into of SIDES) {
      const [a, d] = [onSide(from, out), onSide(to, into)];
      const distance = Math.hypot(d.x - a.x, d.y - a.y);
      // A side that looks away from the other end costs, so that a cable does not leave backwards.
      const away = (side: Point, x: number, y: number) =>
        Math.max(0, 0.3 - (side.x * x + side.y * y) / (distance || 1));
      const turns = 260 * (away(out, d.x - a.x, d.y - a.y) + away(into, a.x - d.x, a.y - d.y));
      // As hung from above: the lower end leaves upwards, the upper end is entered from the side.
      const [low, high] = from.y > to.y ? [out, into] : [into, out];
      const hung = diagonal && low.y === -1 && high.x !== 0 ? 120 : 0;
      for (const [leave, enter] of BOWS) {
        const [near, far] = [clamp(distance * 0.52, 14, leave), clamp(distance * 0.52, 14, enter)];
        const curve: Curve = [
          a,
          { x: a.x + out.x * near, y: a.y + out.y * near },
          { x: d.x + into.x * far, y: d.y + into.y * far },
          d,
        ];
        const way = lengthOf(curve) + turns - hung;
        if (way >= least) continue;
        const cost = way + trespass(curve, ends, walls, diagonal ? letters : [], drawing);
        if (cost < least) [best, least] = [curve, cost];
      }
    }
  }
  if (best === null) throw new Error('a cable has candidates, whatever it costs');
  return best;
}
