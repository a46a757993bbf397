/** Which story is on: the script that tells what the viewer looks at. Pure. */
import type { ToldScript } from '../../shared/script/script.ts';
import type { Scene, Story } from '../../shared/story/story.ts';

/** The script of the run that is shown; null where that run is told by nobody. */
export function scriptOn(story: Story, scene: Pick<Scene, 'run'> | null): ToldScript | null {
  const run = scene?.run?.index ?? 0;
  return story.scripts.findLast(script => script.run === run) ?? null;
}

/** The script whose end the viewer has come to; null anywhere else. */
export function endedAt(story: Story, scene: Pick<Scene, 'run' | 'at'>): ToldScript | null {
  const script = scriptOn(story, scene);
  return script?.ended === true && scene.run !== null && scene.at >= scene.run.end ? script : null;
}
