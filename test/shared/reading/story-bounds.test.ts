/** What a story promises at its edges: no beat is too short to be seen, nobody waits without end, and of two alike the first is meant. */
import { describe, expect, test } from 'vitest';
import { LetterBook } from '../../../shared/reading/occurrences/letters.ts';
import { type Occurrence, occurrence } from '../../../shared/reading/occurrences/occurrence.ts';
import { QueueBook } from '../../../shared/reading/occurrences/queue-book.ts';
import { Schedule } from '../../../shared/reading/occurrences/schedule.ts';
import { readingTime } from '../../../shared/reading/pace.ts';
import { wireTime } from '../../../shared/trace/event.ts';

const OUT = 'smtp.blue.example';
const ALICE = 'alice@blue.example';
const BOB = 'bob@green.example';

describe('the shortest beat', () => {
  test.each(['product', 'author'] as const)('of the %s lasts longer than two seconds, however little it says', by => {
    for (const [title, body] of [
      ['', ''],
      ['Hello', ''],
      ['Hello', 'there'],
    ] as const) {
      const time = readingTime({ title, body, protocol: 'smtp', references: [] }, by);
      expect(time).toBeGreaterThanOrEqual(2000);
    }
  });
});

describe('what waits for its turn', () => {
  const from = (thread: string, seq: number, settles: boolean): Occurrence =>
    occurrence(
      {
        thread,
        beat: {
          key: thread,
          name: 'aside',
          chapter: 'other',
          caption: { title: '', body: '', protocol: 'store', references: [] },
        },
        wireAt: wireTime(seq),
        seq,
      },
      { settles },
    );

  test('is told once 5,000 wait, though whoever has the floor still owes an answer', () => {
    const told: number[] = [];
    const schedule = new Schedule(({ seq }) => told.push(seq));
    schedule.accept(from('owes', 1, false));
    for (let seq = 2; seq <= 5000; seq += 1) schedule.accept(from('waits', seq, true));
    expect(told).toEqual([1]);
    for (let seq = 5001; seq <= 7000; seq += 1) schedule.accept(from('waits', seq, true));
    expect(7000 - told.length).toBeLessThan(5000);
    expect(told).toEqual(told.toSorted((one, other) => one - other));
  });
});

describe('of two letters with one envelope', () => {
  const envelope = { reversePath: ALICE, recipients: [BOB] };

  test('the one that came first is meant between MAIL and its header', () => {
    const letters = new LetterBook();
    letters.moved('L1', OUT, envelope);
    letters.moved('L2', OUT, envelope);
    expect(letters.at(OUT, ALICE, null)).toBe('L1');
    expect(letters.at(OUT, ALICE, BOB)).toBe('L1');
    letters.moved('L1', 'mx1.green.example', envelope);
    expect(letters.at(OUT, ALICE, BOB)).toBe('L2');
  });

  test('and of two that the queue tries, the first that no other connection carries', () => {
    const queue = new QueueBook();
    for (const [queueId, letter] of [
      ['Q1', 'L1'],
      ['Q2', 'L2'],
    ] as const) {
      queue.put({ host: OUT, queueId, letter, messageId: `<${letter}>`, reversePath: ALICE, pending: [BOB] });
      queue.attempt(OUT, queueId, 'green.example', [BOB]);
    }
    const first = queue.carriedBy(OUT, 'c1', ALICE, null);
    expect(first?.letter).toBe('L1');
    if (first !== null) first.on = 'c1';
    expect(queue.carriedBy(OUT, 'c1', ALICE, BOB)?.letter).toBe('L1');
    expect(queue.carriedBy(OUT, 'c2', ALICE, BOB)?.letter).toBe('L2');
  });
});
