/** What the player promises, without a browser: time that does not leak, steps that lead back, keys that are what the help says. */
import * as fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Clock, pin, read, seek, setRate, stopped } from '../../client/player/clock.ts';
import { type KeyRow, keysOn, rowFor, type Surface } from '../../client/player/keys.ts';
import { nextBeat, nextLine, previousBeat, previousLine, settled } from '../../client/player/navigate.ts';
import { step } from '../../client/session/moves.ts';
import { grow, open } from '../../client/session/opening.ts';
import { initial, player } from '../../client/session/store.ts';
import { atEnd, awaitRun, goTo, moment, pause, play } from '../../client/session/travel.ts';
import { setReducedMotion } from '../../client/session/view.ts';
import { waitBefore } from '../../client/source/live.ts';
import { clockText, placeLabels } from '../../client/timeline/segments.ts';
import { createStoryteller, type Storyteller } from '../../shared/reading/storyteller.ts';
import { type Chapter, type Run, type Story, storyTime } from '../../shared/story/story.ts';
import type { TraceEvent } from '../../shared/trace/event.ts';
import { header, journey, Script } from '../fixtures/script.ts';

const END = storyTime(10_000);

describe('a clock', () => {
  test('reads on at its rate and stops at the end', () => {
    const clock: Clock = { at: storyTime(1000), since: 50, rate: 2 };
    expect(read(clock, 50, END)).toBe(1000);
    expect(read(clock, 550, END)).toBe(2000);
    expect(read(clock, 60_000, END)).toBe(END);
  });

  test('that waited at the live end and was pinned does not jump when the story grows', () => {
    const playing = seek({ ...stopped, rate: 1 }, 9_000, 0, END);
    const anHour = 3_600_000;
    expect(read(playing, anHour, storyTime(60_000)), 'without pinning, the next letter teleports').toBe(60_000);
    const pinned = pin(playing, anHour, END);
    expect(read(pinned, anHour, storyTime(60_000))).toBe(10_000);
    expect(read(pinned, anHour + 500, storyTime(60_000))).toBe(10_500);
  });

  test('never runs backwards nor past its ends, whatever is done to it', () => {
    const act = fc.oneof(
      fc.record({ do: fc.constant('seek' as const), to: fc.double({ min: -1e5, max: 1e6, noNaN: true }) }),
      fc.record({ do: fc.constant('rate' as const), to: fc.constantFrom(0, 0.25, 1, 4) }),
      fc.record({ do: fc.constant('pin' as const), to: fc.constant(0) }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(act, fc.nat(5000))), acts => {
        let clock = stopped;
        let now = 0;
        for (const [what, passed] of acts) {
          const before = read(clock, now, END);
          now += passed;
          const after = read(clock, now, END);
          expect(after).toBeGreaterThanOrEqual(before);
          expect(after).toBeLessThanOrEqual(END);
          clock =
            what.do === 'seek'
              ? seek(clock, what.to, now, END)
              : what.do === 'rate'
                ? setRate(clock, what.to, now, END)
                : pin(clock, now, END);
          if (what.do !== 'seek') expect(read(clock, now, END)).toBeCloseTo(after, 6);
        }
      }),
    );
  });
});

const one = journey(new Script(), 'a').events;
const two: readonly TraceEvent[] = journey(new Script(), 'b').events.map(event => ({
  ...event,
  seq: event.seq + one.length,
  at: (event.at + 60_000_000) as TraceEvent['at'],
}));

describe('steps', () => {
  const story = createStoryteller(header).append(one);

  test('forward from the start meet every beat once, and back the same beats', () => {
    const forward: number[] = [];
    for (let t = storyTime(0); t < story.end; t = nextBeat(story, t, false)) forward.push(t);
    expect(forward).toEqual(story.beats.map(beat => beat.start as number));
    const back: number[] = [];
    for (let t = previousBeat(story, story.end, false); ; t = previousBeat(story, t, false)) {
      back.push(t);
      if (t <= (story.beats[0]?.start ?? 0)) break;
    }
    expect(back.reverse()).toEqual(forward);
  });

  test('as still cards show each beat when all of it has happened', () => {
    const [first, second] = story.beats;
    if (!first || !second) throw new Error('the journey has beats');
    expect(nextBeat(story, storyTime(0), true)).toBe(settled(first));
    expect(nextBeat(story, settled(first), true)).toBe(settled(second));
    expect(previousBeat(story, settled(second), true)).toBe(settled(first));
  });

  test('line by line come back to where they started', () => {
    const there = nextLine(story, storyTime(0));
    expect(previousLine(story, nextLine(story, there))).toBe(there);
  });
});

describe('a viewer', () => {
  let teller: Storyteller;
  let story: Story;
  beforeEach(() => {
    player.setState(initial);
    teller = createStoryteller(header);
    story = teller.append(one);
    open(story, 'a trace', story.end, false);
  });

  test('who waits at the live end sees the next letter from its start, playing', () => {
    const end = story.end;
    grow(teller.append(two));
    const { playing, clock } = player.getState();
    expect(playing).toBe(true);
    expect(clock.at).toBe(teller.story.runs[1]?.start);
    expect(clock.at).toBeGreaterThanOrEqual(end);
    expect(moment()).toBeLessThan(clock.at + 2000);
  });

  test('who has paused in the middle is not moved when the servers go on', () => {
    goTo(5000, false);
    const before = player.getState().scene;
    grow(teller.append(two));
    expect(moment()).toBe(5000);
    expect(player.getState().playing).toBe(false);
    expect(player.getState().scene?.state).toBe(before?.state);
  });

  test('who pressed Send in the middle of an old letter is brought to the new one', () => {
    goTo(5000, false);
    awaitRun();
    grow(teller.append(two));
    expect(player.getState().clock.at).toBe(teller.story.runs[1]?.start);
    expect(player.getState().playing).toBe(true);
  });

  test('who wants little motion gets the first card of the new letter, standing still', () => {
    setReducedMotion(true);
    grow(teller.append(two));
    const { playing, clock, scene } = player.getState();
    expect(playing).toBe(false);
    expect(scene?.run?.index).toBe(1);
    expect(scene?.stepNumber).toBe(1);
    expect(clock.at).toBeLessThan(teller.story.end);
    step(1);
    expect(player.getState().scene?.stepNumber).toBe(2);
  });

  test('at the end who presses play sees the same letter again', () => {
    expect(atEnd()).toBe(true);
    play();
    expect(player.getState().clock.at).toBe(story.runs[0]?.start);
    pause();
    expect(player.getState().playing).toBe(false);
  });

  test('gets the same picture at a moment from both sides', () => {
    goTo(20_000, false);
    const first = player.getState().scene;
    goTo(story.end, false);
    goTo(0, false);
    goTo(20_000, false);
    expect(player.getState().scene).toEqual(first);
  });
});

describe('keys', () => {
  const press = (key: string, more = {}) => ({
    key,
    shiftKey: false,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    repeat: false,
    ...more,
  });

  const meant = (held: ReturnType<typeof press>, letters: boolean): KeyRow | null =>
    rowFor(held, keysOn('page'), letters);

  test.each(['page', 'follower', 'figure'] as const)(
    'mean one thing each, but for those that a question takes while it is asked: %s',
    surface => {
      const all = keysOn(surface).flatMap(row =>
        row.keys.map(
          key => `${row.when ? 'at times ' : ''}${row.ctrl ? 'ctrl ' : ''}${row.shift ? 'Shift ' : ''}${key}`,
        ),
      );
      expect(new Set(all).size).toBe(all.length);
    },
  );

  test('with Ctrl, Alt or Meta stay the browser’s, but for undo and redo', () => {
    for (const modifier of ['ctrlKey', 'metaKey', 'altKey'])
      expect(meant(press('d', { [modifier]: true }), true)).toBeNull();
    expect(meant(press('z', { ctrlKey: true }), false)?.does).toMatch(/^Undo/);
    expect(meant(press('Z', { metaKey: true, shiftKey: true }), true)?.does).toBe('Do it again');
  });

  test('that are single characters can be switched off; Space and arrows stay', () => {
    expect(meant(press('n'), true)?.does).toBe('Write a new letter');
    expect(meant(press('n'), false)).toBeNull();
    expect(meant(press(' '), false)?.does).toBe('Play or pause');
    expect(meant(press('ArrowRight'), false)?.does).toBe('Next step');
  });

  test.each([
    ['AltGr on Windows', { altKey: true, ctrlKey: true }],
    ['AltGr on Linux', {}],
    ['Option on a Mac', { altKey: true }],
  ])('a bracket made with %s is a bracket', (_layout, held) => {
    expect(meant(press('[', held), true)?.does).toBe('Previous chapter');
    expect(meant(press(']', held), true)?.does).toBe('Next chapter');
    expect(meant(press('z', { ...held, altKey: true }), true)).toBeNull();
  });

  test('a held key goes on acting only where it moves something', () => {
    const repeating = [...keysOn('page'), ...keysOn('talk')].filter(row => row.repeats).flatMap(row => row.keys);
    const moving = /^(?:Arrow(?:Left|Right|Up|Down)|Page(?:Up|Down)|Home|End|Backspace|[jl[\],.<>])$/;
    expect(repeating).toContain('ArrowRight');
    expect(repeating.filter(key => !moving.test(key))).toEqual([]);
  });

  test('Shift makes an arrow a chapter, and is no matter for characters that need it', () => {
    expect(meant(press('ArrowRight', { shiftKey: true }), true)?.does).toBe('Next chapter');
    expect(meant(press('?', { shiftKey: true }), true)?.does).toBe('This help');
    expect(meant(press('K', { shiftKey: true }), true)?.does).toBe('Play or pause');
  });
});

describe('whoever watches', () => {
  const does = (surface: Surface) => keysOn(surface).map(row => row.does);

  test.each(['follower', 'figure'] as const)('has no key that changes a world: %s', surface => {
    expect(keysOn(surface).filter(row => row.edits)).toEqual([]);
    expect(keysOn(surface).length).toBeGreaterThan(5);
  });

  test('as a follower has every key of the page that changes nothing, but for those that lead away from the show or give one', () => {
    const others = [
      'The stories, or back from them',
      'Present it to a room',
      'Open the speaker window',
      'Let the audience follow',
      'The code to follow by, large',
    ];
    const harmless = keysOn('page').filter(row => !row.edits && !others.includes(row.does));
    expect(keysOn('follower')).toEqual(harmless);
    expect(does('page')).toEqual(expect.arrayContaining(others));
  });
});

describe('chapter labels', () => {
  const run = {
    index: 0,
    title: '',
    start: storyTime(0),
    end: storyTime(100_000),
    firstBeat: 0,
    lastBeat: 9,
  } satisfies Run;
  const measure = (text: string): number => text.length * 7;
  const titles = ['press Send', 'find the server', 'hand over', 'deliver', 'collect'];

  test('never touch, stay on the track, and always have the current one', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 99_000 }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 120, max: 1200 }),
        fc.nat(4),
        (starts, width, which) => {
          const chapters = [...starts]
            .sort((a, b) => a - b)
            .map(
              (start, index): Chapter => ({
                kind: 'other',
                title: titles[index] ?? '',
                run: 0,
                start: storyTime(start),
                end: storyTime(start + 1000),
              }),
            );
          const current = chapters[which % chapters.length] ?? null;
          const labels = placeLabels(chapters, run, width, current, measure);
          expect(labels.filter(label => label.current).length).toBe(1);
          labels.forEach((label, index) => {
            expect(label.left).toBeGreaterThanOrEqual(0);
            expect(label.left + label.width).toBeLessThanOrEqual(width + 0.01);
            const next = labels[index + 1];
            if (next) expect(label.left + label.width).toBeLessThanOrEqual(next.left + 0.01);
          });
        },
      ),
    );
  });

  test('the clock is written as minutes and seconds', () => {
    expect(clockText(12_400)).toBe('0:12');
    expect(clockText(62_000)).toBe('1:02');
  });
});

test('trying again waits longer each time, never over ten seconds, and not everybody at once', () => {
  expect(waitBefore(0, 1)).toBe(300);
  expect(waitBefore(3, 1)).toBe(2400);
  expect(waitBefore(50, 1)).toBe(10_000);
  expect(waitBefore(3, 0)).toBe(1200);
});
