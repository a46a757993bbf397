/** How a place in a figure is said: the number of a step, the name of a beat, milliseconds or a part of the whole. Pure. */
import { beatNamed, type Span } from '../../shared/story/span.ts';
import { type Beat, type Story, type StoryTime, storyTime } from '../../shared/story/story.ts';

/** A number counts the figure's own steps from 1; a string is such a number or the name of a beat. */
export type Place = number | string | { readonly ms: number } | { readonly percent: number };

/** `index` counts from 1, `start` is in seconds of the figure. */
export interface FigureStep {
  readonly index: number;
  readonly name: string;
  readonly title: string;
  readonly start: number;
}

export const stepOf = (span: Span, beat: Beat): FigureStep => ({
  index: beat.index - span.first + 1,
  name: beat.name,
  title: beat.caption.title.replaceAll('**', ''),
  start: Math.max(0, beat.start - span.start) / 1000,
});

export const stepsOf = (story: Story, span: Span): readonly FigureStep[] =>
  story.beats.slice(span.first, span.last + 1).map(beat => stepOf(span, beat));

/** The step of the figure that is meant, looked for from beat `from` on; null where the figure has none, or no step is meant. */
export function beatOf(story: Story, span: Span, place: Place, from = span.first): Beat | null {
  if (typeof place === 'object') return null;
  const said = String(place).trim();
  const beat = /^\d+$/.test(said) ? story.beats[span.first + Number(said) - 1] : beatNamed(story, said, from);
  return beat != null && beat.index >= span.first && beat.index <= span.last ? beat : null;
}

/** Null where there is no such place. A time beyond either end is that end. */
export function momentIn(story: Story, span: Span, place: Place): StoryTime | null {
  if (typeof place !== 'object') return beatOf(story, span, place)?.start ?? null;
  const whole = span.end - span.start;
  const into = 'ms' in place ? place.ms : (place.percent / 100) * whole;
  return Number.isFinite(into) ? storyTime(span.start + Math.min(Math.max(0, into), whole)) : null;
}
