/** Where a thing in flight is at progress 0..1: pure, so that the same moment always gives the same picture. */
import { type Curve, clamp, type Point, pointAt } from '../plan/geometry.ts';

export interface Pose extends Point {
  readonly scale: number;
  readonly opacity: number;
}

const smooth = (value: number): number => {
  const t = clamp(value, 0, 1);
  return t * t * (3 - 2 * t);
};
const gentle = (value: number): number => {
  const t = clamp(value, 0, 1);
  return t < 0.5 ? 4 * t ** 3 : 1 - (-2 * t + 2) ** 3 / 2;
};
const blend = (a: Point, b: Point, t: number): Point => ({ x: a.x + (b.x - a.x) * t, y: a.y + (b.y - a.y) * t });

/** 0..1 of the time between `start` and `end`. */
export const progressAt = (time: number, start: number, end: number): number =>
  end > start ? clamp((time - start) / (end - start), 0, 1) : 1;

const moved = (point: Point, by: Point, part: number): Point => ({
  x: point.x + by.x * part,
  y: point.y + by.y * part,
});

/** A postcard, a line or a dial: leaves one card, is readable on the way, `aside` of its cable, and is taken in by the other. */
export function tokenAt(curve: Curve, aside: Point, progress: number, still: boolean): Pose {
  const shown = Math.min(smooth(progress / 0.1), smooth((1 - progress) / 0.08));
  if (still) return { ...moved(pointAt(curve, 0.5), aside, 1), scale: 1, opacity: shown };
  const along = gentle((progress - 0.06) / 0.86);
  const near = Math.min(smooth((progress - 0.02) / 0.2), smooth((0.98 - progress) / 0.2));
  return { ...moved(pointAt(curve, along), aside, near), scale: 0.55 + 0.45 * near, opacity: shown };
}

/** How large a letter is on its way. */
export const ALOFT = 0.55;

/** A letter: lifts from where it lies, shrinks onto the cable, and unfolds where it will lie. Still: it is here, then it is there. */
export function letterAt(
  curve: Curve,
  aside: Point,
  [from, to]: readonly [Point, Point],
  progress: number,
  still: boolean,
): Pose {
  if (still) {
    const opacity = Math.abs(smooth((progress - 0.35) / 0.3) * 2 - 1);
    return { ...(progress < 0.5 ? from : to), scale: 1, opacity };
  }
  const lifted = smooth(progress / 0.24);
  const landed = smooth((progress - 0.76) / 0.24);
  const along = gentle((progress - 0.12) / 0.76);
  const rail = moved(pointAt(curve, along), aside, 1);
  const place = blend(blend(from, rail, lifted), to, landed);
  return { ...place, scale: 1 - (1 - ALOFT) * lifted * (1 - landed), opacity: 1 };
}
