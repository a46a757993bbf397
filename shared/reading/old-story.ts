/** Attempts that go as those before them are told together: a queue that tries for five days is one lesson, not a hundred. */
import { captions } from '../explain/captions.ts';
import { protocolAt } from '../protocols.ts';
import type { ConnectionId, TraceEvent } from '../trace/event.ts';
import type { HostId } from '../world/world.ts';
import type { BeatOf, Occurrence } from './occurrences/occurrence.ts';
import type { QueueBook } from './occurrences/queue-book.ts';

const AGAIN: BeatOf = {
  key: 'again and again',
  name: 'queue.attempts',
  chapter: 'other',
  caption: captions.attempts(),
};

/** Beats that say nothing new when they come again; a letter that gets through, or is refused for good, always does. */
const OLD: ReadonlySet<string> = new Set([
  'mx-question',
  'mx-answer',
  'address',
  'cache.hit',
  'dns.silence',
  'dns.trouble',
  'dns.truncated',
  'dns.tcp',
  'hand-over.hello',
  'hand-over.envelope',
  'hand-over.refused',
  'connection.refused',
  'connection.lost',
  'fault.struck',
  'queue.attempt',
  'queue.deferred',
  'clock.jumped',
]);

/** Those of them that are still seen: time that passes, and that it was in vain. */
const SEEN: ReadonlySet<string> = new Set(['clock.jumped', 'connection.refused', 'connection.lost', 'queue.deferred']);

/** As part of the one beat that tells of all later attempts. */
export function asEver(occurrence: Occurrence): Occurrence {
  const { beat, motion } = occurrence;
  if (!OLD.has(beat.name) || occurrence.run !== null) return occurrence;
  if (beat.name === 'hand-over.refused' && motion?.verdict !== 'wait') return occurrence;
  const seen = SEEN.has(beat.name) || (beat.name === 'hand-over.refused' && motion?.reply === true);
  return seen ? { ...occurrence, beat: AGAIN } : { ...occurrence, beat: AGAIN, motion: null, quiet: true };
}

/** True for what a queue does again that it has done more than once; to be asked before the event is read. `callerOn` says who called on a connection. */
export function isOldStory(event: TraceEvent, queues: QueueBook, callerOn: (id: ConnectionId) => HostId): boolean {
  switch (event.kind) {
    case 'clock.jumped':
      return queues.waitsAsEver;
    case 'tcp.opened':
    case 'tcp.refused':
      return queues.isOldStory(event.from.host);
    case 'udp.datagram':
      return queues.isOldStory(protocolAt(event.to.port) === 'dns' ? event.from.host : event.to.host);
    case 'mail.attempted':
      return queues.isOldNow(event.host, event.queueId, event.domain);
    case 'mail.deferred':
    case 'cache.hit':
    case 'cache.stored':
      return queues.isOldStory(event.host);
    case 'wire.bytes':
    case 'tcp.closed':
      return queues.isOldStory(callerOn(event.connection));
    case 'fault.struck':
      return event.connection !== undefined && queues.isOldStory(callerOn(event.connection));
    default:
      return false;
  }
}
