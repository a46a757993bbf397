/** The one thing that moves now, on its cable. */
import type { MotionValue } from 'framer-motion';
import { memo } from 'react';
import type { Scene, Story } from '../../shared/story/story.ts';
import { asideOf } from './ahead.ts';
import { onDrawing } from './detour.ts';
import { Flight } from './Flight.tsx';
import { letterAt, tokenAt } from './flight.ts';
import { type Curve, centre } from './geometry.ts';
import type { Inspect } from './inspect.ts';
import { Letter } from './Letter.tsx';
import { restingPoint } from './Letters.tsx';
import { cableOf } from './layout.ts';
import { type Layout, stationOf } from './plan.ts';
import { extentOf, Token } from './Token.tsx';

interface MovingProps {
  readonly layout: Layout;
  readonly story: Story;
  readonly scene: Scene;
  readonly time: MotionValue<number>;
  readonly still: boolean;
  /** CSS pixels to a unit of the drawing. */
  readonly unit: number;
  readonly onInspect: (target: Inspect) => void;
}

export const Moving = memo(function Moving({ layout, story, scene, time, still, unit, onInspect }: MovingProps) {
  const { motion, step, state } = scene;
  if (motion === null || step === null) return null;
  const curve = cableOf(layout, motion.from, motion.to) ?? onTheSpot(layout, motion.to);
  if (curve === null) return null;
  const aside = asideOf(layout, curve, motion, state);
  const common = {
    unit,
    time,
    start: motion.start,
    end: motion.end,
    label: `${motion.label.join(' ') || motion.kind}, from ${motion.from} to ${motion.to}`,
    onInspect: () => onInspect({ kind: 'motion', step: step.index }),
  };
  if (motion.kind === 'letter') {
    const letter =
      state.letters.find(({ id }) => id === motion.letter) ?? step.after.letters.find(({ id }) => id === motion.letter);
    if (letter === undefined) return null;
    const from = restingPoint(layout, motion.from) ?? curve[0];
    const to = restingPoint(layout, motion.to) ?? curve[3];
    const { w, h } = layout.envelope;
    return (
      <Flight
        key={step.index}
        {...common}
        extent={{ w: w / 2, h: h / 2 }}
        poseAt={progress => letterAt(curve, aside, [from, to], progress, still)}
      >
        <Letter
          letter={letter}
          nextTry={null}
          shape={layout.letters}
          size={layout.envelope}
          createdAt={story.header.createdAt}
          noted={false}
          sheet={false}
        />
      </Flight>
    );
  }
  const extent = extentOf(motion, layout.shape);
  return (
    <Flight
      key={step.index}
      {...common}
      extent={extent}
      poseAt={progress => {
        const pose = tokenAt(curve, aside, progress, still);
        return { ...pose, ...onDrawing(pose, extent, layout) };
      }}
    >
      <Token motion={motion} shape={layout.shape} />
    </Flight>
  );
});

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
