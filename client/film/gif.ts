/** Writes an animated GIF: the first frame whole, of each later one only where it differs from the one before. */
import { GIFEncoder } from 'gifenc';
import type { Box } from '../stage/plan/geometry.ts';
import { type Palette, UNCHANGED } from './palette.ts';

export interface GifWriter {
  /** `where` the frame may differ from the one before; null is anywhere. `seconds` until the next one. */
  add(pen: CanvasRenderingContext2D, where: Box | null, seconds: number): void;
  finish(): Blob;
}

/** Octets from the beginning of a frame to its place: the graphic control extension's 8, and the image separator (GIF89a §20, §23). */
const TO_PLACE = 9;

export function gifWriter(palette: Palette, width: number, height: number): GifWriter {
  const gif = GIFEncoder({ auto: false, initialCapacity: 1 << 20 });
  const shown = new Uint8Array(width * height);
  let first = true;
  let clock = 0;
  let written = 0;

  /** A GIF counts hundredths of a second: what is lost of one frame's time is made up by the next. */
  const delayUntil = (seconds: number): number => {
    clock += seconds;
    const delay = Math.round(clock * 100) - written;
    written += delay;
    return delay * 10;
  };

  const write = (index: Uint8Array, box: Box, seconds: number): void => {
    const before = gif.bytesView().length;
    const look = first
      ? { first: true, palette: palette.colours, repeat: 0 }
      : { transparent: true, transparentIndex: UNCHANGED };
    gif.writeFrame(index, box.w, box.h, { ...look, delay: delayUntil(seconds), dispose: 1 });
    // gifenc places every frame in the corner.
    if (!first) gif.bytesView().set([box.x & 255, box.x >> 8, box.y & 255, box.y >> 8], before + TO_PLACE);
    first = false;
  };

  gif.writeHeader();
  return {
    add(pen, where, seconds) {
      const box = where ?? { x: 0, y: 0, w: width, h: height };
      // A frame is a frame, also where nothing moved: one pixel that stays as it was.
      if (box.w === 0) return write(Uint8Array.of(UNCHANGED), { x: 0, y: 0, w: 1, h: 1 }, seconds);
      const fresh = new Uint8Array(box.w * box.h);
      palette.map(pen.getImageData(box.x, box.y, box.w, box.h).data, fresh, 0);
      if (first) {
        shown.set(fresh);
        return write(fresh, box, seconds);
      }
      const changed = differing(shown, width, fresh, box);
      const index = new Uint8Array(changed.w * changed.h);
      for (let y = 0; y < changed.h; y += 1) {
        for (let x = 0; x < changed.w; x += 1) {
          const from = (changed.y - box.y + y) * box.w + (changed.x - box.x + x);
          const at = (changed.y + y) * width + changed.x + x;
          const colour = fresh[from] ?? 0;
          index[y * changed.w + x] = shown[at] === colour ? UNCHANGED : colour;
          shown[at] = colour;
        }
      }
      write(index, changed, seconds);
    },
    finish() {
      gif.finish();
      return new Blob([gif.bytes()], { type: 'image/gif' });
    },
  };
}

/** The smallest box that holds all that differs; one pixel where nothing does. */
function differing(shown: Uint8Array, width: number, fresh: Uint8Array, box: Box): Box {
  let [left, top, right, bottom] = [box.w, box.h, -1, -1];
  for (let y = 0; y < box.h; y += 1) {
    const row = (box.y + y) * width + box.x;
    for (let x = 0; x < box.w; x += 1) {
      if (shown[row + x] === fresh[y * box.w + x]) continue;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      bottom = y;
    }
  }
  if (bottom < 0) return { x: box.x, y: box.y, w: 1, h: 1 };
  return { x: box.x + left, y: box.y + top, w: right - left + 1, h: bottom - top + 1 };
}
