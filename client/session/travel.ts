/** The viewer's way through the page's story: where its transport lands, which picture is there, and the questions that stand on the way. */
import { runAt, sceneAt } from '../../shared/story/scene.ts';
import { type Beat, type Scene, type Story, type StoryTime, storyTime } from '../../shared/story/story.ts';
import { pin } from '../player/clock.ts';
import { isAnother } from '../player/picture.ts';
import type { Place } from '../player/place.ts';
import { type Asked, questionAt, questionBetween, sceneBefore } from '../player/questions.ts';
import { catchUp, moveUp } from '../player/trail.ts';
import { createTransport, type Playback } from '../player/transport.ts';
import { player } from './store.ts';

const { getState: get, setState: set } = player;

/** The end of what is shown; 0 while nothing is. */
export const storyEnd = (): StoryTime => get().story?.end ?? storyTime(0);

function pictureAt(story: Story, t: StoryTime, asked: Asked | null): Scene {
  const beat = asked === null ? undefined : story.beats[asked.beat];
  return beat === undefined ? sceneAt(story, t) : sceneBefore(story, beat);
}

/** The only place where the picture, what is asked and what is ahead change together. */
function land(change: Partial<Playback>, seen: StoryTime, asked: Asked | null = null): void {
  const { story, answers, reached } = get();
  const at = change.clock?.at ?? get().clock.at;
  const scene = story === null ? null : pictureAt(story, seen, asked);
  const ahead = story === null ? null : questionBetween(story, answers, at, story.end);
  set({
    ...change,
    follows: false,
    asked,
    scene,
    gate: ahead?.start ?? null,
    reached: Math.max(reached, scene?.beat?.index ?? -1),
  });
  catchUp(scene);
}

/** Makes the picture of moment `t` the present one; React hears of it only when it is another picture. */
export function show(t: StoryTime): void {
  const { story, scene, asked, reached } = get();
  if (story === null) return;
  moveUp(scene);
  const next = pictureAt(story, t, asked);
  if (isAnother(scene, next)) set({ scene: next, reached: Math.max(reached, next.beat?.index ?? -1) });
}

/** The clock has come as far as it may: to where it was to halt, to a question, or to the end; and waiting there is not time passed. */
export function arrive(): void {
  const { gate, halt, clock, playing } = get();
  const end = storyEnd();
  if (halt !== null && halt <= (gate ?? end)) goTo(halt, false);
  else if (gate !== null) comeTo(gate, true);
  else if (clock.at !== end || playing) goTo(end, false);
}

/** Until a page begins, nothing is drawn and no frame is asked for. */
let framed = false;
export function startFrames(): void {
  framed = true;
}

export const transport = createTransport<Asked | null>({
  playback: get,
  keep: set,
  land,
  first: () => storyTime(0),
  last: storyEnd,
  gate: () => get().gate,
  frame: show,
  arrived: arrive,
  nextFrame: tick => (framed ? requestAnimationFrame(tick) : null),
});

export const { time, moment } = transport;

/** Must be called before the story grows: what is waited for at its end is not time passed. Answers where the viewer stands. */
export function pinClock(): StoryTime {
  const clock = pin(get().clock, performance.now(), transport.furthest());
  set({ clock });
  return clock.at;
}

/** The viewer stays where the clock was pinned, and it goes on as it did; the picture is made anew of what is known by now. */
export function stay(): void {
  const { clock, asked } = get();
  time.set(clock.at);
  land({}, clock.at, asked);
}

export const atEnd = (): boolean => moment() >= storyEnd();

/** Lands on a moment. Whether it plays stays as it is unless `playing` says otherwise. */
export const goTo = (t: number, playing = get().playing): void =>
  transport.land(t, { playing: playing && t < storyEnd() }, null);

/** Plays from a moment, and stands still by itself at `halt`. */
export const playTo = (t: number, halt: StoryTime): void => transport.land(t, { playing: true, halt }, null);

/** Stands still where the beat begins, and asks its question before anything of it is seen. */
export const ask = (beat: Beat, resumes: boolean): void =>
  transport.land(beat.start, { playing: false }, { beat: beat.index, resumes });

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
  const { gate, asked } = get();
  if (gate !== null && moment() >= gate) comeTo(gate, true);
  else transport.pause(asked);
}

/** Plays on from here; from the start of the run when there is nothing further to see. */
export function play(): void {
  const { story } = get();
  if (story === null) return;
  const t = moment();
  if (t >= story.end) comeTo(runAt(story, t)?.start ?? 0, true);
  else goTo(t, true);
}

export const { setSpeed } = transport;

/** The newest run, from where the viewer has not seen it: its end. */
export const backToLive = (): void => goTo(storyEnd(), false);

/** From now on, whatever begins is what the viewer is waiting for. */
export const awaitRun = (): void => set({ awaiting: { run: get().story?.runs.length ?? 0 } });
export const awaitMore = (): void => set({ awaiting: { after: storyEnd() } });
export const awaitNothing = (): void => set({ awaiting: null });

/** What to remember so that a reload comes back here. */
export function presentPlace(): Place | null {
  const { trace, playing, speed } = get();
  return trace === null ? null : { trace, t: moment(), playing, atEnd: atEnd(), speed };
}
