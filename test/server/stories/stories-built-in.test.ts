/** The stories that come with mailscope: each happens as it says, every time, and is written so that it can be read aloud. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkStory } from '../../../server/stories/check.ts';
import { GROUPS } from '../../../server/stories/front-matter.ts';
import { readStory, type StoryFile } from '../../../server/stories/story-file.ts';
import { createStoryteller } from '../../../shared/reading/storyteller.ts';
import type { Part } from '../../../shared/story/script.ts';
import type { Beat, Story } from '../../../shared/story/story.ts';
import { decodeTrace } from '../../../shared/trace/codec.ts';
import type { TraceEvent } from '../../../shared/trace/event.ts';
import type { TraceHeader } from '../../../shared/trace/header.ts';

const folder = path.join(import.meta.dirname, '../../..', 'stories');
const names = existsSync(folder)
  ? readdirSync(folder)
      .filter(file => file.endsWith('.md'))
      .map(file => file.slice(0, -'.md'.length))
      .toSorted()
  : [];

const sourceOf = (name: string): string => readFileSync(path.join(folder, `${name}.md`), 'utf8');

function storyOf(name: string): StoryFile {
  const read = readStory(sourceOf(name), name);
  if (!read.ok) throw new Error(read.problems.map(({ line, message }) => `${name}.md:${line}: ${message}`).join('\n'));
  return read.story;
}

function told(header: TraceHeader, events: readonly TraceEvent[]): Story {
  const teller = createStoryteller(header);
  teller.append(events);
  return teller.finish();
}

/** Runs it; all that it promises must come true. */
async function performed(name: string): Promise<Story> {
  const { problems, run } = await checkStory(sourceOf(name), name);
  expect(problems.map(({ line, message }) => `${name}.md:${line}: ${message}`)).toEqual([]);
  if (run === null) throw new Error(`${name}.md cannot be read`);
  return run.told;
}

/** What each run has in common: names of queue entries, sizes and moments are the run's own. */
const kindOf = (story: Story, { name, chapter, failed, told: by, caption }: Beat): readonly unknown[] => [
  name,
  chapter,
  failed,
  by?.part ?? null,
  by === null ? caption.title.replace(/\S*\d\S*/g, '#') : story.scripts[by.script]?.script.parts[by.part]?.title,
];
const beatsOf = (story: Story): readonly (readonly unknown[])[] => story.beats.map(beat => kindOf(story, beat));

const wordsIn = (text: string): number => text.split(/\s+/).filter(word => /[\p{L}\p{N}]/u.test(word)).length;
const sentencesIn = (text: string): readonly string[] =>
  text.split(/(?<=[.!?:;]["”’)*]*)\s+/u).filter(sentence => wordsIn(sentence) > 0);
/** Where a person acts, or time passes, no rule is at work yet. */
const ARRANGED = ['press-send', 'world.changed', 'fault.struck', 'clock.jumped'];
const isArranged = ({ anchor: { what } }: Part): boolean =>
  what.kind === 'beginning' || what.kind === 'end' || (what.kind === 'beat' && ARRANGED.includes(what.name));

const LONGEST_BODY = 55;
const LONGEST_SENTENCE = 30;
const LONGEST_ON_AVERAGE = 18;

describe.each(names)('%s', name => {
  test('happens as it says, twice the same way, and as it was recorded', { timeout: 60_000 }, async () => {
    const story = storyOf(name);
    const first = await performed(name);
    expect(beatsOf(await performed(name))).toEqual(beatsOf(first));
    const text = readFileSync(path.join(folder, `${name}.trace.ndjson`), 'utf8');
    expect(Buffer.byteLength(text)).toBeLessThan(100_000);
    const recording = decodeTrace(text);
    if (!recording.ok) throw new Error(`line ${recording.line}: ${recording.message}`);
    const again = told(recording.header, recording.events);
    expect(again.scripts.map(({ name: its, source }) => [its, source])).toEqual([[name, story.source]]);
    expect(beatsOf(again), `run “npm run record -- ${name}”`).toEqual(beatsOf(first));
  });

  test('says where its rules are written, ends with what is known now and a thing to try, and leads on', () => {
    const { script, facts } = storyOf(name);
    const withoutRule = script.parts.filter(
      part => part.references.length === 0 && part.body !== '' && !isArranged(part),
    );
    expect(withoutRule.map(({ title }) => title)).toEqual([]);
    expect(script.known.length).toBeGreaterThan(0);
    expect(script.tryThis).not.toBe('');
    if (facts.next !== null) expect(names).toContain(facts.next);
    expect(facts.group).not.toBe('your own');
  });

  test('is short: bodies, sentences, and one title that fits on a line', () => {
    const { script } = storyOf(name);
    const long = script.parts.filter(({ body }) => wordsIn(body) > LONGEST_BODY);
    expect(long.map(({ title, body }) => `${title}: ${wordsIn(body)} words`)).toEqual([]);
    const sentences = [script.intro, ...script.parts.map(({ body }) => body)].flatMap(sentencesIn);
    expect(sentences.filter(sentence => wordsIn(sentence) > LONGEST_SENTENCE)).toEqual([]);
    const words = sentences.reduce((sum, sentence) => sum + wordsIn(sentence), 0);
    expect(words / Math.max(1, sentences.length)).toBeLessThanOrEqual(LONGEST_ON_AVERAGE);
    expect(script.parts.filter(({ title }) => title.length > 68).map(({ title }) => title)).toEqual([]);
  });
});

describe('all of them', () => {
  test('are at least two dozen, in every group, each at a place of its own', () => {
    const facts = names.map(name => storyOf(name).facts);
    expect(names.length).toBeGreaterThanOrEqual(24);
    expect(GROUPS.filter(group => group !== 'your own' && !facts.some(each => each.group === group))).toEqual([]);
    const places = facts.map(({ group, order }) => `${group} ${order}`);
    expect(places.filter((place, at) => places.indexOf(place) !== at)).toEqual([]);
  });

  test('no recording is left of a story that is gone', () => {
    const recordings = (existsSync(folder) ? readdirSync(folder) : []).filter(file => file.endsWith('.trace.ndjson'));
    expect(recordings.map(file => file.slice(0, -'.trace.ndjson'.length)).toSorted()).toEqual(names);
  });

  test('the first one takes at most 14 beats and answers what a reader who knows nothing would ask', async () => {
    const story = storyOf('youve-got-mail');
    expect(story.facts).toMatchObject({ group: 'the journey', order: 1 });
    expect((await performed('youve-got-mail')).beats.length).toBeLessThanOrEqual(14);
    const answered = story.script.known.map(({ question, answer }) => `${question} ${answer}`).join('\n');
    expect(answered).toMatch(/servers/i);
    expect(answered).toMatch(/\bMX\b/);
    expect(answered).toMatch(/pull/i);
    expect(answered).toMatch(/responsib/i);
  });
});
