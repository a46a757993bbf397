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
import { createPace, type Pace, type Timing } from './pace.ts';
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

class RelayedShow implements Show {
  readonly id: string;
  readonly secret: string;
  readonly recordings = createRecordings();
  private readonly options: ShowOptions;
  private readonly guests = new Set<Guest>();
  private readonly present = { follower: 0, speaker: 0 };
  private readonly cues: Pace;
  private readonly counts: Pace;
  private newest: Shown | null = null;
  private version = 1;
  private bytes = encode({ type: 'cue', cue: null });
  /** Whose cue it is. */
  private stage: Guest | null = null;
  private cancelAway: (() => void) | null = null;

  constructor(options: ShowOptions) {
    this.id = options.id;
    this.secret = options.secret;
    this.options = options;
    this.cues = createPace(() => this.deliverCue(), FRAME, options.timing);
    this.counts = createPace(() => this.deliverCount(), BETWEEN_COUNTS, options.timing);
  }

  shown(): Shown | null {
    return this.newest;
  }

  take(line: Line, doorkeeper: Doorkeeper = LET_ALL): Seat {
    const guest: Guest = { line, doorkeeper, role: 'new', has: 0, busy: false, told: -1 };
    this.guests.add(guest);
    return {
      hear: text => this.hear(guest, text),
      leave: () => this.left(guest),
      isSpeaker: () => guest.role === 'speaker',
    };
  }

  close(code: number, reason: string): void {
    this.cues.stop();
    this.counts.stop();
    this.cancelAway?.();
    for (const { line } of this.guests) line.close(code, reason);
    this.guests.clear();
  }

  private deliver(guest: Guest): void {
    if (guest.role === 'new' || guest.busy || guest.has === this.version) return;
    guest.busy = true;
    guest.has = this.version;
    guest.line.send(this.bytes, () => {
      guest.busy = false;
      this.deliver(guest);
    });
  }

  private deliverCue(): void {
    for (const guest of this.guests) this.deliver(guest);
  }

  private deliverCount(): void {
    const count = this.present.follower;
    const message = encode({ type: 'followers', count });
    for (const guest of this.guests) {
      if (guest.role !== 'speaker' || guest.told === count) continue;
      guest.told = count;
      guest.line.send(message, nothing);
    }
  }

  private show(cue: Cue | null, by: Guest | null): void {
    this.cancelAway?.();
    this.cancelAway = null;
    this.stage = by;
    this.version += 1;
    this.bytes = encode({ type: 'cue', cue });
    if (by !== null) by.has = this.version;
    if (cue !== null && !sameShown(cue.shown, this.newest)) {
      this.newest = cue.shown;
      this.options.onShown();
    }
    this.cues.soon();
  }

  private relay(steer: Steer, by: Guest): void {
    const message = encode({ type: 'steer', steer });
    for (const guest of this.guests) if (guest.role === 'speaker' && guest !== by) guest.line.send(message, nothing);
  }

  private sign(): void {
    this.options.onSign(this.present.follower + this.present.speaker);
  }

  private left(guest: Guest): void {
    if (!this.guests.delete(guest) || guest.role === 'new') return;
    this.present[guest.role] -= 1;
    if (guest === this.stage) this.cancelAway = this.options.timing.after(RETURN, () => this.show(null, null));
    this.counts.soon();
    this.sign();
  }

  private expel(guest: Guest, code: number, reason: string): void {
    this.left(guest);
    guest.line.close(code, reason);
  }

  private join(guest: Guest, given: string | null): void {
    if (guest.role !== 'new') this.expel(guest, POLICY_VIOLATION, 'joined already');
    else if (given !== null && !sameSecret(given, this.secret)) this.expel(guest, NOT_THE_SPEAKER, 'not the speaker');
    else if (given === null && !guest.doorkeeper.admitFollower())
      this.expel(guest, TRY_AGAIN_LATER, 'too many followers');
    else {
      guest.role = given === null ? 'follower' : 'speaker';
      this.present[guest.role] += 1;
      this.deliver(guest);
      this.counts.soon();
      this.sign();
    }
  }

  private hear(guest: Guest, text: string): void {
    if (!this.guests.has(guest)) return;
    const message = parseToShow(text);
    if (message === null) this.expel(guest, POLICY_VIOLATION, 'not understood');
    else if (!guest.doorkeeper.mayCome(message.type)) this.expel(guest, POLICY_VIOLATION, 'too much at once');
    else this.understand(guest, message);
  }

  private understand(guest: Guest, message: ToShow): void {
    if (message.type === 'join') {
      this.join(guest, message.secret);
      return;
    }
    if (guest.role !== 'speaker') {
      this.expel(guest, NOT_THE_SPEAKER, 'not the speaker');
      return;
    }
    this.sign();
    switch (message.type) {
      case 'cue':
        this.show(message.cue, guest);
        return;
      case 'steer':
        this.relay(message.steer, guest);
        return;
      default:
        assertNever(message);
    }
  }
}

export const createShow = (options: ShowOptions): Show => new RelayedShow(options);
