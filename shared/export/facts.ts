/** What heads every export: what the run is called, and when it was recorded. */
import { type Span, wholeOf } from '../story/span.ts';
import { type Story, storyTime } from '../story/story.ts';
import { plain } from '../story/words.ts';
import type { TraceHeader } from '../trace/header.ts';

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

/** "24 November 2026, 22:27 UTC"; as it stands where that is no moment of any calendar. */
export function recordedOn({ createdAt }: Pick<TraceHeader, 'createdAt'>): string {
  const moment = new Date(createdAt);
  if (Number.isNaN(moment.getTime())) return createdAt;
  const clock = moment.toISOString().slice(11, 16);
  return `${moment.getUTCDate()} ${MONTHS[moment.getUTCMonth()]} ${moment.getUTCFullYear()}, ${clock} UTC`;
}

/** The run that the span lies in, or, where it has several, what the whole recording is called. Without markup. */
export function titleOf(story: Story, span: Span): string {
  const first = story.beats[span.first]?.run;
  const run = first === undefined || first !== story.beats[span.last]?.run ? undefined : story.runs[first];
  return plain(run?.title || story.header.title || 'A letter on its way').trim();
}

/** "steps 2 to 5 of 14": how much of a recording this is; '' where it is all. */
export function partOf(story: Story, { first, last }: Span): string {
  const of = story.beats.length;
  if (last - first + 1 === of) return '';
  return first === last ? `step ${first + 1} of ${of}` : `steps ${first + 1} to ${last + 1} of ${of}`;
}

/** The wire time at which the run of a beat began: what "into the journey" counts from. */
export const originOf = (story: Story, run: number): number =>
  story.beats[story.runs[run]?.firstBeat ?? 0]?.wireStart ?? 0;

/** A name for files of this run: small letters, digits and hyphens. */
export const fileStem = (title: string): string =>
  title
    .normalize('NFKD')
    .replace(/’|'|\p{Mn}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60)
    .replace(/-+$/, '') || 'run';

/** The span asked for, else the whole; of a story in which nothing happens, nothing. */
export const shownSpan = (story: Story, span: Span | null): Span =>
  span ?? wholeOf(story) ?? { first: 0, last: -1, start: storyTime(0), end: storyTime(0) };
