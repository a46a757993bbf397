/** The speaker's moment as others are told of it, and what they may ask of it: for speaker windows and for the audience. */
import type { Cue, Shown, Steer } from '../../../shared/api/show.ts';
import { assertNever } from '../../../shared/world/world.ts';
import { type Player, player } from '../../session/store.ts';
import { moment } from '../../session/travel.ts';
import { toRecording } from './live.ts';
import { back, land, next, playThrough, standing, toggleBlank } from './moves.ts';
import { presentation } from './presentation.ts';
import { beatOf } from './stands.ts';

function shownOf({ source, trace }: Player): Shown {
  if (source.kind === 'live') return { kind: 'room', room: source.room };
  return source.story === null
    ? { kind: 'trace', name: (trace ?? source.name).slice(0, 200) }
    : { kind: 'story', name: source.story };
}

/** Null while nothing is presented, or nothing is there to see. A trace is named as this page names it. */
export function cueOf(): Cue | null {
  const state = player.getState();
  const now = standing();
  if (!state.presenting || now === null) return null;
  const { blank, pointer } = presentation.getState();
  return {
    shown: shownOf(state),
    beat: beatOf(now),
    at: moment(),
    playing: state.playing,
    speed: state.speed,
    blank: blank !== null,
    pointer,
  };
}

/** Milliseconds between two cues that differ by where the speaker points alone. */
const POINTER_EVERY = 33;

/** What a new cue is told for: while it plays, time passes by itself. */
function newsIn(cue: Cue): string {
  const { clock } = player.getState();
  const { pointer: _, at: __, ...rest } = cue;
  return JSON.stringify([rest, clock.at, cue.playing ? clock.since : 0]);
}

/** Tells `listener` of every change at once, and of where the speaker points at most 30 times a second; answers what stops it. */
export function onCue(listener: (cue: Cue) => void): () => void {
  let told = '';
  let pointed = presentation.getState().pointer;
  let later: ReturnType<typeof setTimeout> | undefined;
  let lastPointed = 0;

  const tell = (cue: Cue): void => {
    clearTimeout(later);
    later = undefined;
    told = newsIn(cue);
    if (pointed !== cue.pointer) lastPointed = performance.now();
    pointed = cue.pointer;
    listener(cue);
  };
  const look = (): void => {
    const cue = cueOf();
    if (cue === null) return;
    if (newsIn(cue) !== told) tell(cue);
    else if (cue.pointer !== pointed && later === undefined) {
      const wait = Math.max(0, lastPointed + POINTER_EVERY - performance.now());
      later = setTimeout(() => {
        const newest = cueOf();
        if (newest !== null) tell(newest);
      }, wait);
    }
  };
  const stops = [player.subscribe(look), presentation.subscribe(look), () => clearTimeout(later)];
  look();
  return () => {
    for (const stop of stops) stop();
  };
}

/** Does what a speaker's other window asks for; nothing while nothing is presented. */
export function steer(ask: Steer): void {
  if (!player.getState().presenting) return;
  switch (ask.do) {
    case 'next':
      next();
      break;
    case 'back':
      back();
      break;
    case 'play':
      playThrough();
      break;
    case 'blank':
      toggleBlank('black');
      break;
    case 'first':
      land(-1);
      break;
    case 'last':
      land(Number.POSITIVE_INFINITY);
      break;
    case 'recording':
      void toRecording();
      break;
    case 'to':
      land(ask.beat);
      break;
    default:
      assertNever(ask);
  }
}
