/** Records the built-in stories: performs each for real in a room of its own, and keeps what crossed the wire as stories/NAME.trace.ndjson. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checkStory } from '../../server/stories/check.ts';
import type { StoryFile } from '../../server/stories/story-file.ts';
import { createStoryteller } from '../../shared/reading/storyteller.ts';
import type { Story } from '../../shared/story/story.ts';
import { decodeTrace, encodeTrace } from '../../shared/trace/codec.ts';
import type { TraceEvent } from '../../shared/trace/event.ts';
import type { TraceHeader } from '../../shared/trace/header.ts';
import { kindOf } from './recorded-kind.ts';

const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), '../..', 'stories');
/** Octets. A gallery of two dozen stays a small download. */
const LARGEST = 100_000;

interface Recording {
  readonly header: TraceHeader;
  readonly events: readonly TraceEvent[];
}

/** As it will be read, so that writing it again changes nothing. */
function readable(name: string, { header, events }: Recording): Recording {
  const read = decodeTrace(encodeTrace(header, events));
  if (!read.ok) throw new Error(`what was recorded of ${name} cannot be read: line ${read.line} ${read.message}`);
  return read;
}

function told({ header, events }: Recording): Story {
  const teller = createStoryteller(header);
  teller.append(events);
  return teller.finish();
}

/** The head of a file without what only says where the story belongs and how it is told. */
const doings = (source: string): string =>
  (source.split(/^---\s*$/m)[1] ?? '').replace(/^(group|order|next|still|tell):.*\n/gm, '');

const sourceOf = ({ events }: Recording): string => {
  const begun = events.find(event => event.kind === 'story.begun');
  return begun?.kind === 'story.begun' ? begun.source : '';
};

/** The one that is kept, or null where there is none that can be read. */
async function kept(file: string): Promise<Recording | null> {
  const text = await readFile(file, 'utf8').catch(() => null);
  const decoded = text === null ? null : decodeTrace(text);
  return decoded?.ok === true ? decoded : null;
}

const titled = (header: TraceHeader, { script }: StoryFile): TraceHeader => ({
  ...header,
  title: script.title.replaceAll('**', ''),
});

/** The same recording, told by other words. */
const retold = ({ header, events }: Recording, story: StoryFile): Recording => ({
  header: titled(header, story),
  events: events.map(event => (event.kind === 'story.begun' ? { ...event, source: story.source } : event)),
});

/** What `perform` made, or the recording that is kept where nothing of another kind happened in it. */
async function worthKeeping(file: string, story: StoryFile, fresh: Recording): Promise<Recording> {
  const before = await kept(file);
  // Other deeds may say other things in the same order.
  if (before === null || doings(sourceOf(before)) !== doings(story.source)) return fresh;
  const old = retold(before, story);
  return kindOf(told(old)) === kindOf(told(fresh)) ? old : fresh;
}

/** Records one story; answers what there is to say, or throws with why it cannot be kept. */
async function record(name: string, always: boolean): Promise<string> {
  const checked = await checkStory(await readFile(path.join(folder, `${name}.md`), 'utf8'), name);
  const { story, run, problems } = checked;
  if (story === null || run === null || problems.length > 0)
    throw new Error(problems.map(({ line, message }) => `stories/${name}.md:${line}: ${message}`).join('\n'));
  const file = path.join(folder, `${name}.trace.ndjson`);
  const fresh = readable(name, { header: titled(run.header, story), events: run.events });
  const chosen = always ? fresh : await worthKeeping(file, story, fresh);
  const text = encodeTrace(chosen.header, chosen.events);
  const octets = Buffer.byteLength(text);
  if (octets >= LARGEST) throw new Error(`${name}: the recording has ${octets} octets; less than ${LARGEST} is kept.`);
  if ((await readFile(file, 'utf8').catch(() => null)) === text) return `${name}: as it was`;
  await writeFile(file, text);
  const what = chosen === fresh ? 'recorded' : 'what happens is as it was, the words are new';
  return `${name}: ${what}, ${Math.ceil(octets / 1000)} kB`;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { all: { type: 'boolean', default: false } },
});
const every = (await readdir(folder)).filter(file => file.endsWith('.md')).map(file => file.slice(0, -'.md'.length));
for (const name of positionals.length > 0 ? positionals : every.toSorted()) {
  try {
    console.log(await record(name, values.all));
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
