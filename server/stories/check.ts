/** Checks a story: reads it, performs it, and says of each moment that never came what came instead. */

import { createStoryteller } from '../../shared/reading/storyteller.ts';
import { shortcomings } from '../../shared/script/shortcomings.ts';
import type { Anchor, Problem } from '../../shared/story/script.ts';
import type { Line, Story } from '../../shared/story/story.ts';
import type { TraceEvent } from '../../shared/trace/event.ts';
import type { TraceHeader } from '../../shared/trace/header.ts';
import { openRoom } from '../rooms/room.ts';
import { performStory, roomFor, StoryFailure } from './perform.ts';
import { readStory, type StoryFile } from './story-file.ts';

/** How a run of a story went. */
export interface Run {
  readonly header: TraceHeader;
  readonly events: readonly TraceEvent[];
  /** As it is told. */
  readonly told: Story;
}

export interface Checked {
  /** In the order of their lines; none where all is well. */
  readonly problems: readonly Problem[];
  /** Null where it cannot be read. */
  readonly story: StoryFile | null;
  /** Null where it cannot be read. */
  readonly run: Run | null;
}

const isDirection = ({ kind }: TraceEvent): boolean => kind === 'story.begun' || kind === 'story.ended';

/** What an author could have named, of the kind that was waited for. */
function namesOf({ what }: Anchor, { beats, steps, lines }: Story, from: number): readonly string[] {
  const since = lines.filter(({ seq }) => seq >= from);
  const said = (role: Line['role']): readonly string[] =>
    since.flatMap(line => (line.role === role ? [line.text.split(/[\s-]/, 1)[0] ?? ''] : []));
  if (what.kind === 'reply') return since.flatMap(line => (line.role === 'reply' ? [codeOf(line.text)] : []));
  if (what.kind === 'command') return said('command').map(verb => verb.toUpperCase());
  return beats.flatMap(({ name, firstStep }) => ((steps[firstStep]?.seq ?? 0) >= from ? [name] : []));
}

/** "250", "+OK" or "-ERR" */
const codeOf = (reply: string): string => /^(?:\d{3}|\+OK|-ERR)/.exec(reply)?.[0] ?? '';

/** What did happen since the last part that was told; '' where nothing did. */
function instead(run: Run): string {
  const [script] = run.told.scripts;
  const part = script?.script.parts[script.met];
  if (script === undefined || part === undefined) return '';
  const last = run.told.beats.findLast(({ told }) => told !== null);
  const from = last === undefined ? 0 : (run.told.steps[last.firstStep]?.seq ?? 0);
  const teller = createStoryteller(run.header);
  teller.append(run.events.filter(event => !isDirection(event)));
  const names = [...new Set(namesOf(part.anchor, teller.finish(), from))].filter(Boolean);
  return names.length === 0 ? ' Nothing of the kind came.' : ` What came: ${names.join(', ')}.`;
}

/** Reads and performs a story in a room of its own, which is gone afterwards. */
export async function checkStory(source: string, name: string): Promise<Checked> {
  const read = readStory(source, name);
  if (!read.ok) return { problems: read.problems, story: null, run: null };
  const { story } = read;
  const room = await openRoom(roomFor(story));
  try {
    const failure = await performStory(room, story).then(() => null, ofStory);
    const { header } = room.recorder;
    const events = room.recorder.events(1);
    const teller = createStoryteller(header);
    teller.append(events);
    const run: Run = { header, events, told: teller.finish() };
    return { problems: failure === null ? promised(run) : [failed(failure)], story, run };
  } finally {
    await room.close();
  }
}

function ofStory(error: unknown): StoryFailure {
  if (error instanceof StoryFailure) return error;
  throw error;
}

const failed = ({ line, message }: StoryFailure): Problem => ({ line, message });

/** What the script promised and the run did not keep; the first moment that never came says what did. */
export function promised(run: Run): readonly Problem[] {
  const part = run.told.scripts[0]?.script.parts[run.told.scripts[0].met];
  return shortcomings(run.told, 0).map(problem =>
    part !== undefined && problem.line === part.line
      ? { ...problem, message: `${problem.message}${instead(run)}` }
      : problem,
  );
}

/** How much there was to tell, for whoever has checked it. */
export function measuresOf({ events, told }: Run): {
  readonly beats: number;
  readonly letters: number;
  /** Milliseconds of wire time from beginning to end. */
  readonly took: number;
} {
  const letters = events.flatMap(event =>
    event.kind === 'mail.composed' || event.kind === 'mail.queued' ? [event.messageId] : [],
  );
  const [first, last] = [events.find(isDirection), events.findLast(isDirection)];
  return {
    beats: told.beats.length,
    letters: new Set(letters).size,
    took: ((last?.at ?? 0) - (first?.at ?? 0)) / 1000,
  };
}
