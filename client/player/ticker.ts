/** The only requestAnimationFrame: moves one number while the story plays, and sleeps while it does not. */
import { motionValue } from 'framer-motion';
import { read } from './clock.ts';
import { arrive, moment, player, show, stop } from './store.ts';

/** Story time in milliseconds, every frame. What flies derives its place from it. */
export const time = motionValue(0);

/** Starts following the store's clock; answers what stops it. */
export function startTicker(): () => void {
  let frame: number | null = null;

  const tick = (): void => {
    frame = null;
    const { clock, playing } = player.getState();
    const furthest = stop(player.getState());
    const t = read(clock, performance.now(), furthest);
    time.set(t);
    if (playing && t >= furthest) arrive();
    else show(t);
    if (player.getState().playing) frame ??= requestAnimationFrame(tick);
  };

  const follow = (): void => {
    // A seek is an assignment: the picture is right before the next frame, also in a tab that gets no frames.
    time.set(moment());
    if (player.getState().playing) frame ??= requestAnimationFrame(tick);
  };

  follow();
  const unsubscribe = player.subscribe((state, before) => {
    if (
      state.clock !== before.clock ||
      state.end !== before.end ||
      state.gate !== before.gate ||
      state.playing !== before.playing
    )
      follow();
  });
  return () => {
    unsubscribe();
    if (frame !== null) cancelAnimationFrame(frame);
  };
}
