/** The player of one figure: its story, the part that is shown, a clock, and the only requestAnimationFrame of that figure. */
import { type MotionValue, motionValue } from 'framer-motion';
import { begunAt, sceneAt } from '../../shared/story/scene.ts';
import type { Span } from '../../shared/story/span.ts';
import { type Beat, type Scene, type Story, type StoryTime, storyTime } from '../../shared/story/story.ts';
import { type Clock, read, seek, setRate, stopped } from '../player/clock.ts';
import { nextBeat, previousBeat } from '../player/navigate.ts';
import { isAnother } from '../player/picture.ts';

/** Named as a media element's; `stepchange` when another beat is shown. */
export type Happening =
  | 'play'
  | 'playing'
  | 'pause'
  | 'ended'
  | 'seeking'
  | 'seeked'
  | 'timeupdate'
  | 'ratechange'
  | 'stepchange';

/** What is drawn. A new value whenever anything in it has changed. */
export interface Shown {
  readonly story: Story | null;
  readonly span: Span | null;
  readonly scene: Scene | null;
  readonly playing: boolean;
  /** False while the poster stands: nothing has been played or stepped to yet. */
  readonly begun: boolean;
  readonly ended: boolean;
  /** Somebody has played or stepped it: then what happens is also said aloud. */
  readonly moved: boolean;
}

const NOTHING: Shown = {
  story: null,
  span: null,
  scene: null,
  playing: false,
  begun: false,
  ended: false,
  moved: false,
};

/** Milliseconds between two `timeupdate`s, at least. */
const UPDATES = 250;

export interface FigurePlayer {
  /** Story time in milliseconds, every frame. */
  readonly time: MotionValue<number>;
  shown(): Shown;
  subscribe(changed: () => void): () => void;
  /** Another story, or another part of it; shown as soon as it stands somewhere. */
  open(story: Story, span: Span): void;
  /** Stands still at `t` and shows moment `seen`: at the very start of a step nothing has moved yet. `begun` false: a poster. */
  stand(t: StoryTime, seen: StoryTime, begun: boolean): void;
  close(): void;
  play(): void;
  pause(): void;
  /** Story time. */
  seek(t: number): void;
  step(by: 1 | -1): void;
  /** Plays only that part, then stands still, or begins it again. */
  playRange(span: Span, loop: boolean): void;
  setSpeed(speed: number): void;
  setLoop(loop: boolean): void;
  /** Without motion a step lands on the settled picture of a beat. */
  setStill(still: boolean): void;
  /** While it sleeps no time passes and no frame is asked for. */
  setAwake(awake: boolean): void;
  speed(): number;
  moment(): StoryTime;
}

const now = (): number => performance.now();

/** The last moment that belongs to the span: at its very end the next beat would begin. */
const lastOf = (story: Story, span: Span): StoryTime =>
  span.last >= story.beats.length - 1 ? span.end : storyTime(span.end - 1);

export function createFigurePlayer(tell: (happening: Happening) => void): FigurePlayer {
  const time = motionValue(0);
  const listeners = new Set<() => void>();
  let state = NOTHING;
  let clock: Clock = stopped;
  let speed = 1;
  let loop = false;
  let still = false;
  let awake = true;
  let range: { readonly start: StoryTime; readonly end: StoryTime; readonly loop: boolean } | null = null;
  let frame: number | null = null;
  let updated = 0;

  const first = (): StoryTime => state.span?.start ?? storyTime(0);
  const last = (): StoryTime => (state.story && state.span ? lastOf(state.story, state.span) : storyTime(0));
  const stop = (): StoryTime => range?.end ?? last();
  const moment = (): StoryTime => read(clock, now(), stop());

  function change(next: Partial<Shown>): void {
    const before = state;
    state = { ...state, ...next };
    for (const listener of listeners) listener();
    if (state.begun && (before.scene?.beat !== state.scene?.beat || !before.begun)) tell('stepchange');
  }

  /** The picture of moment `t`, and what else has changed with it. */
  function show(t: StoryTime, more: Partial<Shown> = {}): void {
    if (state.story === null) return;
    const next = sceneAt(state.story, t);
    time.set(t);
    if (isAnother(state.scene, next)) change({ ...more, scene: next });
    else if (Object.keys(more).length > 0) change(more);
  }

  const follow = (): void => {
    if (state.playing && awake) frame ??= requestAnimationFrame(tick);
    else if (frame !== null) {
      cancelAnimationFrame(frame);
      frame = null;
    }
  };

  function update(): void {
    if (now() - updated < UPDATES) return;
    updated = now();
    tell('timeupdate');
  }

  function tick(): void {
    frame = null;
    const t = moment();
    if (t >= stop()) arrive();
    else {
      show(t);
      update();
    }
    follow();
  }

  /** As far as it goes: once more, or still. */
  function arrive(): void {
    const back = range?.loop ? range.start : range === null && loop ? first() : null;
    if (back !== null) {
      tell('seeking');
      clock = seek(clock, back, now(), stop());
      show(back);
      tell('seeked');
      return;
    }
    const end = stop();
    const whole = end >= last();
    range = null;
    clock = { at: end, since: now(), rate: 0 };
    show(end, { playing: false, ended: whole });
    tell('timeupdate');
    tell('pause');
    if (whole) tell('ended');
  }

  /** An assignment: nothing is replayed. */
  function land(t: number, playing = state.playing): void {
    const at = storyTime(Math.min(Math.max(t, first()), last()));
    tell('seeking');
    clock = { at, since: now(), rate: playing && awake ? speed : 0 };
    show(at, { begun: true, moved: true, playing, ended: !playing && at >= last() });
    follow();
    tell('seeked');
    update();
  }

  function begin(from: StoryTime): void {
    clock = { at: from, since: now(), rate: awake ? speed : 0 };
    show(from, { begun: true, moved: true, playing: true, ended: false });
    follow();
    tell('play');
    tell('playing');
  }

  return {
    time,
    shown: () => state,
    subscribe(changed) {
      listeners.add(changed);
      return () => void listeners.delete(changed);
    },
    open(story, span) {
      const { playing } = state;
      range = null;
      state = { ...NOTHING, story, span };
      clock = { at: span.start, since: now(), rate: 0 };
      follow();
      if (playing) tell('pause');
    },
    stand(t, seen, begun) {
      range = null;
      const { playing } = state;
      clock = { at: t, since: now(), rate: 0 };
      show(seen, { begun, playing: false, ended: false });
      follow();
      if (playing) tell('pause');
    },
    close() {
      state = NOTHING;
      follow();
      change({});
    },
    play() {
      if (state.story === null || state.playing) return;
      const t = moment();
      begin(t >= last() ? first() : t);
    },
    pause() {
      if (!state.playing) return;
      clock = setRate(clock, 0, now(), stop());
      show(clock.at, { playing: false });
      follow();
      tell('timeupdate');
      tell('pause');
    },
    seek(t) {
      range = null;
      land(t);
    },
    step(by) {
      const { story, begun, playing } = state;
      if (story === null) return;
      range = null;
      // From the poster the first step leads to the beginning.
      if (!begun) land(first());
      else land((by === 1 ? nextBeat : previousBeat)(story, moment(), still && !playing));
    },
    playRange(span, again) {
      const { story } = state;
      if (story === null) return;
      range = { start: span.start, end: lastOf(story, span), loop: again };
      begin(span.start);
    },
    setSpeed(next) {
      if (next === speed) return;
      speed = next;
      clock = setRate(clock, state.playing && awake ? speed : 0, now(), stop());
      tell('ratechange');
    },
    setLoop(on) {
      loop = on;
    },
    setStill(on) {
      still = on;
    },
    setAwake(on) {
      if (on === awake) return;
      awake = on;
      clock = setRate(clock, state.playing && awake ? speed : 0, now(), stop());
      follow();
    },
    speed: () => speed,
    moment,
  };
}

/** The beat that is on at a moment of a span, its first before that. */
export const beatAt = (story: Story, span: Span, t: number): Beat | null =>
  story.beats[Math.min(span.last, Math.max(span.first, begunAt(story.beats, t, beat => beat.start) - 1))] ?? null;
