/** Tells what resolvers remember: a stored answer in passing, one that saves a question as a beat without a postcard. */
import { captions } from '../../explain/captions.ts';
import { called } from '../../explain/words/wording.ts';
import { type TraceEvent, wireTime } from '../../trace/event.ts';
import type { HostId } from '../../world/world.ts';
import { aside, beatAt, lineAt } from '../occurrences/aside.ts';
import type { Occurrence } from '../occurrences/occurrence.ts';
import type { Telling } from '../occurrences/telling.ts';
import { recalled, remembered } from '../occurrences/waiting.ts';

type Of<Kind extends TraceEvent['kind']> = Extract<TraceEvent, { kind: Kind }>;

/** Answers of one entry that are shown. */
const MOST_ANSWERS = 16;

export class CacheTale {
  private readonly telling: Telling;
  /** World time until which an answer is good, by host, name and type; null for a negative one. */
  private readonly kept = new Map<string, { readonly until: number; readonly negative: boolean }>();

  constructor(telling: Telling) {
    this.telling = telling;
  }

  read(event: Of<'cache.stored' | 'cache.hit'>): Occurrence {
    return event.kind === 'cache.stored' ? this.stored(event) : this.hit(event);
  }

  private stored(event: Of<'cache.stored'>): Occurrence {
    const { host, name, type, negative, seconds } = event;
    const expiresAt = wireTime(this.telling.worldTime(event.at) + seconds * 1_000_000);
    this.kept.set(key(host, name, type), { until: expiresAt, negative });
    const answers = event.answers.slice(0, MOST_ANSWERS);
    const what = negative ? `that there is no ${type} of ${name}` : `the ${type} of ${name}`;
    return aside(event, host, `remembers ${what} for ${seconds} s`, {
      thread: threadOf(host, name),
      change: remembered({ host, name, type, answers, negative, expiresAt, hits: 0 }),
    });
  }

  private hit(event: Of<'cache.hit'>): Occurrence {
    const { host, name, type } = event;
    const { world } = this.telling;
    const kept = this.kept.get(key(host, name, type));
    const asker = called(world, host);
    const left = kept ? kept.until - this.telling.worldTime(event.at) : null;
    const caption = kept?.negative
      ? captions.rememberedNothing(asker, name, type)
      : captions.remembered(asker, name, type, left);
    // The exchanger's addresses after the domain's MX, and the like: remembered in one breath.
    const beat = beatAt(event, host, 'cache.hit', 'find-the-server', caption, `${host} remembers`);
    const line = lineAt(host, `remembers the ${type} of ${name}: no question asked`, null, null, 'dns');
    return { ...beat, thread: threadOf(host, name), line, change: recalled({ host, name, type }) };
  }
}

const key = (host: HostId, name: string, type: string): string => `${host} ${type} ${name}`;

/** Told with the questions and answers about the name. */
const threadOf = (host: HostId, name: string): string => `dns ${host} ${name.toLowerCase()}`;
