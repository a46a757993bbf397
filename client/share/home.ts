/** Where what is shown can be had from by somebody else, and where a link to it leads. */
import { savedOwnStory } from '../player/place.ts';
import type { SourceState } from '../session/store.ts';
import { fileName } from '../source/text-at.ts';
import { siteAddress, traceParameter } from '../url.ts';
import { type Home, linkTo } from './snippets.ts';

/** `stem`: by what it is called where it must be saved first. */
export function homeOf(source: SourceState, stem: string): Home {
  const site = siteAddress();
  if (source.story !== null && savedOwnStory()?.name !== source.story)
    return { kind: 'story', site, name: source.story };
  const address = traceParameter();
  // A file that was dropped on the page since then has another name.
  if (source.kind === 'recorded' && source.story === null && address !== null && fileName(address) === source.name)
    return { kind: 'address', site, address };
  return { kind: 'saved', stem };
}

/** Null where no address leads to it: a file that the viewer opened, a story of their own. `moment` in seconds. */
export function linkFor(home: Home, source: SourceState, moment: number | null): string | null {
  if (home.kind !== 'saved') return linkTo(home, moment);
  if (source.kind !== 'live' || source.room !== null) return null;
  return `${siteAddress()}${moment === null ? '' : `#t=${moment}`}`;
}
