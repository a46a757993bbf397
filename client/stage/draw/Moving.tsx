/** The one thing that moves now, on its cable. */
import type { MotionValue } from 'framer-motion';
import { memo } from 'react';
import type { Scene, Story } from '../../../shared/story/story.ts';
import type { Inspect } from '../plan/inspect.ts';
import type { Layout } from '../plan/plan.ts';
import { aloftIn } from './aloft.ts';
import { Flight } from './Flight.tsx';
import { Letter } from './Letter.tsx';
import { Token } from './Token.tsx';

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
  const { motion, step } = scene;
  const aloft = aloftIn(layout, scene);
  if (aloft === null || motion === null || step === null) return null;
  const { letter, extent, poseAt } = aloft;
  return (
    <Flight
      key={step.index}
      unit={unit}
      time={time}
      start={motion.start}
      end={motion.end}
      label={`${motion.label.join(' ') || motion.kind}, from ${motion.from} to ${motion.to}`}
      extent={extent}
      poseAt={progress => poseAt(progress, still)}
      onInspect={() => onInspect({ kind: 'motion', step: step.index })}
    >
      {letter === null ? (
        <Token motion={motion} shape={layout.shape} />
      ) : (
        <Letter
          letter={letter}
          nextTry={null}
          shape={layout.letters}
          size={layout.envelope}
          createdAt={story.header.createdAt}
          note=""
          sheet={false}
        />
      )}
    </Flight>
  );
});
