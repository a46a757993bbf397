/** The head of a story’s file, between two lines of hyphens: where it belongs, how its world begins, and what is done in it. */
import type { Problem } from '../../shared/story/script.ts';
import { type Deed, readDeeds } from './deeds/deeds.ts';
import { complaints, Form, readPieces } from './deeds/pieces.ts';

/** In the order of the gallery. */
export const GROUPS = [
  'the journey',
  'finding the way',
  'it fails and recovers',
  'it fails for good',
  'who are you',
  'collecting',
  'many readers',
  'your own',
] as const;
export type Group = (typeof GROUPS)[number];

/** Where a story belongs. */
export interface Facts {
  readonly group: Group;
  /** Its place in the group. */
  readonly order: number;
  /** The name of the story to read next. */
  readonly next: string | null;
  /** The part, from 1, that is its picture in the gallery. */
  readonly still: number | null;
}

interface FrontMatter {
  readonly facts: Facts;
  /** Before the story begins. */
  readonly changes: readonly Deed[];
  readonly deeds: readonly Deed[];
}

/** What a story may be called, in a URL and as a file. */
export const STORY_NAME = /^[a-z0-9-]{1,64}$/;
const KNOWN = ['group', 'order', 'next', 'still', 'tell', 'world', 'change', 'do'];
const PRESETS = ['blue and green'];
const MOST_DEEDS = 500;

export type FrontMatterRead =
  | { readonly ok: true; readonly front: FrontMatter }
  /** In the order of their lines. */
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Reads the head of a file; every problem has its line there. `tell` is for whoever reads the script. */
export function readFrontMatter(source: string): FrontMatterRead {
  const { problems, complain } = complaints();
  const wrong = (): FrontMatterRead => ({
    ok: false,
    problems: problems.toSorted((one, other) => one.line - other.line),
  });
  const lines = source.replace(/^\ufeff/, '').split(/\r?\n/);
  const end = lines.findIndex((line, at) => at > 0 && /^---\s*$/.test(line));
  if (!/^---\s*$/.test(lines[0] ?? '') || end < 0) {
    complain(1, 'A story begins with a line ---, then what is done (do: …), then another line ---.');
    return wrong();
  }
  const piece = readPieces(lines.slice(1, end).join('\n'), 2, complain);
  if (piece?.is !== 'table') {
    if (problems.length === 0)
      complain(2, 'Between the lines of hyphens stand group, world, do and so on, each with its value.');
    return wrong();
  }
  const form = new Form(piece, 'front matter', KNOWN, complain);
  const facts = readFacts(form, complain);
  const world = form.text('world');
  if (world !== null && !PRESETS.includes(world))
    complain(form.lineOf('world'), `There is no world “${world}”; there is ${PRESETS.join(', ')}.`);
  const [change, done] = [form.piece('change'), form.piece('do')];
  const changes = change === null ? [] : readDeeds(change, complain);
  for (const deed of changes)
    if (deed.kind !== 'change')
      complain(deed.line, `“${deed.words}” is nothing that changes a world: it belongs under do.`);
  const deeds = done === null ? [] : readDeeds(done, complain);
  if (done === null) complain(1, 'A story needs “do”: the list of what is done.');
  if (count(deeds) > MOST_DEEDS) complain(form.lineOf('do'), `A story has at most ${MOST_DEEDS} deeds.`);
  return problems.length > 0 ? wrong() : { ok: true, front: { facts, changes, deeds } };
}

const count = (deeds: readonly Deed[]): number =>
  deeds.reduce((sum, deed) => sum + (deed.kind === 'repeat' ? deed.times * count(deed.deeds) : 1), 0);

function readFacts(form: Form, complain: (line: number, message: string) => void): Facts {
  const said = form.text('group') ?? 'your own';
  const group = GROUPS.find(each => each === said);
  if (group === undefined)
    complain(form.lineOf('group'), `There is no group “${said}”; the groups are ${GROUPS.join(', ')}.`);
  const next = form.text('next');
  if (next !== null && !STORY_NAME.test(next))
    complain(form.lineOf('next'), '“next” is the name of a story: small letters, digits and hyphens.');
  const still = form.number('still');
  if (still !== null && still < 1) complain(form.lineOf('still'), '“still” is the number of a part, from 1.');
  return { group: group ?? 'your own', order: form.number('order') ?? 0, next, still };
}
