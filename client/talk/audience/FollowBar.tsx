/** The head of a follower's page: whether they are with the speaker, and the way back there. */
import type { ReactNode } from 'react';
import { runAt } from '../../../shared/story/scene.ts';
import { words } from '../../caption/Caption.tsx';
import { Button } from '../../design/Button.tsx';
import { Header } from '../../design/Header.tsx';
import { MoonIcon, SunIcon } from '../../design/icons.tsx';
import { scriptOf, stepsOf } from '../../player/questions.ts';
import { usePlayer } from '../../session/usePlayer.ts';
import { setTheme } from '../../session/view.ts';
import { asksAt, backToSpeaker } from './follow.ts';
import { useFollowing } from './useFollowing.ts';
import './follow.css';

/** "step 5 of 14", of the speaker's moment; '' before the first. */
function useSpeakersStep(): string {
  const index = useFollowing(state => state.cue?.beat ?? -1);
  const story = usePlayer(state => state.story);
  const beat = story?.beats[index];
  const run = story === null || beat === undefined ? null : runAt(story, beat.start);
  if (story === null || beat === undefined || run === null) return '';
  return `step ${index - run.firstBeat + 1} of ${stepsOf(scriptOf(story, run), run)}`;
}

function useWords(): { readonly look: 'with' | 'apart' | 'off'; readonly words: string } {
  const standing = useFollowing(state => state.standing);
  const gone = useFollowing(state => state.cue === null);
  const wandering = useFollowing(state => state.wandering);
  switch (standing) {
    case 'ended':
    case 'refused':
      return { look: 'off', words: 'The talk has ended' };
    case 'away':
      return { look: 'off', words: 'Connection lost; trying again…' };
    case 'connecting':
      return { look: 'off', words: 'Looking for the speaker…' };
    case 'there':
      if (gone) return { look: 'off', words: 'The speaker is away' };
      return wandering ? { look: 'apart', words: 'On your own' } : { look: 'with', words: 'Following the speaker' };
  }
}

export function FollowBar(): ReactNode {
  const { look, words } = useWords();
  const step = useSpeakersStep();
  const theme = usePlayer(state => state.theme);
  const other = theme === 'dark' ? 'light' : 'dark';
  return (
    <Header>
      <span className="header-space" />
      <p className={`follow-state ${look}`}>
        <i aria-hidden="true" />
        <span role="status">{words}</span>
        {look === 'with' && step !== '' && <span className="follow-step">· {step}</span>}
      </p>
      {look === 'apart' && (
        <Button look="primary" className="follow-back" onClick={backToSpeaker}>
          Back to the speaker
        </Button>
      )}
      <Button
        className="follow-theme"
        aria-label={other === 'light' ? 'Light theme' : 'Dark theme'}
        icon={theme === 'dark' ? <SunIcon /> : <MoonIcon />}
        onClick={() => setTheme(other)}
      />
    </Header>
  );
}

/** In the drawing's place while there is nothing to be seen. */
export function FollowWaiting(): ReactNode {
  const standing = useFollowing(state => state.standing);
  const failed = useFollowing(state => state.failed);
  const opening = useFollowing(state => state.cue !== null);
  const [title, body] =
    failed !== null
      ? ['This cannot be shown here.', failed]
      : standing === 'ended' || standing === 'refused'
        ? ['This talk has ended.', 'Or it never was: look at the link once more, or ask the speaker for the new one.']
        : opening
          ? ['One moment…', 'What the speaker shows is being opened.']
          : standing === 'there'
            ? [
                'The speaker has not begun yet.',
                'Keep this page open: it begins by itself, at the same step as the stage.',
              ]
            : ['Looking for the talk…', 'This page tries again by itself until it is found.'];
  return (
    <main className="page-stage waiting">
      <div className="follow-card airmail-edge">
        <h2>{title}</h2>
        <p>{body}</p>
      </div>
    </main>
  );
}

/** Over everything while there is nothing to follow in it: the stage is blank, or stands before the first step. */
export function FollowCover(): ReactNode {
  const story = usePlayer(state => state.story);
  const blank = useFollowing(state => state.cue?.blank === true && !state.wandering);
  const before = useFollowing(
    ({ cue, wandering }) =>
      cue !== null && !wandering && cue.beat === -1 && !cue.playing && story !== null && !asksAt(story, cue),
  );
  if (blank)
    return (
      <div className="follow-cover">
        <p>Look at the speaker: the stage is blank.</p>
      </div>
    );
  if (!before || story === null) return null;
  const run = story.runs[0];
  return (
    <div className="follow-cover">
      {run !== undefined && <h2>{words(scriptOf(story, run)?.script.title ?? run.title)}</h2>}
      <p>The speaker is about to begin.</p>
    </div>
  );
}
