/** What is new in a trace, for all who watch it: serialised once, and no more often than a screen shows it. */
import type { RoomRecorder } from '../../record/recorder.ts';
import { eventsMessage } from './history.ts';

/** Milliseconds between messages to all while much happens. */
export const FRAME = 16;

export interface Frames {
  readonly onEvents: (message: Uint8Array) => void;
  /** Another trace has begun; its events follow. */
  readonly onTrace: () => void;
}

/** Answers what stops it. */
export function sendFrames(
  recorder: Pick<RoomRecorder, 'length' | 'lines' | 'watch'>,
  { onEvents, onTrace }: Frames,
): () => void {
  /** The next seq to send. */
  let next = recorder.length + 1;
  let timer: NodeJS.Timeout | null = null;
  let lastFrame = 0;

  function sendFrame(): void {
    timer = null;
    lastFrame = performance.now();
    const lines = recorder.lines(next);
    next += lines.length;
    if (lines.length > 0) onEvents(eventsMessage(lines));
  }

  const stopWatching = recorder.watch(notice => {
    if (notice.kind === 'trace') {
      next = 1;
      onTrace();
      return;
    }
    if (timer !== null) return;
    const wait = lastFrame + FRAME - performance.now();
    if (wait <= 0) sendFrame();
    else timer = setTimeout(sendFrame, wait);
  });

  return () => {
    stopWatching();
    if (timer !== null) clearTimeout(timer);
  };
}
