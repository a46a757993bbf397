/** Computed style as SVG writes it: colours that every viewer knows, numbers without units, shadows as filters. */

/** `hex` is `#rrggbb`; `opacity` 0..1. */
export interface Paint {
  readonly hex: string;
  readonly opacity: number;
}

const byte = (part: number): string =>
  Math.round(Math.min(1, Math.max(0, part)) * 255)
    .toString(16)
    .padStart(2, '0');

/** "rgb(1, 2, 3)", "rgba(1, 2, 3, 0.5)" and what `color-mix` computes to, "color(srgb 0.1 0.2 0.3 / 0.5)"; null for anything else. */
export function paintOf(computed: string): Paint | null {
  const [, form, inner = ''] = /^(rgba?|color)\((?:srgb )?([\d.e\s,/+-]+)\)$/.exec(computed) ?? [];
  if (form === undefined) return null;
  const [r = 0, g = 0, b = 0, alpha = 1] = inner.split(/[\s,/]+/).map(Number);
  const most = form === 'color' ? 1 : 255;
  return { hex: `#${byte(r / most)}${byte(g / most)}${byte(b / most)}`, opacity: Number(alpha.toFixed(3)) };
}

/** At most two decimals: a hundredth of a pixel is not seen. */
export const short = (text: string): string =>
  text.replace(/-?\d+\.\d{3,}(?:e-\d+)?/g, number => String(Number(Number(number).toFixed(2))));

/** "3px 5px" is "3 5". */
export const unitlessLengths = (lengths: string): string => short(lengths.replaceAll('px', '').replaceAll(', ', ' '));

const FORBIDDEN = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;
const MARKS: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** As XML has it, in text and in attributes; what XML cannot have (XML 1.0 §2.2) is a replacement character. */
export const xml = (text: string): string =>
  text.replace(FORBIDDEN, '\ufffd').replace(/[&<>"]/g, mark => MARKS[mark] ?? mark);

/** Attributes in their order; those that are null are left out. */
export const attributes = (named: Readonly<Record<string, string | number | null>>): string =>
  Object.entries(named)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => ` ${name}="${xml(short(String(value)))}"`)
    .join('');

export interface Shadow extends Paint {
  readonly dx: number;
  readonly dy: number;
  readonly deviation: number;
}

/** "drop-shadow(rgba(107, 90, 58, 0.16) 0px 5px 8px)"; null where there is none. */
export function shadowOf(filter: string): Shadow | null {
  const [, colour = '', lengths = ''] = /^drop-shadow\((.+\)) ([^)]+)\)$/.exec(filter) ?? [];
  const paint = paintOf(colour);
  const [dx = 0, dy = 0, deviation = 0] = unitlessLengths(lengths).split(' ').map(Number);
  return paint === null ? null : { ...paint, dx, dy, deviation };
}
