/** One of the audience: at the speaker's moment until they step by themselves, and back there when they like. */
import { createStore } from 'zustand/vanilla';
import type { Cue, Shown } from '../../../shared/api/show.ts';
import { type Story, type StoryTime, storyTime } from '../../../shared/story/story.ts';
import { type Clock, read, stopped } from '../../player/clock.ts';
import { questionBetween, questionOf } from '../../player/questions.ts';
import { grow, open } from '../../session/opening.ts';
import { player } from '../../session/store.ts';
import { comeTo, goTo, moment, setSpeed, transport } from '../../session/travel.ts';
import { setSource } from '../../session/view.ts';
import { type Line, overServer, type Standing } from '../show/channel.ts';
import { isSame, openShown, traceInShow } from './shown.ts';

export interface Following {
  readonly standing: Standing;
  /** The newest; null: the speaker has not begun, or is away. */
  readonly cue: Cue | null;
  /** The speaker's own, as it was when the cue was heard; null while there is none. */
  readonly clock: Clock | null;
  /** The viewer has gone on by themselves. */
  readonly wandering: boolean;
  /** Why nothing can be shown, as a sentence. */
  readonly failed: string | null;
}

export const following = createStore<Following>(() => ({
  standing: 'connecting',
  cue: null,
  clock: null,
  wandering: false,
  failed: null,
}));
const { getState: get, setState: set } = following;

/** Two moments are one, in milliseconds of story time. */
const SAME = 0.5;
/** Two clocks that play side by side are not put right for less: a jump is seen, this is not. Milliseconds of story time. */
const UNSEEN = 120;
/** Both play, and one of them comes first to where both stop. */
const TOGETHER = 300;

/** The clock that a cue tells of, heard now. */
const clockOf = ({ at, playing, speed }: Cue): Clock => ({
  at: storyTime(at),
  since: performance.now(),
  rate: playing ? speed : 0,
});

/** Where the speaker is by now, and not beyond `end`. */
const speakersMoment = ({ clock }: Following, end: StoryTime): StoryTime =>
  read(clock ?? stopped, performance.now(), end);

/** What the page's clock does while this is true is the speaker's doing. */
let led = false;
function lead(act: () => void): void {
  led = true;
  try {
    act();
  } finally {
    led = false;
  }
}

/** Whether the stage stands at a question: at the start of a beat that it does not show yet. */
export const asksAt = (story: Story, { playing, beat, at }: Cue): boolean => {
  const next = story.beats[beat + 1];
  return !playing && next !== undefined && Math.abs(next.start - at) < SAME && questionOf(story, next) !== null;
};

/** Whatever the speaker has gone by without asking is asked no more. */
function passQuestions(story: Story, at: number): void {
  let { answers } = player.getState();
  for (;;) {
    const beat = questionBetween(story, answers, -1, at);
    if (beat === null) break;
    answers = { ...answers, [beat.index]: null };
  }
  if (answers !== player.getState().answers) player.setState({ answers });
}

/** The speaker's moment becomes this page's: an assignment, and none where it is so already. */
function keepUp(): void {
  const { cue, wandering } = get();
  if (cue === null || wandering) return;
  if (shown === null || !isSame(shown.what, cue.shown)) openWhat(cue.shown);
  const { story, playing, speed, asked } = player.getState();
  if (story === null || shown?.landed !== true) return;
  const at = speakersMoment(get(), story.end);
  const off = Math.abs(moment() - at);
  const asks = asksAt(story, cue);
  if (playing === cue.playing && speed === cue.speed && off < (playing ? UNSEEN : SAME) && (asked !== null) === asks)
    return;
  lead(() => {
    passQuestions(story, asks ? at - SAME : at);
    if (speed !== cue.speed) setSpeed(cue.speed);
    // Whoever stands where a question is asked is asked it too.
    if (asks) comeTo(at, false);
    else goTo(at, cue.playing);
  });
}

/** Whether the page's clock is another than the speaker's. */
function hasLeft(): boolean {
  const { cue } = get();
  const state = player.getState();
  if (cue === null) return false;
  const at = speakersMoment(get(), transport.furthest());
  const off = Math.abs(moment() - at);
  if (!cue.playing) return state.playing || off > SAME;
  if (state.asked !== null) return off > TOGETHER;
  // What has come to where both stop no longer plays.
  return off > TOGETHER || state.speed !== cue.speed || (!state.playing && at < transport.furthest() - TOGETHER);
}

let show = '';
let shown: { readonly what: Shown; landed: boolean; close: () => void } | null = null;

function openWhat(what: Shown): void {
  shown?.close();
  set({ failed: null });
  const name = what.kind === 'room' ? (what.room ?? '') : what.name;
  // A follower changes nothing: also a room that is live is to them a recording, one that still grows.
  lead(() => setSource({ kind: 'recorded', name, story: null }));
  const mine: NonNullable<typeof shown> = { what, landed: false, close: () => undefined };
  shown = mine;
  mine.close = openShown(what, traceInShow(show), {
    open(story) {
      mine.landed = true;
      lead(() => open(story, null, speakersMoment(get(), story.end), false, true));
      keepUp();
    },
    grow(story) {
      lead(() => grow(story));
      keepUp();
    },
    failed: message => set({ failed: message }),
  });
}

export function backToSpeaker(): void {
  set({ wandering: false });
  keepUp();
}

/** Follows the show `id`; answers what stops it. */
export function follow(id: string): () => void {
  show = id;
  let patience: ReturnType<typeof setTimeout> | undefined;
  const line: Line = overServer(id, null, {
    hear(message) {
      if (message.type !== 'cue') return;
      set({ cue: message.cue, clock: message.cue && clockOf(message.cue) });
      keepUp();
    },
    standing: standing => {
      if (standing !== get().standing) set({ standing });
    },
  });
  const unsubscribe = player.subscribe((state, before) => {
    if (led || get().wandering || get().cue === null || shown?.landed !== true) return;
    if (state.clock === before.clock && state.playing === before.playing && state.asked === before.asked) return;
    if (hasLeft()) set({ wandering: true });
    else if (state.asked !== null) {
      // The clock has come to a question; the speaker may have been asked it before, and gone on.
      clearTimeout(patience);
      patience = setTimeout(keepUp, TOGETHER);
    }
  });
  return () => {
    clearTimeout(patience);
    unsubscribe();
    line.close();
    shown?.close();
    shown = null;
  };
}
