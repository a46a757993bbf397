/** The player of one figure: its story, the part that is shown, and a transport of its own that tells of itself as a media element does. */
import type { MotionValue } from 'framer-motion';
import { begunAt, sceneAt } from '../../../shared/story/scene.ts';
import type { Span } from '../../../shared/story/span.ts';
import { type Beat, type Scene, type Story, type StoryTime, storyTime } from '../../../shared/story/story.ts';
import { nextBeat, previousBeat } from '../../player/navigate.ts';
import { isAnother } from '../../player/picture.ts';
import { AT_REST, createTransport, type Playback } from '../../player/transport.ts';

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

/** The last moment that belongs to the span: at its very end the next beat would begin. */
const lastOf = (story: Story, span: Span): StoryTime =>
  span.last >= story.beats.length - 1 ? span.end : storyTime(span.end - 1);

const lastIn = ({ story, span }: Shown): StoryTime => (story && span ? lastOf(story, span) : storyTime(0));

/** What is drawn by now, and who wants to know of it. */
function createScreen(tell: (happening: Happening) => void) {
  const listeners = new Set<() => void>();
  let state = NOTHING;

  function change(next: Partial<Shown>): void {
    const before = state;
    state = { ...state, ...next };
    for (const listener of listeners) listener();
    if (state.begun && (before.scene?.beat !== state.scene?.beat || !before.begun)) tell('stepchange');
  }

  /** The picture of moment `t`, and what else has changed with it. */
  function show(t: StoryTime, more?: Partial<Shown>): void {
    if (state.story === null) return;
    const next = sceneAt(state.story, t);
    if (isAnother(state.scene, next)) change({ ...more, scene: next });
    else if (more) change(more);
  }

  return {
    shown: (): Shown => state,
    subscribe(changed: () => void) {
      listeners.add(changed);
      return () => void listeners.delete(changed);
    },
    change,
    show,
  };
}

export function createFigurePlayer(tell: (happening: Happening) => void): FigurePlayer {
  const { shown, subscribe, change, show } = createScreen(tell);
  let playback = AT_REST;
  let loops = false;
  let still = false;
  let updated = 0;

  const first = (): StoryTime => shown().span?.start ?? storyTime(0);
  const last = (): StoryTime => lastIn(shown());
  /** All of the figure, once or again and again. */
  const whole = () => ({ loop: loops ? first() : null });

  function update(): void {
    const now = performance.now();
    if (now - updated < UPDATES) return;
    updated = now;
    tell('timeupdate');
  }

  const keep = (change: Partial<Playback>): void => {
    playback = { ...playback, ...change };
  };

  const transport = createTransport<Partial<Shown>>({
    playback: () => playback,
    keep,
    land(change, seen, more) {
      keep(change);
      show(seen, { ...more, playing: playback.playing });
    },
    first,
    last,
    frame(t) {
      show(t);
      update();
    },
    arrived(end) {
      const ended = end >= last();
      transport.land(end, { playing: false, ...whole() }, { ended });
      tell('timeupdate');
      tell('pause');
      if (ended) tell('ended');
    },
    jumps: tell,
    nextFrame: tick => requestAnimationFrame(tick),
  });

  function seek(t: number): void {
    const { playing } = shown();
    const ended = !playing && t >= last();
    transport.jump(t, { playing, ...whole() }, { begun: true, moved: true, ended });
    update();
  }

  function begin(from: StoryTime, how: Pick<Playback, 'halt' | 'loop'>): void {
    transport.land(from, { ...how, playing: true }, { begun: true, moved: true, ended: false });
    tell('play');
    tell('playing');
  }

  return {
    time: transport.time,
    shown,
    subscribe,
    open(story, span) {
      const { playing } = shown();
      keep({ playing: false, halt: null });
      change({ ...NOTHING, story, span });
      if (playing) tell('pause');
    },
    stand(t, seen, begun) {
      const { playing } = shown();
      transport.land(t, { playing: false, seen, ...whole() }, { begun, ended: false });
      if (playing) tell('pause');
    },
    close() {
      keep({ playing: false, halt: null });
      change(NOTHING);
    },
    play() {
      if (shown().story === null || shown().playing) return;
      const t = transport.moment();
      begin(t >= last() ? first() : t, playback);
    },
    pause() {
      if (!shown().playing) return;
      transport.pause();
      tell('timeupdate');
      tell('pause');
    },
    seek,
    step(by) {
      const { story, begun, playing } = shown();
      if (story === null) return;
      // From the poster the first step leads to the beginning.
      if (!begun) seek(first());
      else seek((by === 1 ? nextBeat : previousBeat)(story, transport.moment(), still && !playing));
    },
    playRange(span, again) {
      const { story } = shown();
      if (story !== null) begin(span.start, { halt: lastOf(story, span), loop: again ? span.start : null });
    },
    setSpeed(next) {
      if (next === playback.speed) return;
      transport.setSpeed(next);
      tell('ratechange');
    },
    setLoop(on) {
      loops = on;
      // A part that is played goes on as it was asked to.
      if (playback.halt === null) keep(whole());
    },
    setStill(on) {
      still = on;
    },
    setAwake: transport.setAwake,
    speed: () => playback.speed,
    moment: transport.moment,
  };
}

/** The beat that is on at a moment of a span, its first before that. */
export const beatAt = (story: Story, span: Span, t: number): Beat | null =>
  story.beats[Math.min(span.last, Math.max(span.first, begunAt(story.beats, t, beat => beat.start) - 1))] ?? null;
