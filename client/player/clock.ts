/** A clock is a value: where the viewer stood in the story, when that was looked at, and how fast it has moved since. */
import { type StoryTime, storyTime } from '../../shared/story/story.ts';

/** `at` in story milliseconds at the host moment `since` (milliseconds of any monotonic clock); `rate` 0 stands still. */
export interface Clock {
  readonly at: StoryTime;
  readonly since: number;
  readonly rate: number;
}

const clamp = (t: number, end: StoryTime): StoryTime => storyTime(Math.min(Math.max(t, 0), end));

export const stopped: Clock = { at: storyTime(0), since: 0, rate: 0 };

/** Story time at the host moment `now`; never beyond `end`, however long the viewer has waited there. */
export const read = (clock: Clock, now: number, end: StoryTime): StoryTime =>
  clamp(clock.at + Math.max(0, now - clock.since) * clock.rate, end);

/**
 * The same clock, looked at now. Must be called with the old `end` before the story grows: waiting at the live end is not
 * time passed, and without this the next letter would appear as if it had already travelled.
 */
export const pin = (clock: Clock, now: number, end: StoryTime): Clock => ({
  at: read(clock, now, end),
  since: now,
  rate: clock.rate,
});

/** An assignment: nothing is replayed. The rate stays. */
export const seek = (clock: Clock, to: number, now: number, end: StoryTime): Clock => ({
  at: clamp(to, end),
  since: now,
  rate: clock.rate,
});

/** Changes how fast story time goes by from now on; 0 pauses. */
export const setRate = (clock: Clock, rate: number, now: number, end: StoryTime): Clock => ({
  ...pin(clock, now, end),
  rate,
});
