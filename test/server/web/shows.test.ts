/** A show tells everybody where the speaker is now: the newest, at once, to each as fast as they can take it; and it ends when nobody needs it. */
import { gunzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Timing } from '../../../server/shows/pace.ts';
import { createRecordings } from '../../../server/shows/recordings.ts';
import type { Show } from '../../../server/shows/show.ts';
import { createShows, type Shows, ShowsFullError } from '../../../server/shows/shows.ts';
import { type Cue, type FromShow, NOT_THE_SPEAKER, parseFromShow, SHOW_ENDED } from '../../../shared/api/show.ts';

/** Time that only passes when it is told to. */
class Watch implements Timing {
  private at = 0;
  private readonly due = new Set<{ readonly at: number; readonly then: () => void }>();
  readonly now = (): number => this.at;
  readonly after = (milliseconds: number, then: () => void): (() => void) => {
    const entry = { at: this.at + milliseconds, then };
    this.due.add(entry);
    return () => this.due.delete(entry);
  };
  /** Everything that comes due meanwhile happens at its own moment. */
  pass(milliseconds: number): void {
    const until = this.at + milliseconds;
    for (;;) {
      const [next] = [...this.due].filter(({ at }) => at <= until).toSorted((one, other) => one.at - other.at);
      if (next === undefined) break;
      this.due.delete(next);
      this.at = next.at;
      next.then();
    }
    this.at = until;
  }
  spend(milliseconds: number): void {
    this.at += milliseconds;
  }
}
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const cueAt = (beat: number, more: Partial<Cue> = {}): Cue => ({
  shown: { kind: 'room', room: null },
  beat,
  at: beat * 1000,
  playing: false,
  speed: 1,
  blank: false,
  pointer: null,
  ...more,
});

interface Somebody {
  readonly heard: FromShow[];
  /** The beats of the cues that they got; null where the speaker is away. */
  beats(): (number | null)[];
  closed: number | null;
  say(message: unknown): void;
  leave(): void;
  /** A slow one takes the next message only when told to. */
  take(): void;
}

let watch: Watch;
let shows: Shows;
let show: Show;
beforeEach(() => {
  watch = new Watch();
  shows = createShows(watch);
  show = shows.begin();
});

function arrive(at: Show, slow = false): Somebody {
  const sent: (() => void)[] = [];
  const seat = at.take({
    send(message, done) {
      const read = parseFromShow(Buffer.from(message).toString());
      if (read === null) throw new Error('the server sends what a browser can read');
      somebody.heard.push(read);
      if (slow) sent.push(done);
      else done();
    },
    close(code) {
      somebody.closed = code;
    },
  });
  const somebody: Somebody = {
    heard: [],
    beats: () => somebody.heard.flatMap(each => (each.type === 'cue' ? [each.cue?.beat ?? null] : [])),
    closed: null,
    say: message => seat.hear(JSON.stringify(message)),
    leave: () => seat.leave(),
    take: () => sent.shift()?.(),
  };
  return somebody;
}
function follower(slow = false): Somebody {
  const one = arrive(show, slow);
  one.say({ type: 'join', secret: null });
  return one;
}
function speaker(): Somebody {
  const one = arrive(show);
  one.say({ type: 'join', secret: show.secret });
  return one;
}
const counts = ({ heard }: Somebody) => heard.flatMap(each => (each.type === 'followers' ? [each.count] : []));

describe('a cue', () => {
  test('goes to everybody but its sender, and to whoever comes later at once', () => {
    const [stage, window, one, other] = [speaker(), speaker(), follower(), follower()];
    stage.say({ type: 'cue', cue: cueAt(3) });
    for (const each of [window, one, other]) expect(each.beats()).toEqual([null, 3]);
    expect(stage.beats()).toEqual([null]);
    expect(follower().beats()).toEqual([3]);
    expect(speaker().beats()).toEqual([3]);
  });

  test('comes at most once a frame, the newest wins, and the last is not lost', () => {
    const [stage, one] = [speaker(), follower()];
    for (let beat = 0; beat < 10; beat += 1) stage.say({ type: 'cue', cue: cueAt(beat) });
    expect(one.beats()).toEqual([null, 0]);
    watch.pass(15);
    expect(one.beats()).toEqual([null, 0]);
    watch.pass(1);
    expect(one.beats()).toEqual([null, 0, 9]);
    watch.pass(HOUR);
    expect(one.beats()).toEqual([null, 0, 9]);
  });

  test('that takes long to tell to so many leaves the machine time for other things', () => {
    const [stage, one] = [speaker(), follower()];
    show
      .take({ send: (_message, done) => [watch.spend(100), done()], close: () => undefined })
      .hear('{"type":"join","secret":null}');
    stage.say({ type: 'cue', cue: cueAt(1) });
    stage.say({ type: 'cue', cue: cueAt(2) });
    watch.pass(199);
    expect(one.beats()).toEqual([null, 1]);
    watch.pass(1);
    expect(one.beats()).toEqual([null, 1, 2]);
  });

  test('never waits for one who is slow; they get the newest when they can take it', () => {
    const [stage, slow, quick] = [speaker(), follower(true), follower()];
    for (let beat = 0; beat < 5; beat += 1) {
      stage.say({ type: 'cue', cue: cueAt(beat) });
      watch.pass(16);
    }
    expect(quick.beats()).toEqual([null, 0, 1, 2, 3, 4]);
    expect(slow.beats()).toEqual([null]);
    slow.take();
    expect(slow.beats()).toEqual([null, 4]);
    slow.take();
    stage.say({ type: 'cue', cue: cueAt(5) });
    expect(slow.beats()).toEqual([null, 4, 5]);
  });

  test('is taken back when the stage stays away, but not for a page that is reloaded', () => {
    const [stage, one] = [speaker(), follower()];
    stage.say({ type: 'cue', cue: cueAt(1) });
    stage.leave();
    watch.pass(5_000);
    expect(follower().beats()).toEqual([1]);
    const again = speaker();
    again.say({ type: 'cue', cue: cueAt(1, { playing: true }) });
    watch.pass(MINUTE);
    expect(one.beats()).toEqual([null, 1, 1]);
    again.leave();
    watch.pass(MINUTE);
    expect(one.beats()).toEqual([null, 1, 1, null]);
  });
});

describe('who has the secret', () => {
  test('steers the stage from another window, and only that hears of it', () => {
    const [stage, window, one] = [speaker(), speaker(), follower()];
    window.say({ type: 'steer', steer: { do: 'next' } });
    expect(stage.heard.at(-1)).toEqual({ type: 'steer', steer: { do: 'next' } });
    for (const each of [window, one]) expect(each.heard.map(({ type }) => type)).not.toContain('steer');
  });

  test('is told how many follow, twice a second at most', () => {
    const stage = speaker();
    expect(counts(stage)).toEqual([0]);
    const all = Array.from({ length: 100 }, () => follower());
    expect(counts(stage)).toEqual([0]);
    watch.pass(500);
    expect(counts(stage)).toEqual([0, 100]);
    for (const each of all.slice(0, 30)) each.leave();
    watch.pass(500);
    expect(counts(stage)).toEqual([0, 100, 70]);
    expect(counts(all[40] ?? stage)).toEqual([]);
  });
});

describe('who has it not', () => {
  test.each([
    ['a cue', { type: 'cue', cue: cueAt(9) }],
    ['a steer', { type: 'steer', steer: { do: 'next' } }],
  ])('is shown out for %s, and nobody sees it', (_what, message) => {
    const [stage, other, one] = [speaker(), follower(), follower()];
    one.say(message);
    expect(one.closed).toBe(NOT_THE_SPEAKER);
    watch.pass(MINUTE);
    expect(other.beats()).toEqual([null]);
    expect(stage.beats()).toEqual([null]);
    expect(counts(stage).at(-1)).toBe(1);
    one.say({ type: 'join', secret: show.secret });
    expect(one.heard, 'and has no second try').toHaveLength(1);
  });

  test.each([
    ['before joining', { type: 'cue', cue: cueAt(1) }, NOT_THE_SPEAKER],
    ['with a wrong secret', { type: 'join', secret: 'x'.repeat(43) }, NOT_THE_SPEAKER],
    ['with another show’s secret', 'other', NOT_THE_SPEAKER],
    ['with nonsense', { type: 'dance' }, 1008],
    ['with a cue that cannot be', { type: 'cue', cue: { ...cueAt(1), at: -1 } }, 1008],
  ])('is shown out who comes %s', (_how, message, code) => {
    const one = arrive(show);
    one.say(message === 'other' ? { type: 'join', secret: shows.begin().secret } : message);
    expect(one.closed).toBe(code);
    expect(one.heard).toEqual([]);
  });

  test('nor may anybody join twice', () => {
    const one = follower();
    one.say({ type: 'join', secret: show.secret });
    expect(one.closed).toBe(1008);
  });
});

describe('a show', () => {
  test('has an id and a secret that nobody guesses', () => {
    expect(show.id).toMatch(/^[\w-]{16}$/);
    expect(show.secret).toMatch(/^[\w-]{43}$/);
    expect(shows.find(show.id)).toBe(show);
    expect(shows.find(show.secret)).toBeNull();
  });

  test('ends ten minutes after the last has gone', () => {
    const one = follower();
    watch.pass(20 * MINUTE);
    one.leave();
    watch.pass(9 * MINUTE);
    expect(shows.find(show.id)).toBe(show);
    follower().leave();
    watch.pass(10 * MINUTE);
    expect(shows.find(show.id)).toBeNull();
  });

  test('ends when nobody has said a word for four hours', () => {
    const [stage, one] = [speaker(), follower()];
    watch.pass(3 * HOUR);
    stage.say({ type: 'cue', cue: cueAt(1) });
    watch.pass(3 * HOUR);
    expect(one.closed).toBeNull();
    watch.pass(HOUR);
    expect([stage.closed, one.closed]).toEqual([SHOW_ENDED, SHOW_ENDED]);
    expect(shows.find(show.id)).toBeNull();
  });

  test('makes place for a ninth where it is deserted, the longest deserted first; where nobody is to be disturbed there is none', () => {
    follower();
    const others = Array.from({ length: 7 }, () => {
      watch.pass(1000);
      return shows.begin();
    });
    watch.pass(1000);
    shows.begin();
    expect(shows.find(others[0]?.id ?? '')).toBeNull();
    expect(shows.find(show.id)).toBe(show);
    const fresh = createShows(watch);
    for (let nth = 0; nth < 8; nth += 1) arrive(fresh.begin()).say({ type: 'join', secret: null });
    expect(() => fresh.begin()).toThrow(ShowsFullError);
  });

  test('says which room it shows, until it shows another or ends', () => {
    const told: boolean[] = [];
    shows.onShown(() => told.push(shows.showsRoom('a')));
    const stage = speaker();
    expect(shows.showsRoom(null)).toBe(false);
    stage.say({ type: 'cue', cue: cueAt(1, { shown: { kind: 'room', room: 'a' } }) });
    stage.say({ type: 'cue', cue: cueAt(2, { shown: { kind: 'room', room: 'a' } }) });
    expect(told).toEqual([true]);
    expect(shows.showsRoom(null)).toBe(false);
    stage.say({ type: 'cue', cue: cueAt(1, { shown: { kind: 'story', name: 'a' } }) });
    expect(told).toEqual([true, false]);
    stage.say({ type: 'cue', cue: cueAt(1) });
    expect(shows.showsRoom(null)).toBe(true);
    shows.end(show.id);
    expect(shows.showsRoom(null)).toBe(false);
  });

  test('keeps three recordings, and of those the one that is shown', async () => {
    const recordings = createRecordings();
    const first = await recordings.put(Buffer.from('one'), null);
    expect(await recordings.put(Buffer.from('one'), first)).toBe(first);
    const second = await recordings.put(Buffer.from('two'), first);
    await recordings.put(Buffer.from('three'), first);
    await recordings.put(Buffer.from('four'), first);
    expect(recordings.get(second)).toBeNull();
    expect(gunzipSync(recordings.get(first) ?? '').toString()).toBe('one');
  });
});
