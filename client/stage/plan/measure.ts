/** How wide words will be before they are drawn, near enough to lay out a card: mean advances of the page's own faces. */
import { visible } from '../../../shared/visible.ts';

export type Face = 'sans' | 'bold' | 'mono';

const NARROW = new Set("iIjlrtf.,:;'’!|()[] ·");
const WIDE = new Set('mwMW@—…✉');

/** In the units of `size`; errs on the wide side by a few per cent. */
export function widthOf(text: string, size: number, face: Face): number {
  if (face === 'mono') return [...text].length * size * 0.602;
  let ems = 0;
  for (const char of text) {
    if (NARROW.has(char)) ems += 0.31;
    else if (WIDE.has(char)) ems += 0.88;
    else ems += char >= 'A' && char <= 'Z' ? 0.67 : 0.575;
  }
  return ems * size * (face === 'bold' ? 1.03 : 0.98);
}

/** Characters at either end among which the place to cut is looked for: more than any sign on the stage holds. */
const MOST = 200;

/** Shortens in the middle, so that the beginning and the domain at the end stay readable; the whole text where it fits. */
export function fitMiddle(given: string, room: number, size: number, face: Face): string {
  const text = visible(given);
  if (widthOf(text, size, face) <= room) return text;
  const all = [...text];
  const chars = all.length > 2 * MOST ? [...all.slice(0, MOST), ...all.slice(-MOST)] : all;
  for (let keep = chars.length - 1; keep > 1; keep--) {
    const head = Math.ceil(keep / 2);
    const short = `${chars.slice(0, head).join('')}…${chars.slice(chars.length - (keep - head)).join('')}`;
    if (widthOf(short, size, face) <= room) return short;
  }
  return '…';
}

/** On two lines, cut between words where that makes the longer one shortest; null where it cannot be cut or does not fit. */
export function fitTwo(text: string, room: number, size: number, face: Face): readonly [string, string] | null {
  const words = text.split(' ');
  let best: readonly [string, string] | null = null;
  let least = room;
  for (let cut = 1; cut < words.length; cut++) {
    const lines = [words.slice(0, cut).join(' '), words.slice(cut).join(' ')] as const;
    const longer = Math.max(...lines.map(line => widthOf(line, size, face)));
    if (longer <= least) [best, least] = [lines, longer];
  }
  return best;
}

/** Shortens at the end. */
export function fitEnd(given: string, room: number, size: number, face: Face): string {
  const text = visible(given);
  if (widthOf(text, size, face) <= room) return text;
  const chars = [...text].slice(0, 2 * MOST);
  while (chars.length > 1 && widthOf(`${chars.join('')}…`, size, face) > room) chars.pop();
  return `${chars.join('').trimEnd()}…`;
}
