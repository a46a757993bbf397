/** Where a letter lies while it is at a host: beside the card, on no card, on the drawing. Found once for each layout. */
import { assertNever, type HostId } from '../../../shared/world/world.ts';
import { type Box, clamp, inside, overlap } from './geometry.ts';
import { type Layout, NOTE, type Side, type Station, stationOf } from './plan.ts';
import { signBoxes } from './signs.ts';

const SIDES: readonly Side[] = ['right', 'left', 'above', 'below'];

/** The sides of a card on which its letter may lie, the liked ones first. */
function likedSides(layout: Layout, { icon, size, x, letter }: Station): readonly Side[] {
  if (letter !== undefined) return [letter, ...SIDES.filter(side => side !== letter)];
  if (layout.shape === 'narrow') return SIDES;
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
  const { w, h } = { w: layout.envelope.w, h: layout.envelope.h + NOTE[layout.letters] };
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

/** The sheet of a letter that lies opened at `place` stands out above it. */
const SHEET = 34;

/** Whether a letter can lie opened there, its sheet on no card and on no territory's name. */
export function opensAt(layout: Layout, place: Box): boolean {
  const sheet = { x: place.x, y: place.y - SHEET, w: layout.envelope.w, h: SHEET };
  const hides = (other: Box): boolean => overlap(sheet, other);
  return !layout.stations.some(hides) && !signBoxes(layout).some(hides);
}

const found = new WeakMap<Layout, Map<HostId, Box | null>>();

/** Its note included; null where the host is not on the stage. */
export function envelopePlace(layout: Layout, host: HostId): Box | null {
  const known = found.get(layout) ?? new Map<HostId, Box | null>();
  found.set(layout, known);
  const place = known.get(host) ?? lookFor(layout, host);
  known.set(host, place);
  return place;
}

function lookFor(layout: Layout, host: HostId): Box | null {
  const station = stationOf(layout, host);
  if (station === undefined) return null;
  const page = { x: 4, y: 4, w: layout.w - 8, h: layout.h - 8 };
  const signs = signBoxes(layout);
  const home = layout.territories.find(territory => inside(station, territory));
  // Where room was kept for a letter it hardly has to move to be opened.
  const shut = station.letter === undefined ? 45 : 80;
  let best: Box | null = null;
  let least = Number.POSITIVE_INFINITY;
  likedSides(layout, station).forEach((side, rank) => {
    for (const [away, slide] of AWAY.flatMap(far => SLIDES.map(along => [far, along] as const))) {
      const way = rank * 60 + Math.abs(slide) + 2 * away;
      if (way >= least) continue;
      const box = beside(layout, station, side, slide, away);
      if (!inside(box, page) || layout.stations.some(other => overlap(box, other))) continue;
      const out =
        home === undefined
          ? 0
          : Math.max(
              0,
              home.y + 4 - box.y,
              home.x + 6 - box.x,
              box.x + box.w - home.x - home.w + 6,
              box.y + box.h - home.y - home.h,
            );
      // A step along is cheap, a step away less so, leaving the station's own territory is not, another side is dear.
      // At a mail client the letter will be opened, and its sheet stands out at the top.
      const sheet = station.icon === 'laptop' && !opensAt(layout, box);
      const hides = signs.some(sign => overlap(box, sign)) ? 300 : 0;
      const cost = (sheet ? shut : 0) + hides + way + (out > 0 ? 25 + out : 0);
      if (cost < least) [best, least] = [box, cost];
    }
  });
  const { w, h } = beside(layout, station, 'below', 0, 0);
  return (
    best ?? { x: clamp(station.x, 4, layout.w - w - 4), y: clamp(station.y + station.h, 4, layout.h - h - 4), w, h }
  );
}
