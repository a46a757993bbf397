/** Who takes part in a span of a story, and how people call them: the hosts, not their sockets. */
import type { Span } from '../story/span.ts';
import type { Beat, Line, Story } from '../story/story.ts';
import type { HostId, PublicWorld } from '../world/world.ts';

type Hosts = Pick<PublicWorld, 'hosts'>;

export interface Party {
  readonly id: HostId;
  /** "Outgoing server" */
  readonly label: string;
}

/** What a person calls a host; one that is no longer in the world goes by its domain name. */
export const called = (world: Hosts, id: HostId): string => world.hosts.find(host => host.id === id)?.label ?? id;

/** Whoever says it; what happens off the wire is noted by the host where it happens, and time passes nowhere. */
export const speakerOf = (world: Hosts, line: Line): string => {
  const host = line.from === 'client' ? line.client : line.server;
  return host === '' ? 'The clock' : called(world, host);
};

/** The world as it is once the beat is over. */
export const worldAfter = (story: Story, beat: Beat): PublicWorld =>
  story.steps[beat.lastStep]?.after.world ?? story.start.world;

/** Lines of one DNS client belong together, whichever socket they took; any other conversation is its connection. */
export const conversationOf = (line: Line): string => (line.protocol === 'dns' ? 'dns' : line.connection);

/** Beats of the span, each with its lines in the order in which they crossed. */
export function beatsWithLines(
  story: Story,
  span: Span,
): readonly { readonly beat: Beat; readonly lines: readonly Line[] }[] {
  const byBeat = new Map<number, Line[]>();
  for (const line of story.lines) {
    const own = byBeat.get(line.beat);
    if (own === undefined) byBeat.set(line.beat, [line]);
    else own.push(line);
  }
  return story.beats.slice(span.first, span.last + 1).map(beat => ({ beat, lines: byBeat.get(beat.index) ?? [] }));
}

/** Hosts that say or do something in these lines, as they stand in the world from left to right. */
export function partiesOf(world: Hosts, lines: readonly Line[]): readonly Party[] {
  const ids = new Set(lines.flatMap(line => (line.from === 'aside' ? [line.server] : [line.client, line.server])));
  ids.delete('');
  const place = (id: HostId): number => {
    const at = world.hosts.findIndex(host => host.id === id);
    return at === -1 ? world.hosts.length : at;
  };
  return [...ids].toSorted((one, other) => place(one) - place(other)).map(id => ({ id, label: called(world, id) }));
}
