/** The stage on a phone: one column, the journey from top to bottom; what it does not need stands smaller at the right. */
import type { Host, HostId, PublicWorld } from '../../../shared/world/world.ts';
import { ICON_ROOM, nameIn } from './cards.ts';
import { fitMiddle } from './measure.ts';
import { ENVELOPE, type Placement, type Size, type Station, type Territory } from './plan.ts';
import { type Cast, dutyOf, iconOf, straysOf, subtitleOf } from './roles.ts';

const NARROW_NAME = 13;
const NARROW_LINE = 11.5;
const [FULL, QUIET] = [52, 44];

const card = (world: PublicWorld, host: Host, size: 'full' | 'quiet', x: number, y: number, w: number): Station => {
  const room = size === 'full' ? w - ICON_ROOM.full - 5 : w - 14;
  const short = host.label.replace(/ server$/, '').replace(/ mail client$/, ' client');
  const named = nameIn(host.label, [short], room, NARROW_NAME);
  const second = size === 'full' ? subtitleOf(world, host) : dutyOf(world, host);
  const line = host.id === world.dns ? 'MX records' : fitMiddle(second, room, NARROW_LINE, 'sans');
  const lines = [{ text: line, mono: false }];
  return {
    host: host.id,
    size,
    icon: iconOf(world, host),
    ...named,
    lines,
    x,
    y,
    w,
    h: size === 'full' ? FULL : QUIET,
  };
};

/** The width of the cards of the journey. */
export const columnOf = (size: Size): number => Math.min(166, (size.w - 40) * 0.52);

/** A letter lies at the right of the card it is at. */
export const narrowEnvelope = (size: Size): Size => ({
  w: Math.min(ENVELOPE.narrow.w, size.w - columnOf(size) - 30),
  h: ENVELOPE.narrow.h,
});

export function placeNarrow(world: PublicWorld, cast: readonly Cast[], visitor: boolean, size: Size): Placement {
  const host = (id: HostId | null): Host | undefined => world.hosts.find(one => one.id === id);
  const stations: Station[] = [];
  const territories: Territory[] = [];
  const [left, right] = [16, size.w - 16];
  const column = columnOf(size);
  const beside = Math.min(150, right - left - column - 12);
  const put = (id: HostId | null, y: number) => {
    const found = host(id);
    if (found !== undefined) stations.push(card(world, found, 'full', left, y, column));
  };
  const rest = (ids: readonly HostId[], y: number, step: number) =>
    ids.forEach((id, row) => {
      const found = host(id);
      if (found !== undefined) stations.push(card(world, found, 'quiet', right - beside, y + row * step, beside));
    });
  const land = (one: Cast, tone: Territory['tone'], y: number, h: number) =>
    territories.push({ domain: one.domain, tone, x: 6, y, w: size.w - 12, h });

  let y = 6;
  const [sender, receiver] = cast;
  if (sender !== undefined) {
    put(sender.client, y + 32);
    put(sender.server, y + 32 + FULL + 44);
    rest(sender.quiet, y + 32, QUIET + 10);
    const h = Math.max(32 + 2 * FULL + 44 + 18, 32 + sender.quiet.length * (QUIET + 10) + 8);
    land(sender, 'blue', y, h);
    y += h;
  }
  const between = y;
  const strays = straysOf(world, visitor);
  const dns = host(world.dns);
  if (dns !== undefined) stations.push(card(world, dns, 'full', right - 136, y + 24, 136));
  // At the right under DNS: at the left runs the cable of the journey.
  strays.forEach((stray, row) => {
    const w = Math.min(150, right - left - column - 12);
    stations.push(card(world, stray, 'full', right - w, between + 24 + (row + 1) * (FULL + 18), w));
  });
  y += 24 + FULL + 12 + strays.length * (FULL + 18) + 8;
  if (receiver !== undefined) {
    const top = y + 32;
    const steps = [receiver.server, receiver.pop, receiver.client].filter(id => id !== null);
    for (const [row, id] of steps.entries()) put(id, top + row * (FULL + 46));
    const main = steps.length * (FULL + 46) - 46;
    // The first quiet host stands at the top, the last beside the client; between them is room for a letter.
    rest(receiver.quiet.slice(0, 1), top, QUIET + 10);
    const others = receiver.quiet.slice(1);
    const stack = others.length * (QUIET + 10) - 10;
    const from = Math.max(top + QUIET + 10, top + main - stack);
    rest(others, from, QUIET + 10);
    const h = 32 + Math.max(main, others.length === 0 ? QUIET : from - top + stack) + 16;
    land(receiver, 'green', y, h);
    y += h + 6;
  }
  return {
    h: y,
    stations,
    territories,
    internet: strays.length > 0 ? null : { x: left + column / 2 + 50, y: between + 82 },
  };
}
