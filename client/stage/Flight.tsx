/** Carries one motion of the scene along its cable; its place follows from story time alone, frame by frame, without React. */
import { type MotionValue, useTransform } from 'framer-motion';
import * as m from 'framer-motion/m';
import type { ReactNode } from 'react';
import type { Extent } from './detour.ts';
import { type Pose, progressAt } from './flight.ts';
import { Hit } from './Hit.tsx';

export interface FlightProps {
  readonly time: MotionValue<number>;
  readonly start: number;
  readonly end: number;
  readonly poseAt: (progress: number) => Pose;
  readonly extent: Extent;
  readonly label: string;
  readonly onInspect: () => void;
  readonly children: ReactNode;
}

export function Flight({ time, start, end, poseAt, extent, label, onInspect, children }: FlightProps) {
  const pose = useTransform(time, now => poseAt(progressAt(now, start, end)));
  const x = useTransform(pose, now => now.x);
  const y = useTransform(pose, now => now.y);
  const scale = useTransform(pose, now => now.scale);
  const opacity = useTransform(pose, now => now.opacity);
  return (
    <m.g
      className="flight"
      // Scaled about its own (0, 0), which lies in the corner of the drawing until it is moved.
      style={{ x, y, scale, opacity, originX: 0, originY: 0, transformBox: 'view-box' }}
    >
      {children}
      <Hit box={{ x: -extent.w, y: -extent.h, w: 2 * extent.w, h: 2 * extent.h }} label={label} onPress={onInspect} />
    </m.g>
  );
}
