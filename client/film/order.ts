/** What somebody asks for: a picture or a film of a story, of which part, how large, how fast. Pure. */
import type { Span } from '../../shared/story/span.ts';
import type { Story, StoryTime } from '../../shared/story/story.ts';
import { type Format, SIDES } from '../picture/format.ts';
import { framesOf } from './frames.ts';

export const KINDS = ['gif', 'mp4', 'webm', 'sheet', 'png', 'svg'] as const;
export type Kind = (typeof KINDS)[number];

/** What moves, and is made of a span; the rest shows one moment, or one for each step. */
const FILMS: ReadonlySet<Kind> = new Set(['gif', 'mp4', 'webm']);
export const isFilm = (kind: Kind): boolean => FILMS.has(kind);

export interface Order {
  readonly kind: Kind;
  readonly format: Format;
  /** Of a film and of a sheet. */
  readonly span: Span;
  /** Of a still. */
  readonly at: StoryTime;
  /** 2 is twice as fast as the page plays. */
  readonly speed: number;
  readonly fps: number;
  /** Where a press on a still in SVG leads. */
  readonly link: string | null;
}

/** Frames a second where nothing else is asked for. */
export const FPS: Readonly<Record<'gif' | 'mp4' | 'webm', number>> = { gif: 10, mp4: 30, webm: 30 };

/** More than this no browser holds in memory, and nobody watches. */
const MOST_FRAMES = 40_000;

/** What is wrong with an order, in a sentence that says what to do; null where it can be made. */
export function wrongWith(story: Story, { kind, format, span, speed, fps }: Order): string | null {
  const { width, height } = format;
  for (const side of [width, height])
    if (!Number.isInteger(side) || side < SIDES.least || side > SIDES.most)
      return `A picture is ${SIDES.least} to ${SIDES.most} pixels wide and high, not ${width} × ${height}.`;
  if (!isFilm(kind)) return null;
  if (kind !== 'gif' && (width % 2 === 1 || height % 2 === 1))
    return `A video has an even width and height: ${width + (width % 2)} × ${height + (height % 2)}, not ${width} × ${height}.`;
  if (!(speed >= 0.1 && speed <= 20)) return 'The speed of a film is 0.1 to 20.';
  if (!(fps >= 1 && fps <= 60)) return 'A film has 1 to 60 frames a second.';
  if (kind === 'gif' && fps > 50) return 'A GIF has at most 50 frames a second.';
  const { count } = framesOf(story, span, speed, fps);
  return count > MOST_FRAMES
    ? `That would be ${count.toLocaleString('en')} frames; choose fewer steps or a higher speed.`
    : null;
}

/** A name for the file: "lunch-mx-question" for a part, without what file systems refuse. */
export function nameOf(story: Story, { kind, span }: Pick<Order, 'kind' | 'span'>, ending: string): string {
  const title = (story.runs[story.beats[span.first]?.run ?? 0]?.title ?? story.header.title)
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
  return `${title === '' ? 'mailscope' : title}${kind === 'sheet' ? '-steps' : ''}.${ending}`;
}
