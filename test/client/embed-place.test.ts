/** A place in a figure of a part of a run, and what its attributes say: a part of the whole is a part of the figure's own span. */
import { describe, expect, test } from 'vitest';
import { settingsFrom } from '../../client/figure/draw/attributes.ts';
import { momentIn } from '../../client/figure/place.ts';
import { spanOf } from '../../shared/story/span.ts';
import { storyOf } from '../fixtures/recordings.ts';

describe('a percentage', () => {
  const story = storyOf('youve-got-mail');
  const found = spanOf(story, 'mx-question', 'mx-answer');
  if (!found.ok) throw new Error(found.message);
  const { span } = found;

  test.each([0, 25, 50, 99, 100])('%i % is that part of the figure’s span, not of the run', percent => {
    expect(span.start).toBeGreaterThan(0);
    expect(span.end).toBeLessThan(story.end);
    expect(momentIn(story, span, { percent })).toBeCloseTo(span.start + ((span.end - span.start) * percent) / 100);
  });

  test('beyond an end is that end, and what is no number is no place', () => {
    expect(momentIn(story, span, { percent: -5 })).toBe(span.start);
    expect(momentIn(story, span, { percent: 250 })).toBe(span.end);
    expect(momentIn(story, span, { percent: Number.NaN })).toBeNull();
  });
});

describe('keys', () => {
  const keysOf = (attributes: Readonly<Record<string, string>>): boolean =>
    settingsFrom(name => attributes[name] ?? null).keys;

  test.each([
    [{}, true],
    [{ 'no-keys': '' }, false],
    [{ 'no-keys': 'true' }, false],
    [{ 'no-keys': 'false' }, true],
    [{ keys: 'off' }, false],
    [{ keys: 'on', 'no-keys': '' }, false],
  ])('%j: %s', (attributes, wanted) => {
    expect(keysOf(attributes)).toBe(wanted);
  });
});
