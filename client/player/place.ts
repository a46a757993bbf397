/** What the browser remembers between page loads. Storage may be closed to us (a sandboxed frame, private mode): then nothing is remembered. */
import * as z from 'zod/mini';
import type { Answers } from './questions.ts';

const placeShape = z.object({
  trace: z.string(),
  t: z.number(),
  playing: z.boolean(),
  atEnd: z.boolean(),
  speed: z.number(),
});
/** Where a viewer was in a trace; `t` in story milliseconds. `atEnd`: they were waiting for whatever comes. */
export type Place = z.infer<typeof placeShape>;

const moreShape = z.object({
  bcc: z.exactOptional(z.string()),
  envelopeFrom: z.exactOptional(z.string()),
  notify: z.exactOptional(z.array(z.enum(['NEVER', 'SUCCESS', 'FAILURE', 'DELAY']))),
  ret: z.exactOptional(z.enum(['FULL', 'HDRS'])),
  octets: z.exactOptional(z.string()),
  encoding: z.exactOptional(z.enum(['8bit', 'binary'])),
});
/** What most letters do without, as typed: `octets` of an attachment; `envelopeFrom` where it is not the author. */
export type DraftMore = z.infer<typeof moreShape>;

const draftShape = z.object({
  from: z.string(),
  to: z.string(),
  subject: z.string(),
  text: z.string(),
  inReplyTo: z.optional(z.string()),
  more: z.exactOptional(moreShape),
});
/** A letter being written; `to` as typed, addresses separated by commas; `inReplyTo` is the Message-ID of the letter it answers. */
export type Draft = z.infer<typeof draftShape>;

export type Theme = 'light' | 'dark';

function fetchFrom(storage: () => Storage, key: string): string | null {
  try {
    return storage().getItem(key);
  } catch {
    return null; // storage is denied here: as if nothing had been kept
  }
}

/** False where storage is denied or full: the page works without. */
function isKept(storage: () => Storage, key: string, value: string | null): boolean {
  try {
    if (value === null) storage().removeItem(key);
    else storage().setItem(key, value);
    return true;
  } catch {
    return false;
  }
}

function keepIn(storage: () => Storage, key: string, value: string | null): void {
  isKept(storage, key, value);
}

function parsed<T>(
  text: string | null,
  parse: (value: unknown) => { success: true; data: T } | { success: false },
): T | null {
  if (text === null) return null;
  try {
    const result = parse(JSON.parse(text));
    return result.success ? result.data : null;
  } catch {
    return null; // not JSON: an older page wrote it
  }
}

const session = (): Storage => sessionStorage;
const local = (): Storage => localStorage;

export const savedPlace = (): Place | null =>
  parsed<Place>(fetchFrom(session, 'mailscope.place'), value => placeShape.safeParse(value));
export const savePlace = (place: Place): void => keepIn(session, 'mailscope.place', JSON.stringify(place));

/** The room of a story that this tab has begun; null forgets it. */
export const savedRoom = (story: string): string | null => fetchFrom(session, `mailscope.room.${story}`);
export const saveRoom = (story: string, room: string | null): void => keepIn(session, `mailscope.room.${story}`, room);

const droppedShape = z.object({ key: z.string(), name: z.string(), address: z.string() });
/** Where the recording that was dropped on this tab is kept, and at which address of the page it was dropped. */
type DroppedMark = z.infer<typeof droppedShape>;
export const savedDroppedMark = (): DroppedMark | null =>
  parsed<DroppedMark>(fetchFrom(session, 'mailscope.dropped'), value => droppedShape.safeParse(value));
export const saveDroppedMark = (mark: DroppedMark): boolean =>
  isKept(session, 'mailscope.dropped', JSON.stringify(mark));
export const forgetDroppedMark = (): void => keepIn(session, 'mailscope.dropped', null);

const ownStoryShape = z.object({ name: z.string(), source: z.string() });
/** The story of their own that the viewer has begun last, so that it can begin again. */
export type OwnStory = z.infer<typeof ownStoryShape>;
export const savedOwnStory = (): OwnStory | null =>
  parsed<OwnStory>(fetchFrom(session, 'mailscope.own-story'), value => ownStoryShape.safeParse(value));
export const saveOwnStory = (story: OwnStory): void => keepIn(session, 'mailscope.own-story', JSON.stringify(story));

export const savedDraft = (): Draft | null =>
  parsed<Draft>(fetchFrom(session, 'mailscope.draft'), value => draftShape.safeParse(value));
/** Longer letters are not written to storage at each key; what was kept of them before stays. */
const LONGEST_KEPT = 500_000;

export function saveDraft(draft: Draft | null): void {
  if (draft === null) keepIn(session, 'mailscope.draft', null);
  else if (draft.text.length <= LONGEST_KEPT) keepIn(session, 'mailscope.draft', JSON.stringify(draft));
}

/** A story's source as somebody has changed it: what it was made from, and what it is by now. */
const sourceShape = z.object({ base: z.string(), text: z.string() });
export type ChangedSource = z.infer<typeof sourceShape>;

const sourceKey = (story: string): string => `mailscope.source.${story}`;
export const savedSource = (story: string): ChangedSource | null =>
  parsed<ChangedSource>(fetchFrom(session, sourceKey(story)), value => sourceShape.safeParse(value));
export const saveSource = (story: string, source: ChangedSource | null): void =>
  keepIn(session, sourceKey(story), source === null ? null : JSON.stringify(source));

const seenShape = z.array(z.string());
/** The stories that were watched to their end, by name. */
export const savedSeen = (): readonly string[] =>
  parsed<string[]>(fetchFrom(local, 'mailscope.seen'), value => seenShape.safeParse(value)) ?? [];
export function saveSeen(story: string): void {
  const seen = savedSeen();
  if (!seen.includes(story)) keepIn(local, 'mailscope.seen', JSON.stringify([...seen, story]));
}

const answersShape = z.array(z.object({ trace: z.string(), answers: z.record(z.string(), z.nullable(z.int())) }));
/** Of so many traces the answers are kept. */
const TRACES = 24;

const allAnswers = (): z.infer<typeof answersShape> =>
  parsed<z.infer<typeof answersShape>>(fetchFrom(session, 'mailscope.answers'), value =>
    answersShape.safeParse(value),
  ) ?? [];

export const savedAnswers = (trace: string): Answers => allAnswers().find(kept => kept.trace === trace)?.answers ?? {};
export function saveAnswers(trace: string, answers: Answers): void {
  const others = allAnswers().filter(kept => kept.trace !== trace);
  keepIn(session, 'mailscope.answers', JSON.stringify([{ trace, answers }, ...others].slice(0, TRACES)));
}

const timerShape = z.object({ spent: z.number(), since: z.nullable(z.number()) });
/** How long a talk has been going on: `spent` milliseconds, and more since the moment `since` of the wall clock; null stands still. */
export type Timer = Readonly<z.infer<typeof timerShape>>;
export const savedTimer = (): Timer | null =>
  parsed<Timer>(fetchFrom(session, 'mailscope.timer'), value => timerShape.safeParse(value));
export const saveTimer = (timer: Timer): void => keepIn(session, 'mailscope.timer', JSON.stringify(timer));

/** The size of a speaker's notes, as a share of what they are made for. */
export const savedNoteSize = (): number => Number(fetchFrom(local, 'mailscope.note-size') ?? 1) || 1;
export const saveNoteSize = (size: number): void => keepIn(local, 'mailscope.note-size', `${size}`);

/** By what this window is known to its speaker windows. */
export const savedStageKey = (): string | null => fetchFrom(session, 'mailscope.stage');
export const saveStageKey = (key: string): void => keepIn(session, 'mailscope.stage', key);

const ownShowShape = z.object({ id: z.string(), secret: z.string(), audience: z.array(z.string()) });
/** A show that this window has begun: what it needs to go on with it when it is loaded anew. */
export type OwnShow = Readonly<z.infer<typeof ownShowShape>>;
export const savedShow = (): OwnShow | null =>
  parsed<OwnShow>(fetchFrom(session, 'mailscope.show'), value => ownShowShape.safeParse(value));
export const saveShow = (show: OwnShow | null): void =>
  keepIn(session, 'mailscope.show', show === null ? null : JSON.stringify(show));

/** Whether a told story's notes are open. */
export const savedNotes = (): boolean => fetchFrom(local, 'mailscope.notes') === 'open';
export const saveNotes = (shown: boolean): void => keepIn(local, 'mailscope.notes', shown ? 'open' : null);

export function savedTheme(): Theme | null {
  const kept = fetchFrom(local, 'mailscope.theme');
  return kept === 'light' || kept === 'dark' ? kept : null;
}
export const saveTheme = (theme: Theme): void => keepIn(local, 'mailscope.theme', theme);

/** Single-letter keys are on unless switched off (WCAG 2.1.4). */
export const savedLetterKeys = (): boolean => fetchFrom(local, 'mailscope.letter-keys') !== 'off';
export const saveLetterKeys = (on: boolean): void => keepIn(local, 'mailscope.letter-keys', on ? 'on' : 'off');
