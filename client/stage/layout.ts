/** Where everything stands: a pure function of the world and the size of the drawing. No two stations overlap. */

import type { Protocol } from '../../shared/story/story.ts';
import type { PublicWorld } from '../../shared/world/world.ts';
import { assertNever, type HostId } from '../../shared/world/world.ts';
import { type Box, type Curve, cableBetween, clamp, inside, overlap } from './geometry.ts';
import { narrowEnvelope, placeNarrow } from './narrow.ts';
import { DESIGN_SIZE, ENVELOPE, type Layout, NOTE, type Shape, type Size, type Station } from './plan.ts';
import { castOf } from './roles.ts';
import { placeWide } from './wide.ts';

/** `size` is in drawing units; a wide drawing wants at least 840 x 440. The height grows where the world needs it. */
export function layoutOf(world: PublicWorld, shape: Shape, visitor: boolean, size: Size = DESIGN_SIZE[shape]): Layout {
  const cast = castOf(world);
  const placed = shape === 'wide' ? placeWide(world, cast, visitor, size) : placeNarrow(world, cast, visitor, size);
  const [from, to] = cast;
  const chain: [HostId | null | undefined, HostId | null | undefined, Protocol][] = [
    [from?.client, from?.server, 'smtp'],
    [from?.server, world.dns, 'dns'],
    [from?.server, to?.server, 'smtp'],
    [to?.server, to?.pop, 'store'],
    [to?.pop ?? to?.server, to?.client, 'pop3'],
  ];
  const standing = new Set(placed.stations.map(({ host }) => host));
  const idle = chain.flatMap(([a, b, protocol]) =>
    a != null && b != null && standing.has(a) && standing.has(b) ? [{ from: a, to: b, protocol }] : [],
  );
  return { shape, w: size.w, idle, envelope: shape === 'wide' ? ENVELOPE.wide : narrowEnvelope(size), ...placed };
}

export const stationOf = (layout: Layout, host: HostId): Station | undefined =>
  layout.stations.find(station => station.host === host);

/** The way from one host to another, edge to edge; null where one of them is not on the stage. The way back is the same cable. */
export function cableOf(layout: Layout, from: HostId, to: HostId): Curve | null {
  const [a, b] = [stationOf(layout, from), stationOf(layout, to)];
  if (a === undefined || b === undefined || a === b) return null;
  const cards = layout.stations.filter(station => station !== a && station !== b);
  const letters = [a, b].flatMap(({ host, icon }) => (icon === 'dns' ? [] : (envelopePlace(layout, host) ?? [])));
  const terrain = { cards, letters, drawing: { x: 0, y: 0, w: layout.w, h: layout.h } };
  // One cable for both directions: laid from the station that comes first in the drawing.
  if (layout.stations.indexOf(a) < layout.stations.indexOf(b)) return cableBetween(a, b, terrain);
  const [p, q, r, s] = cableBetween(b, a, terrain);
  return [s, r, q, p];
}

type Side = 'right' | 'left' | 'above' | 'below';

/** The sides of a card on which its letter may lie, the liked ones first. */
function likedSides(layout: Layout, { icon, size, x }: Station): readonly Side[] {
  if (layout.shape === 'narrow') return ['right', 'left', 'above', 'below'];
  switch (icon) {
    case 'laptop':
      return x < layout.w * 0.4 ? ['right', 'above', 'left', 'below'] : ['above', 'left', 'right', 'below'];
    case 'mailbox':
      return size === 'full' ? ['above', 'below', 'right', 'left'] : ['below', 'above', 'right', 'left'];
    case 'server':
    case 'dns':
      return ['below', 'above', 'right', 'left'];
    default:
      return assertNever(icon);
  }
}

const AWAY = Array.from({ length: 16 }, (_, index) => index * 16);
const SLIDES = Array.from({ length: 25 }, (_, index) => (index - 12) * 10);

/** `slide` goes along the side, `away` from it. */
function beside(layout: Layout, station: Station, side: Side, slide: number, away: number): Box {
  const { w, h } = { w: layout.envelope.w, h: layout.envelope.h + NOTE[layout.shape] };
  const [gap, below, above] = layout.shape === 'wide' ? [12, 20, 12] : [8, 14, 14];
  const x = station.x + station.w / 2 - w / 2 + slide;
  const y = station.y + station.h / 2 - h / 2 + slide;
  switch (side) {
    case 'right':
      return { x: station.x + station.w + gap + away, y, w, h };
    case 'left':
      return { x: station.x - gap - away - w, y, w, h };
    case 'above':
      return { x, y: station.y - above - away - h, w, h };
    case 'below':
      return { x, y: station.y + station.h + below + away, w, h };
    default:
      return assertNever(side);
  }
}

/** Where a letter lies while it is at `host`, its note included: beside the card, on no station, on the drawing. */
export function envelopePlace(layout: Layout, host: HostId): Box | null {
  const station = stationOf(layout, host);
  if (station === undefined) return null;
  const page = { x: 4, y: 4, w: layout.w - 8, h: layout.h - 8 };
  const home = layout.territories.find(territory => inside(station, territory));
  let best: Box | null = null;
  let least = Number.POSITIVE_INFINITY;
  likedSides(layout, station).forEach((side, rank) => {
    for (const [away, slide] of AWAY.flatMap(far => SLIDES.map(along => [far, along] as const))) {
      const box = beside(layout, station, side, slide, away);
      if (!inside(box, page) || layout.stations.some(other => overlap(box, other))) continue;
      const out =
        home === undefined
          ? 0
          : Math.max(0, home.x + 6 - box.x, box.x + box.w - home.x - home.w + 6, box.y + box.h - home.y - home.h);
      // A step along is cheap, a step away less so, leaving the station's own territory is not, another side is dear.
      // At a mail client the letter will be opened, and its sheet stands out at the top.
      const sheet =
        station.icon === 'laptop' && layout.stations.some(other => overlap({ ...box, y: box.y - 30 }, other));
      const cost = (sheet ? 45 : 0) + rank * 60 + Math.abs(slide) + 2 * away + (out > 0 ? 25 + out : 0);
      if (cost < least) [best, least] = [box, cost];
    }
  });
  const { w, h } = beside(layout, station, 'below', 0, 0);
  return (
    best ?? { x: clamp(station.x, 4, layout.w - w - 4), y: clamp(station.y + station.h, 4, layout.h - h - 4), w, h }
  );
}
