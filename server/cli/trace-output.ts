/** Writes the trace of a run to a file that somebody has named. */
import { open, writeFile } from 'node:fs/promises';
import { encodeTrace } from '../../shared/trace/codec.ts';
import type { RoomRecorder } from '../record/recorder.ts';
import { CliError } from './usage.ts';

/** What the file system says against `file` is one sentence. */
async function withFile(file: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new CliError(1, `The trace ${file} cannot be written (${code}).`);
  }
}

/** Asked before the journey, so that none is made for nothing; what is in the file stays until there is something better. */
export const reserve = (file: string): Promise<void> => withFile(file, async () => (await open(file, 'a')).close());

export const writeTrace = (recorder: RoomRecorder, file: string): Promise<void> =>
  withFile(file, () => writeFile(file, encodeTrace(recorder.header, recorder.events(1))));
