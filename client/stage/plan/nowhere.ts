/** Where a call ends that leads to no host on the stage: out on the internet, on no card and on no name. Found once for each layout. */
import { type Box, centre, grown, overlap } from './geometry.ts';
import type { Layout } from './plan.ts';
import { internetBoxes, signBoxes } from './signs.ts';

/** Half the width of the empty place that is drawn there. */
export const EMPTY = 11;
const STEP = 10;
/** What it costs to lie on somebody's ground. */
const ABROAD = 1_000;

const found = new WeakMap<Layout, Box>();

export function nowhereOn(layout: Layout): Box {
  const known = found.get(layout) ?? lookFor(layout);
  found.set(layout, known);
  return known;
}

function lookFor(layout: Layout): Box {
  const words = internetBoxes(layout);
  const middle = centre(words[0] ?? { x: 0, y: 0, w: layout.w, h: layout.h });
  // On a phone what is said there stands at its left.
  const wish = { x: middle.x + (layout.shape === 'narrow' ? 34 : 0), y: middle.y };
  const walls = [...layout.stations.map(card => grown(card, 16)), ...signBoxes(layout), ...words];
  const size = 2 * EMPTY;
  let best: Box = { x: wish.x - EMPTY, y: wish.y - EMPTY, w: size, h: size };
  let least = Number.POSITIVE_INFINITY;
  // From below its wish, where no cable from server to server runs.
  for (let y = layout.h - size - 6; y > 4; y -= STEP) {
    for (let x = 6; x < layout.w - size - 4; x += STEP) {
      const box = { x, y, w: size, h: size };
      const away = Math.hypot(x + EMPTY - wish.x, (y + EMPTY - wish.y) * (y + EMPTY < wish.y ? 1.5 : 1));
      const cost = away + (layout.territories.some(ground => overlap(box, ground)) ? ABROAD : 0);
      if (cost >= least || walls.some(wall => overlap(grown(box, 4), wall))) continue;
      [best, least] = [box, cost];
    }
  }
  return best;
}
