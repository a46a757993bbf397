/** What an author leaves open in a part's words, to be filled in from the moment at which it is told. */
import { span } from '../explain/words/spans.ts';
import { sentence } from '../explain/words/wording.ts';
import type { Letter, State } from '../story/story.ts';
import type { Words } from '../story/words.ts';
import type { WireTime } from '../trace/event.ts';

/** The moment at which a part is told, and the state after it. */
export interface Moment {
  /** The line of the conversation that it brings. */
  readonly said: string | null;
  readonly wireAt: WireTime;
  /** Microseconds of world time that it skips. */
  readonly jump: number;
  readonly after: State;
}

const UNKNOWN = '…';

const focusOf = ({ after }: Moment): Letter | null => after.letters.find(letter => letter.id === after.focus) ?? null;

/** How long the letter has to wait from now on, in world time. */
function waitOf(moment: Moment): number | null {
  const letter = focusOf(moment);
  const entry = moment.after.queue.find(({ letter: id }) => letter !== null && id === letter.id);
  const due = letter?.deferred?.retryAt ?? entry?.nextAt ?? null;
  const left = due === null ? 0 : due - (moment.wireAt + moment.after.jumped);
  return left > 0 ? left : null;
}

/** Each with its value at a moment, or null where there is none. */
const PLACEHOLDERS: ReadonlyMap<string, (moment: Moment) => string | null> = new Map([
  ['reply', ({ said }) => said?.split('\n')[0]?.trim() || null],
  ['octets', moment => (focusOf(moment)?.size || null)?.toLocaleString('en') ?? null],
  ['skipped', ({ jump }) => (jump > 0 ? span(jump) : null)],
  ['queue-id', moment => focusOf(moment)?.queueId ?? null],
  [
    'wait',
    moment => {
      const left = waitOf(moment);
      return left === null ? null : span(left);
    },
  ],
]);

const PLACEHOLDER = /\{([^{}]{0,40})\}/g;

export const placeholdersIn = (words: Words): readonly string[] =>
  [...words.matchAll(PLACEHOLDER)].map(([, name = '']) => name);

export const isPlaceholder = (name: string): boolean => PLACEHOLDERS.has(name);

/** "{reply}, {octets}, …": all there are. */
export const PLACEHOLDER_NAMES = [...PLACEHOLDERS.keys()].map(name => `{${name}}`).join(', ');

const valueAt = (name: string, moment: Moment): string | null => PLACEHOLDERS.get(name)?.(moment) ?? null;

/** Those that are words of ours, and may begin a sentence; what a server said stays as it was said. */
const SPANS: readonly string[] = ['skipped', 'wait'];

/** What is not known at that moment is told as "…". What a server said is no markup: its asterisks are others. */
export const filled = (words: Words, moment: Moment): Words =>
  words.replace(PLACEHOLDER, (_, name: string, at: number) => {
    const value = (valueAt(name, moment) ?? UNKNOWN).replaceAll('*', '∗');
    return at === 0 && SPANS.includes(name) ? sentence(value) : value;
  });

/** Those of its placeholders that have no value at that moment. */
export const unfilled = (words: Words, moment: Moment): readonly string[] =>
  placeholdersIn(words).filter(name => valueAt(name, moment) === null);
