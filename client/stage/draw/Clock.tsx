/** While world time jumps: a clock whose hands turn with story time, in words how far. It stands where it hides nothing. */
import { type MotionValue, useTransform } from 'framer-motion';
import * as m from 'framer-motion/m';
import { memo } from 'react';
import type { Scene, Story } from '../../../shared/story/story.ts';
import { decoration } from '../hosts/pressed.ts';
import { handsAt, LINE } from '../moment/clock-face.ts';
import { progressAt } from '../moment/flight.ts';
import { type Jump, jumpIn } from '../moment/jump.ts';
import type { Layout } from '../plan/plan.ts';

interface ClockProps {
  readonly layout: Layout;
  readonly story: Story;
  readonly scene: Scene;
  readonly time: MotionValue<number>;
  readonly still: boolean;
}

export const Clock = memo(function Clock({ layout, story, scene, time, still }: ClockProps) {
  const jump = jumpIn(layout, story, scene);
  return jump === null ? null : (
    <Face
      key={jump.step}
      place={jump.place}
      turn={jump.turn}
      start={jump.start}
      end={jump.end}
      time={time}
      still={still}
    />
  );
});

type FaceProps = Pick<ClockProps, 'time' | 'still'> & Pick<Jump, 'place' | 'turn' | 'start' | 'end'>;

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
