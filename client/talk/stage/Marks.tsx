/** What stands small at the edge: where in the journey we are, whether it happens now, and how much slower than it was. */
import type { ReactNode } from 'react';
import { clocks } from '../../../shared/story/clocks.ts';
import { type Scene, type Story, storyTime } from '../../../shared/story/story.ts';
import { scriptOf, stepsOf } from '../../player/questions.ts';
import { usePlayer } from '../../session/usePlayer.ts';
import { usePresentation } from '../present/usePresentation.ts';

function Source(): ReactNode {
  const source = usePlayer(state => state.source);
  const held = usePresentation(state => state.live);
  const called = usePresentation(state => state.called !== null);
  const playing = usePlayer(state => state.playing);
  if (source.kind === 'recorded') return <span className="present-source">recording</span>;
  const lost = source.status === 'away' || source.status === 'ended';
  const words = lost
    ? 'live, broken off'
    : source.status === 'connecting'
      ? 'live · connecting'
      : held
        ? 'live · the wire is held'
        : 'live';
  return (
    <span className={lost ? 'present-source lost' : 'present-source live'}>
      <i aria-hidden="true" />
      {called && !playing && !lost ? 'live · waiting for the wire' : words}
    </span>
  );
}

interface MarksProps {
  readonly story: Story;
  readonly scene: Scene;
  /** Before the first beat. */
  readonly opening: boolean;
}

export function Marks({ story, scene, opening }: MarksProps): ReactNode {
  const speed = usePlayer(state => state.speed);
  const asked = usePlayer(state => state.asked !== null);
  // How long it takes while it is held is up to who holds it.
  const held = usePresentation(state => state.live);
  const { beat, run } = scene;
  const script = scriptOf(story, run);
  const steps = run === null ? 0 : Math.max(stepsOf(script, run), scene.stepCount);
  const at = opening ? 0 : scene.stepNumber;
  // Nobody knows how long a journey will be that is on its way.
  const unwritten = held && script === null && run?.index === story.runs.length - 1;
  const jumps = beat !== null && story.steps.slice(beat.firstStep, beat.lastStep + 1).some(step => step.jump > 0);
  // Where the clock is moved on, time is not slowed down. Twice as fast on the screen is half as slow.
  const shown =
    beat === null || jumps ? null : { ...beat, end: storyTime(beat.start + (beat.end - beat.start) / speed) };
  const pace = shown === null || opening || asked || held ? '' : (clocks([shown], 0)?.pace ?? '');
  const protocol = opening || beat === null ? 'smtp' : beat.failed ? 'bad' : beat.caption.protocol;
  return (
    <>
      <p className="present-marks">
        <Source />
        {pace === '' ? null : <span>{pace}</span>}
        {steps === 0 ? null : (
          <span className="present-number">
            <b>{at}</b>
            {unwritten ? null : ` / ${steps}`}
          </span>
        )}
      </p>
      <div className="present-progress" aria-hidden="true">
        <i
          className={`of-${protocol}`}
          style={{ width: `${steps === 0 ? 0 : unwritten ? 100 : (at / steps) * 100}%` }}
        />
      </div>
    </>
  );
}
