/** The place where a connection ends whose address belongs to no host on the stage: on the internet, clear of cards and names. Found once for each layout. */
import { type Box, centre, grown, overlap } from './geometry.ts';
import type { Layout } from './plan.ts';
import { internetBoxes, signBoxes } from './signs.ts';

/** Half the width of the mark that is drawn there, in units of the drawing. */
export const OFF_STAGE_RADIUS = 11;
const STEP = 10;
/** Penalty for a place inside a territory. */
const TERRITORY_COST = 1_000;

const found = new WeakMap<Layout, Box>();

export function offStagePlace(layout: Layout): Box {
  const known = found.get(layout) ?? findOffStagePlace(layout);
  found.set(layout, known);
  return known;
}

function findOffStagePlace(layout: Layout): Box {
  const words = internetBoxes(layout);
  const middle = centre(words[0] ?? { x: 0, y: 0, w: layout.w, h: layout.h });
  // On a phone the label stands at its left.
  const preferred = { x: middle.x + (layout.shape === 'narrow' ? 34 : 0), y: middle.y };
  const walls = [...layout.stations.map(card => grown(card, 16)), ...signBoxes(layout), ...words];
  const size = 2 * OFF_STAGE_RADIUS;
  let best: Box = { x: preferred.x - OFF_STAGE_RADIUS, y: preferred.y - OFF_STAGE_RADIUS, w: size, h: size };
  let least = Number.POSITIVE_INFINITY;
  // From the bottom up: below the preferred place, where no cable from server to server runs.
  for (let y = layout.h - size - 6; y > 4; y -= STEP) {
    for (let x = 6; x < layout.w - size - 4; x += STEP) {
      const box = { x, y, w: size, h: size };
      const away = Math.hypot(
        x + OFF_STAGE_RADIUS - preferred.x,
        (y + OFF_STAGE_RADIUS - preferred.y) * (y + OFF_STAGE_RADIUS < preferred.y ? 1.5 : 1),
      );
      const cost = away + (layout.territories.some(ground => overlap(box, ground)) ? TERRITORY_COST : 0);
      if (cost >= least || walls.some(wall => overlap(grown(box, 4), wall))) continue;
      [best, least] = [box, cost];
    }
  }
  return best;
}
