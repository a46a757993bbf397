/** How wide text is in a face: what is needed to break a title into lines before anybody draws it. */
import type { Sfnt } from './woff.ts';

/** Words in lines, and the size in which they fit. */
export interface Setting {
  readonly size: number;
  readonly lines: readonly string[];
  /** Nothing had to be left out. */
  readonly whole: boolean;
}

export interface Typeface {
  /** The width of a line at `size`, in the same unit. */
  widthOf(text: string, size: number): number;
}

const tableOf = ({ tables }: Sfnt, tag: string): DataView => {
  const table = tables.get(tag);
  if (table === undefined) throw new Error(`This font has no table ${tag}.`);
  return table;
};

/** The glyphs of the basic plane: `cmap` format 4. */
function glyphsOf(cmap: DataView): (code: number) => number {
  const count = cmap.getUint16(2);
  const starts = Array.from({ length: count }, (_, index) => cmap.getUint32(4 + index * 8 + 4));
  const at = starts.find(start => cmap.getUint16(start) === 4);
  if (at === undefined) return () => 0;
  const doubled = cmap.getUint16(at + 6);
  const ends = at + 14;
  return code => {
    for (let segment = 0; segment < doubled; segment += 2) {
      if (cmap.getUint16(ends + segment) < code) continue;
      const first = cmap.getUint16(ends + doubled + 2 + segment);
      if (first > code) return 0;
      const delta = cmap.getUint16(ends + 2 * doubled + 2 + segment);
      const place = ends + 3 * doubled + 2 + segment;
      const offset = cmap.getUint16(place);
      if (offset === 0) return (code + delta) & 0xffff;
      const glyph = cmap.getUint16(place + offset + (code - first) * 2);
      return glyph === 0 ? 0 : (glyph + delta) & 0xffff;
    }
    return 0;
  };
}

/** Reads widths alone: pairs are set a little closer than this says. `faces` in the order in which a character is looked for. */
export function createTypeface(faces: readonly Sfnt[]): Typeface {
  const read = faces.map(sfnt => {
    const metrics = tableOf(sfnt, 'hmtx');
    const wide = tableOf(sfnt, 'hhea').getUint16(34);
    const em = tableOf(sfnt, 'head').getUint16(18);
    const glyphOf = glyphsOf(tableOf(sfnt, 'cmap'));
    const advanceOf = (glyph: number): number => metrics.getUint16(Math.min(glyph, wide - 1) * 4) / em;
    return { glyphOf, advanceOf };
  });
  const known = new Map<string, number>();
  function advance(character: string): number {
    const before = known.get(character);
    if (before !== undefined) return before;
    const code = character.codePointAt(0) ?? 0;
    const face = code > 0xffff ? undefined : read.find(each => each.glyphOf(code) !== 0);
    // What no face has is drawn as a box, about as wide as its line is high.
    const width = face === undefined ? 0.7 : face.advanceOf(face.glyphOf(code));
    if (known.size < 2000) known.set(character, width);
    return width;
  }
  return { widthOf: (text, size) => [...text].reduce((sum, each) => sum + advance(each), 0) * size };
}

/** Fills line after line. A word that is longer than a line has one of its own. */
function broken(words: readonly string[], fits: (line: string) => boolean): readonly string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    const longer = last === undefined ? word : `${last} ${word}`;
    if (last !== undefined && fits(longer)) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** As much of a line as there is room for. */
function clipped(line: string, fits: (line: string) => boolean): string {
  if (fits(line)) return line;
  let end = line.length;
  while (end > 0 && !fits(`${line.slice(0, end).trimEnd()}…`)) end -= 1;
  return `${line.slice(0, end).trimEnd()}…`;
}

/**
 * Sets text in at most `most` lines of `width`, in the largest of `sizes` (given from the largest) that holds all of it;
 * in the smallest, what does not fit is left out.
 */
export function set(
  face: Typeface,
  text: string,
  {
    width,
    most,
    sizes,
  }: { readonly width: number; readonly most: number; readonly sizes: readonly [number, ...number[]] },
): Setting {
  const words = text.split(/\s+/).filter(word => word !== '');
  for (const size of sizes) {
    const fits = (line: string): boolean => face.widthOf(line, size) <= width;
    const lines = broken(words, fits);
    if (lines.length <= most && lines.every(fits)) return { size, lines, whole: true };
  }
  const size = sizes.at(-1) ?? sizes[0];
  const fits = (line: string): boolean => face.widthOf(line, size) <= width;
  const lines = broken(words, fits);
  const rest = lines.slice(most - 1).join(' ');
  const shown = [...lines.slice(0, most - 1), ...(rest === '' ? [] : [rest])].map(line => clipped(line, fits));
  return { size, lines: shown, whole: false };
}
