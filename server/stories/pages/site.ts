/** The built site's stories: as the page's build emits them, so that they can be read and played where no server runs. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plugin } from 'vite';
import { createStoryteller } from '../../../shared/reading/storyteller.ts';
import type { Problem } from '../../../shared/story/script.ts';
import { decodeTrace } from '../../../shared/trace/codec.ts';
import { GROUPS, type Group } from '../front-matter.ts';
import { readStory } from '../story-file.ts';
import { type RecordedStory, siteFiles } from './shelf.ts';

const SHEET = 'client/stories/reading.css';

const missing = (error: unknown): null => {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
  throw error;
};

const inWords = (file: string, problems: readonly Problem[]): string =>
  problems.map(({ line, message }) => `${file}:${line}: ${message}`).join('\n');

interface Ordered extends RecordedStory {
  readonly group: Group;
  readonly order: number;
}

/** A story with its recording, which must be one of the file as it is now. */
async function readRecorded(folder: string, name: string): Promise<Ordered> {
  const again = `Run “npm run record -- ${name}”.`;
  const source = await readFile(join(folder, `${name}.md`), 'utf8');
  const read = readStory(source, name);
  if (!read.ok) throw new Error(inWords(`stories/${name}.md`, read.problems));
  const trace = await readFile(join(folder, `${name}.trace.ndjson`), 'utf8').catch(missing);
  if (trace === null) throw new Error(`The story “${name}” has no recording. ${again}`);
  const decoded = decodeTrace(trace);
  if (!decoded.ok) throw new Error(`stories/${name}.trace.ndjson:${decoded.line}: ${decoded.message}. ${again}`);
  const begun = decoded.events.find(event => event.kind === 'story.begun');
  if (begun?.kind !== 'story.begun' || begun.name !== name || begun.source !== source)
    throw new Error(`The recording of “${name}” is of another version of it. ${again}`);
  const teller = createStoryteller(decoded.header);
  teller.append(decoded.events);
  const { facts, script } = read.story;
  const { group, order, next, still } = facts;
  return { name, group, order, next, still, source, trace, script, story: teller.finish() };
}

const rank = ({ group }: Ordered): number => GROUPS.indexOf(group);

async function readShelf(folder: string): Promise<readonly Ordered[]> {
  const files = (await readdir(folder).catch(missing)) ?? [];
  const names = files.filter(file => file.endsWith('.md')).map(file => file.slice(0, -'.md'.length));
  const stories = await Promise.all(names.toSorted().map(name => readRecorded(folder, name)));
  return stories.toSorted((one, other) => rank(one) - rank(other) || one.order - other.order);
}

/** Emits stories/ with its pages, their style sheet, the sources and the recordings. */
export function storySite(): Plugin {
  let root = '';
  let stories: readonly Ordered[] = [];
  return {
    name: 'mailscope-stories',
    apply: 'build',
    configResolved(config) {
      root = config.root;
    },
    async buildStart() {
      stories = await readShelf(join(root, 'stories'));
      // A style sheet as an entry of its own: its faces are the same files as the page's.
      this.emitFile({ type: 'chunk', id: join(root, SHEET), name: 'reading' });
    },
    generateBundle(_options, bundle) {
      const sheet = Object.values(bundle).find(file => file.type === 'asset' && file.originalFileNames.includes(SHEET));
      if (sheet === undefined) throw new Error(`${SHEET} has become no style sheet`);
      const used = GROUPS.filter(group => stories.some(story => story.group === group));
      for (const [fileName, source] of siteFiles(used, stories, sheet.fileName))
        this.emitFile({ type: 'asset', fileName, source });
    },
  };
}
