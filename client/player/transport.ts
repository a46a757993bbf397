/** The transport of one viewer: a clock that plays, stands still, halts, loops and jumps, and the only frames that are asked for while it moves. */
import { type MotionValue, motionValue } from 'framer-motion';
import { type StoryTime, storyTime } from '../../shared/story/story.ts';
import { type Clock, read, setRate, stopped } from './clock.ts';

/** How much faster than it is told a story can be played, for whoever plays one. */
export const SPEEDS = [0.25, 0.5, 1, 1.5, 2, 4] as const;

/** The next faster (1) or slower (-1) speed that is offered; `speed` itself where there is none. */
export const nextSpeed = (speed: number, by: 1 | -1): number =>
  (by === 1 ? SPEEDS.find(each => each > speed) : SPEEDS.findLast(each => each < speed)) ?? speed;

/** Where it stands and how it goes on from there. */
export interface Playback {
  readonly clock: Clock;
  readonly playing: boolean;
  readonly speed: number;
  /** Where it stands still by itself, though there is more. Null: it plays to the end. */
  readonly halt: StoryTime | null;
  /** Where it goes back to and plays on, instead of standing still at its halt or at the end. */
  readonly loop: StoryTime | null;
}

export const AT_REST: Playback = { clock: stopped, playing: false, speed: 1, halt: null, loop: null };

/** How it goes on from where it lands; what is not said is as it is not. */
interface Landing {
  readonly playing: boolean;
  readonly halt?: StoryTime | null;
  readonly loop?: StoryTime | null;
  /** The moment that is shown there, where that is another one: a poster. */
  readonly seen?: StoryTime;
}

/** Whose transport it is: it keeps the playback, and changes what else belongs to it (`Note`) together with a landing. */
export interface Owner<Note> {
  playback(): Playback;
  /** Changes the playback; the picture stays as it is. */
  keep(change: Partial<Playback>): void;
  /** Changes it and shows moment `seen`, at once. */
  land(change: Partial<Playback>, seen: StoryTime, note?: Note): void;
  /** The first and the last moment that can be gone to, in story time. */
  first(): StoryTime;
  last(): StoryTime;
  /** Where it goes no further before somebody has decided something; null where nothing is to be decided. */
  gate?(): StoryTime | null;
  /** A frame while it plays: shows moment `t`. */
  frame(t: StoryTime): void;
  /** It has come as far as it goes by itself, and does not loop: the owner lands it somewhere. */
  arrived(at: StoryTime): void;
  /** Before and after every jump. */
  jumps?(when: 'seeking' | 'seeked'): void;
  /** Asks for the next frame; null where none comes. */
  nextFrame(tick: () => void): number | null;
}

export interface Transport<Note> {
  /** Story time in milliseconds, every frame. What flies derives its place from it. */
  readonly time: MotionValue<number>;
  /** The viewer's moment, now. */
  moment(): StoryTime;
  /** As far as it goes by itself. */
  furthest(): StoryTime;
  /** To moment `t`, or the nearest that there is. An assignment: nothing is replayed. */
  land(t: number, landing: Landing, note?: Note): void;
  /** As `land`, told as a jump. */
  jump(t: number, landing: Landing, note?: Note): void;
  /** Stands still where it is. */
  pause(note?: Note): void;
  setSpeed(speed: number): void;
  /** While it sleeps no time passes and no frame is asked for. */
  setAwake(awake: boolean): void;
}

export function createTransport<Note>(owner: Owner<Note>): Transport<Note> {
  const time = motionValue(0);
  let awake = true;
  let frame: number | null = null;

  const furthest = (): StoryTime => {
    const last = owner.last();
    return storyTime(Math.min(last, owner.playback().halt ?? last, owner.gate?.() ?? last));
  };
  const moment = (): StoryTime => read(owner.playback().clock, performance.now(), furthest());

  /** The clock looked at now; from now on it moves at this speed, if at all. */
  function paced(speed = owner.playback().speed): Clock {
    const { clock, playing } = owner.playback();
    return setRate(clock, playing && awake ? speed : 0, performance.now(), furthest());
  }

  function follow(): void {
    if (frame === null && awake && owner.playback().playing) frame = owner.nextFrame(tick);
  }

  function land(t: number, { playing, halt = null, loop = null, seen: shown }: Landing, note?: Note): void {
    const at = storyTime(Math.min(Math.max(t, owner.first()), owner.last()));
    const rate = playing && awake ? owner.playback().speed : 0;
    const seen = shown ?? at;
    time.set(seen);
    owner.land({ clock: { at, since: performance.now(), rate }, playing, halt, loop }, seen, note);
    follow();
  }

  function jump(t: number, landing: Landing, note?: Note): void {
    owner.jumps?.('seeking');
    land(t, landing, note);
    owner.jumps?.('seeked');
  }

  function tick(): void {
    frame = null;
    const playback = owner.playback();
    if (!awake || !playback.playing) return;
    const at = moment();
    if (at < furthest()) {
      time.set(at);
      owner.frame(at);
    } else if (playback.loop === null) owner.arrived(at);
    else jump(playback.loop, playback);
    follow();
  }

  return {
    time,
    moment,
    furthest,
    land,
    jump,
    pause: note => land(moment(), { ...owner.playback(), playing: false }, note),
    setSpeed: speed => owner.keep({ clock: paced(speed), speed }),
    setAwake(on) {
      if (on === awake) return;
      awake = on;
      owner.keep({ clock: paced() });
      follow();
    },
  };
}
