/** Where a story ends: pure. */
import type { ToldScript } from '../../shared/story/script.ts';
import type { Scene, Story } from '../../shared/story/story.ts';
import { scriptOf } from '../player/questions.ts';

/** The script whose end the viewer has come to; null anywhere else. */
export function endedAt(story: Story, { run, at }: Pick<Scene, 'run' | 'at'>): ToldScript | null {
  const script = scriptOf(story, run);
  return script?.ended === true && run !== null && at >= run.end ? script : null;
}
