/** What a figure's frame takes from its address and from strangers' messages: much is meant, nothing can harm it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answerMessage, eventMessage, readMessage } from '../../client/figure/frame/messages.ts';
import { FIGURE_OPTIONS, momentOf, readFigure } from '../../shared/api/figure.ts';

const envelope = { namespace: 'mailscope', v: 1 };
const METHODS: readonly string[] = [
  'play',
  'pause',
  'toggle',
  'next',
  'prev',
  'getState',
  'getSteps',
  'seek',
  'setSpeed',
  'setTheme',
  'setCaptions',
  'load',
  'playRange',
];
const callOf = (method: unknown, ...args: readonly unknown[]) => readMessage({ ...envelope, method, args, id: 1 });

describe('a message', () => {
  test.each([
    [['play'], { method: 'play' }],
    [['seek', 'mx-question'], { method: 'seek', place: 'mx-question' }],
    [['seek', 5], { method: 'seek', place: 5 }],
    [['seek', '50%'], { method: 'seek', place: { percent: 50 } }],
    [['seek', { ms: 1200 }], { method: 'seek', place: { ms: 1200 } }],
    [['seek', { marker: 'mx-answer' }], { method: 'seek', place: 'mx-answer' }],
    [['setSpeed', 2], { method: 'setSpeed', speed: 2 }],
    [['setTheme', 'dark'], { method: 'setTheme', theme: 'dark' }],
    [['setCaptions', false], { method: 'setCaptions', on: false }],
    [['load', 'run.told.json'], { method: 'load', given: 'run.told.json' }],
    [['playRange', 1, 'mx-answer', true], { method: 'playRange', from: 1, to: 'mx-answer', loop: true }],
  ])('%j is understood', ([method, ...args], call) => {
    expect(callOf(method, ...args)).toEqual({ kind: 'call', call, id: 1 });
  });

  test('may be JSON, may have one argument bare, and need not want an answer', () => {
    const said = { ...envelope, method: 'seek', args: 'mx-question' };
    const read = { kind: 'call', call: { method: 'seek', place: 'mx-question' }, id: null };
    expect(readMessage(said)).toEqual(read);
    expect(readMessage(JSON.stringify(said))).toEqual(read);
  });

  test('of reveal.js is a bare word', () => {
    expect(readMessage('slide:start')).toMatchObject({ call: { method: 'play' } });
    expect(readMessage('slide:stop')).toMatchObject({ call: { method: 'pause' } });
  });

  test.each([
    ['seek'],
    ['seek', { ms: '12' }],
    ['setSpeed', 0],
    ['setTheme', 'purple'],
    ['setCaptions', 'yes'],
    ['load', ''],
    ['playRange', 'mx-question'],
    ['constructor'],
  ])('that cannot be meant is answered with a sentence: %j', (method, ...args) => {
    expect(callOf(method, ...args)).toEqual({ kind: 'wrong', message: expect.stringMatching(/\.$/) as string, id: 1 });
  });

  test.each([
    null,
    7,
    '',
    'play',
    'toString',
    '{"namespace":',
    [],
    { method: 'play' },
    { ...envelope, v: 2, method: 'play' },
    { namespace: 'reveal', v: 1, method: 'play' },
    { ...envelope, method: 7 },
  ])('for somebody else is left alone: %j', data => {
    expect(readMessage(data)).toBeNull();
  });

  test('can be anything at all', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.string(), fc.constantFrom(...METHODS)), fc.anything(), (method, args) => {
        // What is not in our envelope is somebody else's.
        expect(readMessage(method)).toBeNull();
        const read = readMessage({ ...envelope, method, args, id: 1 });
        if (typeof method !== 'string') expect(read).toBeNull();
        else if (read?.kind === 'call')
          expect([METHODS, read.call.method]).toEqual([expect.arrayContaining([method]), method]);
        else expect(read).toEqual({ kind: 'wrong', message: expect.stringMatching(/\.$/) as string, id: 1 });
      }),
    );
  });

  test('of ours is no call to us', () => {
    expect(readMessage(eventMessage('ready', {}))).toBeNull();
    expect(readMessage(answerMessage(1, { result: null }))).toBeNull();
  });
});

describe('an address', () => {
  const read = (query: string, hash = '') => readFigure(new URLSearchParams(query), new URLSearchParams(hash));

  test('is read in any case, the hash last, and what is unknown is as if it were not there', () => {
    const { source, options } = read('Story=lunch&STEP=1&autoPlay=1&colour=red', 'step=mx-question');
    expect(source).toEqual({ kind: 'story', name: 'lunch' });
    expect(Object.fromEntries(options)).toEqual({ step: 'mx-question', autoplay: '1' });
  });

  test('names a recording by trace or by src, and nothing by nothing', () => {
    expect(read('trace=a.ndjson').source).toEqual({ kind: 'trace', address: 'a.ndjson' });
    expect(read('src=a.ndjson').source).toEqual({ kind: 'trace', address: 'a.ndjson' });
    expect(read('src=').source).toBeNull();
    expect(read(`src=${'x'.repeat(3000)}`).source).toBeNull();
  });

  test('that names an option twice is no trouble', () => {
    for (const option of FIGURE_OPTIONS) expect(read(`${option}=1&${option}=2`).options.get(option)).toBe('2');
  });

  test.each([
    ['12.4', 12_400],
    ['12s', 12_000],
    ['2:03', 123_000],
    ['1:02:03', 3_723_000],
    ['', null],
    ['-1', null],
    ['1e9', null],
    ['soon', null],
  ])('tells the time %j', (time, milliseconds) => {
    expect(momentOf(time)).toBe(milliseconds);
  });
});
