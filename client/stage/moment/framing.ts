/** Which drawing a figure has in the room there is: an article's column is narrower than a page, and its figure lower. */
import { PHONE } from '../../design/breakpoints.ts';
import { type Frame, frameOf } from './frame.ts';

/** What the map on its side needs, in drawing units; and what it needs where cards say their names alone. */
const FULL = { w: 840, h: 440 };
const TERSE = { w: 745, h: 392 };
/** The smallest type on it is 12.5 units high, and should not be under 11 CSS pixels. */
const LEAST = 0.88;
const MOST = 1.45;

/** Pure: `width` and `height` in CSS pixels. */
export function framing(width: number, height: number): Frame {
  const contained = true;
  // From the width of a phone on, the map lies on its side.
  if (width < PHONE) return { ...frameOf(width, height), contained };
  const full = Math.min(width / FULL.w, height / FULL.h, MOST);
  const terse = full < LEAST;
  const scale = terse ? Math.min(width / TERSE.w, height / TERSE.h) : full;
  const [w, h] = [Math.round(width / scale), Math.round(height / scale)];
  return { shape: 'wide', scale, room: { w: width, h: height }, w, h, terse, contained };
}
