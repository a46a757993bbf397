/** World time: the clock that queues, caches, greylists and time-outs of a room go by. It runs as fast as any clock, and can be moved on at once. */

/** Milliseconds throughout. */
export interface WorldClock {
  now(): Date;
  /** Calls `strike` once so much world time has passed, by waiting or by a jump; returns how to cancel. `what` says what is waited for, in a few words. */
  after(milliseconds: number, what: string, strike: () => void): () => void;
  /** Moves on at once. What is due strikes in order, each at its own moment. */
  jump(milliseconds: number): void;
  /** What strikes next, or null where nobody waits. */
  next(): { readonly in: number; readonly what: string } | null;
  /** How far it has been moved on altogether. */
  jumped(): number;
  /** Stands still, and moves by jumps alone, until what this returns is called; then it is as late as if it had never stood. */
  hold(): () => void;
  /** Tells `listener` whenever what strikes next may be another, or the time itself; returns how to stop. */
  onChange(listener: () => void): () => void;
  /** Cancels everything that waits. */
  close(): void;
}

interface Appointment {
  readonly due: number;
  /** Of two that are due at once, who came first strikes first. */
  readonly nth: number;
  readonly what: string;
  readonly strike: () => void;
  /** In the heap; -1 once it is out. */
  place: number;
}

const before = (one: Appointment, other: Appointment): boolean =>
  one.due < other.due || (one.due === other.due && one.nth < other.nth);

/** Those who wait, as a binary heap: a queue of ten thousand letters keeps as many appointments, and any may be cancelled. */
class Agenda {
  private readonly heap: Appointment[] = [];

  first(): Appointment | null {
    return this.heap[0] ?? null;
  }

  add(appointment: Appointment): void {
    this.heap.push(appointment);
    this.rise(appointment, this.heap.length - 1);
  }

  /** False where it is out already. */
  remove(appointment: Appointment): boolean {
    const { place } = appointment;
    if (place === -1) return false;
    appointment.place = -1;
    const last = this.heap.pop();
    if (last === undefined || last === appointment) return true;
    this.rise(last, place);
    this.sink(last, last.place);
    return true;
  }

  clear(): void {
    for (const appointment of this.heap) appointment.place = -1;
    this.heap.length = 0;
  }

  private put(appointment: Appointment, place: number): void {
    this.heap[place] = appointment;
    appointment.place = place;
  }

  private rise(appointment: Appointment, from: number): void {
    let place = from;
    for (;;) {
      const above = (place - 1) >> 1;
      const parent = place === 0 ? undefined : this.heap[above];
      if (parent === undefined || !before(appointment, parent)) break;
      this.put(parent, place);
      place = above;
    }
    this.put(appointment, place);
  }

  private sink(appointment: Appointment, from: number): void {
    let place = from;
    for (;;) {
      const left = this.heap[2 * place + 1];
      const right = this.heap[2 * place + 2];
      const child = left && right && before(right, left) ? right : left;
      if (child === undefined || !before(child, appointment)) break;
      const below = child.place;
      this.put(child, place);
      place = below;
    }
    this.put(appointment, place);
  }
}

/** A timer cannot wait longer than 2^31 - 1 ms; one that strikes early only looks and waits on. */
const LONGEST = 2 ** 31 - 1;

export interface WorldClockOptions {
  /** The clock behind it; default the machine's. */
  readonly now?: () => Date;
  /** How far a continued room had moved on before. */
  readonly jumped?: number;
  /** Told of every jump before anything strikes. */
  readonly onJump?: (milliseconds: number) => void;
}

export function createWorldClock(options: WorldClockOptions = {}): WorldClock {
  const machine = options.now ?? (() => new Date());
  let offset = options.jumped ?? 0;
  let timer: NodeJS.Timeout | null = null;
  const agenda = new Agenda();
  let appointments = 0;
  /** The machine's time at which it stands, and how many hold it there. */
  let held = { at: 0, by: 0 };
  const now = (): number => (held.by > 0 ? held.at : machine().getTime()) + offset;

  const listeners = new Set<() => void>();
  const arm = (): void => {
    for (const listener of listeners) listener();
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const first = agenda.first();
    // While it stands, only what is due at once still comes.
    if (first === null || (held.by > 0 && first.due > now())) return;
    timer = setTimeout(strikeDue, Math.min(LONGEST, Math.max(0, first.due - now())));
  };
  function strikeDue(): void {
    // What is appointed meanwhile for no wait at all has its turn after everybody else's.
    const end = appointments;
    for (let first = agenda.first(); first && first.nth < end && first.due <= now(); first = agenda.first()) {
      agenda.remove(first);
      first.strike();
    }
    arm();
  }

  return {
    now: () => new Date(now()),
    after(milliseconds, what, strike) {
      const due = now() + Math.max(0, milliseconds);
      const appointment: Appointment = { due, nth: appointments++, what, strike, place: -1 };
      agenda.add(appointment);
      if (agenda.first() === appointment) arm();
      return () => {
        const wasFirst = agenda.first() === appointment;
        if (agenda.remove(appointment) && wasFirst) arm();
      };
    },
    jump(milliseconds) {
      if (milliseconds <= 0) return;
      offset += milliseconds;
      options.onJump?.(milliseconds);
      strikeDue();
    },
    next() {
      const first = agenda.first();
      return first === null ? null : { in: Math.max(0, first.due - now()), what: first.what };
    },
    jumped: () => offset,
    hold() {
      held = held.by > 0 ? { ...held, by: held.by + 1 } : { at: machine().getTime(), by: 1 };
      arm();
      let holding = true;
      return () => {
        if (!holding) return;
        holding = false;
        held = { ...held, by: held.by - 1 };
        arm();
      };
    },
    onChange(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    close() {
      agenda.clear();
      if (timer !== null) clearTimeout(timer);
      timer = null;
    },
  };
}
