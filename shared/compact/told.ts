/** A told run to text and back: a story as it has been told, so that a figure need not carry what tells it. */
import type { Span } from '../story/span.ts';
import type { Story } from '../story/story.ts';
import { visibleJson } from '../visible.ts';
import { Book } from './book.ts';
import { Garbled } from './columns.ts';
import { withNotesTold } from './notes.ts';
import { partOf } from './part.ts';
import { FilePen } from './pen.ts';
import { runIn, type Told } from './run.ts';

/** Raised whenever a table or a column changes: a file holds none of their names. */
const VERSION = 1;

/** Characters of a told run that is read. */
const LONGEST = 16 * 1024 * 1024;
/** Rows of all its tables. A run as long as a trace may be has fewer than it has characters. */
const MOST_ROWS = 2_000_000;

/**
 * The whole story, or a span of it as a story of its own, as one line of JSON. Left out: the bytes of its lines, its inboxes'
 * letters, scripts, and of the world what is not drawn.
 */
export function writeTold(story: Story, span?: Span): string {
  const book = new Book();
  const kind = runIn(book);
  const part = span === undefined ? story : partOf(story, span);
  const { title, createdAt, world } = part.header;
  const pen = new FilePen(book);
  kind.write({ ...withNotesTold(part), title, createdAt, world }, pen);
  return `${visibleJson(JSON.stringify({ told: VERSION, ...pen.save() }))}\n`;
}

/** True of what `writeTold` has written, and of no trace. */
export const isTold = (text: string): boolean => /^\s*\{\s*"told"\s*:/.test(text.slice(0, 100));

/** Whether what follows one another does so in time: whoever looks for a moment relies on it. */
function inOrder({ beats, steps, lines, inbox, end }: Told): boolean {
  const rising = (times: readonly number[]): boolean =>
    times.every((time, index) => time >= (times[index - 1] ?? time));
  return (
    rising(beats.map(beat => beat.start)) &&
    rising(steps.map(step => step.start)) &&
    rising(lines.map(line => line.shownAt)) &&
    rising(inbox.map(entry => entry.shownAt)) &&
    end >= 0
  );
}

export type ToldRead =
  | { readonly ok: true; readonly story: Story }
  /** One sentence for a person. */
  | { readonly ok: false; readonly message: string };

const bad = (message: string): ToldRead => ({ ok: false, message });

/** Whatever `text` holds: never throws, and takes no more room than a few times its length. */
export function readTold(text: string): ToldRead {
  if (text.length > LONGEST) return bad('This told run is too long to be shown.');
  try {
    const file: unknown = JSON.parse(text);
    if (typeof file !== 'object' || file === null || !('told' in file && 'words' in file && 'parts' in file))
      return bad('This is no told run.');
    if (typeof file.told !== 'number') return bad('This is no told run.');
    if (file.told !== VERSION)
      return bad(`This told run is of version ${file.told}, and version ${VERSION} is known here.`);
    const book = new Book();
    const kind = runIn(book);
    book.load(file.words, file.parts, Math.min(MOST_ROWS, text.length));
    const { title, createdAt, world, ...told } = kind.read(0);
    if (!inOrder({ title, createdAt, world, ...told })) return bad('This told run is garbled: its times do not rise.');
    const header = { mailscope: 1, title, createdAt, world } as const;
    return { ok: true, story: { header, ...told, scripts: [], seq: 0 } };
  } catch (error) {
    return bad(error instanceof Garbled ? `This told run is garbled: ${error.message}` : 'This is no told run.');
  }
}
