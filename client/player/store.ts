/** What the page knows: the story, the viewer's clock, and what they look at. No React, no frames, no network in here. */
import { createStore } from 'zustand/vanilla';
import type { Trouble } from '../../shared/explain/troubles.ts';
import type { ToldScript } from '../../shared/script/script.ts';
import { runAt, sceneAt } from '../../shared/story/scene.ts';
import type { Beat, Scene, Story, StoryTime } from '../../shared/story/story.ts';
import { storyTime } from '../../shared/story/story.ts';
import type { HostId } from '../../shared/world/world.ts';
import type { Holding } from '../source/source.ts';
import type { Inspect } from '../stage/inspect.ts';
import { type Clock, read, seek, setRate, stopped } from './clock.ts';
import { isAnother } from './picture.ts';
import { type Draft, type Place, savedLetterKeys, savedNotes, saveLetterKeys, saveNotes, type Theme } from './place.ts';
import { type Answers, type Asked, questionAt, questionBetween, sceneBefore } from './questions.ts';

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
      /** Why it is away, where more is known than that. */
      readonly why?: string;
    }
  | { readonly kind: 'recorded'; readonly name: string; readonly story: string | null };

export type PanelTab = 'story' | 'conversation' | 'message' | 'dns' | 'queue' | 'inbox' | 'transcript';
/** What the DNS panel shows: what was asked, the zones that answer, or what the resolvers remember. */
export type DnsView = 'questions' | 'zones' | 'cache';
export type OpenDialog =
  | { readonly kind: 'compose'; readonly draft: Partial<Draft> | null }
  | { readonly kind: 'connect' }
  | { readonly kind: 'world' }
  | { readonly kind: 'stranger'; readonly server: HostId | null }
  | { readonly kind: 'help' }
  /** What is shown, for somebody else: a link, a figure for an article, files. */
  | { readonly kind: 'share' }
  /** A picture or a film of beats [first, last]; `link` is where a still leads. */
  | { readonly kind: 'film'; readonly first: number; readonly last: number; readonly link: string | null }
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
  /** It plays because something began while the viewer waited for it, and they have moved nowhere since. */
  readonly follows: boolean;
  /** The page had fallen far behind and jumped to the newest: from where, how many beats it left out, and when it did so last (milliseconds of its own clock). */
  readonly jumped: { readonly from: StoryTime; readonly beats: number; readonly at: number } | null;
  /** The question that stands in the caption's place; while there is one, nothing plays. */
  readonly asked: Asked | null;
  /** What the viewer said to the questions of this trace. */
  readonly answers: Answers;
  /** Where the next question stands: the clock goes no further before it is asked. Null where none is ahead. */
  readonly gate: StoryTime | null;
  /** Where it is to stand still by itself, though more is known: the end of a beat in present mode. Null: it plays on. */
  readonly halt: StoryTime | null;
  /** The last beat that the viewer has seen of this trace, or -1. */
  readonly reached: number;
  /** A told story's notes are open under its captions. */
  readonly notes: boolean;
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
  /** The story is shown to a room, beat by beat, and the page around it is gone. */
  readonly presenting: boolean;
  /** A sentence to the viewer about something that did not work. */
  readonly notice: string | null;
  /** What the room of a live world could not do and cannot do yet. */
  readonly troubles: readonly Trouble[];
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
  follows: false,
  jumped: null,
  asked: null,
  answers: {},
  gate: null,
  halt: null,
  reached: -1,
  notes: savedNotes(),
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
  presenting: false,
  notice: null,
  troubles: [],
  reader: null,
};

export const player = createStore<Player>(() => initial);
const { getState: get, setState: set } = player;
const now = (): number => performance.now();

/** As far as the clock may go by itself. */
export const stop = ({ gate, halt, end }: Player): StoryTime => storyTime(Math.min(gate ?? end, halt ?? end));

/** The viewer's moment, now. */
export const moment = (): StoryTime => read(get().clock, now(), stop(get()));

export const atEnd = (): boolean => moment() >= get().end;

function pictureAt(story: Story, t: StoryTime, asked: Asked | null): Scene {
  const beat = asked === null ? undefined : story.beats[asked.beat];
  return beat === undefined ? sceneAt(story, t) : sceneBefore(story, beat);
}

/** Makes the picture of moment `t` the present one; React hears of it only when it is another picture. */
export function show(t: StoryTime): void {
  const { story, scene, told, beside, asked, reached } = get();
  if (story === null) return;
  if (told !== scene || beside !== told) set({ told: scene, beside: told });
  const next = pictureAt(story, t, asked);
  if (isAnother(scene, next)) set({ scene: next, reached: Math.max(reached, next.beat?.index ?? -1) });
}

/** Stands there, at that pace; the only place where the picture, what is asked and what is ahead change together. */
export function place(clock: Clock, playing: boolean, asked: Asked | null, halt: StoryTime | null = null): void {
  const { story, answers, reached } = get();
  const scene = story === null ? null : pictureAt(story, clock.at, asked);
  const ahead = story === null ? null : questionBetween(story, answers, clock.at, story.end);
  set({
    clock,
    playing,
    follows: false,
    asked,
    scene,
    told: scene,
    beside: scene,
    gate: ahead?.start ?? null,
    halt,
    reached: Math.max(reached, scene?.beat?.index ?? -1),
  });
}

/** A clock that is at `t` now: looked at once, or it would have moved on between two looks. */
function standing(t: number, rate: number): Clock {
  const { clock, end } = get();
  return seek({ ...clock, rate }, t, now(), end);
}

/** Lands on a moment. Whether it plays stays as it is unless `playing` says otherwise. */
export function goTo(t: number, playing = get().playing): void {
  const { end, speed } = get();
  place(standing(t, playing ? speed : 0), playing && t < end, null);
}

/** Plays from a moment, and stands still by itself at `halt`. */
export const playTo = (t: number, halt: StoryTime): void => place(standing(t, get().speed), true, null, halt);

/** Stands still where the beat begins, and asks its question before anything of it is seen. */
export function ask(beat: Beat, resumes: boolean): void {
  place(standing(beat.start, 0), false, { beat: beat.index, resumes });
}

/** Goes on to a moment; a question that stands on the way is asked instead. One that is being asked has been passed. */
export function goOnTo(t: number, playing = get().playing): void {
  const { story, answers } = get();
  const question = story === null ? null : questionBetween(story, answers, moment(), t);
  if (question === null) goTo(t, playing);
  else ask(question, playing);
}

/** Comes to a moment from elsewhere: only a question that stands exactly there is asked. */
export function comeTo(t: number, playing: boolean): void {
  const { story, answers } = get();
  const question = story === null ? null : questionAt(story, answers, t);
  if (question === null) goTo(t, playing);
  else ask(question, playing);
}

export function pause(): void {
  const { clock, gate } = get();
  const at = moment();
  if (gate !== null && at >= gate) comeTo(gate, true);
  else place(setRate(clock, 0, now(), stop(get())), false, get().asked);
}

/** Plays on from here; from the start of the run when there is nothing further to see. */
export function play(): void {
  const { story, end } = get();
  if (story === null) return;
  const t = moment();
  if (t >= end) comeTo(runAt(story, t)?.start ?? 0, true);
  else goTo(t, true);
}

/** The clock has come as far as it may: to where it was to halt, to a question, or to the end; and waiting there is not time passed. */
export function arrive(): void {
  const { end, gate, halt } = get();
  if (halt !== null && halt <= (gate ?? end)) goTo(halt, false);
  else if (gate !== null) comeTo(gate, true);
  else if (get().clock.at !== end || get().playing) goTo(end, false);
}

export function setSpeed(speed: number): void {
  const { clock, playing } = get();
  set({ speed, clock: setRate(clock, playing ? speed : 0, now(), stop(get())) });
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
/** What is shown to a room goes on at a word of whoever shows it. */
export function present(presenting: boolean): void {
  if (presenting === get().presenting) return;
  if (get().playing) pause();
  set({ presenting });
}
export const notify = (notice: string | null): void => set({ notice });
export const setTroubles = (troubles: readonly Trouble[]): void => set({ troubles });
/** What was known of the wire is only true while its server is there. */
export const setSource = (source: SourceState): void =>
  set(source.kind === 'live' && source.status === 'live' ? { source } : { source, holding: null });
export const setHolding = (holding: Holding): void => set({ holding });
export const setReducedMotion = (reducedMotion: boolean): void => set({ reducedMotion });
export const setTheme = (theme: Theme): void => set({ theme });
export const readInboxOf = (reader: string): void => set({ reader });

export function setNotes(notes: boolean): void {
  saveNotes(notes);
  set({ notes });
}

export function setLetterKeys(letterKeys: boolean): void {
  saveLetterKeys(letterKeys);
  set({ letterKeys });
}
