/** What the page knows: the story, the viewer's clock, and what they look at. No React, no frames, no network in here. */
import { createStore } from 'zustand/vanilla';
import type { ToldScript } from '../../shared/script/script.ts';
import { runAt, sceneAt } from '../../shared/story/scene.ts';
import type { Scene, Story, StoryTime } from '../../shared/story/story.ts';
import { storyTime } from '../../shared/story/story.ts';
import type { HostId } from '../../shared/world/world.ts';
import type { Holding } from '../source/source.ts';
import type { Inspect } from '../stage/inspect.ts';
import { type Clock, pin, read, seek, setRate, stopped } from './clock.ts';
import { nextBeat, nextChapter, previousBeat, previousChapter, settled } from './navigate.ts';
import { type Draft, type Place, savedLetterKeys, saveLetterKeys, type Theme } from './place.ts';

/**
 * Where the trace comes from, and the name of the story it tells, or null. `room`: the one where a story is performed, null is
 * one's own world. `away`: the server does not answer; `ended`: that room is no more. What is seen is kept either way.
 */
export type SourceState =
  | {
      readonly kind: 'live';
      readonly status: 'connecting' | 'live' | 'away' | 'ended';
      readonly room: string | null;
      readonly story: string | null;
    }
  | { readonly kind: 'recorded'; readonly name: string; readonly story: string | null };

export type PanelTab = 'conversation' | 'message' | 'dns' | 'queue' | 'inbox' | 'transcript';
/** What the DNS panel shows: what was asked, the zones that answer, or what the resolvers remember. */
export type DnsView = 'questions' | 'zones' | 'cache';
export type OpenDialog =
  | { readonly kind: 'compose'; readonly draft: Partial<Draft> | null }
  | { readonly kind: 'connect' }
  | { readonly kind: 'world' }
  | { readonly kind: 'stranger'; readonly server: HostId | null }
  | { readonly kind: 'help' }
  /** The source of a story, to be changed and run: one that this page has been told. */
  | { readonly kind: 'yours'; readonly script: ToldScript };

export const SPEEDS = [0.25, 0.5, 1, 1.5, 2, 4] as const;

/** What the viewer asked the servers for and has not seen begin: play from there as soon as the story has it. */
type Awaiting = { readonly run: number } | { readonly after: StoryTime };

export interface Player {
  readonly story: Story | null;
  readonly revision: number;
  /** The story's end when the clock was last looked at: the story itself may have grown since. */
  readonly end: StoryTime;
  readonly runs: number;
  readonly scene: Scene | null;
  /** The same picture, but while it plays a frame later, for the words under the stage: so that no frame draws both anew. */
  readonly told: Scene | null;
  /** And another frame later, for what stands beside and below them. */
  readonly beside: Scene | null;
  readonly clock: Clock;
  readonly playing: boolean;
  readonly speed: number;
  readonly awaiting: Awaiting | null;
  readonly source: SourceState;
  /** Null while that is not known: no live world, or its server is away. */
  readonly holding: Holding | null;
  /** The name of the trace, for coming back to the same place. */
  readonly trace: string | null;
  readonly reducedMotion: boolean;
  readonly theme: Theme;
  readonly letterKeys: boolean;
  readonly tab: PanelTab;
  readonly dnsView: DnsView;
  readonly inspect: Inspect | null;
  readonly dialog: OpenDialog | null;
  /** The gallery of stories stands in place of the page. */
  readonly gallery: boolean;
  /** A sentence to the viewer about something that did not work. */
  readonly notice: string | null;
  /** Whose inbox is open: an address. */
  readonly reader: string | null;
}

export const initial: Player = {
  story: null,
  revision: -1,
  end: storyTime(0),
  runs: 0,
  scene: null,
  told: null,
  beside: null,
  clock: stopped,
  playing: false,
  speed: 1,
  awaiting: null,
  source: { kind: 'live', status: 'connecting', room: null, story: null },
  holding: null,
  trace: null,
  reducedMotion: false,
  theme: 'light',
  letterKeys: savedLetterKeys(),
  tab: 'conversation',
  dnsView: 'questions',
  inspect: null,
  dialog: null,
  gallery: false,
  notice: null,
  reader: null,
};

export const player = createStore<Player>(() => initial);
const { getState: get, setState: set } = player;
const now = (): number => performance.now();

/** The viewer's moment, now. */
export function moment(): StoryTime {
  const { clock, end } = get();
  return read(clock, now(), end);
}

export const atEnd = (): boolean => moment() >= get().end;

const differs = (a: Scene | null, b: Scene): boolean =>
  a === null ||
  a.step?.index !== b.step?.index ||
  a.beat !== b.beat ||
  a.state !== b.state ||
  a.lineCount !== b.lineCount ||
  a.currentLine !== b.currentLine ||
  a.inboxCount !== b.inboxCount ||
  (a.motion === null) !== (b.motion === null) ||
  a.stepCount !== b.stepCount;

/** Makes the picture of moment `t` the present one; React hears of it only when it is another picture. */
export function show(t: StoryTime): void {
  const { story, scene, told, beside } = get();
  if (story === null) return;
  if (told !== scene || beside !== told) set({ told: scene, beside: told });
  const next = sceneAt(story, t);
  if (differs(scene, next)) set({ scene: next });
}

function place(clock: Clock, playing: boolean, more: Partial<Player> = {}): void {
  const { story } = get();
  const scene = story === null ? null : sceneAt(story, clock.at);
  set({ clock, playing, scene, told: scene, beside: scene, ...more });
}

/** Lands on a moment. Whether it plays stays as it is unless `playing` says otherwise. */
export function goTo(t: number, playing = get().playing): void {
  const { clock, end, speed } = get();
  place(setRate(seek(clock, t, now(), end), playing ? speed : 0, now(), end), playing && t < end);
}

export function pause(): void {
  const { clock, end } = get();
  place(setRate(clock, 0, now(), end), false);
}

/** Plays on from here; from the start of the run when there is nothing further to see. */
export function play(): void {
  const { story, end } = get();
  if (story === null) return;
  const t = moment();
  goTo(t >= end ? (runAt(story, t)?.start ?? 0) : t, true);
}

export const toggle = (): void => (get().playing ? pause() : play());

/** The clock has come to the end of what there is: it waits there, and waiting is not time passed. */
export function arrive(): void {
  const { end } = get();
  if (get().clock.at !== end || get().playing) goTo(end, false);
}

export function setSpeed(speed: number): void {
  const { clock, end, playing } = get();
  set({ speed, clock: setRate(clock, playing ? speed : 0, now(), end) });
}

export function changeSpeed(by: 1 | -1): void {
  const at = SPEEDS.findIndex(speed => speed >= get().speed);
  const speed = SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, at + by))];
  if (speed !== undefined) setSpeed(speed);
}

export function step(by: 1 | -1): void {
  const { story, reducedMotion } = get();
  if (story === null) return;
  const still = reducedMotion && !get().playing;
  goTo(by === 1 ? nextBeat(story, moment(), still) : previousBeat(story, moment(), still));
}

export function stepChapter(by: 1 | -1): void {
  const { story } = get();
  if (story !== null) goTo(by === 1 ? nextChapter(story, moment()) : previousChapter(story, moment()));
}

/** To a part of this run: 0 its start, 1 its end. */
export function goToPart(fraction: number): void {
  const { story } = get();
  const run = story === null ? null : runAt(story, moment());
  if (run !== null) goTo(run.start + (run.end - run.start) * fraction);
}

/** The newest run, from where the viewer has not seen it: its end. */
export const backToLive = (): void => goTo(get().end, false);

/** From now on, whatever begins is what the viewer is waiting for. */
export function awaitRun(): void {
  set({ awaiting: { run: get().runs } });
}
export function awaitMore(): void {
  set({ awaiting: { after: get().end } });
}
export const awaitNothing = (): void => set({ awaiting: null });

/** Shows a story from where `t` says, standing still unless `playing`. */
export function open(story: Story, trace: string | null, t: number, playing: boolean): void {
  set({
    story,
    trace,
    revision: story.revision,
    end: story.end,
    runs: story.runs.length,
    awaiting: null,
    inspect: null,
  });
  goTo(t, playing);
}

/** Where a run that just began is first shown: moving from its start, or as a still card of its first beat. */
function begin(story: Story, from: StoryTime): void {
  if (!get().reducedMotion) {
    goTo(from, true);
    return;
  }
  const first = story.beats.find(beat => beat.start >= from);
  goTo(first === undefined ? from : settled(first), false);
}

/** Shows a story from its start, moving, or as a still card of its first beat. */
export function openAtStart(story: Story, trace: string): void {
  open(story, trace, 0, false);
  begin(story, storyTime(0));
}

/**
 * The story has grown. A viewer who waits at the end, or who asked for what now begins, sees it from its beginning; every
 * other viewer's picture does not move.
 */
export function grow(story: Story): void {
  const { clock, end, runs, awaiting, playing, source } = get();
  const pinned = pin(clock, now(), end);
  const waiting = pinned.at >= end && source.kind === 'live';
  set({ story, clock: pinned, revision: story.revision, end: story.end, runs: story.runs.length });
  const asked = awaiting !== null && 'run' in awaiting ? story.runs[awaiting.run] : undefined;
  if (asked !== undefined) {
    set({ awaiting: null });
    begin(story, asked.start);
  } else if (awaiting !== null && 'after' in awaiting && story.end > awaiting.after) {
    set({ awaiting: null });
    begin(story, awaiting.after);
  } else if (waiting && story.end > end) {
    begin(story, story.runs.length > runs ? (story.runs[runs]?.start ?? end) : end);
  } else {
    place(pinned, playing);
  }
}

/** What to remember so that a reload comes back here. */
export function presentPlace(): Place | null {
  const { trace, playing, speed } = get();
  return trace === null ? null : { trace, t: moment(), playing, atEnd: atEnd(), speed };
}

export const showTab = (tab: PanelTab): void => set({ tab, inspect: null });
export const showDns = (dnsView: DnsView): void => set({ tab: 'dns', dnsView, inspect: null });
export const inspect = (target: Inspect | null): void => set({ inspect: target });
export const openDialog = (dialog: OpenDialog | null): void => set({ dialog });
/** What is not seen does not play on. */
export function showGallery(gallery: boolean): void {
  if (gallery && get().playing) pause();
  set({ gallery });
}
export const notify = (notice: string | null): void => set({ notice });
/** What was known of the wire is only true while its server is there. */
export const setSource = (source: SourceState): void =>
  set(source.kind === 'live' && source.status === 'live' ? { source } : { source, holding: null });
export const setHolding = (holding: Holding): void => set({ holding });
export const setReducedMotion = (reducedMotion: boolean): void => set({ reducedMotion });
export const setTheme = (theme: Theme): void => set({ theme });
export const readInboxOf = (reader: string): void => set({ reader });

export function setLetterKeys(letterKeys: boolean): void {
  saveLetterKeys(letterKeys);
  set({ letterKeys });
}
