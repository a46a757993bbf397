/** Moves world time on as a person wants it: whatever comes due on the way really happens, one thing after the other, before time goes on. */
import type { WorldClock } from '../base/clock.ts';
import type { RoomRecorder } from '../record/recorder.ts';

/** Appointments on one way; a way with more of them stops there. */
const MOST_STOPS = 2_000;
/** Milliseconds without an event after which whoever still works is taken to wait for the clock itself. */
const SILENCE = 400;

/** Resolves once nobody works any more, or once whoever does has been silent for a while: then it waits for time to go on. */
function untilQuiet(recorder: RoomRecorder, isIdle: () => boolean): Promise<void> {
  return new Promise(resolve => {
    const finish = (): void => {
      clearTimeout(silence);
      clearInterval(looking);
      unwatch();
      resolve();
    };
    const silence = setTimeout(finish, SILENCE);
    const looking = setInterval(() => {
      if (isIdle()) finish();
    }, 5);
    const unwatch = recorder.watch(() => silence.refresh());
  });
}

export interface Advancing {
  readonly clock: WorldClock;
  readonly recorder: RoomRecorder;
  /** True while no queue tries a letter and no mail client is under way. */
  readonly isIdle: () => boolean;
}

/** `by`: milliseconds of world time, or to whatever comes next. Resolves when what came due has settled. */
export async function advance({ clock, recorder, isIdle }: Advancing, by: number | 'next'): Promise<void> {
  // What is under way has time-outs of its own, which are not what anybody is waiting for.
  await untilQuiet(recorder, isIdle);
  const way = by === 'next' ? (clock.next()?.in ?? 0) : by;
  const goal = clock.now().getTime() + way;
  for (let stops = 0; stops < MOST_STOPS; stops += 1) {
    const left = goal - clock.now().getTime();
    if (left <= 0) return;
    const next = clock.next();
    clock.jump(next === null ? left : Math.min(left, next.in));
    await untilQuiet(recorder, isIdle);
  }
}
