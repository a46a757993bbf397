/** Opens what a cue names, from where it comes from itself: whoever follows needs nothing but cues. */
import { pathTo, SITE_CALLS } from '../../../shared/api/routes.ts';
import type { Shown } from '../../../shared/api/show.ts';
import { createStoryteller, type Storyteller, tellingWhole } from '../../../shared/reading/storyteller.ts';
import type { Story } from '../../../shared/story/story.ts';
import { watchLive } from '../../source/live.ts';
import { fromAddress, fromFile, fromStory, type Recording } from '../../source/recorded.ts';
import { inSlices } from '../../source/slices.ts';
import type { Sink } from '../../source/source.ts';
import { socketAddress } from '../../url.ts';

export interface Opening {
  /** It is there, or another one than before. */
  open(story: Story): void;
  /** It has grown. */
  grow(story: Story): void;
  /** It cannot be had; why, as a sentence. */
  failed(message: string): void;
}

/** Where a recording is that was given to the show. */
export type TraceOf = (name: string) => Promise<Recording>;

export const traceInShow =
  (show: string): TraceOf =>
  name =>
    fromAddress(pathTo(SITE_CALLS.recording, { id: show, name }));

/** `textOf`: asks the stage's window. */
export const traceOnStage =
  (textOf: (name: string) => Promise<string>): TraceOf =>
  async name =>
    fromFile(new File([await textOf(name)], name));

export const isSame = (one: Shown, other: Shown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** A room that is performed in grows; it is first told of once all that is known has come. */
function roomSink({ open, grow, failed }: Opening): Sink {
  let teller: Storyteller | null = null;
  let history = 0;
  let landed = false;
  return {
    begin(_trace, header, last) {
      teller = createStoryteller(header);
      history = last;
      landed = last === 0;
      if (landed) open(teller.story);
    },
    events(events) {
      if (teller === null || events.length === 0) return;
      teller.add(events);
      if (landed) grow(teller.story);
      else if (teller.seq >= history) {
        landed = true;
        open(teller.story);
      }
    },
    status(status) {
      if (status === 'ended' && teller === null) failed('The world that is shown has ended.');
    },
    unread: () => undefined,
    holding: () => undefined,
  };
}

async function openRecording(read: Promise<Recording>, opening: Opening, isWanted: () => boolean): Promise<void> {
  const recording = await read;
  if (!isWanted()) return;
  if (!recording.ok) {
    opening.failed(recording.message);
    return;
  }
  const story = await inSlices(tellingWhole(recording.header, recording.events));
  if (isWanted()) opening.open(story);
}

/** Answers what closes it; nothing is told afterwards. */
export function openShown(shown: Shown, traceOf: TraceOf, opening: Opening): () => void {
  if (shown.kind === 'room') {
    const source = watchLive(socketAddress(shown.room), roomSink(opening));
    return () => source.close();
  }
  let wanted = true;
  void openRecording(shown.kind === 'story' ? fromStory(shown.name) : traceOf(shown.name), opening, () => wanted);
  return () => {
    wanted = false;
  };
}
