/** The places of a protocol server: the hosts of the world have theirs, callers from outside share others, and there the one that is idle longest makes room. What a web door has is `server/web/limits/places.ts`. */
import type { WorldClock } from '../base/clock.ts';
import type { Peer } from './contract.ts';

/** What a caller is waited for. `ours`: nothing, as the server itself is at work. */
export type Awaited = 'command' | 'content' | 'ours';

/** Octets of content that count as going on: a client that brings fewer in `CONTENT_GRACE` dribbles. */
const STRIDE = 512;
/** Milliseconds for which a caller in the middle of a letter is not idle. */
const CONTENT_GRACE = 30_000;
/** Milliseconds that a caller from outside has for its first command. */
const FIRST_COMMAND = 60_000;
/** Callers that have been sent away and have not hung up; of more, the oldest is cut off. */
const MOST_LEAVING = 32;

export interface CallerPlacesOptions {
  readonly clock: Pick<WorldClock, 'now'>;
  /** For hosts of the world, who are refused when there are more and never sent away. */
  readonly own: number;
  readonly outside: number;
  /** Milliseconds for a first command from outside; default 60,000. */
  readonly firstCommand?: number;
}

/** One caller. `dismiss` says goodbye and hangs up, `cutOff` waits for nothing; after either, `leave` is still called. */
interface Guest {
  readonly peer: Pick<Peer, 'outside'>;
  readonly dismiss: () => void;
  readonly cutOff: () => void;
}

export interface CallerPlace {
  /** Something whole was heard, and this is waited for next. */
  expect(next: Awaited): void;
  /** Octets came that are not whole yet; true where the caller goes on, false where it may be dribbling. */
  receive(octets: number): boolean;
  /** How long it may be silent now, where `longest` is the protocol's own patience: the first command has less time. */
  patience(longest: number): number;
  /** The connection is closed. */
  leave(): void;
}

export interface CallerPlaces {
  /** Null: all places are taken, and nobody there is idle. */
  enter(guest: Guest): CallerPlace | null;
}

interface Entry extends Guest {
  awaited: Awaited;
  /** When it last went on, in milliseconds of world time. */
  since: number;
  octets: number;
}

export function createCallerPlaces({
  clock,
  own,
  outside,
  firstCommand = FIRST_COMMAND,
}: CallerPlacesOptions): CallerPlaces {
  const residents = new Set<Entry>();
  /** In the order in which they last went on. */
  const visitors = new Set<Entry>();
  const leaving = new Set<Entry>();
  const now = (): number => clock.now().getTime();

  function idleFor({ awaited, since }: Entry): number {
    if (awaited === 'ours') return Number.NEGATIVE_INFINITY;
    return now() - since - (awaited === 'content' ? CONTENT_GRACE : 0);
  }

  /** Who makes room for one more from `address`: the idlest of the address that has the most places; null where none is idle. */
  function idlest(address: string | undefined): Entry | null {
    const held = new Map<string | undefined, number>([[address, 1]]);
    for (const { peer } of visitors) held.set(peer.outside, (held.get(peer.outside) ?? 0) + 1);
    const most = Math.max(...held.values());
    let found: Entry | null = null;
    for (const entry of visitors) {
      const idle = idleFor(entry);
      if (held.get(entry.peer.outside) === most && idle >= 0 && (found === null || idle > idleFor(found)))
        found = entry;
    }
    return found;
  }

  function sendAway(entry: Entry): void {
    visitors.delete(entry);
    leaving.add(entry);
    entry.dismiss();
    const [oldest] = leaving;
    if (leaving.size <= MOST_LEAVING || oldest === undefined) return;
    leaving.delete(oldest);
    oldest.cutOff();
  }

  return {
    enter(guest) {
      const fromOutside = guest.peer.outside !== undefined;
      if (!fromOutside && residents.size >= own) return null;
      if (fromOutside && visitors.size >= outside) {
        const victim = idlest(guest.peer.outside);
        if (victim === null) return null;
        sendAway(victim);
      }
      const entry: Entry = { ...guest, awaited: 'command', since: now(), octets: 0 };
      (fromOutside ? visitors : residents).add(entry);
      let spoken = false;
      const goOn = (): void => {
        entry.since = now();
        entry.octets = 0;
        if (visitors.delete(entry)) visitors.add(entry);
      };
      return {
        expect(next) {
          spoken = true;
          entry.awaited = next;
          goOn();
        },
        receive(octets) {
          if (entry.awaited !== 'content') return false;
          entry.octets += octets;
          if (entry.octets < STRIDE) return false;
          goOn();
          return true;
        },
        patience: longest => (fromOutside && !spoken ? Math.min(longest, firstCommand) : longest),
        leave() {
          for (const entries of [residents, visitors, leaving]) entries.delete(entry);
        },
      };
    },
  };
}
