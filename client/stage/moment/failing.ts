/** Where it went wrong: the host whose card and cable are marked, and what it said, for as long as its beat is on. */
import type { Motion, Scene, Story } from '../../../shared/story/story.ts';
import type { HostId } from '../../../shared/world/world.ts';

export interface Failure {
  /** Who said no or not now, or could not be reached. */
  readonly host: HostId;
  readonly verdict: 'no' | 'wait';
  readonly step: number;
  readonly motion: Motion;
}

/** The last that went wrong in this beat; null while nothing has. */
export function failureIn(story: Story, { beat, step }: Pick<Scene, 'beat' | 'step'>): Failure | null {
  if (beat === null || step === null) return null;
  for (let index = step.index; index >= beat.firstStep; index--) {
    const told = story.steps[index];
    const motion = told?.motion;
    if (told === undefined || motion == null) continue;
    const { verdict, reply } = motion;
    if (verdict !== 'wait' && !(verdict === 'no' && beat.failed)) continue;
    // A reply speaks for who sends it from the moment it is sent; who cannot be reached is marked when the call is.
    return { host: reply ? motion.from : motion.to, verdict, step: index, motion };
  }
  return null;
}
