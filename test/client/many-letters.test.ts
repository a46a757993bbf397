/** However long a run is, what is drawn of it is bounded; however long a recording, it is read in steps that end where reading at once does. */
import { describe, expect, test } from 'vitest';
import { partAround } from '../../client/player/shown-part.ts';
import { drawnOf, segmentsOf } from '../../client/timeline/segments.ts';
import { createStoryteller, tellingWhole } from '../../shared/reading/storyteller.ts';
import type { Beat } from '../../shared/story/story.ts';
import { decodeTrace, decodingTrace, encodeTrace } from '../../shared/trace/codec.ts';
import { collected, received } from '../fixtures/many.ts';
import { storyOf } from '../fixtures/recordings.ts';
import { header } from '../fixtures/script.ts';

const story = createStoryteller(header).append(collected(1_000));
const run = story.runs[0];
if (run === undefined) throw new Error('the letters are collected in a run');

describe('the timeline of a run', () => {
  test('is drawn beat by beat where it is short', () => {
    const short = storyOf('youve-got-mail');
    for (const each of short.runs) {
      const beats = short.beats.slice(each.firstBeat, each.lastBeat + 1);
      expect(drawnOf(beats, each)).toEqual(segmentsOf(beats, each));
    }
  });

  test('of thousands of beats is a few hundred things, in which no failure is lost', () => {
    const beats = story.beats.map((beat): Beat => ({ ...beat, failed: beat.index % 400 === 7 }));
    const drawn = drawnOf(beats, run);
    expect(drawn.length + drawn.flatMap(segment => segment.dots).length).toBeLessThan(500);
    const failures = beats.filter(beat => beat.failed);
    expect(failures.length).toBeGreaterThan(1);
    for (const { start } of failures) {
      const at = (start - run.start) / (run.end - run.start);
      expect(drawn.some(({ failed, from, to }) => failed && from <= at && at <= to)).toBe(true);
    }
  });

  test('never draws beyond its run, and covers all of it', () => {
    const drawn = drawnOf(story.beats, run);
    expect(Math.min(...drawn.map(({ from }) => from))).toBe(0);
    expect(Math.max(...drawn.map(({ to }) => to))).toBe(1);
  });
});

describe('a part of a list', () => {
  test('is all of it where that is short, and around the entry that is on where it is not', () => {
    expect(partAround(120, 60, 40)).toEqual({ from: 0, to: 120 });
    for (const at of [0, 1, 5_000, 9_999]) {
      const { from, to } = partAround(10_000, at, 40);
      expect(from <= at && at < to).toBe(true);
      expect(to - from).toBeLessThanOrEqual(3 * 40);
    }
  });

  test('does not change at each step, and grows where more is asked for', () => {
    const parts = Array.from({ length: 10 }, (_, at) => JSON.stringify(partAround(10_000, 5_000 + at, 40)));
    expect(new Set(parts).size).toBe(1);
    const { from, to } = partAround(10_000, 5_000, 40);
    expect(partAround(10_000, 5_000, 40, 100, 50)).toEqual({ from: from - 100, to: to + 50 });
  });
});

describe('in steps', () => {
  const events = received(100);

  test('a trace is read as it is at once, and in more than one step', () => {
    const text = encodeTrace(header, events);
    let steps = 0;
    const decoding = decodingTrace(text);
    let step = decoding.next();
    for (; !step.done; step = decoding.next()) steps += 1;
    expect(step.value).toEqual(decodeTrace(text));
    expect(steps).toBeGreaterThan(10);
  });

  test('a recording is told as it is at once', () => {
    const teller = createStoryteller(header);
    teller.append(events);
    const telling = tellingWhole(header, events);
    let step = telling.next();
    while (!step.done) step = telling.next();
    expect(step.value).toEqual(teller.finish());
  });
});
