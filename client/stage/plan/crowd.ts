/** A world of many hosts: a plot for every domain, the plots in rows, and between the rows the internet with DNS in its middle. */
import type { Domain, Host, PublicWorld } from '../../../shared/world/world.ts';
import { rowCard } from './cards.ts';
import type { Placement, Shape, Size, Station, Territory } from './plan.ts';
import { isRoomy, type Measures, measuresOf, type Plot, plotFor, settle } from './plot.ts';
import { householdOf, straysOf } from './roles.ts';

/** Plots side by side, all as high as the highest of them. */
interface Row {
  readonly domains: readonly Domain[];
  readonly plots: readonly Plot[];
  readonly w: number;
  readonly h: number;
}

/** All ways to cut a list into consecutive pieces of at most `most`. */
function cuts<T>(items: readonly T[], most: number): T[][][] {
  if (items.length === 0) return [[]];
  const ways: T[][][] = [];
  for (let first = 1; first <= Math.min(most, items.length); first++)
    for (const rest of cuts(items.slice(first), most)) ways.push([items.slice(0, first), ...rest]);
  return ways;
}

/** Domains up to which every arrangement is tried. A recording may claim to have thousands. */
const FEW = 8;

const waysToCut = <T>(items: readonly T[], most: number): readonly (readonly (readonly T[])[])[] =>
  items.length <= FEW
    ? cuts(items, most)
    : [Array.from({ length: Math.ceil(items.length / most) }, (_, row) => items.slice(row * most, (row + 1) * most))];

const total = (rows: readonly Row[], { apart, lane }: Measures): number =>
  rows.reduce((sum, row) => sum + row.h, 0) + (rows.length - 1) * apart + lane;

/** The rows that need least height; where several fit, the one whose rows are the most alike, the first two domains side by side. */
function arranged(world: PublicWorld, measures: Measures, size: Size): readonly Row[] {
  const { margin, apart } = measures;
  const span = size.w - 2 * margin;
  const most = Math.max(1, Math.min(3, Math.floor((span + apart) / (measures.least + apart))));
  let best: readonly Row[] = [];
  let least = Number.POSITIVE_INFINITY;
  for (const cut of waysToCut(world.domains, most)) {
    const rows = cut.map((domains): Row => {
      const given = (span - (domains.length - 1) * apart) / domains.length;
      const plots = domains.map(domain =>
        plotFor(householdOf(world, domain), given, domain === world.domains[0], measures),
      );
      const w = measures.shape === 'wide' ? Math.max(...plots.map(plot => plot.w)) : given;
      return { domains, plots, w, h: Math.max(...plots.map(plot => plot.h)) };
    });
    const sizes = cut.map(domains => domains.length);
    const over = Math.max(0, total(rows, measures) - (size.h - 2 * measures.edge));
    const uneven = Math.max(...sizes) - Math.min(...sizes) - (sizes[0] === Math.min(...sizes) ? 0.25 : 0);
    const lonely = sizes[0] === 1 && most > 1 ? 90 : 0;
    const cost = over * 10 + uneven * 40 + lonely + (cut.length === 1 && sizes[0] !== 2 ? 90 : 0) + rows.length * 15;
    if (cost < least) [best, least] = [rows, cost];
  }
  return best;
}

/** In the lane, from its ends inwards, DNS in the middle. Answers how high the lane became. */
function inLane(
  world: PublicWorld,
  strays: readonly Host[],
  y: number,
  h: number,
  w: number,
  { margin, card, letter, shape }: Measures,
): { readonly stations: readonly Station[]; readonly h: number } {
  const stations: Station[] = [];
  const dns = world.hosts.find(({ id }) => id === world.dns);
  // Between the end of the lane and DNS lies a letter.
  const [width, tall] = [w < 1000 ? Math.min(130, card.most) : Math.min(168, card.most), card.h];
  // On a phone DNS leaves the left of its row to the words, or to the first stray.
  const middle = shape === 'wide' ? w / 2 - width / 2 : w - 16 - Math.min(136, width);
  const first = y + (h - tall) / 2;
  if (dns !== undefined)
    stations.push(
      rowCard(world, dns, { x: middle, y: first, w: shape === 'wide' ? width : Math.min(136, width), h: tall }, shape),
    );
  const step = letter.h + 12;
  const perRow = shape === 'wide' ? 2 : 1;
  strays.forEach((stray, index) => {
    const row = Math.floor(index / perRow);
    const left = index % perRow === 0;
    const x = left ? margin + 10 : w - margin - 10 - width;
    const at = { x, y: first + row * step, w: shape === 'wide' ? width : Math.min(width, w - 190), h: tall };
    stations.push({
      ...rowCard(world, stray, at, shape),
      ...(shape === 'wide' ? ({ letter: left ? 'right' : 'left' } as const) : {}),
    });
  });
  const rows = Math.max(1, Math.ceil(strays.length / perRow));
  return { stations, h: h + (rows - 1) * step };
}

/** Who stands in the lane needs room there for a letter. */
function measuresFor(shape: Shape, size: Size, strays: readonly Host[], dense: boolean): Measures {
  const base = measuresOf(shape, size, dense);
  return strays.length === 0 ? base : { ...base, lane: Math.max(base.lane, base.letter.h + 8) };
}

const TONES = ['blue', 'green'] as const;

export function placeCrowd(world: PublicWorld, shape: Shape, visitor: boolean, size: Size): Placement {
  const strays = straysOf(world, visitor);
  const comfortable = measuresFor(shape, size, strays, false);
  const fits = total(arranged(world, comfortable, size), comfortable) + 2 * comfortable.edge <= size.h;
  const measures = fits || shape === 'narrow' ? comfortable : measuresFor(shape, size, strays, true);
  const rows = arranged(world, measures, size);
  const extraRows = Math.max(0, Math.ceil(strays.length / (shape === 'wide' ? 2 : 1)) - 1) * (measures.letter.h + 12);
  const need = total(rows, measures) + extraRows + 2 * measures.edge;
  // What the drawing has to spare goes to the plots, then to the lane.
  const spare = shape === 'wide' ? Math.max(0, size.h - need) : 0;
  const each = Math.min(spare / (rows.length + 0.6), 84);
  const lane = measures.lane + Math.min(spare - each * rows.length, 60);
  // The internet lies in the middle, over a single row as in the small world; on a phone it follows the first domain.
  const before = shape === 'wide' ? Math.floor(rows.length / 2) : Math.min(1, rows.length - 1);

  const stations: Station[] = [];
  const territories: Territory[] = [];
  const tones = new Map<string, Territory['tone']>(
    world.domains.map(({ name }, index) => [name, TONES[index] ?? 'plain']),
  );
  let y = measures.edge + Math.max(0, (spare - each * rows.length - (lane - measures.lane)) / 2);
  let internet: Placement['internet'] = null;
  rows.forEach((row, index) => {
    if (index === before) {
      const placed = inLane(world, strays, y, lane, size.w, measures);
      stations.push(...placed.stations);
      if (strays.length === 0 && shape === 'wide') internet = { x: size.w / 2 + 150, y: y + lane / 2 + 4 };
      else if (strays.length === 0) internet = { x: 100, y: y + lane / 2 + 4 };
      y += placed.h;
    } else if (index > 0) y += measures.apart;
    const h = row.h + each;
    const roomy = shape === 'wide' && row.plots.every(plot => isRoomy(plot, h, measures));
    const left = (size.w - row.domains.length * row.w - (row.domains.length - 1) * measures.apart) / 2;
    row.domains.forEach((domain, column) => {
      const plot = row.plots[column];
      if (plot === undefined) return;
      const x = left + column * (row.w + measures.apart);
      const mirrored = shape === 'wide' && row.domains.length > 1 && column === row.domains.length - 1;
      const { stations: settled, sign } = settle(world, plot, { x, y, w: row.w, h }, mirrored, roomy, measures);
      territories.push({ domain: domain.name, tone: tones.get(domain.name) ?? 'plain', x, y, w: row.w, h, sign });
      stations.push(...settled);
    });
    y += h;
  });
  return {
    h: Math.max(y + measures.edge, shape === 'wide' ? size.h : 0),
    stations,
    territories,
    internet,
    envelope: measures.envelope,
    letters: 'narrow',
  };
}
