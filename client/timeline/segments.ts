/** What the timeline draws of one run: bars in three lanes, dots for beats, and labels that never touch. Pure. */
import { PROTOCOL_IDS, PROTOCOLS, type Protocol } from '../../shared/protocols.ts';
import type { Beat, Chapter, Run, Story } from '../../shared/story/story.ts';

type Lane = (typeof PROTOCOLS)[Protocol]['lane'];

export const LANES: readonly Lane[] = [...new Set(PROTOCOL_IDS.map(id => PROTOCOLS[id].lane))];

export interface Segment {
  readonly lane: Lane;
  readonly protocol: Protocol;
  /** Fractions of the run's length, 0..1. */
  readonly from: number;
  readonly to: number;
  readonly failed: boolean;
  /** Where its beats begin, as fractions of the run's length. */
  readonly dots: readonly Dot[];
}

interface Dot {
  readonly beat: number;
  readonly at: number;
  readonly failed: boolean;
}

/** Length in milliseconds, never 0, so that a run that has just begun can be drawn. */
export const lengthOf = (run: Run): number => Math.max(1, run.end - run.start);

/** Where `t` lies in the run, 0..1. */
export const fractionOf = (run: Run, t: number): number => Math.min(1, Math.max(0, (t - run.start) / lengthOf(run)));

/** Neighbouring beats of one protocol make one bar. */
export function segmentsOf(beats: readonly Beat[], run: Run): readonly Segment[] {
  const segments: (Segment & { to: number; readonly dots: Dot[] })[] = [];
  for (const beat of beats) {
    const { protocol } = beat.caption;
    const dot = { beat: beat.index, at: fractionOf(run, beat.start), failed: beat.failed };
    const last = segments.at(-1);
    const to = fractionOf(run, beat.end);
    if (last !== undefined && last.protocol === protocol && last.failed === beat.failed) {
      last.to = to;
      last.dots.push(dot);
    } else {
      segments.push({
        lane: PROTOCOLS[protocol].lane,
        protocol,
        from: fractionOf(run, beat.start),
        to,
        failed: beat.failed,
        dots: [dot],
      });
    }
  }
  return segments;
}

/** Beats of a run that are drawn one by one. */
const MOST_EXACT = 300;
/** Into so many columns a longer run is divided: about as many as can be told apart on a wide screen. */
const COLUMNS = 160;

/** A run that is too long to be drawn beat by beat: a column of a lane is one colour, and of its dots only failures are left, one each. */
function coarseSegments(beats: readonly Beat[], run: Run): readonly Segment[] {
  const segments: (Segment & { to: number; readonly dots: Dot[] })[] = [];
  for (const lane of LANES) {
    const columns = new Array<Beat | null>(COLUMNS).fill(null);
    const mark = (column: number, beat: Beat): void => {
      const before = columns[column];
      if (before == null || (beat.failed && !before.failed)) columns[column] = beat;
    };
    for (const beat of beats) {
      if (PROTOCOLS[beat.caption.protocol].lane !== lane) continue;
      const from = Math.min(COLUMNS - 1, Math.floor(fractionOf(run, beat.start) * COLUMNS));
      const to = Math.max(from, Math.ceil(fractionOf(run, beat.end) * COLUMNS) - 1);
      for (let column = from; column <= to; column += 1) mark(column, beat);
    }
    let last: (Segment & { to: number; readonly dots: Dot[] }) | null = null;
    columns.forEach((beat, column) => {
      if (beat === null) {
        last = null;
        return;
      }
      const { protocol } = beat.caption;
      if (last?.protocol !== protocol || last.failed !== beat.failed) {
        last = { lane, protocol, from: column / COLUMNS, to: 0, failed: beat.failed, dots: [] };
        segments.push(last);
      }
      last.to = (column + 1) / COLUMNS;
      if (beat.failed && last.dots.at(-1)?.beat !== beat.index)
        last.dots.push({ beat: beat.index, at: Math.max(column / COLUMNS, fractionOf(run, beat.start)), failed: true });
    });
  }
  return segments;
}

/** What is drawn of these beats of a run: of however many, a bounded number of things. */
export const drawnOf = (beats: readonly Beat[], run: Run): readonly Segment[] =>
  beats.length <= MOST_EXACT ? segmentsOf(beats, run) : coarseSegments(beats, run);

export const beatsOf = (story: Story, run: Run): readonly Beat[] => story.beats.slice(run.firstBeat, run.lastBeat + 1);

export interface Label {
  readonly chapter: Chapter;
  /** Pixels from the track's left edge. */
  readonly left: number;
  readonly width: number;
  readonly current: boolean;
}

const GAP = 8;
/** A label cut shorter than this says nothing. */
const SHORTEST = 44;

/**
 * Places chapter titles under a track `width` pixels long. The current one is always there in full; the others get what is
 * left of the way to their neighbour, are cut short by the style sheet, or are left out.
 */
export function placeLabels(
  chapters: readonly Chapter[],
  run: Run,
  width: number,
  current: Chapter | null,
  measure: (text: string) => number,
): readonly Label[] {
  const at = (chapter: Chapter): number => fractionOf(run, chapter.start) * width;
  const labels: Label[] = [];
  let reserved: { readonly left: number; readonly right: number } | null = null;
  if (current !== null) {
    const full = Math.min(measure(current.title), width);
    const left = Math.max(0, Math.min(at(current), width - full));
    labels.push({ chapter: current, left, width: full, current: true });
    reserved = { left, right: left + full };
  }
  let free = 0;
  // A chapter too short for its own name leaves the room to the one before it.
  const named = chapters.filter((chapter, index) => {
    const next = chapters[index + 1];
    const room = (next === undefined ? width : at(next)) - at(chapter) - GAP;
    return chapter === current || room >= Math.min(SHORTEST, measure(chapter.title));
  });
  named.forEach((chapter, index) => {
    if (chapter === current) {
      free = (reserved?.right ?? 0) + GAP;
      return;
    }
    const left = Math.max(at(chapter), free);
    const next = named[index + 1];
    let right = next === undefined ? width : next === current ? width : at(next) - GAP;
    if (reserved !== null && left < reserved.right && right > reserved.left - GAP) right = reserved.left - GAP;
    const fits = Math.min(measure(chapter.title), right - left);
    // One pushed far from where its chapter begins would be read as another's.
    if (fits < Math.min(SHORTEST, measure(chapter.title)) || left - at(chapter) > 24) return;
    labels.push({ chapter, left, width: fits, current: false });
    free = left + fits + GAP;
  });
  return labels.sort((a, b) => a.left - b.left);
}

/** "1:02", or "0:12". */
export function clockText(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
