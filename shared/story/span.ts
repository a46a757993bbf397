/** A part of a story by the names of its beats: what one figure of an article shows of a whole run. Pure. */
import type { Beat, Story, StoryTime } from './story.ts';
import { storyTime } from './story.ts';

/** Beats [first, last] of a story, from the moment `start` to the moment `end`. */
export interface Span {
  readonly first: number;
  readonly last: number;
  readonly start: StoryTime;
  readonly end: StoryTime;
}

export type SpanFound = { readonly ok: true; readonly span: Span } | { readonly ok: false; readonly message: string };

/** The whole of it; null where nothing is told yet. */
export function wholeOf(story: Story): Span | null {
  const last = story.beats.length - 1;
  return last < 0 ? null : { first: 0, last, start: storyTime(0), end: story.end };
}

/**
 * The beat that `name` means, looked for from beat `from` on: its name ("mx-question"), its name and which of several
 * ("mx-question#2"), or its number as it is shown ("5" is the fifth).
 */
export function beatNamed(story: Story, name: string, from = 0): Beat | null {
  const wanted = name.trim().toLowerCase();
  if (/^\d+$/.test(wanted)) return story.beats[Number(wanted) - 1] ?? null;
  const [plain = '', nth] = wanted.split('#', 2);
  const named = story.beats.filter(beat => beat.name === plain && (nth !== undefined || beat.index >= from));
  return named[nth === undefined ? 0 : Number(nth) - 1] ?? null;
}

/** A name by which `beatNamed` finds this beat, wherever it is looked for from: "mx-question", or "mx-question#2". */
export function nameOfBeat(story: Story, beat: Beat): string {
  const nth = story.beats.filter(({ name, index }) => name === beat.name && index <= beat.index).length;
  return nth === 1 ? beat.name : `${beat.name}#${nth}`;
}

/** From the beginning of beat `from` to the end of beat `to`; null is the beginning, or the end, of the story. */
export function spanOf(story: Story, from: string | null, to: string | null): SpanFound {
  const whole = wholeOf(story);
  if (whole === null) return { ok: false, message: 'Nothing happens in this recording.' };
  const first = from === null ? story.beats[0] : beatNamed(story, from);
  if (!first) return { ok: false, message: unknown(story, from ?? '') };
  const last = to === null ? story.beats[whole.last] : beatNamed(story, to, first.index);
  if (!last) return { ok: false, message: unknown(story, to ?? '') };
  if (last.index < first.index) return { ok: false, message: `“${to}” comes before “${from}”.` };
  const start = first.index === 0 ? whole.start : first.start;
  return { ok: true, span: { first: first.index, last: last.index, start, end: last.end } };
}

const unknown = (story: Story, name: string): string =>
  `No step of this recording is called “${name}”. Its steps: ${[...new Set(story.beats.map(beat => beat.name))].join(', ')}.`;
