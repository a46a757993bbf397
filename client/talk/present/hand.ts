/** Follows the mouse: where it points on the stage, and that it was there at all, until it has rested for a while. */
import { type PointerEvent, type RefObject, useEffect, useRef, useState } from 'react';
import { pointAt } from './presentation.ts';

/** Milliseconds without a movement after which it is gone. */
const RESTS = 2_000;

interface Hand {
  /** It was moved lately, or a finger has touched. */
  readonly here: boolean;
  readonly onPointerMove: (event: PointerEvent<HTMLElement>) => void;
  readonly onPointerLeave: () => void;
}

/** `stage`: of what the pointer is told in parts. */
export function useHand(stage: RefObject<HTMLElement | null>): Hand {
  const [here, setHere] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const leave = (): void => {
    clearTimeout(timer.current);
    setHere(false);
    pointAt(null);
  };
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      pointAt(null);
    },
    [],
  );
  const move = (event: PointerEvent<HTMLElement>): void => {
    clearTimeout(timer.current);
    timer.current = setTimeout(leave, RESTS);
    setHere(true);
    const box = stage.current?.getBoundingClientRect();
    if (box === undefined || box.width === 0) return;
    const x = (event.clientX - box.left) / box.width;
    const y = (event.clientY - box.top) / box.height;
    // A finger covers what it points at.
    const within = x >= 0 && x <= 1 && y >= 0 && y <= 1 && event.pointerType !== 'touch';
    pointAt(within ? { x, y } : null);
  };
  return { here, onPointerMove: move, onPointerLeave: leave };
}
