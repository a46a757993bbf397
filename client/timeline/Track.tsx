/** The lanes of one run and the playhead that is dragged over them: one slider, moved by pointer, finger or arrow keys. */
import { useMotionValueEvent } from 'framer-motion';
import { memo, type ReactNode, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { PROTOCOLS } from '../../shared/protocols.ts';
import type { Run, Story } from '../../shared/story/story.ts';
import { chaptersOf } from '../player/navigate.ts';
import { hiddenFrom } from '../player/questions.ts';
import { useSlider } from '../player/slider.ts';
import { useTrail } from '../player/useTrail.ts';
import { step } from '../session/moves.ts';
import { player } from '../session/store.ts';
import { atEnd, goTo, pause, play, time } from '../session/travel.ts';
import { usePlayer } from '../session/usePlayer.ts';
import { beatsOf, clockText, drawnOf, fractionOf, LANES, lengthOf, placeLabels, type Segment } from './segments.ts';
import './track.css';

/** Wide enough for Inter at 11.5 px, bold: labels are placed before they are drawn. */
const measure = (text: string): number => Math.ceil(text.length * 6.9 + 4);
const percent = (fraction: number): string => `${(fraction * 100).toFixed(3)}%`;

const Bars = memo(function Bars({ segments }: { readonly segments: readonly Segment[] }): ReactNode {
  return LANES.map(lane => (
    <div className="timeline-lane" key={lane}>
      {segments
        .filter(segment => segment.lane === lane)
        .map(segment => (
          <i
            key={segment.from}
            className={`timeline-bar of-${segment.failed ? 'bad' : segment.protocol}`}
            style={{ left: percent(segment.from), width: percent(segment.to - segment.from) }}
          />
        ))}
      {segments
        .filter(segment => segment.lane === lane)
        .flatMap(segment => segment.dots)
        .map(dot => (
          <b
            key={dot.beat}
            className={dot.failed ? 'timeline-dot failed' : 'timeline-dot'}
            style={{ left: percent(dot.at) }}
          />
        ))}
    </div>
  ));
});

export function Track({ story, run }: { readonly story: Story; readonly run: Run }): ReactNode {
  const root = useRef<HTMLDivElement>(null);
  const passed = useRef<HTMLDivElement>(null);
  const head = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const scene = useTrail(state => state.beside);

  // On the two that it moves: a property that is inherited would style every bar anew in every frame.
  const move = useCallback(
    (t: number): void => {
      const at = fractionOf(run, t);
      if (passed.current !== null) passed.current.style.clipPath = `inset(0 ${percent(1 - at)} 0 0)`;
      if (head.current !== null) head.current.style.transform = `translateX(${(at * width).toFixed(2)}px)`;
    },
    [run, width],
  );
  useMotionValueEvent(time, 'change', move);
  useLayoutEffect(() => move(time.get()), [move]);
  useEffect(() => {
    const element = root.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const slider = useSlider({
    to: fraction => goTo(run.start + fraction * lengthOf(run)),
    step,
    playing: () => player.getState().playing,
    pause,
    resume() {
      if (!atEnd()) play();
    },
  });

  const hidden = usePlayer(hiddenFrom);
  // A run is another value as soon as anything in it has changed.
  const [segments, chapters, question] = useMemo(() => {
    // Lanes, colours and names say what happens: what a question asks about, and all after it, is not drawn before.
    const beats = beatsOf(story, run);
    const asks = beats.find(beat => beat.index === hidden) ?? null;
    const known = chaptersOf(story, run).filter(chapter => asks === null || chapter.start < asks.start);
    return [
      drawnOf(
        beats.filter(beat => beat.index < hidden),
        run,
      ),
      known,
      asks,
    ] as const;
  }, [story, run, hidden]);
  const at = (scene?.at ?? run.start) - run.start;
  const current = chapters.findLast(chapter => chapter.start <= (scene?.at ?? 0)) ?? null;
  const labels = placeLabels(chapters, run, width, current, measure);
  const said = scene?.caption?.title.replaceAll('**', '') ?? '';
  return (
    <div className="timeline-track">
      <div className="timeline-names" aria-hidden="true">
        {LANES.map(lane => (
          <span key={lane}>{PROTOCOLS[lane].name}</span>
        ))}
      </div>
      <div
        className="timeline-slider"
        ref={root}
        role="slider"
        tabIndex={0}
        aria-label="Position in the story"
        aria-valuemin={0}
        aria-valuemax={Math.round(lengthOf(run) / 1000)}
        aria-valuenow={Math.round(at / 1000)}
        aria-valuetext={`${clockText(at)} of ${clockText(lengthOf(run))}, step ${scene?.stepNumber ?? 0} of ${scene?.stepCount ?? 0}. ${said}`}
        {...slider}
      >
        <div className="timeline-lanes">
          <Bars segments={segments} />
        </div>
        <div className="timeline-lanes passed" aria-hidden="true" ref={passed}>
          <Bars segments={segments} />
        </div>
        {question !== null && (
          <span
            className="timeline-asks"
            aria-hidden="true"
            style={{ left: percent(fractionOf(run, question.start)) }}
          />
        )}
        <div className="timeline-head" ref={head} />
      </div>
      <div className="timeline-labels" aria-hidden="true">
        {labels.map(label => (
          <button
            type="button"
            tabIndex={-1}
            key={label.chapter.start}
            className={label.current ? 'current' : ''}
            style={{ left: label.left, width: label.width }}
            onClick={() => goTo(label.chapter.start)}
          >
            {label.chapter.title}
          </button>
        ))}
      </div>
    </div>
  );
}
