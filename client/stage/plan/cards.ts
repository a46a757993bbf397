/** What stands on a card and how wide that makes it: the words are chosen and shortened before anything is drawn. */
import type { Host, PublicWorld } from '../../../shared/world/world.ts';
import { type Box, clamp } from './geometry.ts';
import { fitEnd, fitMiddle, fitTwo, widthOf } from './measure.ts';
import type { Shape, Station } from './plan.ts';
import { dutiesOf, dutyOf, iconOf, subtitleOf } from './roles.ts';

export const NAME_SIZE = 14;
export const LINE_SIZE = 12.5;
const QUIET_NAME_SIZE = 13;
/** The width of a card, at most. */
export const MOST = 152;
export const ROW = { server: 112, small: 94 };
/** How the quiet cards stack: where they begin below the territory's edge, how high they are, how far apart. */
export const STACK = { roomy: { from: 52, h: 54, gap: 12 }, low: { from: 47, h: 46, gap: 8 } };
export type Stack = (typeof STACK)['roomy'];

type At = Pick<Box, 'x' | 'y'>;

/** The fullest form of a name that finds `room`: whole, short, whole on two lines, else cut off. */
export function nameIn(
  label: string,
  shorter: readonly string[],
  room: number,
  size: number,
): Pick<Station, 'name' | 'nameLines'> {
  const fits = [label, ...shorter].find(words => widthOf(words, size, 'bold') <= room);
  const lines = fits === undefined ? fitTwo(label, room, size, 'bold') : [fits];
  const nameLines = lines ?? [fitEnd(shorter.at(-1) ?? label, room, size, 'bold')];
  return { name: nameLines.join(' '), nameLines };
}

const widestName = (lines: readonly string[], size: number): number =>
  Math.max(...lines.map(line => widthOf(line, size, 'bold')));

/** A card that says its name alone. */
export const TERSE = { full: 78, quiet: 32, room: 24 };

/** Its picture above its name, or with `quiet` the name alone; centred on `x`. */
export function terse(world: PublicWorld, host: Host, { x, y }: At, size: 'full' | 'quiet', most: number): Station {
  const type = size === 'full' ? NAME_SIZE : QUIET_NAME_SIZE;
  const shorter = [host.label.replace(/ mail client$/, ' client'), host.label.replace(/ server$/, '')];
  const room = most - TERSE.room;
  const name = [host.label, ...shorter].find(words => widthOf(words, type, 'bold') <= room);
  const shown = name ?? fitEnd(shorter.at(-1) ?? host.label, room, type, 'bold');
  const w = clamp(widthOf(shown, type, 'bold') + TERSE.room, 84, most);
  const icon = iconOf(world, host);
  return { host: host.id, size, icon, name: shown, nameLines: [shown], lines: [], x: x - w / 2, y, w, h: TERSE[size] };
}

/** A full card with its top at `y`, centred on `x`. */
export function full(world: PublicWorld, host: Host, { x, y }: At, withAddress: boolean, most = MOST): Station {
  const room = most - 22;
  const named = nameIn(host.label, [host.label.replace(/ mail client$/, ' client')], room, NAME_SIZE);
  const subtitle = fitMiddle(subtitleOf(world, host), room, LINE_SIZE, 'sans');
  const lines = [{ text: subtitle, mono: false }];
  // A name on two lines takes the place of the address.
  if (withAddress && named.nameLines.length === 1)
    lines.push({ text: fitMiddle(host.addresses[0], room, LINE_SIZE, 'mono'), mono: true });
  const text = Math.max(
    widestName(named.nameLines, NAME_SIZE),
    ...lines.map(line => widthOf(line.text, LINE_SIZE, line.mono ? 'mono' : 'sans')),
  );
  const w = clamp(text + 26, 112, most);
  return {
    host: host.id,
    size: 'full',
    icon: iconOf(world, host),
    ...named,
    lines,
    x: x - w / 2,
    y,
    w,
    h: withAddress ? ROW.server : ROW.small,
  };
}

/** A small card with its top at `y`, centred on `x`. */
export function quiet(world: PublicWorld, host: Host, { x, y }: At, { h }: Stack, most = MOST): Station {
  const named = nameIn(host.label, [host.label.replace(/ server$/, '')], most - 14, QUIET_NAME_SIZE);
  const duty = fitMiddle(dutyOf(world, host), most - 14, LINE_SIZE, 'sans');
  const text = Math.max(widestName(named.nameLines, QUIET_NAME_SIZE), widthOf(duty, LINE_SIZE, 'sans'));
  const w = clamp(text + 18, 118, most);
  return {
    host: host.id,
    size: 'quiet',
    icon: iconOf(world, host),
    ...named,
    lines: [{ text: duty, mono: false }],
    x: x - w / 2,
    y,
    w,
    h,
  };
}

/** Where what stands on a card stands, from its top: the middle of its picture above its words, and the baseline of each line of these. */
export function linesOn(
  { size, h, nameLines, lines }: Pick<Station, 'size' | 'h' | 'nameLines' | 'lines'>,
  shape: Shape,
): { readonly glyph: number; readonly baselines: readonly number[] } {
  const count = nameLines.length + lines.length;
  const [glyph, first, step] =
    size === 'full' && shape === 'wide' && lines.length === 0
      ? [31, 65, 16]
      : placesOn(size, h, nameLines.length === 2, shape);
  return { glyph, baselines: Array.from({ length: count }, (_, index) => first + step * index) };
}

function placesOn(size: Station['size'], h: number, two: boolean, shape: Shape): readonly [number, number, number] {
  const beside = size === 'row' || shape === 'narrow';
  if (size === 'full' && !beside) return h < 90 ? [22, 54, 16] : two ? [23, 53.5, 15.5] : [29, 65, 16.5];
  if (two) return [h / 2, h / 2 - 10.5, 13.5];
  if (beside) return [h / 2, h / 2 - 4, shape === 'narrow' ? 17 : 16.5];
  return h < 50 ? [h / 2, 20, 15.5] : [h / 2, 23, 16.5];
}

/** The upper edge of what hangs on a card's lower edge, from the card's top: below its last word. */
export function hangsAt(card: Pick<Station, 'size' | 'h' | 'nameLines' | 'lines'>, shape: Shape): number {
  const last = linesOn(card, shape).baselines.at(-1) ?? 0;
  return Math.max(card.h - (card.size === 'quiet' ? 5 : 8), last + DESCENT);
}

/** What letters reach below their line. */
const DESCENT = 4;

/** What the picture takes from the left of a card that has it beside its name: on a phone, and in a world of many hosts. */
export const ICON_ROOM = { full: 40, row: 36 } as const;
const ROW_NAME = 13;
const ROW_LINE: Readonly<Record<Shape, number>> = { wide: LINE_SIZE, narrow: 11.5 };

/** A card with its picture beside its name: the fullest words that find room. */
export function rowCard(world: PublicWorld, host: Host, box: Box, shape: Shape): Station {
  const room = box.w - ICON_ROOM.row - 6;
  const [size, label] = [ROW_LINE[shape], host.label];
  const shorter = [label.replace(/ mail client$/, ' client'), label.replace(/ server$|.s mail client$| MX$/, '')];
  const named = nameIn(label, shorter, room, ROW_NAME);
  const duties = dutiesOf(world, host);
  const line =
    duties.find(words => widthOf(words, size, 'sans') <= room) ?? fitEnd(duties[0] ?? '', room, size, 'sans');
  return {
    host: host.id,
    size: 'row',
    icon: iconOf(world, host),
    ...named,
    lines: [{ text: line, mono: false }],
    ...box,
  };
}
