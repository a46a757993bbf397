/** A story as its file has it: where it belongs, its world, what is done in it, and the script by which it is told. */
import { isTooLong, parseScript } from '../../shared/script/parse.ts';
import type { Problem, Script } from '../../shared/story/script.ts';
import { blueAndGreen } from '../../shared/world/presets.ts';
import type { World } from '../../shared/world/world.ts';
import { isWrong, type Wrong } from './deeds/cast.ts';
import type { Act, Deed } from './deeds/deeds.ts';
import { type Complain, complaints } from './deeds/pieces.ts';
import { type Facts, type FrontMatterRead, readFrontMatter } from './front-matter.ts';

export interface StoryFile {
  readonly name: string;
  readonly facts: Facts;
  /** As it is when the story begins. */
  readonly world: World;
  readonly deeds: readonly Deed[];
  readonly script: Script;
  /** Its Markdown. */
  readonly source: string;
}

export type StoryRead =
  | { readonly ok: true; readonly story: StoryFile }
  /** In the order of their lines. */
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** The world after a deed; unchanged where that is for the deed to say when it is done. What cannot be done has been said. */
function after(world: World, first: World, deed: Deed, complain: Complain): World {
  const look = (found: object | Wrong): boolean => {
    if (isWrong(found)) complain(deed.line, found.wrong);
    return !isWrong(found);
  };
  const lookAt = (act: Act): void => {
    if (act.kind === 'send') look(act.letter(world));
    else if (act.kind === 'call') look(act.call(world));
    else if (act.kind !== 'flush') look(act.user(world));
  };
  switch (deed.kind) {
    case 'change': {
      const next = deed.change(world, first);
      return look(next) && 'world' in next ? next.world : world;
    }
    case 'send':
    case 'send-again':
    case 'collect':
    case 'call':
    case 'flush':
      lookAt(deed);
      return world;
    case 'begin':
      lookAt(deed.act);
      return world;
    case 'together':
      for (const act of deed.acts) lookAt(act);
      return world;
    case 'repeat':
      return deed.deeds.reduce((now, each) => after(now, first, each, complain), world);
    case 'wait':
      return world;
  }
}

const NOT_READ: FrontMatterRead = { ok: false, problems: [] };

const lineOf = (source: string, pattern: RegExp): number =>
  Math.max(1, source.split('\n').findIndex(line => pattern.test(line)) + 1);

/** Reads a whole file; everything that can be found wrong without running it is found, and told at once. */
export function readStory(source: string, name: string): StoryRead {
  const { problems, complain } = complaints();
  const parsed = parseScript(source);
  // What is too long has been said to be, and nothing else of it is looked at.
  const front = isTooLong(source) ? NOT_READ : readFrontMatter(source);
  for (const { line, message } of [...(front.ok ? [] : front.problems), ...(parsed.ok ? [] : parsed.problems)])
    complain(line, message);
  const { facts, changes, deeds } = front.ok ? front.front : { facts: null, changes: [], deeds: [] };
  const world = changes.reduce((now, deed) => after(now, blueAndGreen, deed, complain), blueAndGreen);
  deeds.reduce((now, deed) => after(now, world, deed, complain), world);
  if (parsed.ok && facts?.still != null && facts.still > parsed.script.parts.length)
    complain(lineOf(source, /^still:/), `“still” is part ${facts.still}, and there are ${parsed.script.parts.length}.`);
  if (problems.length > 0 || facts === null || !parsed.ok)
    return { ok: false, problems: problems.toSorted((one, other) => one.line - other.line) };
  return { ok: true, story: { name, facts, world, deeds, script: parsed.script, source } };
}
