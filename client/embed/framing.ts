/** Which drawing a figure has in the room there is: an article's column is narrower than a page, and its figure lower. */

import { type Frame, frameOf } from '../stage/frame.ts';
import { clamp } from '../stage/geometry.ts';

/** CSS pixels of width from which the map lies on its side. */
const WIDE = 560;
/** The least that the map on its side needs, in drawing units. */
const LEAST = { w: 840, h: 440 };

/** Pure: `width` and `height` in CSS pixels. */
export function framing(width: number, height: number): Frame {
  if (width < WIDE || width >= 1000) return frameOf(width, height);
  const scale = clamp(Math.min(width / LEAST.w, height / LEAST.h), 0.4, 1.2);
  return {
    shape: 'wide',
    scale,
    room: { w: width, h: height },
    w: Math.round(width / scale),
    h: Math.round(height / scale),
  };
}
