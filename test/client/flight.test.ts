/** Promises about what flies and what lies about: it hides no name, clocks turn forwards, and marks hang where faults will strike. */
import { describe, expect, it } from 'vitest';
import { extentOf } from '../../client/stage/draw/Token.tsx';
import { lyingIn, memoriesIn, pilesIn } from '../../client/stage/moment/asides.ts';
import { clockPlace, handsAt } from '../../client/stage/moment/clock-face.ts';
import { detour, onDrawing } from '../../client/stage/moment/detour.ts';
import { ALOFT, letterAt, tokenAt } from '../../client/stage/moment/flight.ts';
import { frameOf } from '../../client/stage/moment/frame.ts';
import { isOff, marksOf, markWords } from '../../client/stage/moment/marks.ts';
import { crossOn, quotePlace } from '../../client/stage/moment/quote-place.ts';
import { overlap } from '../../client/stage/plan/geometry.ts';
import { cableOf, layoutOf } from '../../client/stage/plan/layout.ts';
import { envelopePlace } from '../../client/stage/plan/letter-place.ts';
import { type Layout, stationOf } from '../../client/stage/plan/plan.ts';
import { internetBoxes, signBoxes } from '../../client/stage/plan/signs.ts';
import { captions } from '../../shared/explain/captions.ts';
import { firstState } from '../../shared/reading/occurrences/fold.ts';
import { unseenLetter } from '../../shared/reading/occurrences/letters.ts';
import { NO_NOTE } from '../../shared/story/note.ts';
import { type Letter, storyTime } from '../../shared/story/story.ts';
import { wireTime } from '../../shared/trace/event.ts';
import { blueAndGreen } from '../../shared/world/presets.ts';
import type { World } from '../../shared/world/world.ts';
import { bigWorld } from '../fixtures/worlds.ts';

const PAGES: [number, number][] = [
  [390, 800],
  [860, 391],
  [1020, 525],
  [1500, 705],
];
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

describe('what was said of a refusal', () => {
  const NOBODY = '203.0.113.99';
  const dial = { kind: 'line', protocol: 'smtp', reply: true, verdict: 'no', letter: null } as const;

  it.each(PAGES)(
    'stands on %i x %i beside its cross: on no card, no name, and not on the internet',
    (width, height) => {
      const frame = frameOf(width, height);
      const layout = layoutOf(blueAndGreen, frame.shape, false, frame);
      for (const [to, label] of [
        ['mx1.green.example', ['no answer']],
        [NOBODY, ['nobody at', NOBODY]],
      ] as const) {
        const curve = cableOf(layout, to, 'smtp.blue.example');
        if (curve === null) throw new Error('there is a cable');
        const lying = envelopePlace(layout, 'smtp.blue.example');
        const extent = extentOf({ ...dial, from: 'smtp.blue.example', to, label }, frame.shape);
        const { x, y } = quotePlace(curve, crossOn(curve), extent, layout, lying, []);
        const box = { x: x - extent.w, y: y - extent.h, w: 2 * extent.w, h: 2 * extent.h };
        const words = [...layout.stations, ...signBoxes(layout), ...internetBoxes(layout), ...(lying ? [lying] : [])];
        expect([to, words.filter(other => overlap(box, other))]).toEqual([to, []]);
      }
    },
  );
});

describe('the clock of a jump', () => {
  const turn = { until: Date.UTC(2026, 10, 23, 13, 30), jump: 4 * 3_600_000 };
  const upright = (angle: number): number => ((angle % 360) + 360) % 360;

  it('begins at the hour that it leaves and ends at the hour that it reaches', () => {
    expect(upright(handsAt(turn, 0).hour)).toBeCloseTo(285);
    expect(upright(handsAt(turn, 0).minute)).toBeCloseTo(180);
    expect(upright(handsAt(turn, 1).hour)).toBeCloseTo(45);
    expect(upright(handsAt(turn, 1).minute)).toBeCloseTo(180);
  });

  it('never turns back, and of five days not faster than an eye can follow', () => {
    const long = { ...turn, jump: 5 * 24 * 3_600_000 };
    const at = [0, 0.25, 0.5, 0.75, 1].map(part => handsAt(long, part).minute);
    expect(at).toEqual([...at].sort((a, b) => a - b));
    expect((at.at(-1) ?? 0) - (at[0] ?? 0)).toBeLessThanOrEqual(6 * 360);
  });

  it.each([
    ['the small world', blueAndGreen],
    ['twenty hosts', bigWorld(6, 20)],
  ])('hides no card in %s, however large the page', (_, world) => {
    for (const [width, height] of PAGES) {
      const frame = frameOf(width, height);
      const layout = layoutOf(world, frame.shape, false, frame);
      const { x, y, r } = clockPlace(layout, 'Four hours later', []);
      const face = { x: x - r, y: y - r, w: 2 * r, h: 2 * r };
      expect(layout.stations.filter(card => overlap(face, card)).map(({ host }) => host)).toEqual([]);
    }
  });
});

describe('what lies about', () => {
  const letter = (id: string, at: string): Letter => ({
    ...unseenLetter(
      id,
      { messageId: '', reversePath: 'alice@blue.example', recipients: [`${id}@green.example`], size: 1 },
      at,
      'queued',
      NO_NOTE,
    ),
  });
  const world = bigWorld(6, 20);
  const hosts = world.hosts.filter(({ id, kind }) => kind !== 'visitor' && id !== world.dns).map(({ id }) => id);
  const letters = Array.from({ length: 50 }, (_, nth) => letter(`l${nth}`, hosts[nth % hosts.length] ?? ''));
  const state = { ...firstState(world), letters, focus: 'l0' };

  it.each(PAGES)('fifty letters at twenty hosts hide neither a name nor each other on %i x %i', (width, height) => {
    const frame = frameOf(width, height);
    const layout = layoutOf(world, frame.shape, false, frame);
    const piles = pilesIn(layout, { state, motion: null });
    const lying = envelopePlace(layout, hosts[0] ?? '');
    const boxes = [...layout.stations, ...(lying === null ? [] : [lying])];
    expect(piles.length).toBeGreaterThan(0);
    for (const [index, { box }] of piles.entries()) {
      expect(boxes.some(other => overlap(box, other))).toBe(false);
      expect(piles.slice(index + 1).some(other => overlap(box, other.box))).toBe(false);
    }
  });

  it('the letters under the one that can be read are counted, and one that stays when another leaves is shown', () => {
    const two = { ...state, letters: [letter('one', 'a.example'), letter('two', 'a.example')], focus: 'two' };
    expect(lyingIn({ state: two, motion: null })).toMatchObject({ letter: { id: 'two' }, under: 1 });
    const motion = {
      kind: 'letter',
      protocol: 'smtp',
      from: 'a.example',
      to: 'b.example',
      label: [],
      reply: false,
      verdict: null,
      letter: 'two',
      start: storyTime(0),
      end: storyTime(1),
      progress: 0,
    } as const;
    expect(lyingIn({ state: two, motion })).toMatchObject({ letter: { id: 'one' }, under: 0 });
  });

  it('what a resolver remembers runs down, and is forgotten when its time is over', () => {
    const layout = layoutOf(blueAndGreen, 'wide', false);
    const entry = {
      host: 'smtp.blue.example',
      name: 'green.example',
      type: 'MX',
      answers: [],
      negative: false,
      hits: 0,
    };
    const cached = {
      ...firstState(blueAndGreen),
      jumped: 60_000_000,
      cache: [{ ...entry, expiresAt: wireTime(3_600_000_000) }],
    };
    const at = (now: number) => memoriesIn(layout, { state: cached, motion: null, wireAt: wireTime(now) }, []);
    expect(at(0)[0]?.lines).toEqual(['remembers', 'green.example MX · 59 min']);
    expect(at(3_000_000_000)[0]?.lines[1]).toContain('9 min');
    expect(at(3_540_000_000)).toEqual([]);
  });
});

it('faults in one place share a mark; one of a line hangs on its cable', () => {
  const world: World = {
    ...blueAndGreen,
    faults: [
      { id: 'f1', times: 'always', kind: 'disk-full', host: 'mx1.green.example' },
      { id: 'f2', times: 'next', kind: 'host-off', host: 'mx1.green.example' },
      { id: 'f3', times: 'always', kind: 'host-off', host: 'mx2.green.example' },
      { id: 'f4', times: 'next', kind: 'drop', at: { server: 'pop.green.example', port: 110, verb: 'RETR' } },
    ],
  };
  const { hosts, cables } = marksOf(world);
  const [one, other] = ['mx1.green.example', 'mx2.green.example'].map(host => hosts.get(host));
  expect(one && markWords(one)).toEqual({ short: '2 faults', spoken: '2 faults: Disk full, Off (the next time)' });
  expect([isOff(one), isOff(other)]).toEqual([false, true]);
  expect(cables).toMatchObject([
    { from: 'bobs-laptop.green.example', to: 'pop.green.example', faults: [{ id: 'f4' }] },
  ]);
});

it('a sentence that begins with the name of a host leaves the name as it is written, and ends', () => {
  const { body } = captions.gaveUp(
    'the outgoing server',
    { code: 'exchange-answered', exchange: 'mx1.green.example', reply: '550 5.1.1 user unknown' },
    '5.1.1',
    false,
  );
  expect(body).toContain('The outgoing server gives up');
  expect(body).toMatch(/ mx1\.green\.example answered 550 5\.1\.1 user unknown\. /);
});
