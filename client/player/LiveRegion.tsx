/** Speaks once a step to whoever listens instead of looks: rewritten per beat, never per frame. */
import type { ReactNode } from 'react';
import { usePlayer } from './usePlayer.ts';

export function LiveRegion(): ReactNode {
  const said = usePlayer(({ beside: scene }) => {
    if (scene?.caption == null) return '';
    // A letter's first step is said with its number: the words alone would be those of the letter before, and stay unsaid.
    const letter = scene.run !== null && scene.stepNumber === 1 ? `Letter ${scene.run.index + 1}. ` : '';
    const failed = scene.beat?.failed ? 'Failed. ' : '';
    return `${letter}${failed}${scene.caption.title}. ${scene.caption.body}`.replaceAll('**', '');
  });
  return (
    <p className="sr-only" role="status" aria-live="polite" aria-atomic="true">
      {said}
    </p>
  );
}
