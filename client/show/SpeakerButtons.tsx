/** The keys as buttons, large enough for a finger on a tablet. */
import type { ReactNode } from 'react';
import { BackIcon, EndIcon, NextIcon, PauseIcon, PlayIcon, StartIcon } from '../timeline/glyphs.tsx';
import { ask } from './speaker.ts';
import { useSpeaker } from './useSpeaker.ts';

export function SpeakerButtons(): ReactNode {
  const there = useSpeaker(state => state.cue !== null && state.standing === 'there');
  const playing = useSpeaker(state => state.cue?.playing ?? false);
  const blank = useSpeaker(state => state.cue?.blank ?? false);
  // A run that happens now may fail on a stage; then the story's recording goes on at the same step.
  const live = useSpeaker(state => state.cue?.shown.kind === 'room' && (state.story?.scripts.length ?? 0) > 0);
  return (
    <nav className="speaker-buttons" aria-label="The stage">
      <button
        type="button"
        aria-label="First step"
        title="First step  Home"
        disabled={!there}
        onClick={() => ask({ do: 'first' })}
      >
        <StartIcon />
      </button>
      <button
        type="button"
        className="speaker-back"
        disabled={!there}
        title="Back  ←"
        onClick={() => ask({ do: 'back' })}
      >
        <BackIcon />
        Back
      </button>
      <button
        type="button"
        className="speaker-next"
        disabled={!there}
        title="Next  Space"
        onClick={() => ask({ do: 'next' })}
      >
        <span>
          Next
          <small>{playing ? 'finishes this step' : 'Space, → or the clicker'}</small>
        </span>
        <NextIcon />
      </button>
      <button
        type="button"
        aria-label={playing ? 'Pause' : 'Play'}
        title={playing ? 'Pause  k' : 'Play  k'}
        disabled={!there}
        onClick={() => ask({ do: 'play' })}
      >
        {playing ? <PauseIcon /> : <PlayIcon />}
      </button>
      <button
        type="button"
        aria-label="Last step"
        title="Last step  End"
        disabled={!there}
        onClick={() => ask({ do: 'last' })}
      >
        <EndIcon />
      </button>
      <button
        type="button"
        className="speaker-blanks"
        aria-pressed={blank}
        disabled={!there}
        title="Blank the stage  ."
        onClick={() => ask({ do: 'blank' })}
      >
        Blank
      </button>
      {live && (
        <button
          type="button"
          disabled={!there}
          title="Go on with the recording  r"
          onClick={() => ask({ do: 'recording' })}
        >
          To the recording
        </button>
      )}
    </nav>
  );
}
