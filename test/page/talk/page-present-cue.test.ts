/** What others are told of a speaker, what they may ask of the stage, and what is said under it: pure, or with no page at all. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { keysOn } from '../../../client/player/keys.ts';
import { settled } from '../../../client/player/navigate.ts';
import { open } from '../../../client/session/opening.ts';
import { initial, player } from '../../../client/session/store.ts';
import { present, setSource } from '../../../client/session/view.ts';
import { cueOf, onCue, steer } from '../../../client/talk/present/cue.ts';
import { fitted, LEAST, type Measure, shortened } from '../../../client/talk/present/fit.ts';
import { pointAt, reset } from '../../../client/talk/present/presentation.ts';
import { beatOf, nextFrom, sameBeat } from '../../../client/talk/present/stands.ts';
import type { Cue } from '../../../shared/api/show.ts';
import { createStoryteller } from '../../../shared/reading/storyteller.ts';
import type { Story } from '../../../shared/story/story.ts';
import { decodeTrace } from '../../../shared/trace/codec.ts';

function told(name: string): Story {
  const file = path.join(import.meta.dirname, '../../../stories', `${name}.trace.ndjson`);
  const decoded = decodeTrace(readFileSync(file, 'utf8'));
  if (!decoded.ok) throw new Error(decoded.message);
  const teller = createStoryteller(decoded.header);
  teller.append(decoded.events);
  return teller.finish();
}
const story = told('youve-got-mail');
const beatAt = (index: number) => {
  const beat = story.beats[index];
  if (beat === undefined) throw new Error(`there is no beat ${index}`);
  return beat;
};

describe('a cue', () => {
  let cues: Cue[];
  let stop: () => void;
  const last = () => cues.at(-1);
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    player.setState(initial);
    reset();
    setSource({ kind: 'recorded', name: 'youve-got-mail', story: 'youve-got-mail' });
    present(true);
    open(story, 'a trace', 0, false);
    cues = [];
    stop = onCue(cue => cues.push(cue));
  });
  afterEach(() => {
    stop();
    vi.useRealTimers();
  });

  test('is told at once, and says what is shown and that nothing has begun', () => {
    expect(cues).toEqual([
      {
        shown: { kind: 'story', name: 'youve-got-mail' },
        beat: -1,
        at: 0,
        playing: false,
        speed: 1,
        blank: false,
        pointer: null,
      },
    ]);
  });

  test('follows each thing that is asked of the stage', () => {
    steer({ do: 'next' });
    expect(last()).toMatchObject({ beat: 0, playing: true });
    steer({ do: 'next' });
    expect(last()).toMatchObject({ beat: 0, playing: false, at: settled(beatAt(0)) });
    steer({ do: 'to', beat: 4 });
    expect(last()).toMatchObject({ beat: 4, playing: false, at: settled(beatAt(4)) });
    steer({ do: 'back' });
    expect(last()).toMatchObject({ beat: 3, at: settled(beatAt(3)) });
    steer({ do: 'blank' });
    expect(last()).toMatchObject({ beat: 3, blank: true });
    steer({ do: 'next' });
    expect(last()).toMatchObject({ beat: 3, blank: false });
    steer({ do: 'last' });
    expect(last()?.beat).toBe(story.beats.length - 1);
    steer({ do: 'first' });
    expect(last()).toMatchObject({ beat: -1, at: 0 });
    steer({ do: 'play' });
    expect(last()).toMatchObject({ playing: true });
  });

  test('says of a question that its beat has not begun', () => {
    steer({ do: 'to', beat: 5 });
    steer({ do: 'next' });
    expect(player.getState().asked?.beat).toBe(6);
    expect(last()).toMatchObject({ beat: 5, playing: false });
    steer({ do: 'next' });
    expect(last()).toMatchObject({ beat: 6, playing: true, at: beatAt(6).start });
  });

  test('tells where the speaker points at most thirty times a second, the newest last, and everything else at once', () => {
    const before = cues.length;
    for (let x = 0; x < 100; x += 1) {
      pointAt({ x: x / 100, y: 0.5 });
      vi.advanceTimersByTime(10);
    }
    vi.advanceTimersByTime(100);
    expect(cues.length - before).toBeLessThanOrEqual(31);
    expect(cues.length - before).toBeGreaterThan(20);
    expect(last()?.pointer).toEqual({ x: 0.99, y: 0.5 });
    pointAt({ x: 0.1, y: 0.1 });
    steer({ do: 'next' });
    expect(last()).toMatchObject({ pointer: { x: 0.1, y: 0.1 }, beat: 0 });
  });

  test('is null once nothing is presented, and then nothing can be asked of the stage', () => {
    present(false);
    expect(cueOf()).toBeNull();
    steer({ do: 'last' });
    expect(player.getState().clock.at).toBe(0);
  });
});

describe('Next', () => {
  const at = (t: number) => ({ story, at: t, playing: true, asked: null });

  test('from any moment finishes the beat that is on, or begins the one after it, and so passes none', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: Math.floor(story.end) - 2 }), t => {
        const here = beatOf(at(t));
        const call = nextFrom(at(t));
        if (call.what === 'finish') expect(call.beat.index).toBe(here);
        else {
          expect(call.beat).toBe(here + 1);
          expect(t).toBeGreaterThanOrEqual(settled(beatAt(here)));
        }
      }),
    );
  });
});

test('the same beat is found in another telling: by its part, by its name and how far in, by its number', () => {
  const other = told('what-the-letter-gains');
  for (const beat of story.beats) expect(sameBeat(story, beat, story)).toBe(beat);
  const bare: Story = { ...story, beats: story.beats.map(beat => ({ ...beat, told: null })) };
  for (const beat of bare.beats) expect(sameBeat(bare, beat, story)?.index).toBe(beat.index);
  const nowhere = { ...beatAt(13), told: null, name: 'no such name' };
  expect(sameBeat(story, nowhere, other)).toBe(other.beats.at(-1));
});

describe('words under the stage', () => {
  /** As if each character were half as wide as it is high, on lines of 1136. */
  const measure: Measure = (words, _, size) => Math.ceil((words.replaceAll('**', '').length * size * 0.5) / 1136);

  test('are cut between sentences where they can be, and neither in a name nor in a section', () => {
    const words = 'It asks mx1.green.example, see §6.1. Then it waits. “250” comes. What then?';
    expect(shortened(words, text => text.length <= 40)).toBe('It asks mx1.green.example, see §6.1.');
    expect(shortened(words, text => text.length <= 55)).toBe('It asks mx1.green.example, see §6.1. Then it waits.');
    expect(shortened(words, () => true)).toBe(words);
  });

  test('of a sentence that is too long are its first clauses, with bold ended where it was cut', () => {
    const words =
      'Whoever has taken and holds a **letter that fails, and cannot** deliver it, owes its sender a report';
    expect(shortened(words, text => text.length <= 60)).toBe('Whoever has taken and holds a **letter that fails** …');
    expect(shortened(words, text => text.length <= 24)).toBe('Whoever has taken and …');
  });

  test('are never set smaller than the last row can read, never on more lines than there are, and never cut within a word', () => {
    const word = fc.stringMatching(/^[a-z]{1,12}[,.]?$/);
    const some = fc.array(word, { minLength: 1, maxLength: 60 }).map(words => words.join(' '));
    fc.assert(
      fc.property(some, some, (title, body) => {
        const fit = fitted(title, body, measure);
        expect(fit.size).toBeGreaterThanOrEqual(LEAST);
        expect(measure(fit.title, 'title', fit.size)).toBeLessThanOrEqual(fit.lines);
        expect(measure(fit.body, 'body', LEAST)).toBeLessThanOrEqual(2);
        const kept = fit.body.replace(/ …$/, '');
        expect(body.startsWith(kept)).toBe(true);
        expect(kept === '' || /^[ ,;:.]|^$/.test(body.slice(kept.length))).toBe(true);
      }),
    );
  });
});

test('each key of present mode means one thing at a time, and each row is told apart in the help', () => {
  const rows = keysOn('talk');
  const shown = rows.map(row => row.shown);
  expect(new Set(shown).size).toBe(shown.length);
  const always = rows.filter(row => row.when === undefined).flatMap(row => row.keys);
  expect(new Set(always).size).toBe(always.length);
});
