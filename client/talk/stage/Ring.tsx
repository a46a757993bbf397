/** The speaker's hand: a ring over the stage, where the mouse is, for as long as it moves. */
import { type ReactNode, useLayoutEffect, useRef } from 'react';
import { presentation } from '../present/presentation.ts';

/** Moved on its own element, so that nothing else is drawn anew. */
export function Ring(): ReactNode {
  const ring = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const move = (): void => {
      const element = ring.current;
      if (element === null) return;
      const { pointer } = presentation.getState();
      element.hidden = pointer === null;
      if (pointer === null) return;
      element.style.left = `${(pointer.x * 100).toFixed(3)}%`;
      element.style.top = `${(pointer.y * 100).toFixed(3)}%`;
    };
    move();
    return presentation.subscribe((state, before) => {
      if (state.pointer !== before.pointer) move();
    });
  }, []);
  return <div className="present-ring" aria-hidden="true" hidden ref={ring} />;
}
