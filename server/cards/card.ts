/** The picture by which a run is shown where a link to it is posted: an envelope with its title, its way and its postmark, 1200 × 630. Pure. */

import { escaped } from '../../shared/export/html.ts';
import { PROTOCOLS, type Protocol } from '../../shared/protocols.ts';
import { plain } from '../../shared/story/words.ts';
import type { Host, PublicWorld } from '../../shared/world/world.ts';
import * as parts from './card-parts.ts';
import { type Setting, set, type Typeface } from './typeface.ts';
import type { Fate, Way } from './way.ts';
import { EM, MAIL, SCOPE, WIDTH as WORDMARK } from './wordmark.ts';

/** As Open Graph wants it: 1.91 to 1. */
export const CARD = { w: 1200, h: 630 } as const;

/** Inter as the card uses it. */
export interface Faces {
  readonly bold: Typeface;
  readonly regular: Typeface;
}

export interface Shown {
  readonly title: string;
  /** What it is about, in a sentence or two; bold is not shown. */
  readonly lead: string;
  /** "14 steps · 43 lines crossed the wire". */
  readonly facts: string;
  readonly way: Way;
  readonly world: PublicWorld;
}

const EDGE = 20;
const LEFT = 72;
const RIGHT = CARD.w - LEFT;
const STAMP = { x: 1036, y: 148, r: 90 };
/** Where the sheet ends and the stage begins. */
const FOLD = 360;
/** Where the title must end, so that it leaves the postmark alone. */
const BESIDE = STAMP.x - STAMP.r - 96;

interface Line {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly weight: 400 | 700;
  readonly fill: string;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly spacing?: number;
}

const text = (said: string, { x, y, size, weight, fill, anchor = 'start', spacing = 0 }: Line): string =>
  `<text x="${x}" y="${y}" font-family="Inter" font-size="${size}" font-weight="${weight}" fill="${fill}" text-anchor="${anchor}" letter-spacing="${spacing}">${escaped(said)}</text>`;

const wordmark = (x: number, y: number, size: number): string =>
  `<g transform="translate(${x} ${y}) scale(${size / EM})"><path d="${MAIL}" fill="${parts.INK}"/><path d="${SCOPE}" fill="${parts.RED}"/></g>`;

const STAMPS: Readonly<Record<Fate, readonly [words: string, colour: string]>> = {
  delivered: ['DELIVERED', parts.strokeOf('pop3')],
  refused: ['REFUSED', parts.BAD],
  returned: ['RETURNED', parts.BAD],
  lost: ['GIVEN UP', parts.BAD],
  waiting: ['WAITING', parts.WAIT],
  'on its way': ['ON ITS WAY', parts.BLUE],
};

/** What became of it, as the postmark of the last office; the waves are those that cancel a stamp. */
function postmark({ fate, code, took }: Way): string {
  const [words, colour] = STAMPS[fate];
  const { r } = STAMP;
  const waves = [-40, -24, -8, 8, 24, 40].map(y => `<path d="M${-r - 84} ${y}q10-8 20 0t20 0 20 0 20 0"/>`).join('');
  const [large, small] =
    code === null ? [took, fate === 'delivered' || fate === 'on its way' ? 'in' : 'after'] : [code, 'reply'];
  const middle =
    large === ''
      ? ''
      : text(small, { x: 0, y: 10, size: 20, weight: 400, fill: colour, anchor: 'middle' }) +
        text(large, { x: 0, y: 44, size: large.length > 4 ? 29 : 36, weight: 700, fill: colour, anchor: 'middle' });
  const at = large === '' ? 9 : -20;
  return `<g transform="translate(${STAMP.x} ${STAMP.y}) rotate(-9)" opacity=".92">
<g fill="none" stroke="${colour}" stroke-width="4"><g opacity=".45">${waves}</g><circle r="${r}" fill="${parts.SHEET}"/><circle r="${r - 12}" stroke-width="2"/></g>
${text(words, { x: 0, y: at, size: words.length > 7 ? 22 : 24, weight: 700, fill: colour, anchor: 'middle', spacing: 0.5 })}
${middle}
</g>`;
}

/** The preferred name of a place on a small card: "Alice", "Outgoing", "Incoming". */
const briefly = (host: Host | undefined, id: string): string =>
  host === undefined
    ? (id.split('.')[0] ?? id)
    : host.kind === 'visitor'
      ? 'Outside'
      : host.label
          .replace(/['’]s mail client$/, '')
          .replace(/^.*['’]s mailbox$/, 'Mailbox')
          .replace(/ server$/, '');

const iconOf = (world: PublicWorld, host: Host | undefined, id: string): parts.Icon =>
  id === world.dns
    ? 'dns'
    : host === undefined || host.kind !== 'server'
      ? 'laptop'
      : host.services.includes('pop3') && !host.services.includes('submission')
        ? 'mailbox'
        : 'server';

/** There is room for one word: "disk". */
const tagOf = (protocol: Protocol): string => PROTOCOLS[protocol].name.replace(/^.* /, '');

/** More are not told apart at the size of a post. */
const MOST_STOPS = 6;

/** The hosts in a row; the letter lies on the cable where the story has its point. */
function journey({ way, world }: Shown, faces: Faces): string {
  const first = Math.max(0, way.stops.length - MOST_STOPS);
  const stops = way.stops.slice(first);
  const hops = way.hops.slice(first);
  const w = stops.length > 5 ? 122 : stops.length > 4 ? 138 : 156;
  const h = 124;
  const y = 470;
  const gap = stops.length < 2 ? 0 : Math.min(453, (RIGHT - LEFT - w) / (stops.length - 1));
  const start = CARD.w / 2 - (gap * (stops.length - 1)) / 2;
  const at = (index: number): number => start + index * gap;
  const stoppedAt = hops.findIndex(hop => hop.stopped);
  const middle = Math.max(0, Math.floor((hops.length - 1) / 2));
  const lies = stoppedAt >= 0 ? stoppedAt : middle;
  const room = gap - w;
  const scale = Math.min(1.15, (room - 6) / 92);

  const cables = hops.map((hop, index) => {
    const [from, to] = [at(index) + w / 2, at(index + 1) - w / 2];
    const colour = parts.strokeOf(hop.protocol);
    const tag = text(tagOf(hop.protocol), {
      x: (from + to) / 2,
      y: y - (index === lies ? 44 * scale + 8 : 16),
      size: 20,
      weight: 700,
      fill: parts.inkOf(hop.protocol),
      anchor: 'middle',
    });
    return `<path d="M${from} ${y}H${to}" stroke="${colour}" stroke-width="5"${hop.stopped ? ' stroke-dasharray="3 11" stroke-linecap="round"' : ''}/>${tag}`;
  });
  const cards = stops.map((id, index) => {
    const host = world.hosts.find(each => each.id === id);
    const reached = stoppedAt < 0 || index <= stoppedAt;
    const protocol = hops[Math.min(index, hops.length - 1)]?.protocol ?? 'smtp';
    const stroke = !reached
      ? parts.BAD
      : index === 0 || index === stops.length - 1
        ? parts.strokeOf(protocol)
        : parts.LINE;
    const name = set(faces.bold, briefly(host, id), { width: w - 16, most: 1, sizes: [24, 22, 20, 18] });
    const x = at(index);
    return `<g transform="translate(${x} ${y})"><rect x="${-w / 2}" y="${-h / 2}" width="${w}" height="${h}" rx="16" fill="${parts.SHEET}" stroke="${stroke}" stroke-width="3"/><g transform="translate(0 -17) scale(1.55)" fill="none" stroke="${parts.INK}" stroke-width="2" stroke-linejoin="round">${parts.glyph(iconOf(world, host, id))}</g>${text(name.lines[0] ?? '', { x: 0, y: 46, size: name.size, weight: 700, fill: parts.INK, anchor: 'middle' })}</g>`;
  });
  const on = (at(lies) + at(lies + 1)) / 2;
  const rests =
    hops.length === 0
      ? ''
      : `<g transform="translate(${on} ${y}) rotate(-5) scale(${scale})">${hops[lies]?.protocol === 'dns' ? parts.postcard : parts.letter}</g>`;
  const end = at(stops.length - 1) + w / 2 - 8;
  const sign =
    stoppedAt >= 0
      ? `<g transform="translate(${at(stoppedAt + 1) - w / 2 + 10} ${y - h / 2 + 4})">${parts.cross}</g>`
      : way.fate === 'delivered'
        ? `<g transform="translate(${end} ${y - h / 2 + 6})">${parts.tick}</g>`
        : '';
  return `${cables.join('\n')}\n${cards.join('\n')}\n${rests}\n${sign}`;
}

const frame = (
  inside: string,
): string => `<svg xmlns="http://www.w3.org/2000/svg" width="${CARD.w}" height="${CARD.h}" viewBox="0 0 ${CARD.w} ${CARD.h}">
<defs>${parts.letterShape}</defs>
<rect width="${CARD.w}" height="${CARD.h}" fill="${parts.SHEET}"/>
${parts.stripes({ x: 0, y: 0, ...CARD }, 104)}
<rect x="${EDGE}" y="${EDGE}" width="${CARD.w - 2 * EDGE}" height="${CARD.h - 2 * EDGE}" fill="${parts.SHEET}"/>
<path d="M${EDGE} ${FOLD}H${CARD.w - EDGE}V${CARD.h - EDGE}H${EDGE}z" fill="${parts.PAPER}"/>
${parts.dots({ x: EDGE, y: FOLD, w: CARD.w - 2 * EDGE, h: CARD.h - EDGE - FOLD })}
${inside}
</svg>`;

/** A short title is large and in one line; only a long one is broken. */
function titleOf(words: string, faces: Faces): Setting {
  const width = BESIDE - LEFT;
  const one = set(faces.bold, words, { width, most: 1, sizes: [86, 80, 74, 68, 62] });
  return one.whole ? one : set(faces.bold, words, { width, most: 2, sizes: [66, 60, 54, 48, 42] });
}

/** As many whole sentences as two lines hold. */
function leadOf(words: string, faces: Faces): Setting {
  const room = { width: RIGHT - LEFT, most: 2, sizes: [29] } as const;
  const sentences = words.split(/(?<=[.?!]”?)\s+/);
  for (let count = sentences.length; count > 1; count -= 1) {
    const lead = set(faces.regular, sentences.slice(0, count).join(' '), room);
    if (lead.whole) return lead;
  }
  return set(faces.regular, sentences[0] ?? '', room);
}

/** A run's card, as SVG. */
export function cardOf(shown: Shown, faces: Faces): string {
  const title = titleOf(plain(shown.title), faces);
  const lead = leadOf(plain(shown.lead), faces);
  const two = title.lines.length > 1;
  const titles = title.lines.map((line, index) =>
    text(line, {
      x: LEFT - 3,
      y: (two ? 168 : 204) + index * title.size * 1.08,
      size: title.size,
      weight: 700,
      fill: parts.INK,
      spacing: -title.size * 0.026,
    }),
  );
  const under = (two ? 296 : 280) - (lead.lines.length > 1 ? 0 : -10);
  const leads = lead.lines.map((line, index) =>
    text(line, { x: LEFT, y: under + index * 39, size: lead.size, weight: 400, fill: parts.INK_2 }),
  );
  return frame(`${wordmark(LEFT - 2, 92, 44)}
${postmark(shown.way)}
${titles.join('\n')}
${leads.join('\n')}
${journey(shown, faces)}
${text(shown.facts, { x: CARD.w / 2, y: 582, size: 23, weight: 400, fill: parts.INK_2, anchor: 'middle' })}`);
}

/** The card of the whole: the name and what it is. */
export function defaultCard(shown: Omit<Shown, 'facts' | 'title'>, faces: Faces): string {
  const lead = set(faces.regular, plain(shown.lead), { width: RIGHT - LEFT, most: 2, sizes: [34, 30] });
  const size = 140;
  return frame(`${wordmark((CARD.w - (WORDMARK * size) / EM) / 2, 178, size)}
${lead.lines.map((line, index) => text(line, { x: CARD.w / 2, y: 282 + index * 44, size: lead.size, weight: 400, fill: parts.INK_2, anchor: 'middle' })).join('\n')}
${journey({ ...shown, facts: '', title: '' }, faces)}`);
}
