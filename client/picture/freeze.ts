/** Turns a drawing of the page into markup that stands alone: every look that the style sheets gave it is an attribute of its own. */
import { attributes, paintOf, shadowOf, short, unitlessLengths, xml } from './paint.ts';

/** What is shared by the pieces of one picture: patterns and shadows, by the name under which they are used. */
export type Shared = Map<string, string>;

/** Looks that are inherited, as written so far: what is as it was around an element need not be said again. */
type Around = Readonly<Record<string, string>>;

/** What a viewer starts with, and what a picture says once at its root. */
const INITIAL: Around = {
  fill: '#000000',
  'fill-opacity': '1',
  stroke: 'none',
  'stroke-opacity': '1',
  'stroke-width': '1',
  'stroke-linecap': 'butt',
  'stroke-linejoin': 'miter',
  'stroke-dasharray': 'none',
  'font-weight': '400',
  'letter-spacing': 'normal',
  'text-anchor': 'start',
  'paint-order': 'normal',
};

const GEOMETRY = [
  'x',
  'y',
  'dx',
  'dy',
  'width',
  'height',
  'rx',
  'ry',
  'cx',
  'cy',
  'r',
  'd',
  'x1',
  'y1',
  'x2',
  'y2',
  'points',
  'transform',
  'viewBox',
  'preserveAspectRatio',
  'patternUnits',
  'patternTransform',
] as const;

const CONTAINERS: ReadonlySet<string> = new Set(['g', 'svg', 'pattern']);
const SHAPES: ReadonlySet<string> = new Set(['rect', 'circle', 'ellipse', 'path', 'line', 'polyline', 'polygon']);
const WORDS: ReadonlySet<string> = new Set(['text', 'tspan']);

export const NO_LIGATURES = 'font-variant-ligatures:none';

/** The family's own name first; single quotes, so that an attribute may hold it. */
export const familyOf = (computed: string): string => computed.replaceAll('"', "'");

interface Freezing {
  /** Where `url(#…)` is looked for. */
  readonly root: Element;
  readonly shared: Shared;
  /** What is drawn otherwise. */
  readonly without: string;
  /** Words say how wide they are: where the page's faces are not to be had, another's take no more room. */
  readonly measured: boolean;
}

/**
 * The markup of `elements`, drawings in SVG below `root`, without what is not seen, pressed or only named. Patterns and shadows
 * that they use are added to `shared`.
 */
export function freeze(
  elements: Iterable<Element>,
  root: Element,
  shared: Shared,
  { without = '.hit, .station-focus', measured = false }: Partial<Pick<Freezing, 'without' | 'measured'>> = {},
): string {
  return [...elements].map(element => frozen(element, INITIAL, { root, shared, without, measured })).join('');
}

function frozen(element: Element, around: Around, on: Freezing): string {
  const name = element.localName;
  const known = CONTAINERS.has(name) || SHAPES.has(name) || WORDS.has(name);
  if (!known || element.matches(on.without)) return '';
  const style = getComputedStyle(element);
  if (style.display === 'none' || style.visibility === 'hidden' || Number(style.opacity) === 0) return '';
  const looks = CONTAINERS.has(name) ? {} : looksOf(style, on, WORDS.has(name));
  const said: Record<string, string | null> = {};
  for (const at of GEOMETRY) said[at] = element.getAttribute(at);
  for (const [look, value] of Object.entries(looks)) if (around[look] !== value) said[look] = value;
  if (style.opacity !== '1') said.opacity = style.opacity;
  const shadow = shadowIn(style, on.shared);
  if (shadow !== null) said.filter = `url(#${shadow})`;
  // No attribute says so, and a page that a drawing is pasted into may refuse styles; there, words have their width anyway.
  if (WORDS.has(name) && !on.measured && style.fontVariantLigatures === 'none') said.style = NO_LIGATURES;
  if (on.measured && element instanceof SVGTextContentElement && element.childElementCount === 0) {
    said.textLength = String(element.getComputedTextLength());
    said.lengthAdjust = 'spacingAndGlyphs';
  }
  const inner = { ...around, ...looks };
  const content = [...element.childNodes].map(child => childOf(child, name, inner, on)).join('');
  if (name === 'g' && content === '') return '';
  return content === '' ? `<${name}${attributes(said)}/>` : `<${name}${attributes(said)}>${content}</${name}>`;
}

function childOf(child: ChildNode, name: string, around: Around, on: Freezing): string {
  if (child instanceof Element) return frozen(child, around, on);
  return WORDS.has(name) ? xml(child.textContent ?? '') : '';
}

function looksOf(style: CSSStyleDeclaration, on: Freezing, words: boolean): Record<string, string> {
  const looks: Record<string, string> = {
    ...painted('fill', style.fill, style.fillOpacity, on),
    ...painted('stroke', style.stroke, style.strokeOpacity, on),
  };
  if (looks.stroke !== 'none') {
    looks['stroke-width'] = unitlessLengths(style.strokeWidth);
    looks['stroke-linecap'] = style.strokeLinecap;
    looks['stroke-linejoin'] = style.strokeLinejoin;
    looks['stroke-dasharray'] = unitlessLengths(style.strokeDasharray);
  }
  if (words) {
    looks['font-family'] = familyOf(style.fontFamily);
    looks['font-size'] = unitlessLengths(style.fontSize);
    looks['font-weight'] = style.fontWeight;
    looks['letter-spacing'] = unitlessLengths(style.letterSpacing);
    looks['text-anchor'] = style.textAnchor;
    looks['paint-order'] = style.paintOrder;
  }
  return looks;
}

function painted(as: 'fill' | 'stroke', computed: string, opacity: string, on: Freezing): Record<string, string> {
  const id = /^url\("?#([\w-]+)"?\)/.exec(computed)?.[1];
  if (id !== undefined) {
    share(id, on);
    return { [as]: `url(#${id})`, [`${as}-opacity`]: opacity };
  }
  const paint = paintOf(computed);
  if (paint === null || paint.opacity === 0) return { [as]: 'none' };
  return { [as]: paint.hex, [`${as}-opacity`]: String(Number((paint.opacity * Number(opacity)).toFixed(3))) };
}

function share(id: string, on: Freezing): void {
  if (on.shared.has(id)) return;
  const pattern = on.root.querySelector(`#${id}`);
  if (pattern === null) return;
  on.shared.set(id, '');
  const markup = frozen(pattern, INITIAL, on);
  on.shared.set(id, markup.replace(/^<pattern/, `<pattern id="${id}"`));
}

/** The name of the filter that draws its shadow; null where it has none. */
function shadowIn(style: CSSStyleDeclaration, shared: Shared): string | null {
  const shadow = shadowOf(style.filter);
  if (shadow === null) return null;
  const { dx, dy, deviation, hex, opacity } = shadow;
  const id = `shadow-${[dx, dy, deviation].join('-').replaceAll('.', '_')}-${hex.slice(1)}-${Math.round(opacity * 100)}`;
  // Not feDropShadow: Inkscape and older viewers do not know it.
  shared.set(
    id,
    short(
      `<filter id="${id}" x="-30%" y="-30%" width="160%" height="190%"><feGaussianBlur in="SourceAlpha" stdDeviation="${deviation}"/><feOffset dx="${dx}" dy="${dy}" result="fallen"/><feFlood flood-color="${hex}" flood-opacity="${opacity}"/><feComposite in2="fallen" operator="in"/><feMerge><feMergeNode/><feMergeNode in="SourceGraphic"/></feMerge></filter>`,
    ),
  );
  return id;
}
