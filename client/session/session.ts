/** Which source the page shows: its own live world, a story performed in a room of its own, or a recording. One at a time; the other is closed. */
import type { BegunStory } from '../../shared/api/site.ts';
import { tellingWhole } from '../../shared/reading/storyteller.ts';
import type { Problem } from '../../shared/story/script.ts';
import { encodeTrace, unreadSentence } from '../../shared/trace/codec.ts';
import { droppedBefore, forgetDropped, keepDropped } from '../player/dropped.ts';
import { savedOwnStory, savedRoom, saveOwnStory, saveRoom } from '../player/place.ts';
import { type Answer, performStory, roomLives, serverAnswers } from '../source/api.ts';
import { watchLive } from '../source/live.ts';
import { fromAddress, fromFile, fromStory, type Recording } from '../source/recorded.ts';
import { inSlices } from '../source/slices.ts';
import type { LiveSource } from '../source/source.ts';
import { forgetTrace, onWayBack, setStory, socketAddress, storyParameter, traceParameter } from '../url.ts';
import { liveFeed, openRecording, type Performance } from './feed.ts';
import { player } from './store.ts';
import { atEnd, backToLive } from './travel.ts';
import { notify, setSource } from './view.ts';

let source: LiveSource | null = null;
let recorded: Extract<Recording, { readonly ok: true }> | null = null;
/** Counts what the viewer has asked to see: an answer that comes after a newer wish is not shown. */
let wishes = 0;
/** What the address named when it was followed last. */
let followed = '';

const named = (): string => JSON.stringify([storyParameter(), traceParameter()]);

/** Answers whether it is still the newest. */
function wish(): () => boolean {
  wishes += 1;
  const mine = wishes;
  return () => mine === wishes;
}

function watch(performance: Performance): void {
  source?.close();
  forgetFile();
  recorded = null;
  followed = named();
  source = watchLive(socketAddress(performance.room), liveFeed(performance));
}

const noStory = (name: string): string => `There is no story called “${name}” here.`;

interface Showing {
  /** Whether the viewer still wants to see it. */
  readonly isWanted: () => boolean;
  readonly returning: boolean;
  /** The story that it is a recording of. */
  readonly story: string | null;
  /** Makes the address say so. */
  readonly arrive: () => void;
  /** It is what is kept for a reload. */
  readonly keeps: boolean;
}

/** A recording that cannot be read changes nothing but the notice: what was shown stays. Answers whether it is shown. */
async function show(
  recording: Promise<Recording>,
  {
    isWanted = wish(),
    returning = false,
    story = null,
    arrive = () => undefined,
    keeps = false,
  }: Partial<Showing> = {},
): Promise<boolean> {
  const read = await recording;
  if (!isWanted()) return false;
  if (!read.ok) {
    notify(story !== null && read.missing === true ? noStory(story) : read.message);
    return false;
  }
  const whole = await inSlices(tellingWhole(read.header, read.events));
  if (!isWanted()) return false;
  source?.close();
  source = null;
  if (!keeps) forgetFile();
  notify(null);
  arrive();
  followed = named();
  recorded = read;
  openRecording(read.name, whole, returning, story);
  notify(unreadSentence(read.name, read));
  return true;
}

/** The browser cannot keep what was dropped: whoever leaves the page is asked first. */
const askFirst = (event: BeforeUnloadEvent): void => event.preventDefault();

/** Nothing that was dropped is shown any more. */
function forgetFile(): void {
  removeEventListener('beforeunload', askFirst);
  forgetDropped();
}

/** The recording that is shown, as a file; null while a world that runs is. */
export const recordingAsText = (): string | null =>
  recorded === null ? null : encodeTrace(recorded.header, recorded.events);

/** Shows a recording that was given as a file, and keeps it for a reload: F5 is the “start” key of many a clicker. */
export async function openFile(file: File): Promise<void> {
  if (!(await show(fromFile(file)))) return;
  if (!(await keepDropped(file, named()))) addEventListener('beforeunload', askFirst);
}

/** Shows again what was dropped before a reload. Answers whether it is shown; where the browser has lost it, the viewer is told. */
async function openDroppedBefore(): Promise<boolean> {
  const before = await droppedBefore(named());
  if (before === null) return false;
  if (before.file !== null && (await show(fromFile(before.file), { returning: true, keeps: true }))) return true;
  forgetDropped();
  await followAddress();
  notify(`${before.name} was dropped on this page, and the browser could not keep it for the reload: drop it again.`);
  return true;
}

/** Goes to one's own world; where no server answers, what is shown stays and the viewer is told. `arrive`: the address says so. */
async function toOwnWorld(arrive: () => void): Promise<void> {
  const isWanted = wish();
  const answers = await serverAnswers();
  if (!isWanted()) return;
  if (!answers) {
    notify('No mailscope server answers at this address, so there is no live world to go back to.');
    return;
  }
  notify(null);
  arrive();
  watch({ room: null, story: null });
}

/** Leaves a recording. */
export const backToLiveWorld = (): Promise<void> => toOwnWorld(forgetTrace);
/** Leaves a story, performed or recorded. */
export const leaveStory = (): Promise<void> => toOwnWorld(() => setStory(null));

/** A viewer's own story is known to nobody else: its words are sent along. */
function perform(name: string, held = false): Promise<Answer<BegunStory>> {
  const own = savedOwnStory();
  return performStory({ ...(own?.name === name ? { source: own.source } : { name }), ...(held && { held }) });
}

function watchStory({ name, room }: BegunStory): void {
  saveRoom(name, room);
  notify(null);
  watch({ room, story: name });
}

/**
 * Tells a story: in a room of its own where a server answers, else from its recording. `again`: the address names it, so that
 * whoever has been in its room before comes back there while it lives.
 */
async function tell(name: string, again: boolean): Promise<void> {
  const arrive = again ? () => undefined : () => setStory(name);
  const isWanted = wish();
  const kept = again ? savedRoom(name) : null;
  const lives = kept !== null && (await roomLives(kept));
  if (!isWanted()) return;
  if (lives) {
    watchStory({ name, room: kept });
    return;
  }
  const answers = await serverAnswers();
  if (!isWanted()) return;
  const showing = { isWanted, returning: again, story: name, arrive };
  if (!answers) {
    if (player.getState().story === null) setSource({ kind: 'recorded', name, story: name });
    await show(fromStory(name), showing);
    return;
  }
  const begun = await perform(name);
  if (!isWanted()) return;
  if (begun.ok) {
    arrive();
    watchStory(begun.value);
    return;
  }
  // Where there is no place to perform it, there may still be its recording.
  if (begun.code === 'lobby-full' && (await show(fromStory(name), showing))) return;
  notify(begun.code === 'unknown-story' ? noStory(name) : begun.message);
  // The address named it, and nothing else is shown yet.
  if (!again || !isWanted()) return;
  forgetTrace();
  watch({ room: null, story: null });
}

/** Tells a story from its start, and the address says so. */
export const beginStory = (name: string): Promise<void> => tell(name, false);

/** Tells the story that is shown anew: its world has ended. */
export async function beginAgain(): Promise<void> {
  const { story } = player.getState().source;
  if (story !== null) await tell(story, false);
}

/** `begun`: it is watched from now on, and will be shown. `overtaken`: the viewer has asked for something else meanwhile. */
export type HeldStory =
  | { readonly kind: 'begun'; readonly room: string }
  | { readonly kind: 'overtaken' }
  | { readonly kind: 'refused'; readonly message: string };

/** Performs a story anew on a wire that is held from its first octet. */
export async function beginHeld(name: string): Promise<HeldStory> {
  const isWanted = wish();
  const refused = (message: string): HeldStory => (isWanted() ? { kind: 'refused', message } : { kind: 'overtaken' });
  if (!(await serverAnswers())) return refused('No mailscope server answers at this address.');
  const begun = await perform(name, true);
  if (!begun.ok) return refused(begun.message);
  if (!isWanted()) return { kind: 'overtaken' };
  watchStory(begun.value);
  return { kind: 'begun', room: begun.value.room };
}

/** Goes on with a recording in place of the world that is shown. Answers false where it cannot be read; nothing changes then. */
export const goOnWith = (recording: Recording, story: string): Promise<boolean> =>
  show(Promise.resolve(recording), { story });

/** Leaves the world that is shown and keeps what is known of it, which from now on is a recording. */
export function keepAsRecording(): void {
  wish();
  source?.close();
  source = null;
  notify(null);
  setSource({ kind: 'recorded', name: 'the live run so far', story: null });
}

export type OwnStoryBegun =
  | { readonly ok: true }
  | { readonly ok: false; readonly message: string; readonly problems: readonly Problem[] };

/** Performs a story that the viewer wrote; where it cannot be, what is shown stays, and the answer says why. */
export async function beginOwnStory(source: string): Promise<OwnStoryBegun> {
  const isWanted = wish();
  const begun = await performStory({ source });
  if (!begun.ok) {
    const message =
      begun.code === ''
        ? 'No mailscope server answers at this address, and a story of your own needs one to be performed.'
        : begun.message;
    return { ok: false, message, problems: begun.problems ?? [] };
  }
  if (!isWanted()) return { ok: true };
  saveOwnStory({ name: begun.value.name, source });
  setStory(begun.value.name);
  watchStory(begun.value);
  return { ok: true };
}

/** Shows what the address names: with `?trace=` no socket is ever opened. */
async function followAddress(): Promise<void> {
  followed = named();
  const story = storyParameter();
  const address = traceParameter();
  if (story !== null) await tell(story, true);
  else if (address !== null) await show(fromAddress(address), { returning: true });
  else {
    wish();
    watch({ room: null, story: null });
  }
}

/** Opens what the address names, and follows it when the viewer goes back or forward. */
export async function begin(): Promise<void> {
  const story = storyParameter();
  const address = traceParameter();
  if (story !== null) setSource({ kind: 'live', status: 'connecting', room: null, story });
  else if (address !== null) setSource({ kind: 'recorded', name: address, story: null });
  onWayBack(() => {
    if (followed !== named()) void followAddress();
  });
  if (!(await openDroppedBefore())) await followAddress();
}

/** Stops the wire of the live world, or lets it go. */
export const holdWire = (on: boolean): void => source?.hold(on);
/** Lets the oldest chunk that waits in the held wire go. */
export const letOneGo = (): void => source?.release();
/** The same, from the page's own controls: who has paused in the past is brought to where it will be seen. */
export function releaseOne(): void {
  const { holding, playing } = player.getState();
  if (holding === null || !holding.on) return;
  if (!playing && !atEnd()) backToLive();
  letOneGo();
}
