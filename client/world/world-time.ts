/** World time at the moment that is shown: what queues and caches go by. At the live end it runs on, second by second. */
import { useEffect, useState } from 'react';
import type { Scene, Story } from '../../shared/story/story.ts';
import { useKeeper } from '../session/useKeeper.ts';
import { usePlayer } from '../session/usePlayer.ts';

/** Microseconds since the trace began, jumps included. `running`: whether anything is counting down, so that seconds matter. */
export function useWorldNow(story: Story, scene: Scene, running: boolean): number {
  const clock = useKeeper(state => state.clock);
  const atEnd = usePlayer(state => !state.playing && state.source.kind === 'live');
  const [, setTick] = useState(0);
  const live = atEnd && clock !== null && (scene.step?.index ?? -1) === story.steps.length - 1;
  useEffect(() => {
    if (!live || !running) return;
    const timer = setInterval(() => setTick(tick => tick + 1), 1000);
    return () => clearInterval(timer);
  }, [live, running]);
  const told = scene.wireAt + scene.state.jumped;
  if (!live) return told;
  const began = Date.parse(story.header.createdAt);
  return Math.max(told, (Date.parse(clock.now) - began + performance.now() - clock.readAt) * 1000);
}
