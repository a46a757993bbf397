/** What a transport promises to whoever plays a story with it: it goes no further than it may, and nothing it has handed out changes. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { trail } from '../../client/player/trail.ts';
import { AT_REST, createTransport, nextSpeed, type Playback, SPEEDS } from '../../client/player/transport.ts';
import { grow, open } from '../../client/session/opening.ts';
import { initial, player } from '../../client/session/store.ts';
import { goTo, pause, play, setSpeed, show } from '../../client/session/travel.ts';
import { createStoryteller } from '../../shared/reading/storyteller.ts';
import { type StoryTime, storyTime } from '../../shared/story/story.ts';
import { header, journey, Script } from '../fixtures/script.ts';

const FIRST = storyTime(1_000);
const LAST = storyTime(9_000);

/** A transport over a story of eight seconds, whose frames come when the test says so. */
function playing() {
  let playback: Playback = AT_REST;
  let gate: StoryTime | null = null;
  let asked: (() => void) | null = null;
  let requests = 0;
  const seen: number[] = [];
  const arrived: number[] = [];
  const transport = createTransport<never>({
    playback: () => playback,
    keep(change) {
      playback = { ...playback, ...change };
    },
    land(change, t) {
      playback = { ...playback, ...change };
      seen.push(t);
    },
    first: () => FIRST,
    last: () => LAST,
    gate: () => gate,
    frame: t => void seen.push(t),
    arrived(t) {
      arrived.push(t);
      transport.land(t, { playing: false });
    },
    nextFrame(tick) {
      asked = tick;
      requests += 1;
      return requests;
    },
  });
  return {
    transport,
    seen,
    arrived,
    playback: () => playback,
    isAsking: () => asked !== null,
    gateAt: (t: number) => {
      gate = storyTime(t);
    },
    /** So many milliseconds pass, and then a frame is drawn, if one was asked for. */
    frameAfter(milliseconds: number) {
      vi.advanceTimersByTime(milliseconds);
      const tick = asked;
      asked = null;
      tick?.();
    },
  };
}

describe('a transport', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
  afterEach(() => void vi.useRealTimers());

  test('asks for one frame at a time while it plays, and for none while it stands', () => {
    const { transport, isAsking, frameAfter, seen } = playing();
    transport.land(FIRST, { playing: false });
    expect(isAsking()).toBe(false);
    transport.land(FIRST, { playing: true });
    expect(isAsking()).toBe(true);
    frameAfter(500);
    expect(isAsking()).toBe(true);
    expect(seen.at(-1)).toBe(1_500);
    transport.pause();
    frameAfter(500);
    expect(isAsking()).toBe(false);
    expect(transport.moment()).toBe(1_500);
  });

  test('stands at its halt, however late the frame comes that finds it there', () => {
    const { transport, frameAfter, arrived, playback } = playing();
    transport.land(FIRST, { playing: true, halt: storyTime(4_000) });
    frameAfter(60_000);
    expect(arrived).toEqual([4_000]);
    expect(playback().playing).toBe(false);
    expect(transport.moment()).toBe(4_000);
  });

  test('goes no further than a gate, though its halt is behind it', () => {
    const { transport, frameAfter, arrived, gateAt } = playing();
    gateAt(3_000);
    transport.land(FIRST, { playing: true, halt: storyTime(4_000) });
    expect(transport.furthest()).toBe(3_000);
    frameAfter(60_000);
    expect(arrived).toEqual([3_000]);
  });

  test('that loops is where it began again, and goes on', () => {
    const { transport, frameAfter, arrived, isAsking } = playing();
    transport.land(2_000, { playing: true, halt: storyTime(4_000), loop: storyTime(2_000) });
    for (let round = 0; round < 3; round += 1) {
      frameAfter(1_500);
      expect(transport.moment()).toBe(3_500);
      frameAfter(1_500);
      expect(transport.moment()).toBe(2_000);
    }
    expect(arrived).toEqual([]);
    expect(isAsking()).toBe(true);
  });

  test('that is asleep lets no time pass, and asks for no frame', () => {
    const { transport, frameAfter, isAsking } = playing();
    transport.land(FIRST, { playing: true });
    transport.setAwake(false);
    frameAfter(5_000);
    expect(transport.moment()).toBe(FIRST);
    expect(isAsking()).toBe(false);
    transport.setAwake(true);
    frameAfter(1_000);
    expect(transport.moment()).toBe(2_000);
  });

  test('whatever is done with it, stays within its bounds, and what it has handed out never changes', () => {
    const act = fc.oneof(
      fc.record({ do: fc.constant('land' as const), to: fc.integer({ min: -1e4, max: 2e4 }), playing: fc.boolean() }),
      fc.record({ do: fc.constant('speed' as const), to: fc.constantFrom(...SPEEDS) }),
      fc.record({ do: fc.constantFrom('pause' as const, 'sleep' as const, 'wake' as const) }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(act, fc.nat(3000)), { maxLength: 30 }), acts => {
        const { transport, frameAfter, playback } = playing();
        const handedOut: { readonly value: Playback; readonly copy: Playback }[] = [];
        transport.land(FIRST, { playing: false });
        for (const [what, passed] of acts) {
          handedOut.push({ value: playback(), copy: structuredClone(playback()) });
          if (what.do === 'land') transport.land(what.to, { playing: what.playing });
          else if (what.do === 'speed') transport.setSpeed(what.to);
          else if (what.do === 'pause') transport.pause();
          else transport.setAwake(what.do === 'wake');
          const before = transport.moment();
          frameAfter(passed);
          expect(transport.moment()).toBeGreaterThanOrEqual(before);
          expect(transport.moment()).toBeLessThanOrEqual(LAST);
          expect(before).toBeGreaterThanOrEqual(FIRST);
        }
        for (const { value, copy } of handedOut) expect(value).toEqual(copy);
      }),
    );
  });
});

test('faster and slower go through the speeds that are offered one by one, and stop at the ends', () => {
  expect(SPEEDS.map(speed => nextSpeed(speed, 1))).toEqual([0.5, 1, 1.5, 2, 4, 4]);
  expect(SPEEDS.map(speed => nextSpeed(speed, -1))).toEqual([0.25, 0.25, 0.5, 1, 1.5, 2]);
  expect([nextSpeed(1.25, 1), nextSpeed(1.25, -1)]).toEqual([1.5, 1]);
});

describe('what the page hands out', () => {
  const one = journey(new Script(), 'a').events;
  const all = [...one, ...journey(new Script(), 'b').events.map(event => ({ ...event, seq: event.seq + one.length }))];

  test('is a value: whoever keeps it keeps what was so then, whatever is told and done afterwards', () => {
    const act = fc.constantFrom(
      () => play(),
      () => pause(),
      () => setSpeed(2),
      () => goTo(5_000),
      () => show(storyTime(7_000)),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 30 }), act), { minLength: 3, maxLength: 6 }), turns => {
        player.setState(initial);
        const teller = createStoryteller(header);
        open(teller.append(all.slice(0, 20)), 'a trace', 0, false);
        let at = 20;
        const handedOut = turns.map(([events, does]) => {
          const value = { page: player.getState(), trail: trail.getState() };
          const copy = structuredClone(value);
          at += events;
          grow(teller.append(all.slice(0, at)));
          does();
          return { value, copy };
        });
        grow(teller.append(all));
        for (const { value, copy } of handedOut) expect(value).toEqual(copy);
      }),
      { numRuns: 6 },
    );
  });

  test('for the words and the panels is what the stage shows, as soon as somebody goes elsewhere; while it plays, a frame and two later', () => {
    player.setState(initial);
    const story = createStoryteller(header).append(one);
    open(story, 'a trace', 0, false);
    const [, second, third, fourth] = story.beats;
    if (second === undefined || third === undefined || fourth === undefined) throw new Error('the journey has beats');
    goTo(second.start, true);
    const pictures = () => [player.getState().scene, trail.getState().under, trail.getState().beside];
    const names = () => pictures().map(scene => scene?.beat?.index);
    expect(names()).toEqual([1, 1, 1]);
    show(third.start);
    expect(names()).toEqual([2, 1, 1]);
    show(third.start);
    expect(names()).toEqual([2, 2, 1]);
    show(third.start);
    expect(names()).toEqual([2, 2, 2]);
    goTo(fourth.start);
    expect(names()).toEqual([3, 3, 3]);
  });
});
