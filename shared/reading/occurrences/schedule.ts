/** Lets one thread speak at a time: a conversation that has begun is told to its end before another begins. Depends on the trace alone, never on when it is read. */
import type { Occurrence } from './occurrence.ts';

/** Microseconds of wire time for which a thread that owes an answer keeps the others waiting. */
const OWED = 300_000;
/** Likewise for one that owes nothing but may go on: a connection that is still open. */
const OPEN = 100_000;
/** Occurrences that may wait; beyond that, whoever has waited longest speaks. */
const MOST_WAITING = 5_000;

interface Floor {
  readonly thread: string;
  readonly until: number;
  readonly owes: boolean;
}

export class Schedule {
  private waiting: Occurrence[] = [];
  /** How many occurrences of each thread wait. */
  private readonly queued = new Map<string, number>();
  private floor: Floor | null = null;
  private now = 0;
  private readonly place: (occurrence: Occurrence) => void;

  constructor(place: (occurrence: Occurrence) => void) {
    this.place = place;
  }

  accept(occurrence: Occurrence): void {
    if (occurrence.divides) {
      this.finish();
      this.floor = null;
    }
    this.waiting.push(occurrence);
    this.queued.set(occurrence.thread, (this.queued.get(occurrence.thread) ?? 0) + 1);
    this.advance(occurrence.wireAt);
  }

  /** Wire time has come so far: whoever has kept the others waiting for too long no longer does. */
  advance(now: number): void {
    this.now = now;
    for (let next = this.next(); next >= 0; next = this.next()) this.tellNext(next);
  }

  private tellNext(at: number): void {
    const [told] = this.waiting.splice(at, 1);
    if (!told) return;
    const left = (this.queued.get(told.thread) ?? 1) - 1;
    if (left > 0) this.queued.set(told.thread, left);
    else this.queued.delete(told.thread);
    this.tell(told);
  }

  /** Nothing follows, or nothing that could be told before: whoever waits speaks, in turn. */
  finish(): void {
    while (this.waiting.length > 0) this.tellNext(Math.max(0, this.next()));
  }

  /** Which of the waiting may speak now, or -1: the thread that has the floor, or, when it has none to give, the oldest. */
  private next(): number {
    const { floor } = this;
    if (floor === null) return this.waiting.length > 0 ? 0 : -1;
    if (this.queued.has(floor.thread)) {
      const own = this.waiting.findIndex(each => each.thread === floor.thread);
      const occurrence = this.waiting[own];
      if (occurrence && (floor.owes || occurrence.wireAt <= floor.until)) return own;
    } else if (this.now <= floor.until && this.waiting.length < MOST_WAITING) {
      return -1;
    }
    this.floor = null;
    return this.waiting.length > 0 ? 0 : -1;
  }

  private tell(occurrence: Occurrence): void {
    this.place(occurrence);
    const { thread, settles, stays, quiet, wireAt } = occurrence;
    // What is told in passing takes the floor from nobody, and gives up only its own.
    if (quiet && this.floor !== null && this.floor.thread !== thread) return;
    if (!settles) this.floor = { thread, until: wireAt + OWED, owes: true };
    else this.floor = stays ? { thread, until: wireAt + OPEN, owes: false } : null;
  }
}
