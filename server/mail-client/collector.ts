/** How a mail client fetches: one session at a time unless a second one is asked for, and no message twice. */
import type { Cause } from '../../shared/trace/cause.ts';
import type { ConnectionId } from '../../shared/trace/event.ts';
import type { User } from '../../shared/world/world.ts';
import type { WorldClock } from '../base/clock.ts';
import { OpenedOnce } from '../base/opened-once.ts';
import { isSystemError } from '../disk/durable.ts';
import type { Report } from '../disk/put-aside.ts';
import type { Inbox } from '../mailbox/delivery.ts';
import type { Dialled } from '../network/contract.ts';
import { type CollectOutcome, type CollectStage, collect } from '../pop3/client.ts';
import { type KnownIds, openKnownIds } from './known-ids.ts';

export interface CollectWishes {
  /** Default: as the user has set it. */
  readonly leaveOnServer?: boolean;
  /** Breaks the connection off where QUIT would come. */
  readonly stopBeforeQuit?: boolean;
  /** A session of its own, as a second mail client of this user would have: while one is running it finds the mailbox in use. */
  readonly another?: boolean;
}

export interface CollectorOptions {
  readonly user: () => User;
  readonly inbox: Inbox;
  readonly clock: WorldClock;
  readonly dial: () => Promise<Dialled | { readonly kind: 'failed'; readonly cause: Cause }>;
  /** Called once a session, when it is connected. */
  readonly passwordFor: (connection: ConnectionId) => string;
  /** Tells the person. */
  readonly fail: (cause: Cause, connection?: ConnectionId) => void;
  /** Told where the memory of what was fetched is put aside. */
  readonly report: Report;
}

/** The function rejects only for a mistake of ours. */
export function createCollector(options: CollectorOptions): (wishes?: CollectWishes) => Promise<CollectOutcome> {
  const { user, inbox, clock, dial, passwordFor, fail, report } = options;
  let running: Promise<CollectOutcome> | null = null;
  /** One memory for all sessions. */
  const memory = new OpenedOnce(() => openKnownIds(inbox.directory, report));

  function notCollected(stage: CollectStage, cause: Cause): CollectOutcome {
    fail(cause);
    return { kind: 'failed', stage, cause, messages: 0 };
  }

  async function session({ leaveOnServer, stopBeforeQuit = false }: CollectWishes): Promise<CollectOutcome> {
    let known: KnownIds;
    try {
      known = await memory.get();
    } catch (error) {
      if (!isSystemError(error)) throw error;
      return notCollected('keep', { code: 'inbox-unusable', detail: error.message });
    }
    const dialled = await dial();
    if ('kind' in dialled) return notCollected('connect', dialled.cause);
    const { socket, connection } = dialled;
    const { address, leaveOnServer: usually = false } = user();
    const seen = new Set(known.ids);
    const outcome = await collect({
      socket,
      user: address,
      password: passwordFor(connection),
      known: known.ids,
      clock,
      leaveOnServer: leaveOnServer ?? usually,
      stopBeforeQuit,
      async keep(message, uidl) {
        await inbox.deliver(message);
        await known.add(uidl);
        seen.add(uidl);
      },
    });
    if (outcome.kind === 'failed') fail(outcome.cause, connection);
    else if (outcome.kind === 'broken-off') fail({ code: 'broken-off', marked: outcome.deleted }, connection);
    else {
      // An id that the server has let go of is never used again (RFC 1939 §7).
      const left = new Set(outcome.left);
      await known.forget([...seen].filter(uidl => !left.has(uidl)));
    }
    return outcome;
  }

  return (wishes = {}) => {
    if (wishes.another) return session(wishes);
    running ??= session(wishes).finally(() => {
      running = null;
    });
    return running;
  };
}
