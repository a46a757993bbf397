/** Promises about what flies: it hides no name on its way, and a host's name begins a sentence as it is written. */
import { describe, expect, it } from 'vitest';
import { detour, onDrawing } from '../client/stage/detour.ts';
import { ALOFT, letterAt, tokenAt } from '../client/stage/flight.ts';
import { frameOf } from '../client/stage/frame.ts';
import { overlap } from '../client/stage/geometry.ts';
import { cableOf, layoutOf } from '../client/stage/layout.ts';
import { type Layout, stationOf } from '../client/stage/plan.ts';
import { captions } from '../shared/explain/captions.ts';
import { blueAndGreen } from '../shared/world/presets.ts';

const ways: [string, string][] = [
  ['smtp.blue.example', 'mx1.green.example'],
  ['pop.green.example', 'bobs-laptop.green.example'],
];

/** The line with the name, under the picture. */
const nameOn = (layout: Layout, host: string) => {
  const card = stationOf(layout, host);
  if (card === undefined) throw new Error(`${host} is not on the stage`);
  return { x: card.x + 14, y: card.y + (card.h < 90 ? 49 : 56), w: card.w - 28, h: 9 };
};

describe.each([
  [1020, 540],
  [1140, 690],
])('on a stage of %i x %i', (width, height) => {
  const frame = frameOf(width, height);
  const layout = layoutOf(blueAndGreen, frame.shape, false, frame);

  it.each(ways)('a letter and a line half way from %s to %s hide neither name', (from, to) => {
    const curve = cableOf(layout, from, to);
    if (curve === null) throw new Error('there is a cable');
    const { w, h } = layout.envelope;
    for (const [extent, pose] of [
      [{ w: 110, h: 14 }, (aside: { x: number; y: number }) => tokenAt(curve, aside, 0.5, false)],
      [
        { w: (w / 2) * ALOFT, h: (h / 2) * ALOFT },
        (aside: { x: number; y: number }) => letterAt(curve, aside, [curve[0], curve[3]], 0.5, false),
      ],
    ] as const) {
      const { x, y } = onDrawing(pose(detour(curve, extent, layout, null)), extent, layout);
      const box = { x: x - extent.w, y: y - extent.h, w: 2 * extent.w, h: 2 * extent.h };
      expect([from, to].filter(host => overlap(box, nameOn(layout, host)))).toEqual([]);
    }
  });
});

it('a sentence that begins with the name of a host leaves the name as it is written, and ends', () => {
  const { body } = captions.gaveUp(
    'the outgoing server',
    'mx1.green.example answered 550 5.1.1 user unknown',
    '5.1.1',
    false,
  );
  expect(body).toContain('The outgoing server gives up');
  expect(body).toMatch(/ mx1\.green\.example answered 550 5\.1\.1 user unknown\. /);
});
