/** The few buttons that come with the mouse or a finger, for whoever has no keys at hand. */
import type { ReactNode } from 'react';
import { usePlayer } from '../../session/usePlayer.ts';
import { openDialog, present } from '../../session/view.ts';
import { fullScreenWorks, toggleFullScreen } from '../present/full-screen.ts';
import { toggleLive } from '../present/live.ts';
import { back, next } from '../present/moves.ts';
import { toggleOverview } from '../present/overview-moves.ts';
import { usePresentation } from '../present/usePresentation.ts';
import { openAudience, openSpeakerWindow } from '../show/stage.ts';

export function Bar({ shown }: { readonly shown: boolean }): ReactNode {
  const live = usePresentation(state => state.live);
  const holds = usePlayer(
    state => (state.source.kind === 'live' && state.holding !== null) || state.source.story !== null,
  );
  return (
    <div className={shown ? 'present-bar shown' : 'present-bar'} role="toolbar" aria-label="Presenting">
      <button type="button" title="Back  ←" onClick={back}>
        ← Back
      </button>
      <button type="button" title="Next  Space" onClick={next}>
        Next →
      </button>
      <button type="button" title="Overview of the steps  o" onClick={toggleOverview}>
        Overview
      </button>
      {holds && (
        <button
          type="button"
          aria-pressed={live}
          title="Real servers, step by step: the wire is held until you go on  h"
          onClick={() => void toggleLive()}
        >
          Live
        </button>
      )}
      <button type="button" title="Your notes, in a window of your own  s" onClick={openSpeakerWindow}>
        Notes
      </button>
      <button type="button" title="Let the audience follow  a" onClick={openAudience}>
        Audience
      </button>
      {fullScreenWorks() && (
        <button type="button" title="Full screen  f" onClick={toggleFullScreen}>
          Full screen
        </button>
      )}
      <button type="button" title="All keys  ?" onClick={() => openDialog({ kind: 'help' })}>
        Keys
      </button>
      <button type="button" className="present-leave" title="Leave  Esc" onClick={() => present(false)}>
        Leave
      </button>
    </div>
  );
}
