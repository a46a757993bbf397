/** Where everything stands: a pure function of the world and the size of the drawing. No two stations overlap. */

import type { HostId, PublicWorld } from '../../../shared/world/world.ts';
import { placeCrowd } from './crowd.ts';
import { type Curve, cableBetween, grown, overlap } from './geometry.ts';
import { envelopePlace } from './letter-place.ts';
import { narrowEnvelope, placeNarrow } from './narrow.ts';
import { nowhereOn } from './nowhere.ts';
import { DESIGN_SIZE, ENVELOPE, type Layout, type Placement, type Room, type Shape, stationOf } from './plan.ts';
import { castOf, isCrowd, journeyOf } from './roles.ts';
import { placeTerse } from './terse.ts';
import { placeWide } from './wide.ts';

/** The width of a drawing of many hosts that is shown small. */
const MANY = 1020;

/** `size` is in drawing units; a wide drawing wants at least 840 x 440. The height grows where the world needs it. */
export function layoutOf(world: PublicWorld, shape: Shape, visitor: boolean, size: Room = DESIGN_SIZE[shape]): Layout {
  const cast = castOf(world);
  const finished = (placed: Placement): Layout => {
    const standing = new Set(placed.stations.map(({ host }) => host));
    const idle = journeyOf(world, cast).filter(({ from, to }) => standing.has(from) && standing.has(to));
    const envelope = shape === 'wide' ? ENVELOPE.wide : narrowEnvelope(size);
    return { shape, w: size.w, idle, envelope, letters: shape, ...placed };
  };
  const small = (guest: boolean): Layout =>
    finished((shape === 'narrow' ? placeNarrow : size.terse ? placeTerse : placeWide)(world, cast, guest, size));
  // A drawing that is too small for the first journey gives every domain a plot, whoever comes to visit later.
  const fits = !isCrowd(world, cast) && isSound(small(true));
  if (fits) return small(visitor);
  // What many hosts need does not get less by being drawn small.
  const room = size.terse ? { w: MANY, h: (MANY / size.w) * size.h } : size;
  return { ...finished(placeCrowd(world, shape, visitor, room)), w: room.w };
}

/** No card touches another, and at every host there is room for a letter. */
function isSound(layout: Layout): boolean {
  const { stations } = layout;
  const apart = stations.every((one, index) =>
    stations.slice(index + 1).every(other => !overlap(grown(one, 3), other)),
  );
  return (
    apart &&
    stations.every(({ host, icon }) => {
      const place = icon === 'dns' ? null : envelopePlace(layout, host);
      return place === null || !stations.some(other => overlap(place, other));
    })
  );
}

const laid = new WeakMap<Layout, Map<string, Curve | null>>();

/**
 * The way from one host to another, edge to edge; where one of them is not on the stage, out onto the internet; null where both
 * are not, or are the same. The way back is the same cable.
 */
export function cableOf(layout: Layout, from: HostId, to: HostId): Curve | null {
  const known = laid.get(layout) ?? new Map<string, Curve | null>();
  laid.set(layout, known);
  const key = `${from} ${to}`;
  const cable = known.get(key) ?? layCable(layout, from, to);
  known.set(key, cable);
  return cable;
}

function layCable(layout: Layout, from: HostId, to: HostId): Curve | null {
  const [a, b] = [stationOf(layout, from), stationOf(layout, to)];
  if (a === b) return null;
  const drawing = { x: 0, y: 0, w: layout.w, h: layout.h };
  if (a === undefined || b === undefined) {
    const here = a ?? b;
    if (here === undefined) return null;
    const cards = layout.stations.filter(station => station !== here);
    const out = cableBetween(here, nowhereOn(layout), { cards, letters: [], drawing });
    return here === a ? out : reversed(out);
  }
  const cards = layout.stations.filter(station => station !== a && station !== b);
  const letters = [a, b].flatMap(({ host, icon }) => (icon === 'dns' ? [] : (envelopePlace(layout, host) ?? [])));
  const terrain = { cards, letters, drawing };
  // One cable for both directions: laid from the station that comes first in the drawing.
  if (layout.stations.indexOf(a) < layout.stations.indexOf(b)) return cableBetween(a, b, terrain);
  return reversed(cableBetween(b, a, terrain));
}

const reversed = ([p, q, r, s]: Curve): Curve => [s, r, q, p];
