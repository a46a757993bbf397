/** Whether a scripted story has reached its end: pure. */
import type { ScriptProgress } from '../../shared/story/script.ts';
import type { Scene, Story } from '../../shared/story/story.ts';
import { scriptOf } from '../player/questions.ts';

/** The script that has ended at or before this moment; null while it runs and outside any script. */
export function scriptEndedAt(story: Story, { run, at }: Pick<Scene, 'run' | 'at'>): ScriptProgress | null {
  const script = scriptOf(story, run);
  return script?.ended === true && run !== null && at >= run.end ? script : null;
}
