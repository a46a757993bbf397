/** The slider of whatever plays: dragged by pointer or finger, stepped by arrow keys. What plays stands still while it is held. */
import { type KeyboardEvent, type PointerEvent, useRef } from 'react';

interface Slides {
  /** Where it is dragged to: 0 its left end, 1 its right end. */
  readonly to: (fraction: number) => void;
  readonly step: (by: 1 | -1) => void;
  readonly playing: () => boolean;
  readonly pause: () => void;
  /** It played when it was taken hold of, and has been let go. */
  readonly resume: () => void;
  /** What its Home and End do; left out, they are the page's. */
  readonly toEnd?: (key: string) => void;
}

/** The handlers of the element that is the slider. */
export function useSlider({ to, step, playing, pause, resume, toEnd }: Slides) {
  const resumes = useRef(false);
  const goToPointer = (event: PointerEvent<HTMLElement>): void => {
    const box = event.currentTarget.getBoundingClientRect();
    to(Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)));
  };
  return {
    onPointerDown(event: PointerEvent<HTMLElement>): void {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      resumes.current = playing();
      pause();
      goToPointer(event);
    },
    onPointerMove(event: PointerEvent<HTMLElement>): void {
      if (event.currentTarget.hasPointerCapture(event.pointerId)) goToPointer(event);
    },
    onLostPointerCapture(): void {
      if (resumes.current) resume();
      resumes.current = false;
    },
    onKeyDown(event: KeyboardEvent): void {
      const { key } = event;
      if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
      if (key === 'ArrowRight' || key === 'ArrowUp') step(1);
      else if (key === 'ArrowLeft' || key === 'ArrowDown') step(-1);
      else if (toEnd !== undefined && (key === 'Home' || key === 'End')) toEnd(key);
      else return;
      event.preventDefault();
    },
  };
}
