/** Promises about where things stand: nothing covers anything, whatever the world and however large the page. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frameOf } from '../../client/stage/moment/frame.ts';
import { framing } from '../../client/stage/moment/framing.ts';
import { badgeTop, linesOn } from '../../client/stage/plan/cards.ts';
import { type Box, contains, grown, inside, overlap, type Point } from '../../client/stage/plan/geometry.ts';
import { cableOf, layoutOf } from '../../client/stage/plan/layout.ts';
import { envelopePlace, opensAt } from '../../client/stage/plan/letter-place.ts';
import { fitMiddle, widthOf } from '../../client/stage/plan/measure.ts';
import { offStagePlace } from '../../client/stage/plan/off-stage.ts';
import { type Layout, stationOf } from '../../client/stage/plan/plan.ts';
import { internetBoxes, signBoxes } from '../../client/stage/plan/signs.ts';
import { blueAndGreen } from '../../shared/world/presets.ts';
import { validateWorld } from '../../shared/world/validate.ts';
import type { PublicWorld, World } from '../../shared/world/world.ts';
import { bigWorld } from '../fixtures/worlds.ts';

/** One domain, one server for everything, one reader. */
const alone: PublicWorld = {
  ...blueAndGreen,
  name: 'one office',
  hosts: [
    { id: 'pc.a.example', kind: 'client', label: 'Ann', domain: 'a.example', addresses: ['192.0.2.1'], services: [] },
    {
      id: 'mail.a.example',
      kind: 'server',
      label: 'The one and only server',
      domain: 'a.example',
      addresses: ['192.0.2.2'],
      services: ['submission', 'smtp', 'pop3'],
    },
    { id: 'ns.example', kind: 'server', label: 'DNS', addresses: ['203.0.113.53'], services: ['dns'] },
  ],
  dns: 'ns.example',
  domains: [{ name: 'a.example', submission: 'mail.a.example', pop: 'mail.a.example', exchangers: ['mail.a.example'] }],
  users: [{ address: 'ann@a.example', name: 'Ann', client: 'pc.a.example' }],
};

/** A third domain and many more hosts than a journey needs. */
const crowded: PublicWorld = {
  ...blueAndGreen,
  hosts: [
    ...blueAndGreen.hosts,
    ...[1, 2, 3, 4, 5, 6].map(n => ({
      id: `mx${n}.red.example`,
      kind: 'server' as const,
      label: `Red exchanger number ${n}`,
      domain: 'red.example',
      addresses: [`198.51.100.${200 + n}`] as [string],
      services: ['smtp' as const],
    })),
    ...[3, 4, 5].map(n => ({
      id: `mx${n}.green.example`,
      kind: 'server' as const,
      label: `Spare MX ${n}`,
      domain: 'green.example',
      addresses: [`198.51.100.${30 + n}`] as [string],
      services: ['smtp' as const],
    })),
  ],
  domains: [
    ...blueAndGreen.domains,
    { name: 'red.example', submission: 'mx1.red.example', pop: 'mx1.red.example', exchangers: ['mx1.red.example'] },
  ],
};

const worlds: [string, PublicWorld][] = [
  ['the default world', blueAndGreen],
  ['a world of one domain', alone],
  ['a crowded world', crowded],
];
const pages: [number, number][] = [
  [320, 600],
  [390, 700],
  [600, 700],
  [768, 540],
  [860, 440],
  [1020, 540],
  [1500, 740],
];
const cases = worlds.flatMap(([name, world]) =>
  pages.flatMap(([width, height]) =>
    [false, true].map(visitor => ({ name, width, visitor, world, frame: frameOf(width, height) })),
  ),
);
/** In an article: its columns, at the height that a figure has there. */
const figures = worlds.flatMap(([name, world]) =>
  [600, 680, 760, 900].flatMap(width =>
    [false, true].map(visitor => ({
      name: `${name} in an article`,
      width,
      visitor,
      world,
      frame: framing(width, width * 0.52),
    })),
  ),
);

const pairs = <T>(items: readonly T[]): [T, T][] =>
  items.flatMap((a, i) => items.slice(i + 1).map((b): [T, T] => [a, b]));
const onEdge = ({ x, y, w, h }: Box, p: Point): boolean => {
  const near = (a: number, b: number) => Math.abs(a - b) < 0.01;
  const across = near(p.x, x) || near(p.x, x + w);
  const along = near(p.y, y) || near(p.y, y + h);
  return (across && p.y >= y && p.y <= y + h) || (along && p.x >= x && p.x <= x + w);
};
/** How far apart two boxes are. */
const gapBetween = (a: Box, b: Box): number =>
  Math.max(0, b.x - a.x - a.w, a.x - b.x - b.w, b.y - a.y - a.h, a.y - b.y - b.h);
const page = ({ w, h }: Layout): Box => ({ x: 0, y: 0, w, h });

describe.each([...cases, ...figures])(
  '$name on $width px, with your mail client: $visitor',
  ({ world, visitor, frame }) => {
    const layout = layoutOf(world, frame.shape, visitor, frame);

    it('every host stands on the stage, your own mail client only when it takes part', () => {
      const standing = layout.stations.map(({ host }) => host).sort();
      const expected = world.hosts.filter(({ kind }) => visitor || kind !== 'visitor').map(({ id }) => id);
      expect(standing).toEqual(expected.sort());
    });

    it('no two stations overlap, and none leaves the drawing', () => {
      for (const [a, b] of pairs(layout.stations))
        expect([a.host, b.host, overlap(grown(a, 3), b)]).toEqual([a.host, b.host, false]);
      for (const station of layout.stations)
        expect([station.host, inside(station, page(layout))]).toEqual([station.host, true]);
    });

    it('a station stands inside the territory of its domain, and in no other', () => {
      for (const station of layout.stations) {
        const domain = world.hosts.find(({ id }) => id === station.host)?.domain;
        for (const territory of layout.territories) {
          const own = territory.domain === domain;
          expect([
            station.host,
            territory.domain,
            own ? inside(station, territory) : overlap(station, territory),
          ]).toEqual([station.host, territory.domain, own]);
        }
      }
    });

    it('what a card says fits on it', () => {
      const [name, line] = frame.shape === 'wide' ? [14, 12.5] : [13, 11.5];
      for (const { host, size, ...card } of layout.stations) {
        const room = frame.shape === 'narrow' && size === 'full' ? card.w - 40 : card.w;
        for (const words of card.nameLines)
          expect([host, widthOf(words, size === 'quiet' ? 13 : name, 'bold') <= room]).toEqual([host, true]);
        for (const { text, mono } of card.lines)
          expect([host, text, widthOf(text, line, mono ? 'mono' : 'sans') <= room]).toEqual([host, text, true]);
      }
    });

    it('a card has its words on it one under the other, and what hangs on it hangs below them', () => {
      for (const card of layout.stations) {
        const { baselines } = linesOn(card, frame.shape);
        expect([card.host, baselines.length]).toEqual([card.host, card.nameLines.length + card.lines.length]);
        expect([card.host, [...baselines].sort((a, b) => a - b)]).toEqual([card.host, baselines]);
        const last = baselines.at(-1) ?? 0;
        expect([card.host, last + 3 <= card.h, last + 4 <= badgeTop(card, frame.shape)]).toEqual([
          card.host,
          true,
          true,
        ]);
      }
    });

    it('a cable ends at the edges of its two stations, and is the same one both ways', () => {
      for (const [a, b] of pairs(layout.stations)) {
        const cable = cableOf(layout, a.host, b.host);
        const back = cableOf(layout, b.host, a.host);
        expect(cable && onEdge(a, cable[0]) && onEdge(b, cable[3])).toBe(true);
        expect(back && [...back].reverse()).toEqual(cable);
      }
    });

    it('an envelope lies on no station and inside the drawing, wherever the letter is', () => {
      for (const { host } of layout.stations) {
        if (host === world.dns) continue;
        const place = envelopePlace(layout, host);
        if (place === null) throw new Error(`no place at ${host}`);
        expect([host, inside(place, page(layout))]).toEqual([host, true]);
        for (const station of layout.stations)
          expect([host, station.host, overlap(place, station)]).toEqual([host, station.host, false]);
      }
    });
  },
);

/** As different as worlds can be: how many domains, how many hosts, and who has most of them. */
const anyWorld = fc
  .record({
    domains: fc.integer({ min: 2, max: 6 }),
    hosts: fc.integer({ min: 7, max: 20 }),
    shares: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 6 }),
  })
  .map(({ domains, hosts, shares }) => {
    const room = hosts - 1 - domains;
    let left = room;
    const bounded = shares.slice(0, domains).map(share => {
      const given = Math.min(share, left);
      left -= given;
      return given;
    });
    return bigWorld(domains, hosts, bounded);
  });
const anyPage = fc.constantFrom(...pages, [1020, 525], [860, 391], [700, 450], [1920, 900]);

describe('any world of two to six domains and up to twenty hosts, on any page', () => {
  const always = (promise: (layout: Layout, world: World, again: () => Layout) => void, runs = 150) =>
    fc.assert(
      fc.property(anyWorld, anyPage, fc.boolean(), (world, [width = 0, height = 0], visitor) => {
        const frame = frameOf(width, height);
        promise(layoutOf(world, frame.shape, visitor, frame), world, () =>
          layoutOf(structuredClone(world), frame.shape, visitor, frame),
        );
      }),
      { numRuns: runs },
    );

  it('is a world that may run, and a picture that does not depend on when it is drawn', () =>
    always((layout, world, again) => {
      expect(validateWorld(world)).toMatchObject({ ok: true });
      expect(again()).toEqual(layout);
    }, 40));

  it('has every host on the stage once, no card on another, each in its own territory, no territory on another', () =>
    always((layout, world) => {
      const standing = layout.stations.map(({ host }) => host);
      expect(new Set(standing).size).toBe(standing.length);
      for (const { id, kind } of world.hosts) if (kind !== 'visitor') expect(standing).toContain(id);
      for (const [a, b] of pairs(layout.stations))
        expect([a.host, b.host, overlap(grown(a, 3), b)]).toEqual([a.host, b.host, false]);
      for (const [a, b] of pairs(layout.territories))
        expect([a.domain, b.domain, overlap(a, b)]).toEqual([a.domain, b.domain, false]);
      for (const station of layout.stations) {
        expect([station.host, inside(station, page(layout))]).toEqual([station.host, true]);
        const domain = world.hosts.find(({ id }) => id === station.host)?.domain;
        for (const territory of layout.territories) {
          const own = territory.domain === domain;
          const kept = own ? inside(station, territory) : !overlap(station, territory);
          expect([station.host, territory.domain, kept]).toEqual([station.host, territory.domain, true]);
        }
      }
    }));

  it('has room for a letter at every host, on the drawing and on no card', () =>
    always((layout, world) => {
      for (const { host } of layout.stations) {
        if (host === world.dns) continue;
        const place = envelopePlace(layout, host);
        if (place === null) throw new Error(`no place at ${host}`);
        expect([host, inside(place, page(layout))]).toEqual([host, true]);
        const covered = layout.stations.filter(station => overlap(place, station)).map(station => station.host);
        expect([host, covered]).toEqual([host, []]);
        const card = stationOf(layout, host);
        if (card?.letter !== undefined) expect([host, gapBetween(card, place) < 90]).toEqual([host, true]);
      }
    }, 60));

  it('lays no letter of a household on the name of a territory, opened or not', () =>
    always((layout, world) => {
      const names = signBoxes(layout);
      for (const { host } of layout.stations) {
        const place = envelopePlace(layout, host);
        if (place === null || world.hosts.find(({ id }) => id === host)?.domain === undefined) continue;
        const sheet = opensAt(layout, place) ? [{ x: place.x, y: place.y - 34, w: layout.envelope.w, h: 34 }] : [];
        const covered = names.flatMap((name, index) =>
          [place, ...sheet].some(box => overlap(box, name)) ? [layout.territories[index]?.domain] : [],
        );
        expect([host, covered]).toEqual([host, []]);
      }
    }, 60));

  it('has cables that end at the right cards', () =>
    always((layout, world) => {
      const [first] = layout.stations;
      for (const other of layout.stations.slice(1)) {
        const cable = first && cableOf(layout, first.host, other.host);
        expect(cable && onEdge(first, cable[0]) && onEdge(other, cable[3])).toBe(true);
      }
      expect(layout.idle.every(({ from, to }) => cableOf(layout, from, to) !== null)).toBe(true);
      expect(world.dns).toBe('ns.root.example');
    }, 30));

  it('says on its cards only what fits on them', () =>
    always(layout => {
      const line = layout.shape === 'wide' ? 12.5 : 11.5;
      for (const { host, size, w, nameLines, lines } of layout.stations) {
        if (size !== 'row') continue;
        for (const words of nameLines) expect([host, widthOf(words, 13, 'bold') <= w - 36]).toEqual([host, true]);
        for (const { text } of lines)
          expect([host, text, widthOf(text, line, 'sans') <= w - 36]).toEqual([host, text, true]);
      }
    }));
});

describe('the drawing', () => {
  it('shows no type under 11 px from a phone to a projector', () => {
    for (const [width, height] of pages) {
      const { shape, scale } = frameOf(width, height);
      expect([width, scale * (shape === 'wide' ? 12.5 : 11.5) >= 11]).toEqual([width, true]);
    }
  });

  it('lays the journey of the default world from left to right, and from top to bottom on a phone', () => {
    const journey = [
      'alices-laptop.blue.example',
      'smtp.blue.example',
      'mx1.green.example',
      'bobs-laptop.green.example',
    ];
    const along = (layout: Layout, axis: 'x' | 'y') =>
      journey.map(host => stationOf(layout, host)?.[axis] ?? Number.NaN);
    const wide = along(layoutOf(blueAndGreen, 'wide', false), 'x');
    const narrow = along(layoutOf(blueAndGreen, 'narrow', false), 'y');
    expect(wide).toEqual([...wide].sort((a, b) => a - b));
    expect(narrow).toEqual([...narrow].sort((a, b) => a - b));
  });

  it('draws the cables of the journey around the stations, not through them', () => {
    for (const [shape, size] of [
      ['wide', { w: 1020, h: 560 }],
      ['wide', { w: 955, h: 489 }],
      ['narrow', { w: 360, h: 600 }],
    ] as const) {
      const layout = layoutOf(blueAndGreen, shape, false, size);
      for (const { from, to } of layout.idle) {
        const cable = cableOf(layout, from, to);
        if (cable === null) throw new Error(`no cable from ${from} to ${to}`);
        for (const station of layout.stations)
          for (const point of cable)
            expect([from, to, station.host, contains(station, point)]).toEqual([from, to, station.host, false]);
      }
    }
  });

  it('a call to an address that is nobody’s ends on the internet: on no card, no ground and no name', () => {
    for (const world of [blueAndGreen, bigWorld(3, 12)])
      for (const [width, height] of pages) {
        const frame = frameOf(width, height);
        const layout = layoutOf(world, frame.shape, false, frame);
        const nowhere = offStagePlace(layout);
        const names = [...signBoxes(layout), ...internetBoxes(layout)];
        expect(inside(nowhere, page(layout))).toBe(true);
        expect([...layout.stations, ...layout.territories, ...names].filter(box => overlap(box, nowhere))).toEqual([]);
        for (const { host, ...card } of layout.stations) {
          const call = cableOf(layout, host, '203.0.113.99');
          expect([host, call && onEdge(card, call[0]) && onEdge(nowhere, call[3])]).toEqual([host, true]);
          expect(call && [...call].reverse()).toEqual(cableOf(layout, '203.0.113.99', host));
        }
      }
  });

  it.each([
    ['Mailing program', 'Mailing program'],
    ['A program of the choir', 'A program of the choir'],
    ['The mailing list’s robot', 'The mailing list’s robot'],
    ['The-mailing-lists-robot', expect.stringMatching(/^The-mail.*…$/)],
  ])(
    'a visitor is called “%s” in whole, on one line or on two, wherever a line is long enough for a word',
    (label, drawn) => {
      for (const [width, height] of pages) {
        const frame = frameOf(width, height);
        const hosts = blueAndGreen.hosts.map(host => (host.kind === 'visitor' ? { ...host, label } : host));
        const layout = layoutOf({ ...blueAndGreen, hosts }, frame.shape, true, frame);
        const card = layout.stations.find(({ host }) => host === 'your-computer.example');
        if (width > 320) expect([width, card?.name]).toEqual([width, drawn]);
      }
    },
  );

  it('shortens an address in its middle, so that its end can still be read', () => {
    const short = fitMiddle('somebody.with.a.long.name@department.green.example', 150, 12.5, 'mono');
    expect(short).toMatch(/^somebody.*….*\.example$/);
    expect(widthOf(short, 12.5, 'mono')).toBeLessThanOrEqual(150);
    expect(fitMiddle('bob@green.example', 150, 12.5, 'mono')).toBe('bob@green.example');
  });
});
