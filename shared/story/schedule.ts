/** Lets one thread speak at a time: an exchange that has begun is told to its end before another begins. Depends on the trace alone, never on when it is read. */
import type { Occurrence } from './occurrence.ts';

/** Microseconds of wire time after which a thread that owes an answer no longer keeps the others waiting. */
const PATIENCE = 300_000;
/** Finished exchanges that may pile up behind one that is not. */
const MOST_WAITING = 24;

export class Schedule {
  private waiting: Occurrence[] = [];
  private speaking: { thread: string; owes: boolean; since: number } | null = null;
  private readonly place: (occurrence: Occurrence) => void;

  constructor(place: (occurrence: Occurrence) => void) {
    this.place = place;
  }

  accept(occurrence: Occurrence): void {
    const speaking = this.speaking;
    const blocked = this.waiting.some(each => each.thread === occurrence.thread);
    const free = !speaking?.owes || speaking.thread === occurrence.thread;
    if (free && !blocked) {
      this.tell(occurrence);
    } else {
      this.waiting.push(occurrence);
      const settled = this.waiting.filter(each => each.settles && !each.quiet).length;
      if (
        speaking?.owes &&
        (settled > MOST_WAITING || (settled > 0 && occurrence.wireAt - speaking.since > PATIENCE))
      ) {
        this.speaking = null;
      }
    }
    this.drain();
  }

  private tell(occurrence: Occurrence): void {
    this.place(occurrence);
    // What is told in passing does not take the floor, and does not give it up for the thread that has it.
    if (occurrence.quiet && this.speaking?.thread !== occurrence.thread) return;
    if (occurrence.quiet && !occurrence.settles) return;
    this.speaking = { thread: occurrence.thread, owes: !occurrence.settles, since: occurrence.wireAt };
  }

  private drain(): void {
    for (;;) {
      const thread = this.speaking?.owes ? this.speaking.thread : null;
      const next = this.waiting.findIndex(each => thread === null || each.thread === thread);
      const [occurrence] = next < 0 ? [] : this.waiting.splice(next, 1);
      if (!occurrence) return;
      this.tell(occurrence);
    }
  }
}
