/** What the address of a figure says: which run it shows, and how. The frame reads it, the server carries it over. Pure. */

/** Attributes of `<mail-flow>` that an address can say, too, and that mean the same there. */
export const FIGURE_ATTRIBUTES = [
  'step',
  'from',
  'to',
  'poster',
  'autoplay',
  'loop',
  'speed',
  'controls',
  'view',
  'theme',
  'motion',
  'captions',
  'keys',
  'lang',
] as const;

/** `t` is a moment in seconds, or "1:02". */
export const FIGURE_OPTIONS = [...FIGURE_ATTRIBUTES, 't'] as const;
export type FigureOption = (typeof FIGURE_OPTIONS)[number];

/** `story`: one of the site's by its name. `trace`: the address of a recording or a told run. */
type FigureSource =
  | { readonly kind: 'story'; readonly name: string }
  | { readonly kind: 'trace'; readonly address: string };

export interface FigureAddress {
  readonly source: FigureSource | null;
  readonly options: ReadonlyMap<FigureOption, string>;
}

/** More of a value is of no use. */
const LONGEST = { option: 200, address: 2000 } as const;

const optionNamed = (name: string): FigureOption | undefined => FIGURE_OPTIONS.find(each => each === name);

/**
 * Names in any case, unknown ones are ignored, the later of two wins: what the hash says comes after the query. `src` and
 * `trace` are the same; a story is preferred.
 */
export function readFigure(...parts: readonly Iterable<readonly [name: string, value: string]>[]): FigureAddress {
  const options = new Map<FigureOption, string>();
  let story: string | null = null;
  let trace: string | null = null;
  for (const part of parts) {
    for (const [name, value] of part) {
      const lower = name.toLowerCase();
      const option = optionNamed(lower);
      if (option !== undefined && value.length <= LONGEST.option) options.set(option, value);
      else if (lower === 'story' && value !== '') story = value;
      else if ((lower === 'trace' || lower === 'src') && value !== '' && value.length <= LONGEST.address) trace = value;
    }
  }
  const source: FigureSource | null =
    story !== null ? { kind: 'story', name: story } : trace !== null ? { kind: 'trace', address: trace } : null;
  return { source, options };
}

/** "12.4", "2:03" or "1:02:03" in milliseconds; null where it is no time. */
export function momentOf(time: string): number | null {
  const found = /^(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,6}(?:\.\d{1,6})?)s?$/.exec(time.trim());
  if (found === null) return null;
  const [, hours = '0', minutes = '0', seconds = '0'] = found;
  return Math.round((Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000);
}
