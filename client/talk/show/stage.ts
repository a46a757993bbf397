/** The stage's end of a show: tells speaker windows and the audience where it is, and does what a speaker's window asks. */
import { createStore } from 'zustand/vanilla';
import type { Cue, FromShow, Shown, ToShow } from '../../../shared/api/show.ts';
import { type OwnShow, savedShow, savedStageKey, saveShow, saveStageKey } from '../../player/place.ts';
import { recordingAsText } from '../../session/session.ts';
import { player } from '../../session/store.ts';
import { beginShow, endShow, giveRecording } from '../../source/shows-api.ts';
import { speakerAddress } from '../../url.ts';
import { cueOf, onCue, steer } from '../present/cue.ts';
import { openWindow } from '../present/full-screen.ts';
import { type Line, overServer, type StageDoor, type Standing, stageDoor } from './channel.ts';
import { createUploads } from './uploads.ts';

export type Sharing =
  | { readonly status: 'off' | 'beginning' | 'ended' }
  /** `server`: whether there is one at all that could. */
  | { readonly status: 'failed'; readonly message: string; readonly server: boolean }
  | {
      readonly status: 'on';
      readonly show: OwnShow;
      readonly standing: Standing;
      readonly followers: number;
      /** Why the audience does not see what is shown, as a sentence; null where it does. */
      readonly problem: string | null;
    };

export interface StageShow {
  readonly sharing: Sharing;
  /** What is open of it. */
  readonly dialog: 'audience' | 'blocked' | null;
  /** The way to follow stands on the stage itself. */
  readonly poster: boolean;
}

export const stageShow = createStore<StageShow>(() => ({ sharing: { status: 'off' }, dialog: null, poster: false }));
const { getState: get, setState: set } = stageShow;

/** By what this window is known to its speaker windows; made when it is first asked for. */
let ownKey: string | null = null;
function stageKey(): string {
  ownKey ??= savedStageKey();
  if (ownKey !== null) return ownKey;
  // Only where the page is not served securely has the browser no randomUUID, and windows of one browser need no more than this.
  ownKey = Math.random().toString(36).slice(2);
  saveStageKey(ownKey);
  return ownKey;
}

export const ownSpeakerAddress = (): string => speakerAddress(stageKey());

/** Opens the speaker's window, or says that the browser would not. */
export function openSpeakerWindow(): void {
  const key = stageKey();
  const opened = openWindow(speakerAddress(key), `mailscope-speaker-${key}`, 'popup,width=1180,height=760');
  if (opened === null) set({ dialog: 'blocked' });
  else opened.focus();
}

export const openAudience = (): void => set({ dialog: 'audience' });
export const closeDialog = (): void => set({ dialog: null });

/** The way to follow, large on the stage, or away again; where nothing is shared yet, the dialog that shares. */
export function togglePoster(): void {
  if (get().sharing.status !== 'on') openAudience();
  else set({ poster: !get().poster });
}
export const takePosterDown = (): void => set({ poster: false });

let doors: readonly StageDoor[] = [];
let line: Line | null = null;

/** A recording that was given to this window has no name that means anything elsewhere: this one does in this browser. */
const localName = (): string => (player.getState().trace ?? '').slice(0, 200);

const named = (cue: Cue, name: string): Cue =>
  cue.shown.kind === 'trace' ? { ...cue, shown: { kind: 'trace', name } } : cue;

let room: Shown | null = null;

/** What others are told of. A live run that the stage keeps as a recording is, to whoever has followed it, what they have seen of its room. */
function toldCue(): Cue | null {
  const cue = cueOf();
  if (cue === null) return null;
  if (cue.shown.kind === 'room') room = cue.shown;
  return cue.shown.kind === 'trace' && room !== null && recordingAsText() === null ? { ...cue, shown: room } : cue;
}

const update = (change: Partial<Extract<Sharing, { readonly status: 'on' }>>): void => {
  const { sharing } = get();
  if (sharing.status === 'on') set({ sharing: { ...sharing, ...change } });
};

const tellWindows = (message: FromShow): void => {
  for (const door of doors) door.tell(message);
};

/** What the server is given of what is shown and it lacks; what that is called there is said with the next cue. */
const uploads = createUploads<OwnShow>({
  put: giveRecording,
  now: () => performance.now(),
  onGiven() {
    update({ problem: null });
    tellServer();
  },
  onRefused: message => update({ problem: `The audience cannot see this recording: ${message}` }),
});

function tellServer(): void {
  const { sharing } = get();
  const cue = toldCue();
  if (line === null || sharing.status !== 'on' || cue === null) return;
  if (cue.shown.kind !== 'trace') {
    line.send({ type: 'cue', cue });
    return;
  }
  const { story } = player.getState();
  if (story === null) return;
  const recording = { name: localName(), identity: story, text: recordingAsText };
  const name = uploads.nameOnServer(sharing.show, recording);
  if (name !== null) line.send({ type: 'cue', cue: named(cue, name) });
}

const cueForWindows = (): FromShow => {
  const cue = toldCue();
  return { type: 'cue', cue: cue === null ? null : named(cue, localName()) };
};

function tellAll(): void {
  tellWindows(cueForWindows());
  tellServer();
}

function hearWindow(message: ToShow): void {
  const { sharing } = get();
  if (message.type === 'steer') steer(message.steer);
  if (message.type !== 'join') return;
  tellWindows(cueForWindows());
  if (sharing.status === 'on') tellWindows({ type: 'followers', count: sharing.followers });
}

function hearServer(message: FromShow): void {
  if (message.type === 'steer') steer(message.steer);
  if (message.type !== 'followers') return;
  const { sharing } = get();
  const more = sharing.status === 'on' && message.count > sharing.followers;
  update({ followers: message.count });
  tellWindows(message);
  // A cue that plays says where it was when it was said: whoever has just come needs a fresh one.
  if (more && cueOf()?.playing === true) tellServer();
}

function standingOf(standing: Standing): void {
  if (standing === 'ended' || standing === 'refused') forget({ status: 'ended' });
  else update({ standing });
}

function forget(sharing: Sharing): void {
  line?.close();
  line = null;
  uploads.forget();
  saveShow(null);
  set({ sharing, poster: false });
}

function join(show: OwnShow): void {
  saveShow(show);
  set({ sharing: { status: 'on', show, standing: 'connecting', followers: 0, problem: null } });
  line = overServer(show.id, show.secret, { hear: hearServer, standing: standingOf });
  tellServer();
}

/** Begins a show of what is on this stage. */
export async function share(): Promise<void> {
  const { status } = get().sharing;
  if (status === 'beginning' || status === 'on') return;
  set({ sharing: { status: 'beginning' } });
  const begun = await beginShow();
  if (begun.ok) join(begun.value);
  else {
    // An answer that no mailscope server gives comes from a site of files, which has none.
    const server = begun.code !== '' && begun.code !== 'no-api';
    set({ sharing: { status: 'failed', message: begun.message, server } });
  }
}

/** Whoever follows is told that it is over, and keeps what they see. */
export async function stopSharing(): Promise<void> {
  const { sharing } = get();
  if (sharing.status !== 'on') return;
  forget({ status: 'off' });
  await endShow(sharing.show);
}

const traceOf = (name: string): string | null => (name === localName() ? recordingAsText() : null);

/** Opens the stage's doors; a show that this window had begun before it was loaded anew goes on. Answers what stops it. */
export function beginStage(): () => void {
  // The second is for whoever opens `?speaker=here` by hand.
  doors = [stageKey(), 'here'].map(each => stageDoor(each, hearWindow, traceOf));
  const kept = savedShow();
  if (kept !== null) join(kept);
  const stops = [
    onCue(tellAll),
    player.subscribe((state, before) => {
      if (before.presenting && !state.presenting) tellWindows({ type: 'cue', cue: null });
    }),
  ];
  const gone = (): void => tellWindows({ type: 'cue', cue: null });
  addEventListener('pagehide', gone);
  addEventListener('pageshow', tellAll);
  return () => {
    for (const stop of stops) stop();
    removeEventListener('pagehide', gone);
    removeEventListener('pageshow', tellAll);
    for (const door of doors) door.close();
    doors = [];
    line?.close();
    line = null;
  };
}
