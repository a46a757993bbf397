/** What is chosen in the dialog, and the order that comes of it. */
import { nameOfBeat, spanOf } from '../../shared/story/span.ts';
import type { Story } from '../../shared/story/story.ts';
import type { Theme } from '../picture/format.ts';
import { SPEEDS } from '../player/transport.ts';
import { moment } from '../session/travel.ts';
import { FPS, type Kind, type Order } from './order.ts';

/** In the order in which they are offered: pixels. */
const SIZES = [
  { width: 680, height: 480 },
  { width: 1280, height: 720 },
  { width: 1920, height: 1080 },
] as const;

/** Of those at which a story is played, all but the slowest: a film at a quarter of the speed is four times as large. */
export const FILM_SPEEDS = SPEEDS.filter(speed => speed >= 0.5);

export interface Wish {
  readonly kind: Kind;
  /** Indices of beats. */
  readonly first: number;
  readonly last: number;
  /** Which of the sizes. */
  readonly size: number;
  /** Which of the speeds. */
  readonly speed: number;
  readonly theme: Theme;
  readonly captions: boolean;
}

/** Null where there is nothing to be shown. A still is of the moment at which the page stands. */
export function orderOf(story: Story, wish: Wish, link: string | null): Order | null {
  const { kind, first, last, size, speed, theme, captions } = wish;
  const [opening, closing] = [story.beats[first], story.beats[last]];
  if (opening === undefined || closing === undefined) return null;
  const part = spanOf(story, nameOfBeat(story, opening), nameOfBeat(story, closing));
  if (!part.ok) return null;
  const { width, height } = SIZES[size] ?? SIZES[1];
  return {
    kind,
    format: { width, height, theme, captions },
    span: part.span,
    at: moment(),
    speed: FILM_SPEEDS[speed] ?? 1,
    fps: kind === 'gif' || kind === 'mp4' || kind === 'webm' ? FPS[kind] : 1,
    link,
  };
}
