/** Carries one motion of the scene along its cable; its place follows from story time alone, frame by frame, without React. */
import { type MotionValue, useTransform } from 'framer-motion';
import * as m from 'framer-motion/m';
import type { ReactNode } from 'react';
import { Hit } from '../hosts/Hit.tsx';
import type { Extent } from '../moment/detour.ts';
import { type Pose, progressAt } from '../moment/flight.ts';

export interface FlightProps {
  /** CSS pixels to a unit of the drawing. */
  readonly unit: number;
  readonly time: MotionValue<number>;
  readonly start: number;
  readonly end: number;
  readonly poseAt: (progress: number) => Pose;
  readonly extent: Extent;
  readonly label: string;
  readonly onInspect: () => void;
  readonly children: ReactNode;
}

/**
 * A picture of its own that is moved as a whole: what is written in it is set once and not anew at every size, as the text of
 * one large drawing would be.
 */
export function Flight({ unit, time, start, end, poseAt, extent, label, onInspect, children }: FlightProps) {
  const pose = useTransform(time, now => poseAt(progressAt(now, start, end)));
  const x = useTransform(pose, now => now.x * unit);
  const y = useTransform(pose, now => now.y * unit);
  const scale = useTransform(pose, now => now.scale * unit);
  const opacity = useTransform(pose, now => now.opacity);
  return (
    <m.div className="flight" style={{ x, y, scale, opacity, originX: 0, originY: 0 }}>
      {/* biome-ignore lint/a11y/useSemanticElements: a drawing has no fieldset */}
      <svg width="1" height="1" role="group" aria-label={label}>
        {children}
        <Hit box={{ x: -extent.w, y: -extent.h, w: 2 * extent.w, h: 2 * extent.h }} label={label} onPress={onInspect} />
      </svg>
    </m.div>
  );
}
