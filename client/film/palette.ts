/** The colours of an animated GIF: one palette for the whole film, so that what does not move does not flicker. */
import { quantize, type Rgb } from 'gifenc';

/** One index is kept for "as it was before". */
const MOST = 255;
export const UNCHANGED = 255;

export interface Palette {
  readonly colours: Rgb[];
  /** The nearest colour's index of each pixel, into `indices` from `from` on. */
  map(rgba: Uint8ClampedArray, indices: Uint8Array, from: number): void;
}

/** `samples`: pictures of the film, as RGBA. */
export function paletteOf(samples: readonly Uint8ClampedArray[]): Palette {
  const all = new Uint8ClampedArray(samples.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const sample of samples) {
    all.set(sample, at);
    at += sample.length;
  }
  const colours: Rgb[] = [...commonest(all), ...quantize(all, MOST - KEPT, { format: 'rgb565' })];
  const known = new Map<number, number>();
  const nearest = (r: number, g: number, b: number): number => {
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let index = 0; index < colours.length; index += 1) {
      const [pr = 0, pg = 0, pb = 0] = colours[index] ?? [];
      // The eye sees green best and blue least.
      const far = 2 * (r - pr) ** 2 + 4 * (g - pg) ** 2 + (b - pb) ** 2;
      if (far < least) [best, least] = [index, far];
    }
    return best;
  };
  return {
    colours,
    map(rgba, indices, from) {
      let last = -1;
      let found = 0;
      for (let pixel = 0, to = from; pixel < rgba.length; pixel += 4, to += 1) {
        const [r, g, b] = [rgba[pixel] ?? 0, rgba[pixel + 1] ?? 0, rgba[pixel + 2] ?? 0];
        const colour = (r << 16) | (g << 8) | b;
        if (colour !== last) {
          let index = known.get(colour);
          if (index === undefined) {
            index = nearest(r, g, b);
            known.set(colour, index);
          }
          [last, found] = [colour, index];
        }
        indices[to] = found;
      }
    },
  };
}

/** How many of the commonest colours are kept as they are: paper, cards and ink must not be a shade off. */
const KEPT = 32;

function commonest(rgba: Uint8ClampedArray): Rgb[] {
  const counts = new Map<number, number>();
  for (let pixel = 0; pixel < rgba.length; pixel += 4) {
    const colour = ((rgba[pixel] ?? 0) << 16) | ((rgba[pixel + 1] ?? 0) << 8) | (rgba[pixel + 2] ?? 0);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  return [...counts]
    .sort(([a, many], [b, more]) => more - many || a - b)
    .slice(0, KEPT)
    .map(([colour]) => [colour >> 16, (colour >> 8) & 255, colour & 255]);
}
