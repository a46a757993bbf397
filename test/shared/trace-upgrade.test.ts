/** Recordings of before codes open as they did: each sentence becomes the code that stands for it, and is told in the same words. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { causeText } from '../../shared/explain/causes.ts';
import { worldEditText } from '../../shared/explain/world-edits.ts';
import { transcriptText } from '../../shared/export/transcript.ts';
import { spanOf } from '../../shared/story/span.ts';
import type { Cause } from '../../shared/trace/cause.ts';
import { causeFrom, isCauseCode, MEMBERS, membersOf } from '../../shared/trace/cause.ts';
import { decodeEvent, decodeTrace, encodeEvent } from '../../shared/trace/codec.ts';
import type { TraceEvent } from '../../shared/trace/event.ts';
import { OLD_SENTENCES } from '../../shared/trace/old-sentences.ts';
import { causeSaid } from '../fixtures/causes.ts';
import { toldFrom } from '../fixtures/recordings.ts';

const root = path.join(import.meta.dirname, '../..');
const frozen = (ending: string): string =>
  readFileSync(path.join(root, 'test/fixtures/old', `sentences.${ending}`), 'utf8');
const recordings = ['test/fixtures/traces', 'stories'].flatMap(folder =>
  readdirSync(path.join(root, folder))
    .filter(file => file.endsWith('.trace.ndjson'))
    .map(file => `${folder}/${file}`),
);

function eventsOf(trace: string): readonly TraceEvent[] {
  const decoded = decodeTrace(trace);
  if (!decoded.ok) throw new Error(`line ${decoded.line}: ${decoded.message}`);
  expect(decoded.unread).toBe(0);
  return decoded.events;
}

const codesOf = (events: readonly TraceEvent[]): readonly object[] =>
  events.flatMap((event): readonly object[] => {
    if ('cause' in event) return [{ seq: event.seq, cause: event.cause }];
    return event.kind === 'world.changed' ? [{ seq: event.seq, edit: event.edit }] : [];
  });

/** The codes of a cause and of all that it came of. */
const codesIn = (cause: Cause): readonly string[] => [
  cause.code,
  ...('because' in cause ? codesIn(cause.because) : []),
  ...('refusals' in cause ? cause.refusals.flatMap(({ because }) => codesIn(because)) : []),
];

describe('the frozen recording of before', () => {
  test('has the codes that its sentences stood for', () => {
    expect(codesOf(eventsOf(frozen('trace.ndjson')))).toEqual(JSON.parse(frozen('codes.json')));
  });

  test('is told to the letter as it was', () => {
    const story = toldFrom(frozen('trace.ndjson'));
    const whole = spanOf(story, null, null);
    if (!whole.ok) throw new Error(whole.message);
    expect(transcriptText(story, whole.span)).toBe(frozen('txt'));
  });

  test('is written with codes, and read again as it was', () => {
    const events = eventsOf(frozen('trace.ndjson'));
    for (const event of events) {
      const written: unknown = JSON.parse(JSON.stringify(encodeEvent(event)));
      expect(decodeEvent(written)).toEqual({ ok: true, event });
    }
  });
});

test.each(recordings)('%s says what it said, and nothing in it is only words', file => {
  const trace = readFileSync(path.join(root, file), 'utf8');
  const lines = trace
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line): Record<string, unknown> => JSON.parse(line));
  for (const [at, event] of eventsOf(trace).entries()) {
    if (event.kind === 'world.changed') expect(worldEditText(event.edit, event.world)).toBe(lines[at]?.what);
    if (!('cause' in event)) continue;
    expect(causeText(event.cause)).toBe(lines[at]?.reason);
    if (event.kind !== 'client.failed') expect(codesIn(event.cause)).not.toContain('words');
  }
});

const sentences = Object.entries(OLD_SENTENCES).flatMap(([code, words]) =>
  isCauseCode(code) ? [[code, words] as const] : [],
);

describe('a sentence of before', () => {
  const name = fc.stringMatching(/^[a-z0-9.:<>-]{1,20}$/);
  const part = fc.oneof(
    name,
    fc.string({ maxLength: 20 }),
    fc.constantFrom('once', '3 times', '300 s', '5 days', '""'),
  );
  /** Sentences as they were made, one in another. */
  const sentence: fc.Arbitrary<string> = fc.letrec<{ said: string }>(tie => ({
    said: fc
      .tuple(fc.constantFrom(...sentences), fc.infiniteStream(fc.oneof({ maxDepth: 3 }, part, tie('said'))))
      .map(([[, words], parts]) => words.replace(/\{\w+(?::\w+)?\}/g, () => parts.next().value ?? '')),
  })).said;

  test('keeps its words, whatever it was', () => {
    fc.assert(
      fc.property(fc.oneof(sentence, fc.string({ unit: 'binary' })), said => {
        expect(causeText(causeSaid(said))).toBe(said);
      }),
      { numRuns: 2000 },
    );
  });

  test.each(sentences)('%s is still told as it was', (code, words) => {
    const because = causeSaid('the server closed the connection');
    const refusals = [{ recipients: ['bob@green.example'], because }];
    const values = { text: 'x.example', count: 7, cause: because, refusals };
    const members = membersOf(code).map(member => [member, values[MEMBERS[member]]]);
    const cause = causeFrom({ code, ...Object.fromEntries(members) });
    if (cause === null) throw new Error(code);
    expect(causeText(cause)).not.toContain('{');
    expect(causeSaid(causeText(cause)).code).toBe(code);
    expect(words.split(/\{\w+(?::\w+)?\}/).every(piece => causeText(cause).includes(piece))).toBe(true);
  });

  test('of somebody else is kept, and that nobody answered is understood of a call alone', () => {
    expect(causeSaid('Operation timed out')).toEqual({ code: 'timeout-in-words', text: 'Operation timed out' });
    expect(causeSaid('No route to host')).toEqual({ code: 'words', text: 'No route to host' });
    const failed = { seq: 1, at: 0, kind: 'client.failed', host: 'a.example', reason: 'Operation timed out' };
    expect(decodeEvent(failed)).toMatchObject({ event: { cause: { code: 'words', text: 'Operation timed out' } } });
  });

  test('is read to its end, however long it is and however often it begins anew', () => {
    const pieces = [
      'a: ',
      '@',
      'a@b, ',
      '; ',
      ' The letter waits in the outbox.',
      'DNS answered ',
      ' of ',
      '"\\',
      'x [',
    ];
    for (const piece of pieces) {
      const said = piece.repeat(Math.floor(65_000 / piece.length));
      expect(causeText(causeSaid(said))).toBe(said);
    }
  });
});

describe('a cause in a file', () => {
  const inEvent = (cause: unknown) =>
    decodeEvent({ seq: 1, at: 0, kind: 'client.failed', host: 'a.example', cause, reason: 'pop3-lost' });

  test('with a code of a newer mailscope keeps its name, also within another one', () => {
    expect(inEvent({ code: 'moon-phase', deep: [1] })).toMatchObject({
      event: { cause: { code: 'unlisted', name: 'moon-phase' } },
    });
    const within = { code: 'kept-in-outbox', because: { code: 'moon-phase' } };
    expect(inEvent(within)).toMatchObject({ event: { cause: { because: { code: 'unlisted', name: 'moon-phase' } } } });
  });

  test.each([
    [7],
    ['pop3-lost'],
    [{}],
    [{ code: 'answered' }],
    [{ code: 'answered', reply: 7 }],
    [{ code: 'nothing-listens', address: 'x', port: -1 }],
    [{ code: 'not-taken', refusals: [{ recipients: 'bob', because: { code: 'pop3-lost' } }] }],
  ])('%j is refused by name', cause => {
    expect(inEvent(cause)).toMatchObject({ ok: false, message: expect.stringContaining('cause') });
  });

  test('nests no deeper than anything comes of anything', () => {
    let deep: unknown = { code: 'pop3-lost' };
    for (let depth = 0; depth < 5000; depth += 1) deep = { code: 'kept-in-outbox', because: deep };
    expect(inEvent(deep)).toMatchObject({ ok: false });
  });

  test('has its code where a reader of before looks for a sentence', () => {
    const read = inEvent({ code: 'pop3-lost' });
    if (!read.ok) throw new Error(read.message);
    const written = encodeEvent(read.event);
    expect(written).toMatchObject({ reason: 'pop3-lost', cause: { code: 'pop3-lost' } });
    expect(isCauseCode(String(written.reason))).toBe(true);
  });

  test('an edit that only a newer mailscope knows is an edit', () => {
    const [header] = frozen('trace.ndjson').split('\n');
    const { world }: { world: unknown } = JSON.parse(header ?? '');
    const line = { seq: 1, at: 0, kind: 'world.changed', edit: { code: 'moon-moved' }, what: 'moon-moved', world };
    expect(decodeEvent(line)).toMatchObject({ ok: true, event: { edit: { code: 'edited' } } });
    expect(decodeEvent({ ...line, edit: 'moon-moved' })).toMatchObject({ ok: false });
  });
});
