/** What a resolver remembers: answers by name and type until their TTL is over, "no" as well (RFC 1035 §7.4, RFC 2308 §5). */
import { canonicalName } from '../../shared/decode/dns-name.ts';
import type { HostId } from '../../shared/world/world.ts';
import type { WorldClock } from '../base/clock.ts';
import type { Recorder } from '../record/recorder.ts';
import type { Looked, SoughtType } from './look-up.ts';

/** Beyond this the oldest is forgotten. */
const MOST = 1000;

export interface Cache {
  /** What is known and not over yet, or null; `cache.hit` is recorded. */
  find(name: string, type: SoughtType): Looked | null;
  /** Keeps what may be kept; `cache.stored` is recorded then. That nobody answered is never kept (RFC 2308 §7). */
  store(name: string, type: SoughtType, looked: Looked): void;
}

export function createCache(options: {
  readonly host: HostId;
  readonly recorder: Recorder;
  readonly clock: WorldClock;
}): Cache {
  const { host, recorder, clock } = options;
  /** `until` in milliseconds of world time, so that a jump of the clock ends them. */
  const entries = new Map<string, { readonly looked: Looked; readonly until: number }>();
  const key = (name: string, type: SoughtType): string => `${type} ${canonicalName(name)}`;

  return {
    find(name, type) {
      const entry = entries.get(key(name, type));
      if (entry === undefined) return null;
      if (entry.until <= clock.now().getTime()) {
        entries.delete(key(name, type));
        return null;
      }
      recorder.append({ kind: 'cache.hit', host, name: canonicalName(name), type });
      return entry.looked;
    },
    store(name, type, looked) {
      if (looked.kind === 'unknown' || looked.ttl <= 0) return;
      // Anew at the end, so that the first is always the oldest.
      entries.delete(key(name, type));
      entries.set(key(name, type), { looked, until: clock.now().getTime() + looked.ttl * 1000 });
      const [oldest] = entries.keys();
      if (entries.size > MOST && oldest !== undefined) entries.delete(oldest);
      recorder.append({
        kind: 'cache.stored',
        host,
        name: canonicalName(name),
        type,
        answers: looked.kind === 'found' ? looked.answers : [],
        negative: looked.kind !== 'found',
        seconds: looked.ttl,
      });
    },
  };
}
