/** The wide stage: the sender's territory on the left, the recipient's on the right, the internet and DNS between them. */
import type { Host, HostId, PublicWorld } from '../../../shared/world/world.ts';
import { full, LINE_SIZE, MOST, NAME_SIZE, nameIn, quiet, ROW, STACK, type Stack } from './cards.ts';
import { clamp } from './geometry.ts';
import { widthOf } from './measure.ts';
import { ENVELOPE, NOTE, type Placement, type Size, type Station, type Territory } from './plan.ts';
import { type Cast, straysOf } from './roles.ts';

/** Between a card and the border of its territory. */
const EDGE = 12;

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
    const named = nameIn(dns.label, [], w - 16, NAME_SIZE);
    stations.push({
      host: dns.id,
      size: 'full',
      icon: 'dns',
      ...named,
      lines: [{ text: line, mono: false }],
      x: middle - w / 2,
      y,
      w,
      h,
    });
  }
  // Hosts of no domain stand in the gap from the bottom up, the visitor lowest.
  const strays = straysOf(world, visitor);
  strays.toReversed().forEach((stray, row) => {
    const at = { x: middle, y: low - row * (rows.h + 14) };
    const most = gap - 6;
    stations.push(
      row === 0 && stray.kind === 'visitor'
        ? full(world, stray, at, false, most)
        : quiet(world, stray, { ...at, y: at.y + 20 }, rows, most),
    );
  });

  return {
    h: own,
    stations,
    territories,
    internet: strays.length > 0 ? null : { x: middle, y: high + serverHeight / 2 + 40 },
  };
}
