/** Where it went wrong: the host whose card and cable are marked, for as long as its beat is on. */
import type { Scene, Story } from '../../shared/story/story.ts';
import type { HostId } from '../../shared/world/world.ts';

/** Who said no in this beat, or could not be reached; null while nobody has. */
export function failingHost(story: Story, { beat, step }: Pick<Scene, 'beat' | 'step'>): HostId | null {
  if (beat === null || step === null) return null;
  for (let index = step.index; index >= beat.firstStep; index--) {
    const motion = story.steps[index]?.motion;
    if (motion?.verdict === 'no' && beat.failed) return motion.reply ? motion.from : motion.to;
  }
  return null;
}
