/** The pictures for what stands under and beside the stage: while it plays one and two frames behind the stage's, so that no frame draws everything anew. */
import { createStore } from 'zustand/vanilla';
import type { Scene } from '../../shared/story/story.ts';

export interface Trail {
  /** For the words under the stage: a frame behind it. */
  readonly under: Scene | null;
  /** For the panels and the timeline: another frame behind. */
  readonly beside: Scene | null;
}

export const trail = createStore<Trail>(() => ({ under: null, beside: null }));

/** A frame of a story that plays begins, `scene` being what the stage has shown until now. */
export function moveUp(scene: Scene | null): void {
  const { under, beside } = trail.getState();
  if (under !== scene || beside !== under) trail.setState({ under: scene, beside: under });
}

/** Somebody has gone to another moment: all of the page shows it at once. */
export const showWithoutTrail = (scene: Scene | null): void => trail.setState({ under: scene, beside: scene });
