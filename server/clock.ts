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
  /** Cancels everything that waits. */
  close(): void;
}

interface Appointment {
  readonly due: number;
  readonly what: string;
  readonly strike: () => void;
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
  const waiting = new Set<Appointment>();
  const now = (): number => machine().getTime() + offset;

  const earliest = (): Appointment | null => {
    let first: Appointment | null = null;
    for (const each of waiting) if (first === null || each.due < first.due) first = each;
    return first;
  };
  const arm = (): void => {
    if (timer !== null) clearTimeout(timer);
    const first = earliest();
    timer = first === null ? null : setTimeout(strikeDue, Math.min(LONGEST, Math.max(0, first.due - now())));
  };
  function strikeDue(): void {
    for (let first = earliest(); first !== null && first.due <= now(); first = earliest()) {
      waiting.delete(first);
      first.strike();
    }
    arm();
  }

  return {
    now: () => new Date(now()),
    after(milliseconds, what, strike) {
      const appointment: Appointment = { due: now() + Math.max(0, milliseconds), what, strike };
      waiting.add(appointment);
      arm();
      return () => {
        if (waiting.delete(appointment)) arm();
      };
    },
    jump(milliseconds) {
      if (milliseconds <= 0) return;
      offset += milliseconds;
      options.onJump?.(milliseconds);
      strikeDue();
    },
    next() {
      const first = earliest();
      return first === null ? null : { in: Math.max(0, first.due - now()), what: first.what };
    },
    jumped: () => offset,
    close() {
      waiting.clear();
      if (timer !== null) clearTimeout(timer);
      timer = null;
    },
  };
}
