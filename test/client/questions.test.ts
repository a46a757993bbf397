/** What a told story promises to a viewer who predicts: asked before anything is seen, at every speed, and never twice unasked. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { saidText } from '../../client/caption/said.ts';
import { settled } from '../../client/player/navigate.ts';
import {
  hiddenFrom,
  questionAt,
  questionBetween,
  saidTo,
  sceneBefore,
  stepsOf,
} from '../../client/player/questions.ts';
import { askAgain, choose, showMe } from '../../client/session/asking.ts';
import { step, stepChapter, stepLine, toggle } from '../../client/session/moves.ts';
import { grow, open } from '../../client/session/opening.ts';
import { initial, player } from '../../client/session/store.ts';
import { arrive, goTo, moment, pause, play, setSpeed, show, transport } from '../../client/session/travel.ts';
import { setReducedMotion } from '../../client/session/view.ts';
import { createStoryteller, type Storyteller } from '../../shared/reading/storyteller.ts';
import type { Part, Question } from '../../shared/story/script.ts';
import type { Beat, Story } from '../../shared/story/story.ts';
import { decodeTrace } from '../../shared/trace/codec.ts';

const decoded = decodeTrace(
  readFileSync(path.join(import.meta.dirname, '../fixtures/traces/youve-got-mail.trace.ndjson'), 'utf8'),
);
if (!decoded.ok) throw new Error(decoded.message);
const { header, events } = decoded;

const question: Question = {
  words: 'What does DNS answer?',
  choices: [
    { words: 'Bob’s address', right: false },
    { words: 'The names of green.example’s **mail servers**', right: true },
    { words: 'Nothing', right: false },
  ],
};

/** The moments that are asked about; the first is the very beginning. */
const ASKED = ['press-send', 'mx-answer', 'deliver.accepted'];

const part = (title: string, asks: Question | null): Part => ({
  title,
  anchor: { what: { kind: 'beginning' }, nth: 1, from: null, to: null },
  at: 'at the beginning',
  body: '',
  references: [],
  notes: '',
  question: asks,
  line: 1,
});

/** The same story, with a script's questions before some of its beats. */
function asking(story: Story, names: readonly string[] = ASKED, ended = true): Story {
  const told = story.beats.filter(({ name }) => names.includes(name));
  const script = {
    title: 'A told letter',
    intro: '',
    parts: names.map(name => part(name, question)),
    known: [],
    tryThis: '',
    onlyParts: true,
  };
  return {
    ...story,
    beats: story.beats.map(beat => {
      const at = told.indexOf(beat);
      return at === -1 ? beat : { ...beat, told: { script: 0, part: at } };
    }),
    scripts: [{ name: 'told', source: '', script, run: 0, ended, met: told.length }],
  };
}

const whole = createStoryteller(header).append(events);
const story = asking(whole);
const beatNamed = (name: string, of: Story = story): Beat => {
  const beat = of.beats.find(each => each.name === name);
  if (beat === undefined) throw new Error(`the journey has no ${name}`);
  return beat;
};
const [send, answer, accepted] = ASKED.map(name => beatNamed(name));
if (send === undefined || answer === undefined || accepted === undefined) throw new Error('three are asked about');
const state = () => player.getState();

describe('between two moments', () => {
  test('stands the first question that begins after the one and not after the other', () => {
    expect(questionBetween(story, {}, 0, story.end)).toBe(answer);
    expect(questionBetween(story, {}, -1, story.end)).toBe(send);
    expect(questionBetween(story, {}, answer.start, story.end)).toBe(accepted);
    expect(questionBetween(story, {}, 0, answer.start - 1)).toBeNull();
    expect(questionBetween(story, { [answer.index]: 0 }, 0, story.end), 'answered').toBe(accepted);
    expect(questionBetween(story, { [answer.index]: null }, 0, story.end), 'shown').toBe(accepted);
    expect(questionBetween(whole, {}, -1, whole.end), 'a story that no script tells asks nothing').toBeNull();
  });

  test('is none that the ways through it in smaller steps would not meet', () => {
    const moments = fc.double({ min: 0, max: story.end, noNaN: true });
    fc.assert(
      fc.property(moments, moments, moments, (...three) => {
        const [a = 0, b = 0, c = 0] = three.toSorted((one, other) => one - other);
        expect(questionBetween(story, {}, a, b) ?? questionBetween(story, {}, b, c)).toBe(
          questionBetween(story, {}, a, c),
        );
      }),
    );
  });

  test('a moment is asked about only at its very start', () => {
    expect(questionAt(story, {}, answer.start)).toBe(answer);
    expect(questionAt(story, {}, answer.start + 1)).toBeNull();
    expect(questionAt(story, { [answer.index]: 2 }, answer.start)).toBeNull();
  });
});

test('the picture in which is asked holds what was before, and neither words nor lines of what comes', () => {
  const scene = sceneBefore(story, answer);
  expect(scene.beat).toBe(story.beats[answer.index - 1]);
  expect(scene.caption).not.toBe(answer.caption);
  expect(scene.motion).toBeNull();
  expect(scene.stepNumber).toBe(answer.index);
  const first = story.lines.find(line => line.beat === answer.index);
  expect(scene.lineCount).toBeLessThanOrEqual(first?.index ?? 0);
  expect(sceneBefore(story, send)).toMatchObject({ beat: null, caption: null, stepNumber: 0, lineCount: 0 });
});

describe('a viewer', () => {
  beforeEach(() => {
    player.setState(initial);
    vi.useRealTimers();
    open(story, 'a trace', 0, true);
  });

  /** As the ticker does, however late its frame comes. */
  const frame = (): void => {
    const { playing } = state();
    const t = moment();
    if (playing && t >= transport.furthest()) arrive();
    else show(t);
  };
  /** Lets the clock run, as if so much time had passed since it was looked at. */
  const later = (milliseconds: number): void => {
    const { clock } = state();
    player.setState({ clock: { ...clock, since: clock.since - milliseconds } });
  };

  test('who opens a story that begins with a question is asked it first', () => {
    expect(state()).toMatchObject({ asked: { beat: send.index, resumes: true }, playing: false });
    expect(state().scene?.caption).toBeNull();
  });

  test.each([0.25, 0.5, 1, 1.5, 2, 4])(
    'at %s× is stopped exactly where the part begins, however late a frame comes',
    speed => {
      choose(0);
      setSpeed(speed);
      expect(state().playing).toBe(true);
      later(3_600_000);
      expect(moment(), 'before the next frame').toBe(answer.start);
      frame();
      expect(state().asked).toEqual({ beat: answer.index, resumes: true });
      expect(state().clock).toMatchObject({ at: answer.start, rate: 0 });
      expect(state().playing).toBe(false);
      expect(state().scene?.beat?.index).toBe(answer.index - 1);
      frame();
      expect(state().scene?.beat?.index, 'and stays there').toBe(answer.index - 1);
    },
  );

  test.each([
    ['pauses', pause],
    ['changes the speed', () => setSpeed(4)],
    ['hears the story grow', () => grow(story)],
  ])('who %s between two frames does not slip past a question', (_, act) => {
    choose(0);
    later(3_600_000);
    act();
    frame();
    expect(state().asked?.beat).toBe(answer.index);
    expect(state().clock.at).toBe(answer.start);
  });

  test('chooses, and what happens is told at once and plays on to the next question', () => {
    choose(1);
    expect(state()).toMatchObject({ asked: null, playing: true, answers: { [send.index]: 1 } });
    expect(state().scene?.caption).toBe(send.caption);
    expect(state().clock.at).toBe(send.start);
    choose(2);
    expect(state().answers, 'nothing is asked any more').toEqual({ [send.index]: 1 });
  });

  test('cannot take a choice that there is not', () => {
    choose(3);
    expect(state().asked?.beat).toBe(send.index);
    expect(state().answers).toEqual({});
  });

  test('who has it shown plays on and is not asked about it again', () => {
    toggle();
    expect(state()).toMatchObject({ asked: null, playing: true, answers: { [send.index]: null } });
    goTo(send.start, false);
    play();
    expect(state().asked).toBeNull();
    expect(state().gate).toBe(answer.start);
  });

  test('who steps comes to the question, and with the next step past it, standing still', () => {
    showMe();
    const before = story.beats[answer.index - 1];
    if (before === undefined) throw new Error('something comes before the answer');
    goTo(before.start, false);
    step(1);
    expect(state()).toMatchObject({ asked: { beat: answer.index, resumes: false }, playing: false });
    step(1);
    expect(state()).toMatchObject({ asked: null, playing: false, answers: { [answer.index]: null } });
    expect(state().clock.at).toBe(answer.start);
    expect(state().scene?.beat).toBe(answer);
    step(1);
    expect(state().clock.at).toBe(story.beats[answer.index + 1]?.start);
  });

  test('who steps back from a question leaves it, and meets it again on the way forward', () => {
    goTo((story.beats[answer.index - 1]?.start ?? 0) + 1, false);
    step(1);
    expect(state().asked?.beat).toBe(answer.index);
    step(-1);
    expect(state().asked).toBeNull();
    expect(state().scene?.beat?.index).toBe(answer.index - 1);
    step(1);
    expect(state().asked?.beat).toBe(answer.index);
  });

  test('meets a question line by line too, and by chapters where it opens one', () => {
    const before = story.lines.findLast(line => line.beat < answer.index);
    goTo(before?.shownAt ?? 0, false);
    stepLine(1);
    expect(state().asked?.beat).toBe(answer.index);
    goTo(0, false);
    stepChapter(1);
    expect(state().asked, 'the chapter “find the server” does not begin with a question').toBeNull();
  });

  test('who goes elsewhere by the timeline, or comes by a link, is not asked', () => {
    goTo(answer.start + 500, false);
    expect(state().asked).toBeNull();
    goTo(answer.start, false);
    expect(state().scene?.beat).toBe(answer);
    play();
    expect(state().asked, 'its caption has been seen').toBeNull();
    open(story, 'a trace', answer.start, false, true);
    expect(state().asked).toBeNull();
    expect(state().scene?.beat).toBe(answer);
  });

  test('who plays the whole story again is not asked what has been answered', () => {
    choose(1);
    goTo(story.end, false);
    play();
    expect(state()).toMatchObject({ asked: null, playing: true });
    expect(state().gate).toBe(answer.start);
  });

  test('can be asked again', () => {
    choose(1);
    goTo(story.end, false);
    askAgain(send);
    expect(state()).toMatchObject({ asked: { beat: send.index }, answers: {}, playing: false });
    choose(0);
    expect(state().answers).toEqual({ [send.index]: 0 });
  });

  test('who wants little motion steps from still to still, and is asked between them', () => {
    player.setState(initial);
    setReducedMotion(true);
    open(story, 'a trace', 0, false);
    expect(state().asked).toEqual({ beat: send.index, resumes: false });
    choose(1);
    expect(state()).toMatchObject({ playing: false, asked: null });
    expect(state().clock.at, 'what was asked about has happened').toBe(settled(send));
    const before = story.beats[answer.index - 1];
    if (before === undefined) throw new Error('something comes before the answer');
    goTo(settled(before), false);
    step(1);
    expect(state().asked?.beat).toBe(answer.index);
    expect(state().scene?.beat).toBe(before);
    step(1);
    expect(state().clock.at).toBe(settled(answer));
  });

  test('is told nothing ahead of a question: no list, no label, no colour', () => {
    expect(hiddenFrom(state()), 'asked now').toBe(send.index);
    choose(0);
    expect(hiddenFrom(state())).toBe(answer.index);
    goTo(answer.start + 1, false);
    expect(hiddenFrom(state()), 'it has been seen').toBe(accepted.index);
    goTo(story.end, false);
    goTo(0, false);
    expect(hiddenFrom(state()), 'what was seen once is no secret').toBe(Number.POSITIVE_INFINITY);
    askAgain(answer);
    expect(hiddenFrom(state())).toBe(answer.index);
  });
});

describe('a story that still grows', () => {
  let teller: Storyteller;
  const cut = events.findIndex(
    event => event.seq > 0 && storyUpTo(event.seq).beats.some(({ name }) => name === 'mx-answer'),
  );
  function storyUpTo(seq: number): Story {
    return createStoryteller(header).append(events.filter(event => event.seq <= seq));
  }

  beforeEach(() => {
    player.setState({ ...initial, source: { kind: 'live', status: 'live', room: 'a-room', story: 'told' } });
    teller = createStoryteller(header);
    const begun = asking(teller.append(events.slice(0, cut)), ['mx-answer'], false);
    open(begun, 'live', begun.end, false);
  });

  test.each([false, true])('asks who waits at its end before the first step of the part (little motion: %s)', still => {
    setReducedMotion(still);
    const before = state().scene;
    grow(asking(teller.append(events.slice(cut, cut + 1)), ['mx-answer'], false));
    // What begins may begin a little later than all that was seen: until then it plays.
    const { gate } = state();
    if (state().asked === null && gate !== null) {
      const { clock } = state();
      player.setState({ clock: { ...clock, since: clock.since - 60_000 } });
      arrive();
    }
    expect(state().asked).not.toBeNull();
    expect(state().clock.at).toBe(beatNamed('mx-answer', asking(teller.story, ['mx-answer'])).start);
    expect(state().scene?.lineCount).toBe(before?.lineCount);
    expect(state().scene?.caption?.title).toBe(before?.caption?.title);
  });

  test('goes on telling while it asks, and stays where it asks', () => {
    grow(asking(teller.append(events.slice(cut, cut + 1)), ['mx-answer'], false));
    const { clock } = state();
    player.setState({ clock: { ...clock, since: clock.since - 60_000 } });
    if (state().asked === null) arrive();
    const at = state().clock.at;
    grow(asking(teller.append(events), ['mx-answer'], false));
    expect(state().asked).not.toBeNull();
    expect(state().clock.at).toBe(at);
    expect(state().scene?.caption?.title).not.toBe(beatNamed('mx-answer').caption.title);
    choose(1);
    expect(state().scene?.beat?.name).toBe('mx-answer');
    expect(state().playing).toBe(true);
  });

  test('says how many steps are still to come, as far as its author knows', () => {
    const run = whole.runs[0];
    const [told] = asking(whole, ['mx-question', 'never'], false).scripts;
    if (run === undefined || told === undefined) throw new Error('one run, one script');
    expect(stepsOf(told, run)).toBe(run.lastBeat - run.firstBeat + 2);
    expect(stepsOf({ ...told, ended: true }, run)).toBe(run.lastBeat - run.firstBeat + 1);
    expect(stepsOf(null, run)).toBe(run.lastBeat - run.firstBeat + 1);
  });
});

test('what was said is repeated without judging, and only where something was said', () => {
  const said = (choice: number | null) => saidTo(story, { [answer.index]: choice }, answer);
  expect(said(null)).toBeNull();
  expect(saidTo(story, {}, answer)).toBeNull();
  const [right, wrong] = [said(1), said(0)];
  if (right === null || wrong === null) throw new Error('something was said');
  expect(saidText(wrong)).toBe('You said “Bob’s address”. It was: The names of green.example’s mail servers.');
  expect(saidText(right)).toBe('You said “The names of green.example’s mail servers”, and so it was.');
});
