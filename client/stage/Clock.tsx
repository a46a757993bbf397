/** While world time jumps: a clock whose hands turn with story time, in words how far. It stands where it hides nothing. */
import { type MotionValue, useTransform } from 'framer-motion';
import * as m from 'framer-motion/m';
import { memo } from 'react';
import type { Scene, Story } from '../../shared/story/story.ts';
import { memoriesIn, pilesIn } from './asides.ts';
import { type ClockPlace, clockPlace, handsAt, LINE, type Turn } from './clock-face.ts';
import { progressAt } from './flight.ts';
import { envelopePlace } from './letter-place.ts';
import type { Layout } from './plan.ts';
import { decoration } from './pressed.ts';

interface ClockProps {
  readonly layout: Layout;
  readonly story: Story;
  readonly scene: Scene;
  readonly time: MotionValue<number>;
  readonly still: boolean;
}

export const Clock = memo(function Clock({ layout, story, scene, time, still }: ClockProps) {
  const { step, caption, state, motion } = scene;
  if (step === null || step.jump <= 0 || motion !== null) return null;
  const words = (caption?.title ?? '').replaceAll('**', '');
  const focus = state.letters.find(({ id }) => id === state.focus);
  const piles = pilesIn(layout, scene);
  const lying = focus === undefined ? null : envelopePlace(layout, focus.at);
  const taken = [...piles, ...memoriesIn(layout, scene, piles)].map(({ box }) => box);
  // `jumped` of what follows the step holds its jump already.
  const until = Date.parse(story.header.createdAt) + (step.wireAt + step.after.jumped) / 1000;
  return (
    <Face
      key={step.index}
      place={clockPlace(layout, words, lying === null ? taken : [...taken, lying])}
      turn={{ until, jump: step.jump / 1000 }}
      start={step.start}
      end={step.end}
      time={time}
      still={still}
    />
  );
});

interface FaceProps extends Pick<ClockProps, 'time' | 'still'> {
  readonly place: ClockPlace;
  readonly turn: Turn;
  readonly start: number;
  readonly end: number;
}

const HOURS = Array.from({ length: 12 }, (_, hour) => hour * 30);
const ABOUT_ITS_MIDDLE = { originX: 0, originY: 0, transformBox: 'view-box' } as const;

function Face({ place, turn, start, end, time, still }: FaceProps) {
  const progress = useTransform(time, now => (still ? 1 : progressAt(now, start, end)));
  const hour = useTransform(progress, part => handsAt(turn, part).hour);
  const minute = useTransform(progress, part => handsAt(turn, part).minute);
  const { x, y, r, lines } = place;
  return (
    <g {...decoration} className="clock" transform={`translate(${x} ${y})`}>
      <circle className="clock-face" r={r} />
      {HOURS.map(angle => (
        <path
          key={angle}
          className={angle % 90 === 0 ? 'clock-hour' : 'clock-hour small'}
          d={`M0 ${-r + 5}v${angle % 90 === 0 ? 7 : 4}`}
          transform={`rotate(${angle})`}
        />
      ))}
      <m.g style={{ rotate: hour, ...ABOUT_ITS_MIDDLE }}>
        <path className="clock-hand" d={`M0 4V${-r * 0.5}`} />
      </m.g>
      <m.g style={{ rotate: minute, ...ABOUT_ITS_MIDDLE }}>
        <path className="clock-hand thin" d={`M0 6V${-r * 0.76}`} />
      </m.g>
      <circle className="clock-pin" r="2.6" />
      {lines.map((line, index) => (
        <text key={line} y={r + 20 + index * LINE} textAnchor="middle">
          {line}
        </text>
      ))}
    </g>
  );
}
