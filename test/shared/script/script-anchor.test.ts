/** An author names a moment as a person would, and is told what was probably meant where there is no such moment. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createStoryteller } from '../../../shared/reading/storyteller.ts';
import { readAnchor } from '../../../shared/script/anchor.ts';
import { BEAT_NAMES } from '../../../shared/story/beat-name.ts';
import { decodeTrace } from '../../../shared/trace/codec.ts';

const beat = (name: string) => ({ what: { kind: 'beat', name }, nth: 1, from: null, to: null });

describe('a moment', () => {
  test.each([
    ['at press-send', beat('press-send')],
    ['at the MX answer', beat('mx-answer')],
    ['At The Mx-Answer', beat('mx-answer')],
    ['at hand-over refused', beat('hand-over.refused')],
    ['at the hand over, refused'.replace(',', ''), beat('hand-over.refused')],
    ['at collect.what-is-there', beat('collect.what-is-there')],
    ['at the next queue.attempt', beat('queue.attempt')],
    ['at the first cache hit', beat('cache.hit')],
    ['at the beginning', { ...beat(''), what: { kind: 'beginning' } }],
    ['at end', { ...beat(''), what: { kind: 'end' } }],
    ['at the second 451 from mx1', { what: { kind: 'reply', code: '451' }, nth: 2, from: 'mx1', to: null }],
    ['at the +OK to bobs-laptop', { what: { kind: 'reply', code: '+OK' }, nth: 1, from: null, to: 'bobs-laptop' }],
    ['at -ERR', { what: { kind: 'reply', code: '-ERR' }, nth: 1, from: null, to: null }],
    [
      'at the tenth RCPT to MX1.green.example from smtp',
      { what: { kind: 'command', verb: 'RCPT' }, nth: 10, from: 'smtp', to: 'mx1.green.example' },
    ],
    ['at “STARTTLS”', { what: { kind: 'text', text: 'STARTTLS' }, nth: 1, from: null, to: null }],
    [
      'at the third "a letter from me to you" to mx2',
      { what: { kind: 'text', text: 'a letter from me to you' }, nth: 3, from: null, to: 'mx2' },
    ],
  ])('%s', (text, anchor) => {
    expect(readAnchor(text)).toEqual(anchor);
  });

  test('may be any beat that a story has, in whatever spelling', () => {
    for (const name of BEAT_NAMES)
      for (const written of [name, name.replaceAll(/[.-]/g, ' '), name.replaceAll('.', ' ')])
        expect(readAnchor(`at the ${written}`)).toEqual(beat(name));
  });
});

describe('what is no moment', () => {
  test.each([
    ['at the mx answr', 'there is no moment “mx answr”; did you mean “mx-answer”?'],
    ['at queue deffered', 'did you mean “queue.deferred”?'],
    ['at the begining', 'did you mean “beginning”?'],
    ['at submission.lost', 'there is no moment “submission.lost”; did you mean '],
    ['at refused', 'there is no moment “refused”; did you mean “submission.refused”?'],
    ['at MX', 'there is no moment “MX”; did you mean “mx-question”?'],
    ['at the moon landing', 'there is no moment “moon landing”: write the name of a beat, a reply code'],
    ['at 999', 'there is no moment “999”'],
    ['the MX answer', 'a moment begins with “at”'],
    ['at', 'a moment begins with “at”'],
    ['at the second end', 'there is one end, and it is at no host'],
    ['at the beginning from mx1', 'there is one beginning'],
    ['at 250 from mx1 from mx2', 'name each once'],
    [`at ${'x'.repeat(300)}`, 'too long'],
  ])('%s', (text, problem) => {
    expect(readAnchor(text)).toContain(problem);
  });

  test('is always answered by a sentence', () => {
    const word = fc.constantFrom(
      'at',
      'the',
      'second',
      'from',
      'to',
      'mx1',
      'MX',
      'answer',
      '451',
      '“',
      '"',
      '.',
      '-',
      '*',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(word, fc.string({ maxLength: 6 })), { maxLength: 12 }), words => {
        const anchor = readAnchor(words.join(' '));
        if (typeof anchor === 'string') expect(anchor).toMatch(/^.+[.?]$/s);
        else expect(anchor.nth).toBeGreaterThan(0);
      }),
    );
  });
});

test('every beat of every recording can be named', () => {
  const folder = path.join(import.meta.dirname, '../../fixtures/traces');
  const names = readdirSync(folder).flatMap(file => {
    const decoded = decodeTrace(readFileSync(path.join(folder, file), 'utf8'));
    if (!decoded.ok) throw new Error(decoded.message);
    return createStoryteller(decoded.header)
      .append(decoded.events)
      .beats.map(({ name }) => name);
  });
  // That a beat has no other name is what the type of `BeatOf` says.
  const known = new Set<string>(BEAT_NAMES);
  expect(names.filter(name => !known.has(name))).toEqual([]);
});
