/** What keys and buttons do with the viewer's clock: play, step, jump. A question that is asked comes first. */
import { runAt } from '../../shared/story/scene.ts';
import { nextBeat, nextChapter, nextLine, previousBeat, previousChapter, previousLine } from '../player/navigate.ts';
import { nextSpeed } from '../player/transport.ts';
import { pass, showMe } from './asking.ts';
import { player } from './store.ts';
import { comeTo, goOnTo, goTo, moment, pause, play, setSpeed } from './travel.ts';

const { getState: get } = player;

export function toggle(): void {
  if (get().asked !== null) showMe();
  else if (get().playing) pause();
  else play();
}

export function step(by: 1 | -1): void {
  const { story, reducedMotion, asked } = get();
  if (story === null) return;
  const still = reducedMotion && !get().playing;
  if (by === -1) goTo(previousBeat(story, moment(), still));
  else if (asked === null) goOnTo(nextBeat(story, moment(), still));
  else pass();
}

export function stepChapter(by: 1 | -1): void {
  const { story, playing } = get();
  if (story === null) return;
  if (by === 1) comeTo(nextChapter(story, moment()), playing);
  else goTo(previousChapter(story, moment()));
}

export function stepLine(by: 1 | -1): void {
  const { story, asked } = get();
  if (story === null) return;
  if (by === -1) goTo(previousLine(story, moment()), false);
  else if (asked === null) goOnTo(nextLine(story, moment()), false);
  else pass();
}

/** To a part of this run: 0 its start, 1 its end. */
export function goToPart(fraction: number): void {
  const { story } = get();
  const run = story === null ? null : runAt(story, moment());
  if (run !== null) goTo(run.start + (run.end - run.start) * fraction);
}

export function changeSpeed(by: 1 | -1): void {
  setSpeed(nextSpeed(get().speed, by));
}
