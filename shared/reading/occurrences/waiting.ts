/** What the queues hold and what the resolvers remember, as pieces of the state: small pure steps, like those of the fold. */

import type { CacheEntry, QueueEntry } from '../../story/story.ts';
import type { WireTime } from '../../trace/event.ts';
import type { HostId } from '../../world/world.ts';
import type { Change } from './fold.ts';

/** Entries kept in full; the counts on the hosts are of all. */
const MOST_QUEUED = 128;
const MOST_REMEMBERED = 128;
/** Recipients of one entry that are named. */
const MOST_RECIPIENTS = 256;

const isAt =
  (host: HostId, queueId: string) =>
  (entry: QueueEntry): boolean =>
    entry.queueId === queueId && entry.host === host;

export const enqueued =
  (entry: QueueEntry): Change =>
  state => ({
    ...state,
    queue: [
      ...state.queue.filter(each => !isAt(entry.host, entry.queueId)(each)),
      { ...entry, recipients: entry.recipients.slice(0, MOST_RECIPIENTS) },
    ].slice(-MOST_QUEUED),
  });

/** Changes an entry where it is known. */
export const requeued =
  (host: HostId, queueId: string, change: Partial<QueueEntry>): Change =>
  state => {
    const index = state.queue.findIndex(isAt(host, queueId));
    const before = state.queue[index];
    if (before === undefined) return state;
    const recipients = (change.recipients ?? before.recipients).slice(0, MOST_RECIPIENTS);
    return { ...state, queue: state.queue.with(index, { ...before, ...change, recipients }) };
  };

export const unqueued =
  (host: HostId, queueId: string): Change =>
  state => {
    const queue = state.queue.filter(entry => !isAt(host, queueId)(entry));
    return queue.length === state.queue.length ? state : { ...state, queue };
  };

type Question = Pick<CacheEntry, 'host' | 'name' | 'type'>;

const isAbout =
  ({ host, name, type }: Question) =>
  (entry: CacheEntry): boolean =>
    entry.host === host && entry.name === name && entry.type === type;

/** A newer answer takes the place of the older one; one that is over stays, so that it can be seen to be. */
export const remembered =
  (entry: CacheEntry): Change =>
  state => ({
    ...state,
    cache: [...state.cache.filter(each => !isAbout(entry)(each)), entry].slice(-MOST_REMEMBERED),
  });

export const recalled =
  (question: Question): Change =>
  state => {
    const index = state.cache.findIndex(isAbout(question));
    const before = state.cache[index];
    return before ? { ...state, cache: state.cache.with(index, { ...before, hits: before.hits + 1 }) } : state;
  };

/** A queue entry as it arrives: due at once. */
export const arrivedEntry = (
  entry: Pick<QueueEntry, 'host' | 'queueId' | 'letter' | 'reversePath' | 'recipients'>,
  arrivedAt: WireTime,
): QueueEntry => ({ ...entry, arrivedAt, attempts: 0, nextAt: arrivedAt, cause: null, status: '' });
