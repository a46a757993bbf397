/** Notes when nothing has crossed the wire for a while, so that a story being told live need not wait for the next event. */
import type { RoomRecorder } from '../../record/recorder.ts';

/** Milliseconds of silence; more than a conversation may keep the others waiting for (shared/reading/occurrences/schedule.ts). */
const SILENCE = 400;

/** Records `wire.quiet` once per silence, while connections are open. Returns how to stop. */
export function noteLulls(recorder: RoomRecorder): () => void {
  const open = new Set<string>();
  let noted = true;
  let last = performance.now();
  const stop = recorder.watch(notice => {
    if (notice.kind !== 'events') return;
    for (const event of notice.events) {
      if (event.kind === 'tcp.opened') open.add(event.connection);
      if (event.kind === 'tcp.closed') open.delete(event.connection);
      noted = event.kind === 'wire.quiet';
    }
    last = performance.now();
  });
  const timer = setInterval(() => {
    if (noted || open.size === 0 || performance.now() - last < SILENCE) return;
    recorder.append({ kind: 'wire.quiet', connections: open.size });
  }, SILENCE / 2);
  timer.unref();
  return () => {
    clearInterval(timer);
    stop();
  };
}
