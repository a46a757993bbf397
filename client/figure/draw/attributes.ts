/** What an author may write on a figure, read once for all: names and values in any case, what is unknown as if it were not there. */
import { FIGURE_ATTRIBUTES } from '../../../shared/api/figure.ts';

type View = 'map' | 'split' | 'ladder';

/** Steps are as they were written: a number of the figure's own steps, or the name of a beat. */
export interface Settings {
  readonly src: string | null;
  readonly step: string | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly poster: string | null;
  readonly autoplay: boolean;
  readonly loop: boolean;
  readonly speed: number;
  readonly controls: boolean;
  readonly view: View;
  readonly theme: 'auto' | 'light' | 'dark';
  readonly motion: 'auto' | 'reduce' | 'full';
  readonly captions: boolean;
  readonly keys: boolean;
  readonly lang: string | null;
  readonly title: string | null;
}

export const ATTRIBUTES = ['src', ...FIGURE_ATTRIBUTES, 'no-keys', 'title'] as const;
type Name = (typeof ATTRIBUTES)[number];

const OFF = new Set(['false', '0', 'off', 'no', 'none']);
export const SLOWEST = 0.1;
export const FASTEST = 16;

const oneOf = <Word extends string>(words: readonly Word[], said: string | null, otherwise: Word): Word =>
  words.find(word => word === said?.trim().toLowerCase()) ?? otherwise;

/** `written` gives what stands in an attribute, null where it is absent. */
export function settingsFrom(written: (name: Name) => string | null): Settings {
  const text = (name: Name): string | null => written(name)?.trim() || null;
  const isOff = (name: Name): boolean => OFF.has(written(name)?.trim().toLowerCase() ?? '');
  const isOn = (name: Name): boolean => written(name) !== null && !isOff(name);
  const speed = Number(text('speed') ?? 1);
  return {
    src: text('src'),
    step: text('step')?.replace(/^step:/i, '') ?? null,
    from: text('from'),
    to: text('to'),
    poster: text('poster')?.replace(/^step:/i, '') ?? null,
    autoplay: isOn('autoplay'),
    loop: isOn('loop'),
    speed: speed >= SLOWEST && speed <= FASTEST ? speed : 1,
    controls: !isOff('controls'),
    view: oneOf(['map', 'split', 'ladder'], written('view'), 'map'),
    theme: oneOf(['auto', 'light', 'dark'], written('theme'), 'auto'),
    motion: oneOf(['auto', 'reduce', 'full'], written('motion'), 'auto'),
    captions: !isOff('captions'),
    keys: !isOff('keys') && !isOn('no-keys'),
    lang: text('lang'),
    title: text('title'),
  };
}
