/** How a room is recorded: what keeps its trace, and what taps its wires. */
import { createTap, silentTap, type Tap } from '../network/cable/tap.ts';
import { openRecorder, type Recorder, type RecorderOptions, type RoomRecorder } from '../record/recorder.ts';
import { openSilentRecorder } from '../record/silent-recorder.ts';

export interface Recording {
  /** Rejects as the file system does. */
  readonly open: (options: RecorderOptions) => Promise<RoomRecorder>;
  readonly tapFor: (recorder: Recorder) => Tap;
}

/** Everything is recorded, in the folder of the room where it has one. */
export const wholeRecording: Recording = { open: openRecorder, tapFor: createTap };

/** Nothing is recorded. */
export const silentRecording: Recording = { open: openSilentRecorder, tapFor: () => silentTap };
