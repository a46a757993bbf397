/** The keys as buttons, large enough for a finger on a tablet. */
import type { ButtonHTMLAttributes, ReactNode } from 'react';
import type { Steer } from '../../../shared/api/show.ts';
import { BackIcon, EndIcon, NextIcon, PauseIcon, PlayIcon, StartIcon } from '../../player/glyphs.tsx';
import { ask } from './speaker.ts';
import { useSpeaker } from './useSpeaker.ts';

interface AsksProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly steer: Steer;
}

/** Only while there is a stage that could do it. */
function Asks({ steer, ...rest }: AsksProps): ReactNode {
  const there = useSpeaker(state => state.cue !== null && state.standing === 'there');
  return <button type="button" {...rest} disabled={!there} onClick={() => ask(steer)} />;
}

export function SpeakerButtons(): ReactNode {
  const playing = useSpeaker(state => state.cue?.playing ?? false);
  const blank = useSpeaker(state => state.cue?.blank ?? false);
  // A run that happens now may fail on a stage; then the story's recording goes on at the same step.
  const live = useSpeaker(state => state.last?.shown.kind === 'room');
  return (
    <nav className="speaker-buttons" aria-label="The stage">
      <Asks steer={{ do: 'back' }} className="speaker-back" title="Back  ←">
        <BackIcon />
        Back
      </Asks>
      <Asks steer={{ do: 'next' }} className="speaker-next" title="Next  Space">
        <span>
          Next
          <small>{playing ? 'finishes this step' : 'Space, → or the clicker'}</small>
        </span>
        <NextIcon />
      </Asks>
      <div className="speaker-others">
        <Asks steer={{ do: 'first' }} aria-label="Before the first step" title="Before the first step  Home">
          <StartIcon />
        </Asks>
        <Asks steer={{ do: 'play' }} aria-label={playing ? 'Pause' : 'Play'} title={playing ? 'Pause  k' : 'Play  k'}>
          {playing ? <PauseIcon /> : <PlayIcon />}
        </Asks>
        <Asks steer={{ do: 'last' }} aria-label="Last step" title="Last step  End">
          <EndIcon />
        </Asks>
        <Asks steer={{ do: 'blank' }} aria-pressed={blank} title="Blank the stage  .">
          Blank
        </Asks>
        {live && (
          <Asks steer={{ do: 'recording' }} title="Go on with the recording, at this step  r">
            Recording
          </Asks>
        )}
      </div>
    </nav>
  );
}
