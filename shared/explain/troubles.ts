/** What the room could not keep, in a sentence: for the page, for stderr and for the transcript. */
import type { Fact, TroubleCode } from '../trace/event.ts';

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
};

export const troubleSentence = ({ code, file = 'data folder', reason }: Trouble): string =>
  SENTENCES[code](file, reason === undefined ? '' : `: ${reason}`);
