/** A run that happens while it is shown: the wire is held, and each beat that is called is let go, octet by octet, until it is whole. */
import { settled } from '../../player/navigate.ts';
import { scriptOf } from '../../player/questions.ts';
import { beginHeld, goOnWith, holdWire, keepAsRecording, letOneGo } from '../../session/session.ts';
import { player } from '../../session/store.ts';
import { goTo, moment, playTo } from '../../session/travel.ts';
import { fromStory, type Recording } from '../../source/recorded.ts';
import { beatNow, begin, land } from './moves.ts';
import { call, complain, presentation, setLive } from './presentation.ts';
import { sameBeat } from './stands.ts';

const { getState: get } = player;

/** Milliseconds without news after which nothing more comes of a journey in which nobody is on the line. */
const QUIET = 1_200;
/** And after which whoever waits otherwise is told so, or has seen what there is to see of a beat. */
const PATIENCE = 8_000;

let quiet: ReturnType<typeof setTimeout> | undefined;
/** How many chunks will have been let go once the last one that was asked for is. */
let owed: number | null = null;
/** The recording of the live story, fetched while its server is there to give it. */
let spare: { readonly story: string; readonly recording: Promise<Recording> } | null = null;

function fetchSpare(): void {
  const { source } = get();
  if (source.kind === 'live' && source.story !== null && spare?.story !== source.story)
    spare = { story: source.story, recording: fromStory(source.story) };
}

/** All of the beat that was called has been told. */
function whole(index: number): boolean {
  const { story, source } = get();
  const beat = story?.beats[index];
  if (story === null || beat === undefined) return false;
  const run = story.runs[beat.run] ?? null;
  const over = scriptOf(story, run)?.ended === true;
  return source.kind !== 'live' || story.beats[index + 1] !== undefined || over;
}

/** It is the newest beat, nobody is on the line, and no script says that more will come. */
function isLastOfAll(index: number): boolean {
  const { story, source } = get();
  const open = (story?.steps.at(-1)?.after.connections.length ?? 0) > 0;
  return story?.beats[index] !== undefined && source.story === null && !open;
}

function stopWaiting(): void {
  clearTimeout(quiet);
  quiet = undefined;
  owed = null;
}

/** Nothing has been heard for a while. */
function nothingCame(): void {
  const { called } = presentation.getState();
  const { story, holding } = get();
  stopWaiting();
  if (called === null) return;
  if (story?.beats[called] !== undefined && (holding === null || holding.waiting === 0)) {
    call(null);
    return;
  }
  call(null);
  complain(
    get().source.story === null
      ? 'Nothing is on its way. c writes a letter; r goes on with what has been seen, as a recording.'
      : 'Nothing has happened on the wire for some seconds. r goes on with the recording; Next waits again.',
  );
}

function listen(milliseconds: number): void {
  clearTimeout(quiet);
  quiet = setTimeout(nothingCame, milliseconds);
}

/** Shows what has been told of the beat that was called, as far as that is. */
function follow(index: number): void {
  const { story, reducedMotion } = get();
  const beat = story?.beats[index];
  if (beat === undefined) return;
  if (beatNow() < index) begin(beat);
  else if (moment() < settled(beat)) {
    if (reducedMotion || presentation.getState().hurried) goTo(settled(beat), false);
    else playTo(moment(), settled(beat));
  }
}

/** Goes on waiting for the beat that was called, if one was, and lets what holds it back go. */
function awaitBeat(): void {
  const { called } = presentation.getState();
  if (called === null || get().asked !== null) return;
  if (whole(called)) {
    stopWaiting();
    call(null);
    return;
  }
  const { source, holding, story } = get();
  if (source.kind !== 'live') {
    stopWaiting();
    call(null);
    return;
  }
  // Only with all before its eyes that has crossed can one say that more of it must.
  const heard = holding !== null && (owed === null || holding.gone >= owed) && (story?.seq ?? 0) >= holding.seq;
  if (heard && holding.on && holding.waiting > 0) {
    owed = holding.gone + 1;
    letOneGo();
    listen(PATIENCE);
  } else listen(heard && isLastOfAll(called) ? QUIET : PATIENCE);
}

/** Something has been told, or waits in the wire. */
function goOn(): void {
  const { called } = presentation.getState();
  if (called === null || !get().presenting) return;
  follow(called);
  awaitBeat();
}

/** Whether this page has a server's world before it that can be held. */
const heldHere = (): boolean => get().source.kind === 'live' && get().holding !== null;

/** Once another trace than `before` is shown: whether it is that of `room`. */
const isShown = (room: string, before: string | null): Promise<boolean> =>
  new Promise(resolve => {
    const look = (): boolean => {
      const { trace, source } = get();
      if (trace === before) return false;
      resolve(source.kind === 'live' && source.room === room);
      return true;
    };
    if (look()) return;
    const stop = player.subscribe(() => {
      if (look()) stop();
    });
  });

/** Holds the wire so that each Next lets one beat go, or lets it run. A story begins anew, so that it is held from its first octet. */
export async function toggleLive(): Promise<void> {
  const { source } = get();
  complain(null);
  if (presentation.getState().live) {
    setLive(false);
    holdWire(false);
    return;
  }
  if (source.story !== null) {
    const { story } = source;
    spare = { story, recording: fromStory(story) };
    const before = get().trace;
    const held = await beginHeld(story);
    if (held.kind === 'refused') complain(`${held.message} It stays as it is.`);
    // Whatever else was asked for meanwhile is shown, and nobody has said that it is to be held.
    if (held.kind === 'begun' && (await isShown(held.room, before))) setLive(true);
  } else if (heldHere()) {
    setLive(true);
    holdWire(true);
  } else complain('This is a recording: there is no wire to hold.');
}

/** From the live run to the story's recording, or to what has been seen so far as one, at the same beat. */
export async function toRecording(): Promise<void> {
  const { source, story } = get();
  if (source.kind !== 'live' || story === null) return;
  const index = beatNow();
  const beat = story.beats[index];
  const waits = presentation.getState().called;
  stopWaiting();
  call(null);
  const recording = spare !== null && spare.story === source.story ? await spare.recording : null;
  if (get().source !== source && get().source.kind !== 'live') return;
  letGo();
  if (recording?.ok === true && source.story !== null && (await goOnWith(recording, source.story))) {
    const told = get().story;
    const there = beat === undefined || told === null ? null : sameBeat(story, beat, told);
    land(there?.index ?? -1);
  } else {
    keepAsRecording();
    // What was told of a beat that was waited for is seen, if anything was.
    land(waits === null ? index : Math.max(index, Math.min(waits, story.beats.length - 1)));
  }
}

function letGo(): void {
  if (presentation.getState().live) holdWire(false);
  setLive(false);
  complain(null);
}

/** While something is presented, hears of all that the servers do; answers what stops it, which lets the wire go. */
export function followLive(): () => void {
  if (get().holding?.on === true) setLive(true);
  fetchSpare();
  const stops = [
    presentation.subscribe((state, before) => {
      if (state.called !== before.called && state.called !== null) awaitBeat();
    }),
    player.subscribe((state, before) => {
      const { called, live } = presentation.getState();
      if (state.source !== before.source) {
        fetchSpare();
        const gone =
          state.source.kind === 'live' && (state.source.status === 'away' || state.source.status === 'ended');
        if (gone && (live || called !== null)) {
          stopWaiting();
          call(null);
          complain('The live run has broken off: its server is away. r goes on with the recording.');
        }
      }
      if (called === null) return;
      // After all that the player itself does about it: it keeps the viewer where they were.
      if (state.story !== before.story || state.holding !== before.holding) queueMicrotask(goOn);
    }),
  ];
  return () => {
    for (const stop of stops) stop();
    stopWaiting();
    letGo();
  };
}
