/** Speaks once a step to whoever listens instead of looks: rewritten per beat, never per frame. */
import type { ReactNode } from 'react';
import { usePlayer } from './usePlayer.ts';

export function LiveRegion(): ReactNode {
  const said = usePlayer(({ scene }) => {
    if (scene?.caption == null) return '';
    const failed = scene.beat?.failed ? 'Failed. ' : '';
    return `${failed}${scene.caption.title}. ${scene.caption.body}`.replaceAll('**', '');
  });
  return (
    <p className="sr-only" role="status" aria-live="polite" aria-atomic="true">
      {said}
    </p>
  );
}
