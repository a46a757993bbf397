/** Where the page begins: joins clock, keys, theme and source, then draws. */
import './design/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { Mishap } from './design/Mishap.tsx';
import { forgetMomentOnceLeft } from './player/feed.ts';
import { followWorld } from './player/keeper.ts';
import { KEYS, listenForKeys } from './player/keys.ts';
import { savedTheme, savePlace, saveTheme } from './player/place.ts';
import { begin } from './player/session.ts';
import { goTo, player, presentPlace, setReducedMotion, setTheme } from './player/store.ts';
import { startTicker } from './player/ticker.ts';
import { followPresent } from './present/follow.ts';
import { PRESENT_KEYS } from './present/keys.ts';
import { followGallery } from './stories/follow.ts';
import { onMomentChange } from './url.ts';

function followTheme(): void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const kept = savedTheme();
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
    saveTheme(state.theme);
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

followTheme();
followMotion();
rememberPlace();
startTicker();
listenForKeys(() => (player.getState().presenting ? PRESENT_KEYS : KEYS));
onMomentChange(milliseconds => goTo(milliseconds, false));
followGallery();
followPresent();
void begin();
forgetMomentOnceLeft();
followWorld();

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <Mishap>
      <App />
    </Mishap>
  </StrictMode>,
);
