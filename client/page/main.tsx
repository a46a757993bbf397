/** Where the page begins: joins clock, keys, theme and source, then draws. */
import '../design/base.css';
import { type ReactNode, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Mishap } from '../design/Mishap.tsx';
import { listenForKeys } from '../keys/listen-keys.ts';
import { savedTheme, savePlace, saveTheme, type Theme } from '../player/place.ts';
import { forgetMomentOnceLeft } from '../session/feed.ts';
import { followWorld } from '../session/keeper.ts';
import { begin } from '../session/session.ts';
import { player } from '../session/store.ts';
import { goTo, presentPlace, startFrames } from '../session/travel.ts';
import { recallWishes, setReducedMotion, setTheme } from '../session/view.ts';
import { followGallery } from '../stories/follow.ts';
import { follow } from '../talk/audience/follow.ts';
import { followPresent } from '../talk/present/follow.ts';
import { followerKeys, pageKeys, talkKeys } from '../talk/show/bound-keys.ts';
import { ShowDialogs } from '../talk/show/ShowDialogs.tsx';
import { beginStage } from '../talk/show/stage.ts';
import { SpeakerWindow } from '../talk/speaker/SpeakerWindow.tsx';
import { listen } from '../talk/speaker/speaker.ts';
import { followParameter, onMomentChange, type SpeakerOf, speakerParameter } from '../url.ts';
import { App } from './App.tsx';
import { Audience } from './Audience.tsx';

/** `always`: whatever the system's or the viewer's wish is elsewhere, and nothing of it is kept. */
function followTheme(always: Theme | null): void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const kept = always ?? savedTheme();
  setTheme(kept ?? (dark.matches ? 'dark' : 'light'));
  let chosen = kept !== null;
  const wear = (): void => {
    document.documentElement.dataset.theme = player.getState().theme;
  };
  wear();
  dark.addEventListener('change', () => {
    if (!chosen) {
      followingSystem = true;
      setTheme(dark.matches ? 'dark' : 'light');
      followingSystem = false;
    }
  });
  let followingSystem = false;
  player.subscribe((state, before) => {
    if (state.theme === before.theme) return;
    wear();
    if (followingSystem) return;
    chosen = true;
    if (always === null) saveTheme(state.theme);
  });
}

function followMotion(): void {
  const reduce = matchMedia('(prefers-reduced-motion: reduce)');
  const tell = (): void => setReducedMotion(reduce.matches);
  tell();
  reduce.addEventListener('change', tell);
}

function rememberPlace(): void {
  const keep = (): void => {
    const place = presentPlace();
    if (place !== null) savePlace(place);
  };
  addEventListener('pagehide', keep);
  document.addEventListener('visibilitychange', keep);
}

/** The page itself: a stage, which speaker windows and an audience may follow. */
function beginPage(): ReactNode {
  rememberPlace();
  startFrames();
  listenForKeys(() => (player.getState().presenting ? talkKeys : pageKeys));
  onMomentChange(milliseconds => goTo(milliseconds, false));
  followGallery();
  followPresent();
  void begin();
  forgetMomentOnceLeft();
  followWorld();
  beginStage();
  return (
    <>
      <App />
      <ShowDialogs />
    </>
  );
}

function beginAudience(show: string): ReactNode {
  startFrames();
  listenForKeys(() => followerKeys);
  follow(show);
  return <Audience />;
}

function beginSpeaker(of: SpeakerOf): ReactNode {
  listen(of);
  return <SpeakerWindow />;
}

function beginWhatIsAsked(): ReactNode {
  const speaker = speakerParameter();
  const show = followParameter();
  if (speaker !== null) return beginSpeaker(speaker);
  return show === null ? beginPage() : beginAudience(show);
}

recallWishes();
followTheme(speakerParameter() === null ? null : 'dark');
followMotion();
const asked = beginWhatIsAsked();

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <Mishap>{asked}</Mishap>
  </StrictMode>,
);
