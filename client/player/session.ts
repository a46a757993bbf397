/** Which source the page shows: the live world of its own server, or a recording. One at a time; the other is closed. */
import { watchLive } from '../source/live.ts';
import { fromAddress, fromFile, type Recording } from '../source/recorded.ts';
import type { Source } from '../source/source.ts';
import { socketAddress, traceParameter } from '../url.ts';
import { liveFeed, openRecording } from './feed.ts';
import { notify, setSource } from './store.ts';

let source: Source | null = null;

export function goLive(): void {
  source?.();
  notify(null);
  source = watchLive(socketAddress(), liveFeed());
}

/** A recording that cannot be read changes nothing but the notice: what was shown stays. */
function show(recording: Recording, returning: boolean): void {
  if (!recording.ok) {
    notify(recording.message);
    return;
  }
  source?.();
  source = null;
  notify(null);
  openRecording(recording.name, recording.header, recording.events, returning);
}

export const openFile = async (file: File): Promise<void> => show(await fromFile(file), false);

/** Opens what the address names: with `?trace=` no socket is ever opened. */
export async function begin(): Promise<void> {
  const address = traceParameter();
  if (address === null) {
    goLive();
    return;
  }
  setSource({ kind: 'recorded', name: address });
  show(await fromAddress(address), true);
}
