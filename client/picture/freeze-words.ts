/** Turns set type of the page, boxes and lines of words, into drawing: each line stands where the browser broke it. */
import { familyOf, freeze, NO_LIGATURES, type Shared } from './freeze.ts';
import { attributes, paintOf, unitlessLengths, xml } from './paint.ts';

interface Setting {
  /** Its origin, in CSS pixels of the window. */
  readonly x: number;
  readonly y: number;
  readonly root: Element;
  readonly shared: Shared;
  readonly measured: boolean;
}

/** The markup of `element`, HTML below `root`, with `root`'s corner as its origin. Drawings in it are frozen as they are. */
export function freezeWords(element: Element, root: Element, shared: Shared, measured: boolean): string {
  const { left, top } = root.getBoundingClientRect();
  return piece(element, { x: left, y: top, root, shared, measured });
}

function piece(element: Element, on: Setting): string {
  const style = getComputedStyle(element);
  if (style.display === 'none' || style.visibility === 'hidden') return '';
  if (element instanceof SVGSVGElement) return drawing(element, on);
  const content = [...element.childNodes]
    .map(child => {
      if (child instanceof Element) return piece(child, on);
      return child instanceof Text ? lines(child, style, on) : '';
    })
    .join('');
  const drawn = box(element, style, on) + content;
  return style.opacity === '1' || drawn === '' ? drawn : `<g opacity="${style.opacity}">${drawn}</g>`;
}

function drawing(svg: SVGSVGElement, on: Setting): string {
  const { left, top, width, height } = svg.getBoundingClientRect();
  const content = freeze(svg.children, on.root, on.shared, { measured: on.measured });
  const place = { x: left - on.x, y: top - on.y, width, height, viewBox: svg.getAttribute('viewBox') };
  return content === '' ? '' : `<svg${attributes(place)}>${content}</svg>`;
}

/** Its paper and its border, where it has any; a border is of one width and colour, or only along the top. */
function box(element: Element, style: CSSStyleDeclaration, on: Setting): string {
  const { left, top, width, height } = element.getBoundingClientRect();
  const paper = paintOf(style.backgroundColor);
  const edge = paintOf(style.borderTopColor);
  const thick = style.borderTopStyle === 'none' ? 0 : Number.parseFloat(style.borderTopWidth);
  const around = style.borderBottomStyle !== 'none' && Number.parseFloat(style.borderBottomWidth) > 0;
  const [x, y] = [left - on.x, top - on.y];
  const seen = paper !== null && paper.opacity > 0;
  const bordered = edge !== null && thick > 0;
  if (!seen && !bordered) return '';
  const inset = bordered && around ? thick / 2 : 0;
  const shape = {
    x: x + inset,
    y: y + inset,
    width: width - 2 * inset,
    height: height - 2 * inset,
    rx: Number.parseFloat(style.borderTopLeftRadius) || null,
    fill: seen ? paper.hex : 'none',
    'fill-opacity': seen && paper.opacity < 1 ? paper.opacity : null,
    stroke: bordered && around ? edge.hex : null,
    'stroke-width': bordered && around ? thick : null,
  };
  const rule =
    bordered && !around ? `<rect${attributes({ x, y, width, height: thick, fill: edge.hex, rx: null })}/>` : '';
  return `<rect${attributes(shape)}/>${rule}`;
}

interface Line {
  readonly x: number;
  readonly top: number;
  /** Where its last word ends. */
  readonly right: number;
  readonly words: string;
}
type Growing = { -readonly [Part in keyof Line]: Line[Part] };

/** A text as it was broken: pieces that stand on one line, each with its left edge. */
function broken(text: Text): readonly Line[] {
  const range = document.createRange();
  const found: Growing[] = [];
  const { data } = text;
  for (const { 0: word, index } of data.matchAll(/\s+|\S+/g)) {
    range.setStart(text, index);
    range.setEnd(text, index + word.length);
    const rects = [...range.getClientRects()].filter(({ width }) => width > 0);
    const [first] = rects;
    if (first === undefined) continue;
    if (rects.length > 1 && word.trim() !== '') {
      // A word that is longer than its line.
      for (let at = index; at < index + word.length; at += 1) {
        range.setStart(text, at);
        range.setEnd(text, at + 1);
        const rect = range.getBoundingClientRect();
        if (rect.width > 0) join(found, { x: rect.left, top: rect.top, right: rect.right, words: data.charAt(at) });
      }
    } else join(found, { x: first.left, top: first.top, right: first.right, words: word.replace(/\s+/, ' ') });
  }
  return found;
}

function join(found: Growing[], next: Line): void {
  const last = found.at(-1);
  if (last !== undefined && Math.abs(last.top - next.top) < 1) {
    last.words += next.words;
    if (next.words.trim() !== '') last.right = next.right;
  }
  // A line begins with a word, not with the space before it.
  else if (next.words.trim() !== '') found.push({ ...next });
}

let measure: CanvasRenderingContext2D | null = null;

/** From the top of a line's box to its baseline, in CSS pixels. */
function ascentOf({ fontStyle, fontWeight, fontSize, fontFamily }: CSSStyleDeclaration): number {
  measure ??= document.createElement('canvas').getContext('2d');
  if (measure === null) return Number.parseFloat(fontSize) * 0.95;
  measure.font = `${fontStyle} ${fontWeight} ${fontSize} ${fontFamily}`;
  return measure.measureText('x').fontBoundingBoxAscent;
}

function lines(text: Text, style: CSSStyleDeclaration, on: Setting): string {
  if (text.data.trim() === '') return '';
  const ascent = ascentOf(style);
  const paint = paintOf(style.color);
  const looks = attributes({
    fill: paint?.hex ?? '#000000',
    'font-family': familyOf(style.fontFamily),
    'font-size': unitlessLengths(style.fontSize),
    'font-weight': style.fontWeight,
    'letter-spacing': style.letterSpacing === 'normal' ? null : unitlessLengths(style.letterSpacing),
    style: style.fontVariantLigatures === 'none' && !on.measured ? NO_LIGATURES : null,
  });
  return broken(text)
    .map(({ x, top, words, right }) => {
      const place = {
        x: x - on.x,
        y: top - on.y + ascent,
        textLength: on.measured ? right - x : null,
        lengthAdjust: on.measured ? 'spacingAndGlyphs' : null,
      };
      return `<text${attributes(place)}${looks}>${xml(words.trimEnd())}</text>`;
    })
    .join('');
}
