/** How large the drawing is: its shape, its size in drawing units and the scale at which it is shown, from the room it has. */
import { type RefObject, useLayoutEffect, useState } from 'react';
import { clamp } from './geometry.ts';
import { DESIGN_SIZE, type Shape, type Size } from './plan.ts';

export interface Frame extends Size {
  readonly shape: Shape;
  readonly scale: number;
}

/** Below this scale the smallest type would be under 11 px; the drawing then gets less room, not smaller type. */
const LEAST = 0.9;
const MOST = 1.45;
const NARROW_BELOW = 700;

/** Pure: `width` and `height` in CSS pixels. */
export function frameOf(width: number, height: number): Frame {
  if (width < NARROW_BELOW) {
    const scale = clamp(width / DESIGN_SIZE.narrow.w, 0.98, 1.15);
    return { shape: 'narrow', scale, w: Math.max(300, Math.round(width / scale)), h: DESIGN_SIZE.narrow.h };
  }
  const { w, h } = DESIGN_SIZE.wide;
  const scale = clamp(Math.min(width / w, height / h), LEAST, MOST);
  return { shape: 'wide', scale, w: Math.round(width / scale), h: Math.round(height / scale) };
}

/** Follows the size of `root`. */
export function useFrame(root: RefObject<HTMLElement | null>): Frame {
  const [frame, setFrame] = useState<Frame>(() => ({ shape: 'wide', scale: 1, ...DESIGN_SIZE.wide }));
  useLayoutEffect(() => {
    const element = root.current;
    if (element === null) return;
    const measure = () => {
      const { clientWidth, clientHeight } = element;
      if (clientWidth === 0) return;
      const next = frameOf(clientWidth, clientHeight);
      setFrame(old =>
        old.shape === next.shape && old.w === next.w && old.scale === next.scale && old.h === next.h ? old : next,
      );
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [root]);
  return frame;
}
