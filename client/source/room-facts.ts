/** What the page knows of the room that it shows: its world, its clock, its outboxes. Messages and answers overtake each other; the newest wins. Pure. */
import type { UserOutbox } from '../../shared/api/letters.ts';
import type { ClockFacts } from '../../shared/api/world.ts';
import { assertNever } from '../../shared/world/world.ts';
import type { WorldFacts, WorldNews } from './source.ts';

export interface RoomFacts {
  /** Counts the connections: a server that has begun anew counts its revisions anew. */
  readonly connection: number;
  /** Null while no server that lets its world be changed is there. */
  readonly facts: WorldFacts | null;
  /** `readAt`: milliseconds of the page's own clock when this was so. */
  readonly clock: (ClockFacts & { readonly readAt: number }) | null;
  /** Of all users who have one. */
  readonly outbox: readonly UserOutbox[];
}

export const NOTHING_KNOWN: RoomFacts = { connection: 0, facts: null, clock: null, outbox: [] };

/** `at`: milliseconds of the page's own clock. `connection`: the one that stood when it was asked for. */
export type RoomChange =
  /** The room's server, or the page, has gone: whatever is still on its way is void. */
  | { readonly kind: 'left' }
  | { readonly kind: 'message'; readonly news: WorldNews; readonly at: number }
  | { readonly kind: 'world-answer'; readonly connection: number; readonly facts: WorldFacts }
  | { readonly kind: 'clock-answer'; readonly connection: number; readonly clock: ClockFacts; readonly at: number };

/** Two of one revision say the same: then what is known stays the very object that is drawn. */
const newerFacts = (known: WorldFacts | null, facts: WorldFacts): WorldFacts =>
  known === null || facts.revision > known.revision ? facts : known;

/** World time is never moved back; what has been moved on further is newer. */
function newerClock(known: RoomFacts['clock'], clock: ClockFacts, at: number): RoomFacts['clock'] {
  const isOlder =
    known !== null &&
    (clock.jumped < known.jumped || (clock.jumped === known.jumped && Date.parse(clock.now) < Date.parse(known.now)));
  return isOlder ? known : { ...clock, readAt: at };
}

/** Without a world it is the one that was told before, which is known unless it has been overtaken. */
function factsAfter(known: WorldFacts | null, { world, revision, canUndo, canRedo }: WorldNews): WorldFacts | null {
  const told = world ?? (known?.revision === revision ? known.world : null);
  return told === null ? known : newerFacts(known, { world: told, revision, canUndo, canRedo });
}

export function roomAfter(known: RoomFacts, change: RoomChange): RoomFacts {
  switch (change.kind) {
    case 'left':
      return { ...NOTHING_KNOWN, connection: known.connection + 1 };
    case 'message': {
      const { news, at } = change;
      return {
        ...known,
        facts: factsAfter(known.facts, news),
        clock: newerClock(known.clock, news.clock, at),
        outbox: news.outbox ?? known.outbox,
      };
    }
    case 'world-answer':
      return change.connection === known.connection
        ? { ...known, facts: newerFacts(known.facts, change.facts) }
        : known;
    case 'clock-answer':
      return change.connection === known.connection
        ? { ...known, clock: newerClock(known.clock, change.clock, change.at) }
        : known;
    default:
      return assertNever(change);
  }
}
