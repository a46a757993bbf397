/** The round buttons: chapter back, beat back, play or pause, beat forward, chapter forward. */
import type { ReactNode } from 'react';
import { AgainIcon, BackIcon, EndIcon, NextIcon, PauseIcon, PlayIcon, StartIcon } from '../player/glyphs.tsx';
import { step, stepChapter, toggle } from '../session/moves.ts';
import { usePlayer } from '../session/usePlayer.ts';

export function Controls(): ReactNode {
  const playing = usePlayer(state => state.playing);
  const empty = usePlayer(state => state.story === null || state.story.beats.length === 0);
  const ended = usePlayer(
    ({ story, playing, clock }) => !playing && story !== null && story.runs.length > 0 && clock.at >= story.end,
  );
  const asked = usePlayer(state => state.asked !== null);
  const name = playing ? 'Pause' : asked ? 'Show what happens' : ended ? 'Play again' : 'Play';
  return (
    // biome-ignore lint/a11y/useSemanticElements: a group of buttons is no fieldset
    <div className="timeline-controls" role="group" aria-label="Playback">
      <button
        type="button"
        aria-label="Previous chapter"
        title="Previous chapter  ["
        disabled={empty}
        onClick={() => stepChapter(-1)}
      >
        <StartIcon />
      </button>
      <button
        type="button"
        aria-label="Previous step"
        title="Previous step  ←"
        disabled={empty}
        onClick={() => step(-1)}
      >
        <BackIcon />
      </button>
      <button
        type="button"
        className="timeline-play"
        aria-label={name}
        title={`${name}  Space`}
        disabled={empty}
        onClick={toggle}
      >
        {playing ? <PauseIcon /> : ended ? <AgainIcon /> : <PlayIcon />}
      </button>
      <button type="button" aria-label="Next step" title="Next step  →" disabled={empty} onClick={() => step(1)}>
        <NextIcon />
      </button>
      <button
        type="button"
        aria-label="Next chapter"
        title="Next chapter  ]"
        disabled={empty}
        onClick={() => stepChapter(1)}
      >
        <EndIcon />
      </button>
    </div>
  );
}
