/** What a speaker's window knows: the stage's cue, the story it opens by itself, who follows, and how long the talk has been going on. */
import { createStore } from 'zustand/vanilla';
import type { Cue, FromShow, Shown, Steer } from '../../../shared/api/show.ts';
import { runAt } from '../../../shared/story/scene.ts';
import type { Story } from '../../../shared/story/story.ts';
import { savedTimer, saveTimer, type Timer } from '../../player/place.ts';
import type { SpeakerOf } from '../../url.ts';
import { isSame, openShown, type TraceOf, traceInShow, traceOnStage } from '../audience/shown.ts';
import { type Line, overServer, overWindows, type Standing } from '../show/channel.ts';

export interface Speaker {
  readonly of: SpeakerOf['kind'];
  readonly standing: Standing;
  /** Null: the stage has shown nothing yet, or is away. */
  readonly cue: Cue | null;
  /** The last that was heard, also while the stage is away: what is seen here stays. */
  readonly last: Cue | null;
  /** What `last` shows, once it is open. */
  readonly story: Story | null;
  /** Why it could not be opened, as a sentence. */
  readonly failed: string | null;
  /** Null while nobody has said: the talk is not shared. */
  readonly followers: number | null;
  readonly timer: Timer;
}

const UNSTARTED: Timer = { spent: 0, since: null };

export const speaker = createStore<Speaker>(() => ({
  of: 'window',
  standing: 'connecting',
  cue: null,
  last: null,
  story: null,
  failed: null,
  followers: null,
  timer: UNSTARTED,
}));
const { getState: get, setState: set } = speaker;

function setTimer(timer: Timer): void {
  saveTimer(timer);
  set({ timer });
}

/** Milliseconds of the talk, at the moment `now` of the wall clock: it goes on where the window is loaded anew. */
export const spentAt = ({ spent, since }: Timer, now: number): number =>
  spent + (since === null ? 0 : Math.max(0, now - since));

export function toggleTimer(): void {
  const { timer } = get();
  const now = Date.now();
  setTimer({ spent: spentAt(timer, now), since: timer.since === null ? now : null });
}

export const resetTimer = (): void => setTimer(UNSTARTED);

/** The talk begins with the first step that is taken in it. */
function beginTimer(): void {
  const { timer } = get();
  if (timer.since === null && timer.spent === 0) setTimer({ spent: 0, since: Date.now() });
}

let line: Line | null = null;

/** Asks the stage for something; it answers with a cue. */
export function ask(steer: Steer): void {
  if (steer.do === 'next') beginTimer();
  line?.send({ type: 'steer', steer });
}

/** To step `number` of the run that is shown, from 1. */
export function goToStep(number: number): void {
  const { story, last } = get();
  const beat = story?.beats[last?.beat ?? -1];
  const run = story === null || beat === undefined ? null : runAt(story, beat.start);
  if (number > 0) ask({ do: 'to', beat: (run?.firstBeat ?? 0) + number - 1 });
}

/** Opens the line of `of` and keeps up with what it says; answers what stops it. */
export function listen(of: SpeakerOf): () => void {
  let open: { readonly what: Shown; readonly close: () => void } | null = null;
  let traceOf: TraceOf;

  const openWhat = (what: Shown): void => {
    open?.close();
    set({ story: null, failed: null });
    const tell = (story: Story): void => set({ story });
    open = {
      what,
      close: openShown(what, traceOf, { open: tell, grow: tell, failed: message => set({ failed: message }) }),
    };
  };

  const hear = (message: FromShow): void => {
    if (message.type === 'followers') set({ followers: message.count });
    if (message.type !== 'cue') return;
    const { cue } = message;
    const { last } = get();
    if (cue === null) {
      set({ cue });
      return;
    }
    if (last !== null && isSame(last.shown, cue.shown) && cue.beat > last.beat) beginTimer();
    set({ cue, last: cue });
    if (open === null || !isSame(open.what, cue.shown)) openWhat(cue.shown);
  };

  const listener = {
    hear,
    standing: (standing: Standing): void => {
      if (standing !== get().standing) set({ standing });
    },
  };
  set({ of: of.kind, timer: savedTimer() ?? UNSTARTED });
  if (of.kind === 'window') {
    const windows = overWindows(of.key, listener);
    line = windows;
    traceOf = traceOnStage(windows.traceOf);
  } else {
    line = overServer(of.id, of.secret, listener);
    traceOf = traceInShow(of.id);
  }
  return () => {
    open?.close();
    line?.close();
    line = null;
  };
}
