/** How large a picture is, and how it is divided between the stage and the words under it. Pure. */
import type { Size } from '../stage/plan/plan.ts';

export type Theme = 'light' | 'dark';

export interface Format {
  /** Pixels of the finished picture. */
  readonly width: number;
  readonly height: number;
  readonly theme: Theme;
  /** Whether the words are under it. */
  readonly captions: boolean;
}

/** In CSS pixels, in which it is set; `ratio` pixels of the finished picture are one of them. */
export interface Sheet extends Size {
  readonly ratio: number;
  /** The upper part, which is the stage's. */
  readonly stage: Size;
}

/** Wide enough for the wide stage, and no wider than that its type stays large in the finished picture. */
const [LEAST, MOST, UPRIGHT] = [680, 1120, 400];
/** How much of its height the words take. */
const [BAND, UPRIGHT_BAND] = [0.235, 0.3];
/** A head, a title and two lines in their full size. */
const LEAST_BAND = 126;

export function sheetOf({ width, height, captions }: Pick<Format, 'width' | 'height' | 'captions'>): Sheet {
  const upright = height > width;
  const w = upright ? UPRIGHT : Math.min(MOST, Math.max(LEAST, width));
  const ratio = width / w;
  const h = height / ratio;
  const band = captions ? Math.max(LEAST_BAND, Math.round(h * (upright ? UPRIGHT_BAND : BAND))) : 0;
  return { w, h, ratio, stage: { w, h: h - band } };
}

/** What a picture may measure: a small one cannot be read, and a larger one no browser draws. */
export const SIDES = { least: 240, most: 4096 } as const;
