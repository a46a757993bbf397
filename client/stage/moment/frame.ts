/** How large the drawing is: its shape, its size in drawing units and the scale at which it is shown, from the room it has. */
import { type RefObject, useLayoutEffect, useState } from 'react';
import { UPRIGHT } from '../../design/breakpoints.ts';
import { clamp, type Point } from '../plan/geometry.ts';
import { DESIGN_SIZE, type Room, type Shape, type Size } from '../plan/plan.ts';

export interface Frame extends Room {
  readonly shape: Shape;
  readonly scale: number;
  /** What there is, in CSS pixels. */
  readonly room: Size;
  /** It has no more than its room, and nothing scrolls: a drawing that needs more is shown smaller, or on a phone in part. */
  readonly contained?: boolean;
}

/** Below this scale the smallest type would be under 11 px; the drawing then gets less room, not smaller type. */
const LEAST = 0.9;
const MOST = 1.45;

/** Pure: `width` and `height` in CSS pixels. */
export function frameOf(width: number, height: number): Frame {
  const room = { w: width, h: height };
  if (width < UPRIGHT) {
    const scale = clamp(width / DESIGN_SIZE.narrow.w, 0.98, 1.15);
    return { shape: 'narrow', scale, room, w: Math.max(300, Math.round(width / scale)), h: DESIGN_SIZE.narrow.h };
  }
  const { w, h } = DESIGN_SIZE.wide;
  const scale = clamp(Math.min(width / w, height / h), LEAST, MOST);
  return { shape: 'wide', scale, room, w: Math.round(width / scale), h: Math.round(height / scale) };
}

/** How a drawing of `h` units lies in its frame: CSS pixels to a unit, and where its corner is. What is drawn beside it must lie the same. */
export interface Fit extends Point {
  readonly unit: number;
  /** Of the sheet that it lies on, where that is not the frame's own: CSS pixels. */
  readonly height: number | null;
}

/** Pure: what `preserveAspectRatio="xMidYMid meet"` does. `tall`: the sheet is as high as the drawing wants. */
export function fitOf(
  { room, scale, shape, contained = false }: Frame,
  { w, h }: Size,
): Fit & { readonly tall: boolean } {
  // A world that needs more height than there is keeps its size, and the stage scrolls.
  const tall = shape === 'wide' && !contained && h * scale > room.h * 1.04;
  const height = tall || shape === 'narrow' ? h * scale : null;
  const unit = Math.min(room.w / w, (height ?? room.h) / h);
  return { unit, x: (room.w - w * unit) / 2, y: ((height ?? room.h) - h * unit) / 2, height, tall };
}

/** Pure: by how many CSS pixels a sheet is moved up, so that what takes part, from `top` to `bottom`, is seen in the room. */
export function liftOf({ room }: Frame, sheet: number, top: number, bottom: number): number {
  const most = Math.max(0, sheet - room.h);
  if (most === 0 || bottom <= room.h) return 0;
  return top >= most ? most : clamp((top + bottom - room.h) / 2, 0, most);
}

/** Which drawing suits a room of so many CSS pixels. */
export type Framing = (width: number, height: number) => Frame;

/** Where nothing can be measured, as on a server, the design's own size; else none before it has been. */
const unmeasured = (): Frame | null =>
  typeof document === 'undefined' ? { shape: 'wide', scale: 1, room: DESIGN_SIZE.wide, ...DESIGN_SIZE.wide } : null;

/** Follows the size of `root`; null until that is known, so that nothing is drawn twice. */
export function useFrame(root: RefObject<HTMLElement | null>, framing: Framing): Frame | null {
  const [frame, setFrame] = useState(unmeasured);
  const known = frame !== null;
  // Again once the size is known: what is drawn then lies in another element.
  useLayoutEffect(() => {
    const element = root.current;
    if (element === null) return;
    const measure = () => {
      const { clientWidth, clientHeight } = element;
      if (clientWidth === 0) return;
      const next = framing(clientWidth, clientHeight);
      setFrame(old => (old?.room.w === next.room.w && old.room.h === next.room.h ? old : next));
    };
    // Once something is drawn the observer tells in its own time: to ask would have all of it laid out at once.
    if (!known) measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [root, framing, known]);
  return frame;
}
