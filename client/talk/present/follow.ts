/** Keeps present mode, the address and the screen in step: `?present=1` begins it, the browser's way back leaves it. */
import { player } from '../../session/store.ts';
import { present } from '../../session/view.ts';
import { namePresent, onWayBack, presentInAddress } from '../../url.ts';
import { leaveInnermost } from './acts.ts';
import { enterFullScreen, leaveFullScreen, onEscaped } from './full-screen.ts';
import { followLive } from './live.ts';
import { beatNow, land } from './moves.ts';
import { reset } from './presentation.ts';

/** Before the source is opened, so that nothing of it plays by itself. Answers what stops it. */
export function followPresent(): () => void {
  let stopLive: (() => void) | null = null;

  /** At the end of the beat that was on. */
  const stand = (): void => {
    if (player.getState().story !== null) land(beatNow());
  };
  const enter = (): void => {
    reset();
    stopLive = followLive();
    stand();
    enterFullScreen();
  };
  const leave = (): void => {
    stopLive?.();
    stopLive = null;
    leaveFullScreen();
  };

  if (presentInAddress()) {
    present(true);
    enter();
  }
  const stops = [
    player.subscribe((state, before) => {
      if (state.presenting !== before.presenting) {
        if (state.presenting) enter();
        else leave();
        namePresent(state.presenting);
      } else if (state.presenting && state.trace !== before.trace) stand();
    }),
    onWayBack(() => present(presentInAddress())),
    onEscaped(() => {
      if (player.getState().presenting) leaveInnermost();
    }),
  ];
  return () => {
    for (const stop of stops) stop();
    stopLive?.();
  };
}
