/** What moves in a scene, how large it is, and where it is at any part of its way: pure, for whatever draws it. */
import type { Letter, Motion, Scene } from '../../../shared/story/story.ts';
import { type Extent, onDrawing } from '../moment/detour.ts';
import { letterAt, type Pose, tokenAt } from '../moment/flight.ts';
import { type Curve, centre } from '../plan/geometry.ts';
import { cableOf } from '../plan/layout.ts';
import { type Layout, stationOf } from '../plan/plan.ts';
import { asideOf } from './ahead.ts';
import { restingPoint } from './Letters.tsx';
import { extentOf } from './Token.tsx';

export interface Aloft {
  readonly motion: Motion;
  /** The letter that travels; null for whatever else does. */
  readonly letter: Letter | null;
  readonly extent: Extent;
  /** In units of the drawing; `progress` 0..1, `still` where motion is to be replaced by still frames. */
  readonly poseAt: (progress: number, still: boolean) => Pose;
}

/** Null where nothing moves, or nothing that could be drawn. */
export function aloftIn(layout: Layout, { motion, step, state }: Scene): Aloft | null {
  if (motion === null || step === null) return null;
  const curve = cableOf(layout, motion.from, motion.to) ?? onTheSpot(layout, motion.to);
  if (curve === null) return null;
  const aside = asideOf(layout, curve, motion, state);
  if (motion.kind === 'letter') {
    const letter =
      state.letters.find(({ id }) => id === motion.letter) ?? step.after.letters.find(({ id }) => id === motion.letter);
    if (letter === undefined) return null;
    const from = restingPoint(layout, motion.from) ?? curve[0];
    const to = restingPoint(layout, motion.to) ?? curve[3];
    const { w, h } = layout.envelope;
    return {
      motion,
      letter,
      extent: { w: w / 2, h: h / 2 },
      poseAt: (progress, still) => letterAt(curve, aside, [from, to], progress, still),
    };
  }
  const extent = extentOf(motion, layout.shape);
  return {
    motion,
    letter: null,
    extent,
    poseAt: (progress, still) => {
      const pose = tokenAt(curve, aside, progress, still);
      return { ...pose, ...onDrawing(pose, extent, layout) };
    },
  };
}

/** A host that talks to itself, or to one that is not on the stage: the thing rises from its card. */
function onTheSpot(layout: Layout, host: string): Curve | null {
  const station = stationOf(layout, host);
  if (station === undefined) return null;
  const { x, y } = centre(station);
  return [
    { x, y },
    { x, y: y - 20 },
    { x, y: y - 40 },
    { x, y: y - station.h / 2 - 20 },
  ];
}
