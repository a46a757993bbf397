/** What a speaker's keys do with the story: it stands at the end of each beat until the next one is called. */
import type { Beat } from '../../../shared/story/story.ts';
import { settled } from '../../player/navigate.ts';
import { questionAt } from '../../player/questions.ts';
import { choose, pass, showMe } from '../../session/asking.ts';
import { player } from '../../session/store.ts';
import { ask, goTo, moment, pause, play, playTo } from '../../session/travel.ts';
import {
  call,
  complain,
  cover,
  openOverview,
  type Presentation,
  presentation,
  type as typeDigits,
} from './presentation.ts';
import { beatOf, nextFrom, type Standing } from './stands.ts';

const { getState: get } = player;

/** Null where there is no story. */
export function standing(): Standing | null {
  const { story, playing, asked } = get();
  return story === null ? null : { story, at: moment(), playing, asked };
}

/** The index of the beat that is seen, or -1. */
export function beatNow(): number {
  const now = standing();
  return now === null ? -1 : beatOf(now);
}

/** Whoever goes on has looked at what was in the way. Answers whether it was only that. */
function uncover(): boolean {
  const { blank, overview, trouble, typed } = presentation.getState();
  if (trouble !== null) complain(null);
  if (typed !== '') typeDigits('');
  if (overview !== null) openOverview(null);
  if (blank !== null) cover(null);
  return blank !== null;
}

/** Plays it from its beginning, and stands at its end; who wants little motion is shown the end. */
function run(beat: Beat): void {
  if (get().reducedMotion) goTo(settled(beat), false);
  else playTo(beat.start, settled(beat));
  call(beat.index);
}

/** Its question first, if it has one that was not answered. */
export function begin(beat: Beat): void {
  const { story, answers } = get();
  const question = story === null ? null : questionAt(story, answers, beat.start);
  if (question === null) run(beat);
  else {
    call(null);
    ask(beat, false);
  }
}

/** The next beat; the end of the one that is on; or what was asked about. */
export function next(): void {
  if (uncover()) return;
  const now = standing();
  if (now === null) return;
  const { story, asked } = now;
  const questioned = asked === null ? undefined : story.beats[asked.beat];
  if (questioned !== undefined) {
    pass();
    run(questioned);
    return;
  }
  const wanted = nextFrom(now);
  if (wanted.what === 'finish') {
    const { called } = presentation.getState();
    call(called === wanted.beat.index ? called : null, true);
    goTo(settled(wanted.beat), false);
    return;
  }
  const beat = story.beats[wanted.beat];
  if (beat !== undefined) begin(beat);
  else call(wanted.beat);
}

/** Takes a choice, from 0, of the question that is asked, and shows what happens. */
export function answer(choice: number): void {
  const { story, asked } = get();
  const beat = asked === null ? undefined : story?.beats[asked.beat];
  if (beat === undefined) return;
  choose(choice);
  run(beat);
}

/** To the settled picture of the beat of this index; -1 is before the first. One that is not there is the nearest. */
export function land(index: number): void {
  const { story } = get();
  if (story === null) return;
  uncover();
  call(null);
  const beat = index < 0 ? undefined : (story.beats[index] ?? story.beats.at(-1));
  goTo(beat === undefined ? 0 : settled(beat), false);
}

/** To the settled picture of the beat before, at once. */
export function back(): void {
  if (uncover()) return;
  const now = standing();
  if (now === null) return;
  land(now.asked === null ? beatOf(now) - 1 : beatOf(now));
}

/** To step `number` of the journey that is on, as its steps are numbered. */
export function jump(number: number): void {
  const { story, scene } = get();
  const run = scene?.run ?? story?.runs[0] ?? null;
  const index = run === null ? -1 : run.firstBeat + number - 1;
  if (run === null || index < run.firstBeat || index > run.lastBeat) {
    typeDigits('');
    complain(`There is no step ${number}.`);
  } else land(index);
}

/** Plays on without standing still, or stops where it is. */
export function playThrough(): void {
  if (uncover()) return;
  call(null);
  if (get().asked !== null) showMe();
  else if (get().playing) pause();
  else play();
}

export function toggleBlank(colour: NonNullable<Presentation['blank']>): void {
  const { blank } = presentation.getState();
  if (blank === null && get().playing) pause();
  cover(blank === null ? colour : null);
}
