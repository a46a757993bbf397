/** What is pressed of a drawing: a clear sheet over it that has a name, a tooltip and the keyboard; the drawing below is decoration. */
import { createContext, useContext } from 'react';
import type { Box } from '../plan/geometry.ts';
import { pressed } from './pressed.ts';

interface HitProps {
  readonly box: Box;
  readonly label: string;
  readonly onPress: () => void;
}

/** Where nothing on the stage can be pressed there are no buttons, and the drawing is one picture. */
export const Pressable = createContext(true);

export function Hit({ box, label, onPress }: HitProps) {
  if (!useContext(Pressable)) return null;
  return (
    <rect className="hit" x={box.x} y={box.y} width={box.w} height={box.h} rx="12" {...pressed(label, onPress)}>
      <title>{label}</title>
    </rect>
  );
}
