/** The clock of a jump: where its hands are and where it stands. Pure. */
import { type Box, clamp, overlap, type Point } from '../plan/geometry.ts';
import { fitEnd, fitTwo, widthOf } from '../plan/measure.ts';
import type { Layout } from '../plan/plan.ts';
import { signBoxes } from '../plan/signs.ts';

/** Milliseconds: the moment at which the hands arrive, since 1970, and how far they came. */
export interface Turn {
  readonly until: number;
  readonly jump: number;
}

const HOUR = 3_600_000;
/** More turns in one step than an eye can follow tell nothing. */
const MOST_TURNS = 6;

/** Degrees from twelve, at `progress` 0..1. The hands end where they belong; of a very long jump the first turns are left out. */
export function handsAt({ until, jump }: Turn, progress: number): { readonly hour: number; readonly minute: number } {
  const back = (1 - clamp(progress, 0, 1)) * jump;
  const turned = (period: number, most: number): number => {
    const all = (back / period) * 360;
    const whole = jump / period;
    return ((until % period) / period) * 360 - (whole > most ? (all / whole) * most : all);
  };
  return { hour: turned(12 * HOUR, 2), minute: turned(HOUR, MOST_TURNS) };
}

/** From one line of its words to the next. */
export const LINE = 16;
const SIZES = { wide: [44, 36, 28], narrow: [36, 30, 26] } as const;

export interface ClockPlace extends Point {
  readonly r: number;
  /** Its words, on one line or on two. */
  readonly lines: readonly string[];
}

/** The words on one line, and where they can be cut on two that take about half as much. */
function formsOf(words: string, size: number, most: number): readonly (readonly string[])[] {
  const whole = [fitEnd(words, most, size, 'bold')];
  const two = fitTwo(words, widthOf(words, size, 'bold') * 0.7, size, 'bold');
  return two === null ? [whole] : [whole, two];
}

/**
 * The largest clock that hides no card, no name and nothing that is `taken`, as near to the middle of the internet as that can
 * be; at last one that hides no card.
 */
export function clockPlace(layout: Layout, words: string, taken: readonly Box[]): ClockPlace {
  const wanted = layout.internet ?? { x: layout.w / 2, y: layout.h / 2 };
  const size = layout.shape === 'wide' ? 14 : 13;
  const forms = formsOf(words, size, layout.w - 24);
  const edges = layout.stations.map(({ x, y, w, h }) => ({ x: x - 4, y: y - 15, w: w + 8, h: h + 32 }));
  for (const walls of [[...edges, ...signBoxes(layout), ...taken], layout.stations]) {
    for (const r of SIZES[layout.shape]) {
      for (const lines of forms) {
        const text = Math.max(...lines.map(line => widthOf(line, size, 'bold'))) + 8;
        const [w, h] = [Math.max(text, 2 * r + 8), 2 * r + 14 + lines.length * LINE];
        const place = freePlace(layout, { w, h, top: r + 4 }, wanted, walls);
        if (place !== null) return { ...place, r, lines };
      }
    }
  }
  return { ...wanted, r: SIZES[layout.shape][2], lines: forms[0] ?? [] };
}

/** The point nearest to `wanted` around which, `top` below its upper edge, a box of this size lies free. */
function freePlace(
  layout: Layout,
  { w, h, top }: { readonly w: number; readonly h: number; readonly top: number },
  wanted: Point,
  walls: readonly Box[],
): Point | null {
  let best: Point | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (let x = 8 + w / 2; x <= layout.w - 8 - w / 2; x += 12) {
    for (let y = 4 + top; y <= layout.h - 4 - (h - top); y += 12) {
      const far = Math.hypot(x - wanted.x, y - wanted.y);
      if (far >= least) continue;
      const box = { x: x - w / 2, y: y - top, w, h };
      if (walls.some(wall => overlap(box, wall))) continue;
      [best, least] = [{ x, y }, far];
    }
  }
  return best;
}
