/** The way a figure goes: one slider with a mark where each step begins, moved by pointer, finger or arrow keys. */
import { useMotionValueEvent } from 'framer-motion';
import { memo, type ReactNode, useCallback, useLayoutEffect, useRef } from 'react';
import type { Span } from '../../../shared/story/span.ts';
import type { Scene, Story } from '../../../shared/story/story.ts';
import { useSlider } from '../../player/slider.ts';
import type { FigurePlayer } from './figure-player.ts';
import type { Act } from './keys.ts';

interface WayProps {
  readonly player: FigurePlayer;
  readonly story: Story;
  readonly span: Span;
  readonly scene: Scene;
  readonly begun: boolean;
  /** "5 / 14" */
  readonly place: string;
  readonly act: Act;
  readonly goTo: (t: number) => void;
}

const fraction = ({ start, end }: Span, t: number): number =>
  Math.min(1, Math.max(0, (t - start) / Math.max(1, end - start)));

const Marks = memo(function Marks({ story, span }: Pick<WayProps, 'story' | 'span'>): ReactNode {
  return story.beats
    .slice(span.first + 1, span.last + 1)
    .map(beat => (
      <i
        key={beat.index}
        className={beat.failed ? 'figure-mark failed' : 'figure-mark'}
        style={{ left: `${(fraction(span, beat.start) * 100).toFixed(2)}%` }}
      />
    ));
});

const seconds = (milliseconds: number): number => Math.round(milliseconds / 1000);

export function Way({ player, story, span, scene, begun, place, act, goTo }: WayProps): ReactNode {
  const passed = useRef<HTMLDivElement>(null);

  const move = useCallback(
    (t: number): void => {
      if (passed.current !== null) passed.current.style.transform = `scaleX(${begun ? fraction(span, t) : 0})`;
    },
    [span, begun],
  );
  useMotionValueEvent(player.time, 'change', move);
  useLayoutEffect(() => move(player.time.get()), [move, player]);

  const slider = useSlider({
    to: fraction => goTo(span.start + fraction * (span.end - span.start)),
    step: by => act(by === 1 ? 'next' : 'previous'),
    playing: () => player.shown().playing,
    pause: player.pause,
    resume() {
      if (!player.shown().ended) player.play();
    },
    toEnd: key => act('part', key),
  });

  const at = begun ? Math.max(0, scene.at - span.start) : 0;
  const said = scene.caption?.title.replaceAll('**', '') ?? '';
  return (
    <div
      className="figure-way"
      role="slider"
      tabIndex={0}
      aria-label="Position"
      aria-valuemin={0}
      aria-valuemax={seconds(span.end - span.start)}
      aria-valuenow={seconds(at)}
      aria-valuetext={begun ? `Step ${place}. ${said}` : place}
      {...slider}
    >
      <div className="figure-track">
        <div className={`figure-passed ${scene.caption?.protocol ?? ''}`} ref={passed} />
        <Marks story={story} span={span} />
      </div>
    </div>
  );
}
