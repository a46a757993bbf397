/** What the room could not keep, in a sentence: for the page, for stderr and for the transcript. */
import type { Fact, TroubleCode } from '../trace/event.ts';
import { TROUBLE_CODES } from '../trace/event.ts';

export type Trouble = Omit<Extract<Fact, { kind: 'room.trouble' }>, 'kind'>;

type Words = (file: string, because: string) => string;

const SENTENCES: Readonly<Record<TroubleCode, Words>> = {
  'trace-unwritable': (file, because) =>
    `The trace is not written to disk for now (${file}${because}); what happens meanwhile is kept in memory only, and writing is tried again.`,
  'trace-writable': file => `The trace is written to disk again (${file}).`,
  'world-unwritable': (file, because) =>
    `What you edited in the world cannot be kept (${file}${because}): it is lost if mailscope ends now.`,
  'world-writable': file => `What you edited in the world is kept again (${file}).`,
  'world-set-aside': file =>
    `The edits in the data folder were made to another world than the one that is given now; they are kept as ${file} and come back with that world.`,
  'put-aside': (file, because) => `A file could not be read and was put aside as ${file}.unreadable${because}.`,
  'left-alone': (file, because) => `${file} cannot be used and was left where it is${because}.`,
  'trace-damaged': (file, because) =>
    `Some of the trace of before could not be read (${file}${because}); the rest goes on.`,
  'trace-lost': (file, because) =>
    `A trace that could not be written for too long is lost (${file}${because}); make room on the disk, or choose another with --data.`,
  'archives-unpruned': (file, because) =>
    `Old traces could not be removed (${file}${because}), and take more room than --archives allows.`,
};

/** What is over once this is said. */
const ENDS: Partial<Readonly<Record<TroubleCode, TroubleCode>>> = {
  'trace-writable': 'trace-unwritable',
  'world-writable': 'world-unwritable',
};
/** Troubles that are told at once. */
const MOST_STANDING = 5;

/** What still stands once `next` has been said: a trouble stands until it is said to be over. */
export function standingAfter(standing: readonly Trouble[], next: Trouble): readonly Trouble[] {
  const over = ENDS[next.code];
  if (over !== undefined) return standing.filter(({ code }) => code !== over);
  const others = standing.filter(({ code, file }) => code !== next.code || file !== next.file);
  return [...others, next].slice(-MOST_STANDING);
}

/** What says that a trouble is over; null where nothing does. */
export function endOf(trouble: Trouble): Trouble | null {
  const code = TROUBLE_CODES.find(each => ENDS[each] === trouble.code);
  if (code === undefined) return null;
  return { code, ...(trouble.file !== undefined && { file: trouble.file }) };
}

export const troubleSentence = ({ code, file = 'data folder', reason }: Trouble): string =>
  SENTENCES[code](file, reason === undefined ? '' : `: ${reason}`);
