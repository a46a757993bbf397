/** The clock of a jump: where its hands are and where it stands. Pure. */
import { type Box, clamp, overlap } from './geometry.ts';
import { widthOf } from './measure.ts';
import type { Layout } from './plan.ts';
import { signBoxes } from './signs.ts';

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

const SIZES = { wide: [44, 36, 28], narrow: [36, 30, 26] } as const;

export interface ClockPlace {
  readonly x: number;
  readonly y: number;
  readonly r: number;
  /** What its words may take. */
  readonly room: number;
}

/** The largest clock that hides no card, no letter and no name, as near to the middle of the internet as that can be. */
export function clockPlace(layout: Layout, words: string, lying: Box | null): ClockPlace {
  const wanted = layout.internet ?? { x: layout.w / 2, y: layout.h / 2 };
  const walls = [
    ...layout.stations.map(({ x, y, w, h }) => ({ x: x - 4, y: y - 15, w: w + 8, h: h + 32 })),
    ...signBoxes(layout),
  ];
  if (lying !== null) walls.push(lying);
  const text = Math.min(widthOf(words, layout.shape === 'wide' ? 14 : 13, 'bold') + 8, layout.w - 16);
  let best: ClockPlace = { ...wanted, r: SIZES[layout.shape][2], room: text };
  for (const r of SIZES[layout.shape]) {
    const [w, h] = [Math.max(text, 2 * r + 8), 2 * r + 30];
    let least = Number.POSITIVE_INFINITY;
    for (let x = 8 + w / 2; x <= layout.w - 8 - w / 2; x += 12) {
      for (let y = 8 + r; y <= layout.h - 32 - r; y += 12) {
        const far = Math.hypot(x - wanted.x, y - wanted.y);
        if (far >= least) continue;
        const box = { x: x - w / 2, y: y - r - 4, w, h };
        if (walls.some(wall => overlap(box, wall))) continue;
        [best, least] = [{ x, y, r, room: text }, far];
      }
    }
    if (least < Number.POSITIVE_INFINITY) return best;
  }
  return best;
}
