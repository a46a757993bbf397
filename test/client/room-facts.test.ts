/** What the page knows of its room: messages and answers come by different ways and overtake each other, and the newest wins. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NOTHING_KNOWN, type RoomChange, type RoomFacts, roomAfter } from '../../client/source/room-facts.ts';
import type { WorldNews } from '../../client/source/source.ts';
import { blueAndGreen } from '../../shared/world/presets.ts';
import type { PublicWorld } from '../../shared/world/world.ts';

/** The world as revision `n` has it; its seed says which. */
const worldOf = (n: number): PublicWorld => ({ ...blueAndGreen, users: [], seed: n });
const clockAt = (seconds: number, jumped = 0) => ({
  now: new Date(Date.UTC(2026, 0, 1) + seconds * 1000 + jumped).toISOString(),
  jumped,
  next: null,
});
const factsOf = (n: number) => ({ world: worldOf(n), revision: n, canUndo: n > 1, canRedo: false });
/** What a server at revision `n` says; `whole` on a new connection and where the revision is another than it said last. */
const newsOf = (n: number, seconds: number, whole: boolean): WorldNews => ({
  revision: n,
  canUndo: n > 1,
  canRedo: false,
  world: whole ? worldOf(n) : null,
  clock: clockAt(seconds),
  outbox: null,
});

/** A server's life: at each step the revision and the time rise, or not, and it is told by a message, an answer, or both. */
const life = fc.array(
  fc.record({
    edits: fc.nat(2),
    seconds: fc.nat(5),
    message: fc.boolean(),
    answer: fc.boolean(),
    clockAnswer: fc.boolean(),
    /** Steps by which an answer is late. */
    late: fc.nat(6),
  }),
  { minLength: 1, maxLength: 30 },
);

interface Delivered {
  readonly change: RoomChange;
  readonly revision: number;
  readonly seconds: number;
}

/** Messages in the order in which they were sent; answers whenever they come. */
function deliveries(steps: typeof life extends fc.Arbitrary<infer T> ? T : never, connection: number): Delivered[] {
  let revision = 1;
  let seconds = 0;
  let said = 0;
  const due: { readonly at: number; readonly delivered: Delivered }[] = [];
  for (const [at, step] of steps.entries()) {
    revision += step.edits;
    seconds += step.seconds;
    const now = { revision, seconds };
    if (step.message) {
      due.push({
        at,
        delivered: { ...now, change: { kind: 'message', news: newsOf(revision, seconds, said !== revision), at } },
      });
      said = revision;
    }
    if (step.answer)
      due.push({
        at: at + step.late,
        delivered: { ...now, change: { kind: 'world-answer', connection, facts: factsOf(revision) } },
      });
    if (step.clockAnswer)
      due.push({
        at: at + step.late,
        delivered: { ...now, change: { kind: 'clock-answer', connection, clock: clockAt(seconds), at } },
      });
  }
  return due.toSorted((one, other) => one.at - other.at).map(({ delivered }) => delivered);
}

describe('what the page knows of its room', () => {
  test('is the newest revision it was told of, whichever way it came, and never goes back', () => {
    fc.assert(
      fc.property(life, steps => {
        let known: RoomFacts = NOTHING_KNOWN;
        let newest = 0;
        for (const { change, revision } of deliveries(steps, known.connection)) {
          known = roomAfter(known, change);
          if (change.kind !== 'clock-answer') newest = Math.max(newest, revision);
          expect(known.facts?.revision ?? 0).toBe(newest);
          // The world is that of its revision, also where a message left it out.
          expect(known.facts?.world.seed ?? 0).toBe(newest);
        }
      }),
    );
  });

  test('has the latest world time it was told of', () => {
    fc.assert(
      fc.property(life, steps => {
        let known: RoomFacts = NOTHING_KNOWN;
        let latest: string | null = null;
        for (const { change, seconds } of deliveries(steps, known.connection)) {
          known = roomAfter(known, change);
          if (change.kind === 'world-answer') continue;
          const { now } = clockAt(seconds);
          if (latest === null || now > latest) latest = now;
          expect(known.clock?.now).toBe(latest);
        }
      }),
    );
  });

  test('takes time that has been moved on for later, whatever the machine’s clock says', () => {
    const before = roomAfter(NOTHING_KNOWN, { kind: 'clock-answer', connection: 0, clock: clockAt(100), at: 1 });
    const moved = { ...clockAt(0), jumped: 10 };
    expect(roomAfter(before, { kind: 'clock-answer', connection: 0, clock: moved, at: 2 }).clock).toEqual({
      ...moved,
      readAt: 2,
    });
  });

  test('is void once the server has gone: one that begins anew counts anew, and an answer of before says nothing', () => {
    fc.assert(
      fc.property(life, life, (first, second) => {
        let known: RoomFacts = NOTHING_KNOWN;
        const late = deliveries(first, known.connection);
        for (const { change } of late) known = roomAfter(known, change);
        known = roomAfter(known, { kind: 'left' });
        expect(known).toMatchObject({ facts: null, clock: null, outbox: [] });
        let alone: RoomFacts = known;
        for (const { change } of deliveries(second, known.connection)) {
          for (const old of late) if (old.change.kind !== 'message') known = roomAfter(known, old.change);
          known = roomAfter(known, change);
          alone = roomAfter(alone, change);
        }
        expect(known).toEqual(alone);
      }),
    );
  });

  test('stays the very object that is drawn where a message says nothing new', () => {
    const known = roomAfter(NOTHING_KNOWN, { kind: 'message', news: newsOf(3, 1, true), at: 0 });
    const again = roomAfter(known, { kind: 'message', news: newsOf(3, 2, false), at: 1 });
    expect(again.facts).toBe(known.facts);
    expect(again.outbox).toBe(known.outbox);
  });
});
