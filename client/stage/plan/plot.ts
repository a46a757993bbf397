/** The ground of one domain in a world of many hosts: cards in columns, each beside a place where a letter can lie. */
import type { Host, HostId, PublicWorld } from '../../../shared/world/world.ts';
import { full, MOST, ROW, rowCard } from './cards.ts';
import type { Box } from './geometry.ts';
import { columnOf, narrowEnvelope } from './narrow.ts';
import { ENVELOPE, NOTE, type Shape, type Size, type Station, type Territory } from './plan.ts';
import type { Household } from './roles.ts';

/** All in drawing units. */
export interface Measures {
  readonly shape: Shape;
  readonly margin: number;
  readonly edge: number;
  /** Between two plots. */
  readonly apart: number;
  /** How high the way between the rows of plots is, at least. */
  readonly lane: number;
  readonly card: { readonly h: number; readonly least: number; readonly most: number; readonly gap: number };
  readonly envelope: Size;
  /** What a place for a letter takes between two columns, its note included. */
  readonly letter: Size;
  /** The narrowest plot there can be. */
  readonly least: number;
  /** Inside a plot: above its cards for the badges on them, and below for those under them. */
  readonly above: number;
  readonly below: number;
}

/** Inside a plot, at its sides. */
const PAD = 10;
/** How much wider than its letter a place for letters becomes, at most. */
const LOOSE = 84;

/** `dense`: where the drawing is too low for what is comfortable. */
export function measuresOf(shape: Shape, size: Size, dense: boolean): Measures {
  const wide = shape === 'wide';
  const envelope = wide
    ? { w: size.w < 980 ? 142 : size.w < 1040 ? 150 : 166, h: ENVELOPE.narrow.h }
    : narrowEnvelope(size);
  const letter = { w: envelope.w + (wide ? 22 : 12), h: envelope.h + NOTE.narrow + (dense ? 0 : 6) };
  const column = columnOf(size);
  const card = wide
    ? { h: dense ? 44 : 50, least: 112, most: 168, gap: dense ? 8 : 14 }
    : { h: 52, least: Math.min(118, column), most: column, gap: 14 };
  return {
    shape,
    margin: wide ? (size.w < 960 ? 12 : 20) : 6,
    edge: wide && !dense ? 8 : 6,
    apart: 12,
    lane: card.h + (dense ? 16 : 26),
    above: dense ? 16 : 18,
    below: dense ? 14 : 18,
    card,
    envelope,
    letter,
    least: 2 * PAD + card.least + letter.w,
  };
}

const MOST_COLUMNS = 4;

export interface Plot {
  readonly columns: readonly (readonly HostId[])[];
  readonly rows: number;
  /** The width of its cards. */
  readonly card: number;
  /** The width it can make use of, at most that it was given. */
  readonly w: number;
  /** The least height it needs. */
  readonly h: number;
}

/** Between two columns lies a letter, or, where each has its letter on the other side, nothing. */
const lettersIn = (columns: number): number => Math.ceil(columns / 2);

/** Column by column; two columns part at the line between people and servers where that makes them no higher. */
function inColumns(
  { clients, outgoing, incoming, rest }: Household,
  columns: number,
  free: number,
  first: boolean,
): readonly (readonly HostId[])[] {
  const people = [...clients, ...rest];
  const servers = [...outgoing, ...incoming];
  const all = [...people, ...servers];
  const rows = Math.ceil(all.length / columns);
  if (
    columns === 2 &&
    people.length > 0 &&
    servers.length > 0 &&
    Math.max(people.length, servers.length) <= Math.max(rows, free)
  )
    return [people, servers];
  // A single column follows the letter: out of the first domain, into any other.
  const order =
    columns > 1
      ? all
      : first
        ? [...clients, ...outgoing, ...incoming, ...rest]
        : [...incoming, ...rest, ...clients, ...outgoing];
  return Array.from({ length: columns }, (_, column) => order.slice(column * rows, (column + 1) * rows));
}

/** Of the ways to stand in a plot of this width, the lowest; of equally low ones, that with the fewest columns. */
export function plotFor(
  household: Household,
  w: number,
  first: boolean,
  { card, letter, above, below }: Measures,
): Plot {
  const count =
    household.clients.length + household.outgoing.length + household.incoming.length + household.rest.length;
  const free = Math.floor((letter.h + card.gap) / (card.h + card.gap));
  let best: Plot | null = null;
  for (let columns = 1; columns <= Math.max(1, Math.min(count, MOST_COLUMNS)); columns++) {
    const together = Math.floor((columns - 1) / 2) * (columns % 2 === 0 ? card.gap : 0);
    const room = (w - 2 * PAD - lettersIn(columns) * letter.w - together) / columns;
    if (room < card.least && best !== null) break;
    const stand = inColumns(household, columns, free, first);
    const rows = Math.max(1, ...stand.map(column => column.length));
    const h = above + Math.max(letter.h + 6, rows * (card.h + card.gap) - card.gap) + below;
    if (best === null || h < best.h) {
      const width = Math.min(card.most, room);
      const loose = 2 * PAD + columns * width + together + lettersIn(columns) * (letter.w + LOOSE);
      best = { columns: stand, rows, card: width, w: Math.min(w, loose), h };
    }
  }
  if (best === null) throw new Error('there is always one column');
  return best;
}

/** Whether cards with their picture above their name find room. */
export const isRoomy = ({ rows, card }: Plot, h: number, { above, below }: Measures): boolean =>
  card >= 112 && h - above - below >= rows * ROW.small + (rows - 1) * 24;

/** Puts the cards of a plot into `box`. `mirrored`: the people live at its right. */
export function settle(
  world: PublicWorld,
  plot: Plot,
  box: Box,
  mirrored: boolean,
  roomy: boolean,
  { shape, card, above, below }: Measures,
): { readonly stations: readonly Station[]; readonly sign: NonNullable<Territory['sign']> } {
  const columns = mirrored ? plot.columns.toReversed() : plot.columns;
  const count = columns.length;
  const slots = lettersIn(count);
  const together = count % 2 === 0 ? Math.floor((count - 1) / 2) * card.gap : 0;
  const slot = (box.w - 2 * PAD - together - count * plot.card) / slots;
  const tall = roomy ? ROW.small : card.h;
  const area = box.h - above - below;
  const pitch = plot.rows > 1 ? Math.min((area - tall) / (plot.rows - 1), tall + 54) : 0;
  const block = (plot.rows - 1) * pitch + tall;
  const top = box.y + above + (area - block) / 2;

  const stations: Station[] = [];
  // A lone column has its letter at the side that looks inwards.
  let x = box.x + PAD + (count === 1 && mirrored ? slot : 0);
  let sign = count === 1 && mirrored ? box.x + PAD + slot / 2 : 0;
  columns.forEach((ids, index) => {
    const right = count === 1 ? !mirrored : index % 2 === 0 && index + 1 < count;
    ids.forEach((id, row) => {
      const host: Host | undefined = world.hosts.find(one => one.id === id);
      if (host === undefined) return;
      const y = ids.length === 1 ? top + (block - tall) / 2 : top + (row * (block - tall)) / (ids.length - 1);
      const placed = roomy
        ? full(world, host, { x: x + plot.card / 2, y }, false, Math.min(MOST, plot.card))
        : rowCard(world, host, { x, y, w: plot.card, h: card.h }, shape);
      stations.push({ ...placed, letter: right ? 'right' : 'left' });
    });
    x += plot.card;
    const letterNext = count % 2 === 1 ? index + 1 < count || count === 1 : index % 2 === 0;
    if (letterNext && sign === 0) sign = x + slot / 2;
    x += letterNext ? slot : card.gap;
  });
  return {
    stations,
    sign:
      shape === 'wide'
        ? { x: sign, y: box.y + 20, anchor: 'middle' }
        : { x: box.x + box.w - 14, y: box.y + 22, anchor: 'end' },
  };
}
