/** A run as a ladder: hosts are its posts, lines that crossed its rungs; what it is drawn with is decided elsewhere. */
import type { Span } from '../story/span.ts';
import type { Beat, Line, Story } from '../story/story.ts';
import type { HostId } from '../world/world.ts';
import { shownSpan } from './facts.ts';
import { beatsWithLines, type Party, partiesOf, worldAfter } from './parties.ts';

export type Rung =
  | { readonly kind: 'beat'; readonly beat: Beat; readonly number: number }
  /** A line from post `from` to post `to`. */
  | { readonly kind: 'line'; readonly line: Line; readonly from: number; readonly to: number; readonly reply: boolean }
  /** Off the wire, at a post; -1 is everywhere: the clock was moved on. */
  | { readonly kind: 'note'; readonly line: Line; readonly at: number };

export interface Ladder {
  readonly posts: readonly Party[];
  readonly rungs: readonly Rung[];
  /** Lines that are left to the recording. */
  readonly rest: number;
}

/** At most `most` lines. Posts as they stand in the world at the end of the span. */
export function ladderOf(story: Story, asked: Span | null, most: number): Ladder {
  const span = shownSpan(story, asked);
  const beats = beatsWithLines(story, span);
  const all = beats.flatMap(({ lines }) => lines);
  const shown = all.slice(0, most);
  const last = story.beats[span.last];
  const posts = partiesOf(last === undefined ? story.start.world : worldAfter(story, last), shown);
  const place = new Map<HostId, number>(posts.map(({ id }, at) => [id, at]));
  const at = (id: HostId): number => place.get(id) ?? -1;
  let left = shown.length;
  const rungs: Rung[] = [];
  for (const [number, { beat, lines }] of beats.entries()) {
    if (left === 0 && lines.length > 0 && all.length > shown.length) break;
    rungs.push({ kind: 'beat', beat, number: number + 1 });
    for (const line of lines.slice(0, left)) {
      const [client, server] = [at(line.client), at(line.server)];
      if (line.from === 'aside') rungs.push({ kind: 'note', line, at: server });
      else if (line.from === 'client') rungs.push({ kind: 'line', line, from: client, to: server, reply: false });
      else rungs.push({ kind: 'line', line, from: server, to: client, reply: line.role !== 'content' });
    }
    left -= Math.min(left, lines.length);
  }
  return { posts, rungs, rest: all.length - shown.length };
}

/** What failed, and what is to be waited for, before the words: never by colour alone. */
export const signOf = ({ verdict }: Pick<Line, 'verdict'>): string =>
  verdict === 'no' ? '✕ ' : verdict === 'wait' ? '◷ ' : '';
