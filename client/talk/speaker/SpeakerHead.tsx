/** The head of the speaker's window: timer and clock, which step it is, who follows, and whether the stage is there. */
import { type ReactNode, useEffect, useState } from 'react';
import { UndoIcon } from '../../design/icons.tsx';
import { PauseIcon, PlayIcon } from '../../player/glyphs.tsx';
import { resetTimer, spentAt, toggleTimer } from './speaker.ts';
import { useSpeaker } from './useSpeaker.ts';
import './speaker-head.css';

/** The wall clock, a few times a second. */
function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, []);
  return now;
}

const two = (n: number): string => `${n}`.padStart(2, '0');

/** "0:42", "12:05", "1:02:05" */
function timerText(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours === 0 ? `${minutes}:${two(seconds % 60)}` : `${hours}:${two(minutes)}:${two(seconds % 60)}`;
}

function Timer({ now }: { readonly now: number }): ReactNode {
  const timer = useSpeaker(state => state.timer);
  const runs = timer.since !== null;
  const does = runs ? 'Pause the timer' : 'Start the timer';
  return (
    <div className={runs ? 'speaker-timer' : 'speaker-timer paused'}>
      <button type="button" onClick={toggleTimer} title={does}>
        <span className="sr-only">{does}</span>
        {runs ? <PauseIcon /> : <PlayIcon />}
        <b>{timerText(spentAt(timer, now))}</b>
      </button>
      <button
        type="button"
        className="speaker-reset"
        aria-label="Reset the timer"
        title="Reset the timer"
        disabled={!runs && timer.spent === 0}
        onClick={resetTimer}
      >
        <UndoIcon size={18} />
      </button>
    </div>
  );
}

function State(): ReactNode {
  const standing = useSpeaker(state => state.standing);
  const gone = useSpeaker(state => state.cue === null);
  const known = useSpeaker(state => state.last !== null);
  // Over a server, nothing is heard of a stage that is not there.
  const here = useSpeaker(state => state.of === 'window');
  const [look, text] =
    standing === 'ended'
      ? ['bad', 'The show has ended']
      : standing === 'refused'
        ? ['bad', 'Not the speaker’s link']
        : standing === 'connecting'
          ? ['', 'Looking for the stage…']
          : standing === 'away' || gone
            ? known
              ? [
                  'bad',
                  standing === 'there' && here
                    ? 'The stage presents nothing now'
                    : 'The stage is away; waiting for it…',
                ]
              : ['', 'Waiting for the stage…']
            : ['good', 'Joined to the stage'];
  return (
    <p className={`speaker-state ${look}`} role="status">
      <i aria-hidden="true" />
      {text}
    </p>
  );
}

export function SpeakerHead({ number, steps }: { readonly number: number; readonly steps: number }): ReactNode {
  const now = useNow();
  const followers = useSpeaker(state => state.followers);
  const time = new Date(now).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  return (
    <header className="speaker-head">
      <Timer now={now} />
      <time className="speaker-clock" title="The time of day">
        {time}
      </time>
      <p className="speaker-step">
        Step <b>{number}</b> of {steps}
      </p>
      <span className="speaker-space" />
      {followers !== null && (
        <p className="speaker-followers">
          <b>{followers}</b> {followers === 1 ? 'follows' : 'follow'}
        </p>
      )}
      <State />
      <div className="speaker-progress" aria-hidden="true">
        <i style={{ width: `${steps === 0 ? 0 : (number / steps) * 100}%` }} />
      </div>
    </header>
  );
}
