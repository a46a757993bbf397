/** What stands on a card and how wide that makes it: the words are chosen and shortened before anything is drawn. */
import type { Host, PublicWorld } from '../../shared/world/world.ts';
import { type Box, clamp } from './geometry.ts';
import { fitEnd, fitMiddle, widthOf } from './measure.ts';
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

/** A full card with its top at `y`, centred on `x`. */
export function full(world: PublicWorld, host: Host, { x, y }: At, withAddress: boolean, most = MOST): Station {
  const room = most - 22;
  const short = host.label.replace(/ mail client$/, ' client');
  const whole = widthOf(host.label, NAME_SIZE, 'bold') <= room;
  const name = fitEnd(whole ? host.label : short, room, NAME_SIZE, 'bold');
  const subtitle = fitMiddle(subtitleOf(world, host), room, LINE_SIZE, 'sans');
  const lines = [{ text: subtitle, mono: false }];
  if (withAddress) lines.push({ text: fitMiddle(host.addresses[0], room, LINE_SIZE, 'mono'), mono: true });
  const text = Math.max(
    widthOf(name, NAME_SIZE, 'bold'),
    ...lines.map(line => widthOf(line.text, LINE_SIZE, line.mono ? 'mono' : 'sans')),
  );
  const w = clamp(text + 26, 112, most);
  return {
    host: host.id,
    size: 'full',
    icon: iconOf(world, host),
    name,
    lines,
    x: x - w / 2,
    y,
    w,
    h: withAddress ? ROW.server : ROW.small,
  };
}

/** A small card with its top at `y`, centred on `x`. */
export function quiet(world: PublicWorld, host: Host, { x, y }: At, { h }: Stack, most = MOST): Station {
  const fits = widthOf(host.label, QUIET_NAME_SIZE, 'bold') <= most - 14;
  const name = fitEnd(fits ? host.label : host.label.replace(/ server$/, ''), most - 14, QUIET_NAME_SIZE, 'bold');
  const duty = fitMiddle(dutyOf(world, host), most - 14, LINE_SIZE, 'sans');
  const w = clamp(Math.max(widthOf(name, QUIET_NAME_SIZE, 'bold'), widthOf(duty, LINE_SIZE, 'sans')) + 18, 118, most);
  return {
    host: host.id,
    size: 'quiet',
    icon: iconOf(world, host),
    name,
    lines: [{ text: duty, mono: false }],
    x: x - w / 2,
    y,
    w,
    h,
  };
}

/** What the picture takes from the left of a card that has it beside its name: on a phone, and in a world of many hosts. */
export const ICON_ROOM = { full: 40, row: 36 } as const;
const ROW_NAME = 13;
const ROW_LINE: Readonly<Record<Shape, number>> = { wide: LINE_SIZE, narrow: 11.5 };

/** A card with its picture beside its name: the fullest words that find room. */
export function rowCard(world: PublicWorld, host: Host, box: Box, shape: Shape): Station {
  const room = box.w - ICON_ROOM.row - 6;
  const [size, label] = [ROW_LINE[shape], host.label];
  const names = [label, label.replace(/ mail client$/, ' client'), label.replace(/ server$|.s mail client$| MX$/, '')];
  const name =
    names.find(words => widthOf(words, ROW_NAME, 'bold') <= room) ?? fitEnd(names[2] ?? label, room, ROW_NAME, 'bold');
  const duties = dutiesOf(world, host);
  const line =
    duties.find(words => widthOf(words, size, 'sans') <= room) ?? fitEnd(duties[0] ?? '', room, size, 'sans');
  return { host: host.id, size: 'row', icon: iconOf(world, host), name, lines: [{ text: line, mono: false }], ...box };
}
