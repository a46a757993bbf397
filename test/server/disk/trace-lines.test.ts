/** The lines of a trace are kept small in memory, and read as they were written. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TraceLines } from '../../../server/record/lines.ts';

const MEGABYTE = 1024 * 1024;

/** A line as events are: much of it the same in each. */
const event = (seq: number): string =>
  JSON.stringify({
    seq,
    at: seq * 977,
    kind: 'wire',
    connection: `c${seq % 50}`,
    from: 'client',
    text: `250 2.0.0 ok ${seq}`,
  });

/** Until everything that can be deflated is: `held` no longer shrinks below what the test asks. */
const heldBelow = (lines: TraceLines, octets: number) =>
  expect.poll(() => lines.held, { timeout: 20_000 }).toBeLessThan(octets);

describe('the lines of a trace', () => {
  test('a full trace takes a fifth of its octets, and each line reads as it was added', async () => {
    const lines = new TraceLines();
    const added: string[] = [];
    for (let seq = 1; lines.octets < 12 * MEGABYTE; seq += 1) {
      added.push(event(seq));
      lines.add(event(seq));
    }
    await heldBelow(lines, lines.octets / 5 + MEGABYTE);
    expect(lines.texts(0)).toEqual(added);
    expect(lines.texts(added.length - 3)).toEqual(added.slice(-3));
    expect(Buffer.concat([...lines.pieces()]).toString()).toBe(`${added.join('\n')}\n`);
  });

  test('whatever is added reads the same before and after it is deflated, in any order', async () => {
    const piece = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 300 }),
      fc.integer({ min: 1, max: 200_000 }).map(length => 'ü'.repeat(length)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 40 }), fc.array(fc.nat({ max: 60 })), async (given, asked) => {
        const lines = new TraceLines();
        const added = given.map(text => JSON.stringify(text));
        for (const line of added) lines.add(line);
        const read = () => asked.map(from => lines.texts(from, from + 3));
        const before = read();
        lines.add(event(1));
        await new Promise(setImmediate);
        expect(read().slice(0, before.length)).toEqual(asked.map(from => [...added, event(1)].slice(from, from + 3)));
        expect(lines.texts(0, added.length)).toEqual(added);
      }),
      { numRuns: 60 },
    );
  });

  test('what is read while it is being deflated stays as it is', async () => {
    const lines = new TraceLines();
    for (let seq = 1; lines.octets < 3 * MEGABYTE; seq += 1) lines.add(event(seq));
    const piece = lines.piece(0);
    const before = Buffer.from(piece?.octets ?? []).toString();
    await heldBelow(lines, lines.octets / 5 + MEGABYTE);
    expect(Buffer.from(piece?.octets ?? []).toString()).toBe(before);
    expect(Buffer.from(lines.piece(0)?.octets ?? []).toString()).toBe(before);
  });
});
