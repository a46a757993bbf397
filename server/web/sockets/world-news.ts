/** What those who may change a room's world are told of it while they watch: its revision, its clock, its outboxes, each when it changes. */
import { isDeepStrictEqual } from 'node:util';
import { MOST_OUTBOX_LETTERS, type UserOutbox } from '../../../shared/api/letters.ts';
import type { WorldMessage } from '../../../shared/api/live.ts';
import type { ClockFacts } from '../../../shared/api/world.ts';
import type { Room } from '../../rooms/room.ts';
import { createPace, realTiming, type Timing } from '../../shows/pace.ts';

/** Milliseconds between two messages while a world is edited fast. */
const FRAME = 16;
/** A clock's next appointment changes with every line of a dialogue: milliseconds without a change before it is told, and the longest wait. */
const QUIET = 250;
const LONGEST = 1500;
/** Milliseconds by which a page may be wrong about world time. */
const UNSEEN = 100;

/** World time as it was told, and the moment of `Timing` when this was so. */
interface ToldClock {
  readonly facts: ClockFacts;
  readonly at: number;
}

export type NewsRoom = Pick<Room, 'world' | 'publicWorld' | 'living' | 'clock' | 'unsent' | 'onOutboxChange'>;

export interface WorldNews {
  /** All of it, for whoever has just come: a message as it is sent. From the first call on, the room is watched. */
  whole(): string;
  /** `send` gets each message for those who have been told all of it. */
  onMessage(send: (message: string) => void): void;
  stop(): void;
}

export const clockFacts = ({ clock }: Pick<Room, 'clock'>): ClockFacts => ({
  now: clock.now().toISOString(),
  jumped: clock.jumped(),
  next: clock.next(),
});

/** Whether a page that was told `told` shows another world time, or another appointment, than it is `now`. */
function isAnotherClock(told: ToldClock, now: ToldClock): boolean {
  const wrong = (one: number, other: number): boolean => Math.abs(one - other) > UNSEEN;
  const ran = Date.parse(told.facts.now) + now.at - told.at;
  if (wrong(ran, Date.parse(now.facts.now)) || told.facts.jumped !== now.facts.jumped) return true;
  const [before, next] = [told.facts.next, now.facts.next];
  if (before === null || next === null) return before !== next;
  const due = (facts: ClockFacts, left: number): number => Date.parse(facts.now) + left;
  return before.what !== next.what || wrong(due(told.facts, before.in), due(now.facts, next.in));
}

/** `onTrouble`: an outbox cannot be read, one sentence. */
export function createWorldNews(
  room: NewsRoom,
  onTrouble: (sentence: string) => void,
  timing: Timing = realTiming,
): WorldNews {
  const { living, clock } = room;
  let send: (message: string) => void = () => undefined;
  let stops: readonly (() => void)[] | null = null;
  let toldRevision = 0;
  let toldClock: ToldClock | null = null;
  let outbox: readonly UserOutbox[] = [];
  let toldOutbox: readonly UserOutbox[] = outbox;
  let trouble = '';
  let stopped = false;

  const clockNow = (): ToldClock => ({ facts: clockFacts(room), at: timing.now() });

  const messageOf = (parts: { readonly world: boolean; readonly outbox: boolean }, { facts }: ToldClock): string => {
    const message: WorldMessage = {
      type: 'world',
      revision: living.revision(),
      canUndo: living.canUndo(),
      canRedo: living.canRedo(),
      ...(parts.world && { world: room.publicWorld }),
      clock: facts,
      ...(parts.outbox && { outbox: [...outbox] }),
    };
    return JSON.stringify(message);
  };

  /** Sends what is not as it was told. */
  function tell(): void {
    if (stopped) return;
    const parts = { world: living.revision() !== toldRevision, outbox: outbox !== toldOutbox };
    const now = clockNow();
    if (!parts.world && !parts.outbox && toldClock !== null && !isAnotherClock(toldClock, now)) return;
    toldRevision = living.revision();
    toldOutbox = outbox;
    toldClock = now;
    send(messageOf(parts, now));
  }

  async function outboxOf(user: string): Promise<readonly UserOutbox[]> {
    try {
      const letters = (await room.unsent(user)) ?? [];
      const first = letters.slice(0, MOST_OUTBOX_LETTERS).map(({ id, subject, envelope: { recipients } }) => ({
        id,
        subject,
        envelope: { recipients },
      }));
      return first.length === 0 ? [] : [{ user, letters: first, more: letters.length - first.length }];
    } catch (error) {
      const sentence = `The outbox of ${user} cannot be read: ${error instanceof Error ? error.message : String(error)}.`;
      if (sentence !== trouble) onTrouble(sentence);
      trouble = sentence;
      return outbox.filter(each => each.user === user);
    }
  }

  let reading = false;
  let wanted = false;
  async function readOutboxes(): Promise<void> {
    wanted = true;
    if (reading) return;
    reading = true;
    while (wanted && !stopped) {
      wanted = false;
      const now: UserOutbox[] = [];
      for (const { address } of room.world.users) now.push(...(await outboxOf(address)));
      if (!isDeepStrictEqual(now, outbox)) outbox = now;
    }
    reading = false;
    tell();
  }

  const soon = createPace(tell, FRAME, timing);
  const clockQuiet = createQuiet(tell, timing);
  const outboxQuiet = createQuiet(() => void readOutboxes(), timing);

  function watch(): readonly (() => void)[] {
    toldRevision = living.revision();
    toldClock = clockNow();
    void readOutboxes();
    return [
      living.onChange(() => {
        soon.soon();
        // Users may have come or gone.
        outboxQuiet.soon();
      }),
      clock.onChange(clockQuiet.soon),
      room.onOutboxChange(outboxQuiet.soon),
    ];
  }

  return {
    whole() {
      stops ??= watch();
      return messageOf({ world: true, outbox: true }, clockNow());
    },
    onMessage(listener) {
      send = listener;
    },
    stop() {
      stopped = true;
      for (const stop of stops ?? []) stop();
      for (const each of [soon, clockQuiet, outboxQuiet]) each.stop();
    },
  };
}

/** `tell` runs once nothing has changed for a while, or has changed for long. */
function createQuiet(tell: () => void, timing: Timing): { readonly soon: () => void; readonly stop: () => void } {
  let since = 0;
  let last = 0;
  let forget: (() => void) | null = null;
  function look(): void {
    const due = Math.min(last + QUIET, since + LONGEST);
    const wait = due - timing.now();
    if (wait > 0) forget = timing.after(wait, look);
    else {
      forget = null;
      tell();
    }
  }
  return {
    soon() {
      last = timing.now();
      if (forget !== null) return;
      since = last;
      forget = timing.after(QUIET, look);
    },
    stop() {
      forget?.();
      forget = null;
    },
  };
}
