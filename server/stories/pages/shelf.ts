/** The stories as the built site has them: listed, each with its picture and its length, and all the files that go with them. */
import { CATALOGUE, type CatalogueEntry } from '../../../shared/api/catalogue.ts';
import { writeTold } from '../../../shared/compact/told.ts';
import type { Beat, Story } from '../../../shared/story/story.ts';
import { listPage } from './text-list.ts';
import { type Neighbour, type ReadStory, storyPage } from './text-page.ts';

/** A story with its recording: what the site is made from. */
export interface RecordedStory extends ReadStory {
  /** Its Markdown. */
  readonly source: string;
  /** Its recording, as the file has it. */
  readonly trace: string;
  /** The story that its author would tell next. */
  readonly next: string | null;
  /** Which part is its picture, from 1. */
  readonly still: number | null;
}

/** A letter, or a question to DNS, on its way: what a picture of mail shows. */
const carries = (story: Story, beat: Beat): boolean =>
  story.steps
    .slice(beat.firstStep, beat.lastStep + 1)
    .some(({ motion }) => motion?.kind === 'letter' || motion?.kind === 'postcard');

/** The settled picture of a beat: all of it has happened, and nothing of the next one has begun. */
const settled = (beat: Beat): number => Math.max(beat.start, beat.end - 1);

function pictureOf({ story, still }: RecordedStory): number {
  const told = story.beats.filter(beat => beat.told !== null);
  const named = still === null ? undefined : told.find(beat => beat.told?.part === still - 1);
  const moving = told.filter(beat => carries(story, beat));
  const beat = named ?? moving[Math.floor(moving.length / 2)] ?? told[Math.floor(told.length / 2)];
  return beat === undefined ? 0 : settled(beat);
}

function listed(recorded: RecordedStory): CatalogueEntry {
  const { name, group, next, script, story } = recorded;
  const run = story.runs[story.scripts[0]?.run ?? 0];
  return {
    name,
    title: script.title,
    intro: script.intro,
    group,
    next,
    beats: run === undefined ? script.parts.length : run.lastBeat - run.firstBeat + 1,
    questions: script.parts.filter(part => part.question !== null).length,
    duration: run?.end ?? story.end,
    still: pictureOf(recorded),
  };
}

const neighbour = (story: RecordedStory | undefined): Neighbour | null =>
  story === undefined ? null : { name: story.name, title: story.script.title };

/** Every file of stories/, by its path in the built site. `stories` in the order in which they are listed; `css` is the style sheet's path. */
export function siteFiles(
  groups: readonly string[],
  stories: readonly RecordedStory[],
  css: string,
): ReadonlyMap<string, string> {
  const shelf = stories.map(listed);
  const files = new Map([
    [CATALOGUE, `${JSON.stringify({ groups, stories: shelf }, null, 1)}\n`],
    ['stories/index.html', listPage(groups, shelf, css)],
  ]);
  stories.forEach((recorded, at) => {
    const { name, source, trace, next } = recorded;
    const onward = stories.find(each => each.name === next) ?? stories[at + 1];
    files.set(`stories/${name}.md`, source);
    files.set(`stories/${name}.trace.ndjson`, trace);
    files.set(`stories/${name}.told.json`, writeTold(recorded.story));
    files.set(
      `stories/${name}/index.html`,
      storyPage(recorded, {
        previous: neighbour(stories[at - 1]),
        next: neighbour(onward),
        css,
        recorded: Buffer.byteLength(trace),
      }),
    );
  });
  return files;
}
