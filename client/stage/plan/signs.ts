/** Where the names of the territories and of the internet stand, so that nothing else does. */
import { type Box, overlap } from './geometry.ts';
import { widthOf } from './measure.ts';
import type { Layout, Territory } from './plan.ts';

type Ground = Pick<Layout, 'shape' | 'stations'>;

/** Where the placer wants it; else at the left, but: on a phone the journey's cable runs there, on a low stage a badge may. */
export function signOf({ shape, stations }: Ground, { sign, x, y, w }: Territory): NonNullable<Territory['sign']> {
  if (sign !== undefined) return sign;
  // High enough for a seal on the card below it.
  if (shape === 'narrow') return { x: x + w - 14, y: y + 16, anchor: 'end' };
  const name = { x: x + 22, y: y + 16, w: 110, h: 16 };
  const taken = stations.some(card => overlap({ x: card.x, y: card.y - 14, w: 124, h: 24 }, name));
  return taken ? { x: x + w - 22, y: y + 30, anchor: 'end' } : { x: x + 22, y: y + 30, anchor: 'start' };
}

const known = new WeakMap<Pick<Layout, 'territories'>, readonly Box[]>();

/** The names themselves; found once for each layout. */
export function signBoxes(layout: Ground & Pick<Layout, 'territories'>): readonly Box[] {
  const boxes = known.get(layout) ?? boxesOf(layout);
  known.set(layout, boxes);
  return boxes;
}

const boxesOf = (layout: Ground & Pick<Layout, 'territories'>): readonly Box[] =>
  layout.territories.map(territory => {
    const { x, y, anchor } = signOf(layout, territory);
    const w = widthOf(territory.domain, 13, 'bold');
    return { x: anchor === 'middle' ? x - w / 2 : anchor === 'end' ? x - w : x, y: y - 12, w, h: 15 };
  });

/** The words "the internet"; none where there is no room for them. */
export function internetBoxes({ internet }: Pick<Layout, 'internet'>): readonly Box[] {
  if (internet === null) return [];
  const w = widthOf('the internet', 12.5, 'sans');
  return [{ x: internet.x - w / 2, y: internet.y - 12, w, h: 16 }];
}
