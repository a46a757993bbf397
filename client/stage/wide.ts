/** The wide stage: the sender's territory on the left, the recipient's on the right, the internet and DNS between them. */
import type { Host, HostId, PublicWorld } from '../../shared/world/world.ts';
import { type Box, clamp } from './geometry.ts';
import { fitEnd, fitMiddle, widthOf } from './measure.ts';
import { ENVELOPE, NOTE, type Placement, type Size, type Station, type Territory } from './plan.ts';
import { type Cast, dutyOf, iconOf, subtitleOf } from './roles.ts';

const NAME_SIZE = 14;
const LINE_SIZE = 12.5;
const QUIET_NAME_SIZE = 13;
const MOST = 152;
/** Between a card and the border of its territory. */
const EDGE = 12;
const ROW = { server: 112, small: 94 };
/** How the quiet cards stack: where they begin below the territory's edge, how high they are, how far apart. */
const STACK = { roomy: { from: 52, h: 54, gap: 12 }, low: { from: 47, h: 46, gap: 8 } };
type Stack = (typeof STACK)['roomy'];

type At = Pick<Box, 'x' | 'y'>;

/** A full card with its top at `y`, centred on `x`. */
function full(world: PublicWorld, host: Host, { x, y }: At, withAddress: boolean, most = MOST): Station {
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

function quiet(world: PublicWorld, host: Host, { x, y }: At, { h }: Stack, most = MOST): Station {
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

const DNS_LINES = ['keeps the MX records', 'keeps MX records', 'MX records'];

export function placeWide(world: PublicWorld, cast: readonly Cast[], visitor: boolean, size: Size): Placement {
  const margin = size.w < 960 ? 14 : 28;
  const gap = clamp(size.w * 0.137, 126, 190);
  const width = (size.w - 2 * margin - gap) / 2;
  const [top, middle] = [26, size.w / 2];
  const inset = Math.max(MOST / 2 + 12, width * 0.26);
  const stations: Station[] = [];
  const host = (id: HostId | null): Host | undefined => world.hosts.find(one => one.id === id);

  // The quiet cards stack in the outer column above the client; the drawing grows where there are many.
  const stack = Math.max(0, ...cast.slice(0, 2).map(one => one.quiet.length));
  const room = ({ from, h, gap: apart }: Stack) =>
    top + from + stack * (h + apart) + ENVELOPE.wide.h + NOTE.wide + 10 + ROW.small + 34;
  const rows = size.h < room(STACK.roomy) ? STACK.low : STACK.roomy;
  const own = Math.max(size.h, room(rows), 420);
  const bottom = own - 18;
  const low = bottom - 16 - ROW.small;
  const tall = own >= 500;
  const serverHeight = tall ? ROW.server : ROW.small;
  // Between the recipient's server and the mailbox a letter must find room.
  const high = Math.min(top + (bottom - top) * 0.3, low - (ENVELOPE.wide.h + NOTE.wide + 28) - serverHeight);

  const territories: Territory[] = [];
  cast.slice(0, 2).forEach((one, index) => {
    const x = index === 0 ? margin : size.w - margin - width;
    territories.push({
      domain: one.domain,
      tone: index === 0 ? 'blue' : 'green',
      x,
      y: top,
      w: width,
      h: bottom - top,
    });
    // The client stands at the outer edge: what is beside it, a letter or a cable, needs the room.
    const against = (w: number, outward: boolean): number =>
      outward === (index === 0) ? x + EDGE + w / 2 : x + width - EDGE - w / 2;
    const client = host(one.client);
    const server = host(one.server);
    const pop = host(one.pop);
    const clientCard = client && full(world, client, { x: 0, y: low }, false);
    const serverCard = server && full(world, server, { x: 0, y: high }, tall);
    const popCard = pop && full(world, pop, { x: 0, y: low }, false);
    const outer = against(clientCard?.w ?? MOST, true);
    // Where the mailbox stands under the server, both make way for what flies between it and the client.
    const inner = popCard
      ? against(Math.max(popCard.w, serverCard?.w ?? 0), false)
      : index === 0
        ? x + width - inset
        : x + inset;
    for (const [card, at] of [
      [clientCard, outer],
      [serverCard, inner],
      [popCard, inner],
    ] as const)
      if (card !== undefined) stations.push({ ...card, x: at - card.w / 2 });
    one.quiet.forEach((id, row) => {
      const rest = host(id);
      if (rest === undefined) return;
      const card = quiet(
        world,
        rest,
        { x: outer, y: top + rows.from + row * (rows.h + rows.gap) },
        rows,
        Math.min(178, 2 * inset - 16),
      );
      stations.push({ ...card, x: clamp(card.x, x + EDGE, x + width - EDGE - card.w) });
    });
  });

  const dns = host(world.dns);
  if (dns !== undefined) {
    const most = gap - 8;
    const line = DNS_LINES.find(words => widthOf(words, LINE_SIZE, 'sans') <= most - 14) ?? '';
    const w = clamp(widthOf(line, LINE_SIZE, 'sans') + 22, 104, most);
    // Above the cable between the two servers, however low the drawing is.
    const h = high < 80 ? 78 : 92;
    const y = clamp(high - 112, 5, top + 30);
    const name = fitEnd(dns.label, w - 16, NAME_SIZE, 'bold');
    stations.push({
      host: dns.id,
      size: 'full',
      icon: 'dns',
      name,
      lines: [{ text: line, mono: false }],
      x: middle - w / 2,
      y,
      w,
      h,
    });
  }
  // Hosts of no domain stand in the gap from the bottom up, the visitor lowest.
  const strays = world.hosts.filter(
    ({ id, kind, domain }) => id !== world.dns && (kind === 'visitor' ? visitor : domain === undefined),
  );
  strays
    .sort((a, b) => Number(a.kind === 'visitor') - Number(b.kind === 'visitor'))
    .reverse()
    .forEach((stray, row) => {
      const at = { x: middle, y: low - row * (rows.h + 14) };
      const most = gap - 6;
      stations.push(
        row === 0 && stray.kind === 'visitor'
          ? full(world, stray, at, false, most)
          : quiet(world, stray, { ...at, y: at.y + 20 }, rows, most),
      );
    });

  // Domains beyond the second get a strip each below.
  let y = own;
  for (const one of cast.slice(2)) {
    const columns = Math.max(1, Math.floor((size.w - 2 * margin - 120) / (MOST + 12)));
    const lines = Math.max(1, Math.ceil(one.quiet.length / columns));
    const h = 20 + lines * (rows.h + rows.gap);
    territories.push({ domain: one.domain, tone: 'plain', x: margin, y, w: size.w - 2 * margin, h });
    one.quiet.forEach((id, index) => {
      const rest = host(id);
      const column = index % columns;
      const at = {
        x: margin + 120 + column * (MOST + 12) + MOST / 2,
        y: y + 16 + Math.floor(index / columns) * (rows.h + rows.gap),
      };
      if (rest !== undefined) stations.push(quiet(world, rest, at, rows));
    });
    y += h + 14;
  }
  return {
    h: y,
    stations,
    territories,
    internet: strays.length > 0 ? null : { x: middle, y: high + serverHeight / 2 + 40 },
  };
}
