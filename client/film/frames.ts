/** Which moments a film shows: counted from the options alone, so that the same film has the same frames. Pure. */
import type { Span } from '../../shared/story/span.ts';
import { type Story, type StoryTime, storyTime } from '../../shared/story/story.ts';

export interface Frames {
  readonly count: number;
  /** Frames a second of the film. */
  readonly fps: number;
  /** How long it takes to watch. */
  readonly seconds: number;
  readonly at: (frame: number) => StoryTime;
}

/** `speed` 2 shows two seconds of the story in one. The last frame is the settled picture of the last step. */
export function framesOf(story: Story, span: Span, speed: number, fps: number): Frames {
  // Where the span ends before the story does, its end is the beginning of what is no longer shown.
  const last = span.end >= story.end ? story.end : Math.max(span.start, span.end - 1);
  const count = Math.max(1, Math.round(((span.end - span.start) / 1000 / speed) * fps));
  const each = (1000 * speed) / fps;
  return {
    count,
    fps,
    seconds: count / fps,
    at: frame => storyTime(frame >= count - 1 ? last : Math.min(span.start + frame * each, last)),
  };
}
