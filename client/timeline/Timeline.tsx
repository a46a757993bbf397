/** The foot of the page: what plays, where in the run we are, how fast, and the way back to what happens now. */
import { useMotionValueEvent } from 'framer-motion';
import { type ReactNode, useCallback, useEffect, useRef } from 'react';
import { runAt } from '../../shared/story/scene.ts';
import type { Run } from '../../shared/story/story.ts';
import { SPEEDS } from '../player/transport.ts';
import { useTrail } from '../player/useTrail.ts';
import { backToLive, setSpeed, time } from '../session/travel.ts';
import { usePlayer } from '../session/usePlayer.ts';
import { Controls } from './Controls.tsx';
import { Hold } from './Hold.tsx';
import { clockText, lengthOf } from './segments.ts';
import { Track } from './Track.tsx';
import './timeline.css';

function Clock({ run }: { readonly run: Run | null }): ReactNode {
  const text = useRef<HTMLElement>(null);
  const start = run?.start ?? 0;
  const length = run === null ? 0 : lengthOf(run);
  const write = useCallback(
    (t: number): void => {
      const shown = clockText(Math.min(length, t - start));
      // Every frame asks, and only one in sixty has something to write.
      if (text.current && text.current.textContent !== shown) text.current.textContent = shown;
    },
    [start, length],
  );
  useMotionValueEvent(time, 'change', write);
  useEffect(() => write(time.get()), [write]);
  return (
    <span className="timeline-clock">
      <b ref={text} /> / {clockText(length)}
    </span>
  );
}

function Speed(): ReactNode {
  const speed = usePlayer(state => state.speed);
  return (
    <label className="timeline-speed">
      <span>Speed</span>
      <select value={speed} onChange={event => setSpeed(Number(event.target.value))}>
        {SPEEDS.map(choice => (
          <option key={choice} value={choice}>
            {choice}×
          </option>
        ))}
      </select>
    </label>
  );
}

export function Timeline(): ReactNode {
  const story = usePlayer(state => state.story);
  const at = useTrail(state => state.beside?.at ?? 0);
  const behind = usePlayer(
    state =>
      state.source.kind === 'live' &&
      state.story !== null &&
      (state.playing || state.clock.at < state.story.end) &&
      // A story that nothing has followed is not what somebody has fallen behind: its end is its end.
      (state.source.story === null || state.story.runs.length > 1),
  );
  const run = story === null ? null : runAt(story, at);
  return (
    <footer className="timeline">
      <Controls />
      {story !== null && run !== null ? (
        <Track story={story} run={run} />
      ) : (
        <p className="timeline-nothing">The journey will be drawn here, step by step.</p>
      )}
      <div className="timeline-right">
        <div className="timeline-now">
          {behind && (
            <button type="button" className="timeline-live" onClick={backToLive} title="To the newest moment  End">
              Back to live
            </button>
          )}
          {run !== null && <Clock run={run} />}
        </div>
        <div className="timeline-wire">
          <Speed />
          <Hold />
        </div>
      </div>
    </footer>
  );
}
