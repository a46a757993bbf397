/** One show: what the speaker shows now, and everybody who is told. It knows lines, not sockets. */
import {
  type Cue,
  type FromShow,
  NOT_THE_SPEAKER,
  parseToShow,
  type Shown,
  type Steer,
  type ToShow,
} from '../../shared/api/show.ts';
import { assertNever } from '../../shared/world/world.ts';
import { createPace, type Timing } from './pace.ts';
import { createRecordings, type Recordings } from './recordings.ts';
import { sameSecret } from './secret.ts';

/** Milliseconds between two cues to one follower. */
const FRAME = 16;
/** Milliseconds between two counts of the followers. */
const BETWEEN_COUNTS = 500;
/** Milliseconds that a stage may be gone before it is said to be away: a page that is reloaded is back by then. */
const RETURN = 10_000;
const POLICY_VIOLATION = 1008;
const TRY_AGAIN_LATER = 1013;

/** The way to somebody. */
interface Line {
  /** `sent` is called once it has left this process; never where the line is lost. */
  send(message: Uint8Array, sent: () => void): void;
  close(code: number, reason: string): void;
}

/** Who keeps the way to somebody, and knows how many and how much it can bear. */
interface Doorkeeper {
  /** Whether a message of this type may come now. */
  mayCome(type: ToShow['type']): boolean;
  /** Whether there is a place for one more follower. Speakers always have one. */
  admitFollower(): boolean;
}

const LET_ALL: Doorkeeper = { mayCome: () => true, admitFollower: () => true };

/** Somebody who is there, as the line's owner speaks for them. */
interface Seat {
  /** A message as it came. */
  hear(text: string): void;
  leave(): void;
  isSpeaker(): boolean;
}

export interface Show {
  readonly id: string;
  readonly secret: string;
  readonly recordings: Recordings;
  /** What the newest cue shows; null before the first. */
  shown(): Shown | null;
  take(line: Line, doorkeeper?: Doorkeeper): Seat;
  /** Everybody is shown out. */
  close(code: number, reason: string): void;
}

export interface ShowOptions {
  readonly id: string;
  readonly secret: string;
  readonly timing: Timing;
  /** `shown` is another. */
  readonly onShown: () => void;
  /** A sign of life: so many are there, who have joined. */
  readonly onSign: (present: number) => void;
}

interface Guest {
  readonly line: Line;
  readonly doorkeeper: Doorkeeper;
  role: 'new' | 'follower' | 'speaker';
  /** The version of the cue that they have been sent. */
  has: number;
  /** A cue is on its way to them; the next one waits, and is then the newest. */
  busy: boolean;
  /** The followers that they were told of. */
  told: number;
}

const encode = (message: FromShow): Uint8Array => Buffer.from(JSON.stringify(message));
const nothing = (): void => undefined;

const sameShown = (one: Shown | null, other: Shown | null): boolean => JSON.stringify(one) === JSON.stringify(other);

export function createShow({ id, secret, timing, onShown, onSign }: ShowOptions): Show {
  const guests = new Set<Guest>();
  const present = { follower: 0, speaker: 0 };
  let cue: Cue | null = null;
  let shown: Shown | null = null;
  let version = 1;
  let bytes = encode({ type: 'cue', cue });
  /** Whose cue it is. */
  let stage: Guest | null = null;
  let staysAway: (() => void) | null = null;

  function deliver(guest: Guest): void {
    if (guest.role === 'new' || guest.busy || guest.has === version) return;
    guest.busy = true;
    guest.has = version;
    guest.line.send(bytes, () => {
      guest.busy = false;
      deliver(guest);
    });
  }

  const cues = createPace(() => guests.forEach(deliver), FRAME, timing);

  const counts = createPace(
    () => {
      const count = present.follower;
      const message = encode({ type: 'followers', count });
      for (const guest of guests) {
        if (guest.role !== 'speaker' || guest.told === count) continue;
        guest.told = count;
        guest.line.send(message, nothing);
      }
    },
    BETWEEN_COUNTS,
    timing,
  );

  function show(next: Cue | null, by: Guest | null): void {
    staysAway?.();
    staysAway = null;
    cue = next;
    stage = by;
    version += 1;
    bytes = encode({ type: 'cue', cue });
    if (by !== null) by.has = version;
    if (next !== null && !sameShown(next.shown, shown)) {
      shown = next.shown;
      onShown();
    }
    cues.soon();
  }

  function relay(steer: Steer, by: Guest): void {
    const message = encode({ type: 'steer', steer });
    for (const guest of guests) if (guest.role === 'speaker' && guest !== by) guest.line.send(message, nothing);
  }

  const sign = (): void => onSign(present.follower + present.speaker);

  function left(guest: Guest): void {
    if (!guests.delete(guest) || guest.role === 'new') return;
    present[guest.role] -= 1;
    if (guest === stage) staysAway = timing.after(RETURN, () => show(null, null));
    counts.soon();
    sign();
  }

  function expel(guest: Guest, code: number, reason: string): void {
    left(guest);
    guest.line.close(code, reason);
  }

  function join(guest: Guest, given: string | null): void {
    if (guest.role !== 'new') expel(guest, POLICY_VIOLATION, 'joined already');
    else if (given !== null && !sameSecret(given, secret)) expel(guest, NOT_THE_SPEAKER, 'not the speaker');
    else if (given === null && !guest.doorkeeper.admitFollower()) expel(guest, TRY_AGAIN_LATER, 'too many followers');
    else {
      guest.role = given === null ? 'follower' : 'speaker';
      present[guest.role] += 1;
      deliver(guest);
      counts.soon();
      sign();
    }
  }

  function understand(guest: Guest, message: ToShow): void {
    if (message.type === 'join') {
      join(guest, message.secret);
      return;
    }
    if (guest.role !== 'speaker') {
      expel(guest, NOT_THE_SPEAKER, 'not the speaker');
      return;
    }
    sign();
    switch (message.type) {
      case 'cue':
        show(message.cue, guest);
        return;
      case 'steer':
        relay(message.steer, guest);
        return;
      default:
        assertNever(message);
    }
  }

  return {
    id,
    secret,
    recordings: createRecordings(),
    shown: () => shown,
    take(line, doorkeeper = LET_ALL) {
      const guest: Guest = { line, doorkeeper, role: 'new', has: 0, busy: false, told: -1 };
      guests.add(guest);
      return {
        hear(text) {
          if (!guests.has(guest)) return;
          const message = parseToShow(text);
          if (message === null) expel(guest, POLICY_VIOLATION, 'not understood');
          else if (!doorkeeper.mayCome(message.type)) expel(guest, POLICY_VIOLATION, 'too much at once');
          else understand(guest, message);
        },
        leave: () => left(guest),
        isSpeaker: () => guest.role === 'speaker',
      };
    },
    close(code, reason) {
      cues.stop();
      counts.stop();
      staysAway?.();
      for (const { line } of guests) line.close(code, reason);
      guests.clear();
    },
  };
}
