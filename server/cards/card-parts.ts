/** The pieces that a card is drawn of, as SVG: hosts, letter, postmark, airmail edge. Colours are those of the light page. */
import { colourIn, inkOf as inkName } from '../../shared/export/palette.ts';
import type { Protocol } from '../../shared/protocols.ts';
import { assertNever } from '../../shared/world/world.ts';

const colour = colourIn('light');

export const INK = colour('ink');
export const INK_2 = colour('ink-2');
export const PAPER = colour('paper');
export const SHEET = colour('paper-2');
export const LINE = colour('line-2');
const DOT = '#e6dcc8';
export const RED = colour('air-r');
export const BLUE = colour('air-b');
export const BAD = colour('bad');
export const WAIT = colour('wait');
const LETTER = '#fffaf0';

export const strokeOf = (protocol: Protocol): string => colour(protocol);
/** On the paper, in letters. */
export const inkOf = (protocol: Protocol): string => colour(inkName(protocol));

export type Icon = 'laptop' | 'server' | 'dns' | 'mailbox';

/** As on the stage (client/stage/hosts/glyphs.tsx), around (0, 0), about 54 units wide. */
export function glyph(icon: Icon): string {
  switch (icon) {
    case 'laptop':
      return '<rect x="-19" y="-15" width="38" height="25" rx="3.5"/><path d="M-27 14.5h54" stroke-width="2.6"/><path d="m-8-5.5 8 5.5 8-5.5M-8-5.5h16v10.5h-16z" opacity=".55"/>';
    case 'server':
      return `<rect x="-20" y="-15" width="40" height="13.5" rx="3"/><rect x="-20" y="2" width="40" height="13.5" rx="3"/><path d="M4-8.2h10M4 8.8h10" opacity=".55"/><circle cx="-12.5" cy="-8.2" r="1.9" fill="${strokeOf('pop3')}" stroke="none"/><circle cx="-12.5" cy="8.8" r="1.9" fill="${strokeOf('pop3')}" stroke="none"/>`;
    case 'dns':
      return '<rect x="-18.5" y="-14" width="37" height="28" rx="3.5"/><path d="M-11.5-6h23M-11.5.2h23M-11.5 6.4h14" stroke-width="1.8"/>';
    case 'mailbox':
      return `<path d="M-21 13v-16a11 11 0 0 1 11-11h20a11 11 0 0 1 11 11v16z"/><path d="M-10-14a11 11 0 0 1 11 11v16"/><path d="M-15.5-1h7.5" opacity=".55"/><path d="M11-3v-10h7.5v4.6h-7.5" stroke="${RED}"/>`;
    default:
      return assertNever(icon);
  }
}

/** Slanted stripes of red and blue over a box, `period` units from red to red. As paths: a pattern costs ten times as much to draw. */
export function stripes(
  box: { readonly x: number; readonly y: number; readonly w: number; readonly h: number },
  period: number,
): string {
  const { x, y, w, h } = box;
  const lean = h * 0.53;
  const quarter = period / 4;
  const band = (offset: number): string => {
    let d = '';
    for (let at = x + offset - period; at < x + w + lean; at += period)
      d += `M${at} ${y}h${quarter}l${-lean} ${h}h${-quarter}z`;
    return d;
  };
  return `<path d="${band(0)}" fill="${RED}"/><path d="${band(2 * quarter)}" fill="${BLUE}"/>`;
}

/** A closed letter around (0, 0), 92 × 60 units, with an airmail edge; `letterShape` must be defined. */
export const letter = `<g><rect x="-44" y="-26" width="92" height="60" rx="6" fill="${INK}" opacity=".14"/><rect x="-46" y="-30" width="92" height="60" rx="6" fill="${LETTER}"/><g clip-path="url(#letterShape)">${stripes({ x: -46, y: -30, w: 92, h: 60 }, 26)}</g><rect x="-40" y="-24" width="80" height="48" rx="2.5" fill="${LETTER}"/><path d="m-40-23.5 40 28 40-28" fill="none" stroke="${LINE}" stroke-width="2"/><rect x="-46" y="-30" width="92" height="60" rx="6" fill="none" stroke="#d8ccb4" stroke-width="1.5"/></g>`;

export const letterShape =
  '<clipPath id="letterShape"><rect x="-46" y="-30" width="92" height="60" rx="6"/></clipPath>';

/** The paper's dots: lines of dashes that have no length. */
export const dots = (box: {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}): string => {
  let d = '';
  for (let y = box.y + 16; y < box.y + box.h - 4; y += 30) d += `M${box.x + 16} ${y}h${box.w - 20}`;
  return `<path d="${d}" fill="none" stroke="${DOT}" stroke-width="3.4" stroke-linecap="round" stroke-dasharray="0 30"/>`;
};

/** A question to DNS, which is no letter: around (0, 0), 92 × 52 units. */
export const postcard = `<g><rect x="-44" y="-22" width="92" height="52" rx="6" fill="${INK}" opacity=".14"/><rect x="-46" y="-26" width="92" height="52" rx="6" fill="#fff3dc" stroke="${strokeOf('dns')}" stroke-width="3"/><text font-family="Inter" font-size="25" font-weight="700" x="0" y="9" text-anchor="middle" fill="${inkOf('dns')}">MX ?</text></g>`;

/** A cross in a disc, where a letter got no further. */
export const cross = `<circle r="19" fill="${SHEET}"/><circle r="17" fill="${BAD}"/><path d="m-6.5-6.5 13 13m0-13-13 13" fill="none" stroke="#fff" stroke-width="4" stroke-linecap="round"/>`;

/** A tick in a disc. */
export const tick = `<circle r="19" fill="${SHEET}"/><circle r="17" fill="${strokeOf('pop3')}"/><path d="m-7.5.5 5 5.5 10-11.5" fill="none" stroke="#fff" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"/>`;
