/** How long a viewer sits through each step: the only place that turns wire time into story time. Milliseconds. */
import type { Caption, Motion } from '../story/story.ts';

/** Before anything moves in a beat, the caption has said why. */
export const LEAD = 700;
const SHORTEST_BEAT = 2200;
/** The product's own captions have a brisk reader, who pauses or slows down; an author's are read for the first time, and to the end. */
const READERS = {
  product: { wordsPerSecond: 7.5, longest: 4400 },
  author: { wordsPerSecond: 6, longest: 7500 },
} as const;

/** A beat stays at least this long, so that its caption can be read. Depends on the caption alone: what is told later cannot move the past. */
export function readingTime(caption: Caption, by: keyof typeof READERS): number {
  const { wordsPerSecond, longest } = READERS[by];
  const words = `${caption.title} ${caption.body}`.split(/\s+/).length;
  return Math.round(Math.min(longest, Math.max(SHORTEST_BEAT, 900 + (words / wordsPerSecond) * 1000)));
}

const TRAVEL: Readonly<Record<Motion['kind'], number>> = { letter: 1500, postcard: 1200, dial: 600, line: 600 };
/** From here on the moves of one beat grow quicker: a hundred recipients are a crowd, not a hundred lessons. */
const PATIENT_MOVES = 6;

/** A change that nothing carries (queued, locked) still takes a moment to see. */
const CHANGE = 700;

/** How long the hands of a clock turn when world time is moved on, however far. */
const JUMP = 1800;

/** Where a beat has no end of its own, its moves may last so long (milliseconds) before they begin to grow quicker. */
const CALM = 3600;
/** How fast they do: twice as many moves last about this much longer. */
const HASTE = 1500;
const LEAST = 0.06;

/** How long one move lasts in a beat whose author tells many things at once; `spent`: how long the moves before it have lasted. */
export function briskTime(motion: Motion | null, spent: number, jump = 0): number {
  const patience = spent < CALM ? 1 : Math.max(LEAST, Math.exp((CALM - spent) / HASTE));
  return Math.round(travelTime(motion, 0, jump) * patience);
}

/** How long one move lasts, or with null a change that nothing carries, or a jump of so many microseconds; `nth` counts those of its beat from 0. */
export function travelTime(motion: Motion | null, nth: number, jump = 0): number {
  const patience = nth < PATIENT_MOVES ? 1 : Math.max(LEAST, 0.8 ** (nth - PATIENT_MOVES + 1));
  return Math.round((jump > 0 ? JUMP : motion ? TRAVEL[motion.kind] : CHANGE) * patience);
}
