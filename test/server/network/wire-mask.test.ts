/** Passwords never reach a trace, wherever the segments are cut, and nothing else is touched. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maskerFor } from '../../../server/record/mask.ts';

/** ['C', text] the client sends, ['S', text] the server sends. */
type Turn = readonly ['C' | 'S', string];

const SECRET = 'AGFsaWNlAHNlY3JldA==';
const mask = (length: number) => '*'.repeat(length);

/** Plays the turns with every one cut at the given places; returns what would be recorded of the client. */
function play(port: number, turns: readonly Turn[], cuts: readonly number[] = []): string {
  const masker = maskerFor(port);
  if (masker === null) throw new Error('no masker');
  let out = '';
  let cut = 0;
  for (const [who, text] of turns) {
    let rest = Buffer.from(text, 'latin1');
    while (rest.length > 0) {
      const size = Math.min(rest.length, cuts[cut++ % Math.max(1, cuts.length)] ?? rest.length);
      const chunk = rest.subarray(0, size);
      rest = rest.subarray(size);
      if (who === 'S') masker.server(chunk);
      else {
        const before = Buffer.from(chunk);
        out += Buffer.from(masker.client(chunk)).toString('latin1');
        expect(chunk.equals(before)).toBe(true);
      }
    }
  }
  return out;
}

const talks: readonly [string, number, readonly Turn[], string][] = [
  [
    'a counted letter that speaks of AUTH, and a real AUTH after it',
    587,
    [
      ['S', '220 hi\r\n'],
      ['C', 'BDAT 18 LAST\r\nAUTH PLAIN not me\nbdat 3\r\nA\r\nBDAT 0 LAST\r\n'],
      ['S', '503 no\r\n250 ok\r\n250 ok\r\n'],
      ['C', `BDAT 9\nx\r\nBDAT 9 x\r\nBDAT\r\nBDAT 99999999999999999999\r\nAUTH PLAIN ${SECRET}\r\n`],
    ],
    `BDAT 18 LAST\r\nAUTH PLAIN not me\nbdat 3\r\nA\r\nBDAT 0 LAST\r\nBDAT 9\nx\r\nBDAT 9 x\r\nBDAT\r\nBDAT 99999999999999999999\r\nAUTH PLAIN ${mask(SECRET.length)}\r\n`,
  ],
  [
    'AUTH PLAIN with its response at once',
    587,
    [
      ['S', '220 hi\r\n'],
      ['C', 'EHLO a\r\n'],
      ['S', '250-a\r\n250 AUTH PLAIN\r\n'],
      ['C', `auth plain ${SECRET}\r\n`],
      ['S', '235 ok\r\n'],
      ['C', 'MAIL FROM:<a@b>\r\n'],
    ],
    `EHLO a\r\nauth plain ${mask(SECRET.length)}\r\nMAIL FROM:<a@b>\r\n`,
  ],
  [
    'AUTH LOGIN line by line, then an ordinary session with a letter that speaks of AUTH',
    25,
    [
      ['S', '220 hi\r\n'],
      ['C', 'AUTH LOGIN\r\n'],
      ['S', '334 VXNlcm5hbWU6\r\n'],
      ['C', 'YWxpY2U=\r\n'],
      ['S', '334 UGFzc3dvcmQ6\r\n'],
      ['C', 'c2VjcmV0\r\n'],
      ['S', '235 ok\r\n'],
      ['C', 'DATA\r\n'],
      ['S', '354 go\r\n'],
      ['C', `AUTH PLAIN ${SECRET}\r\n..\r\nAUTH LOGIN x\r\n.\r\nQUIT\r\n`],
    ],
    `AUTH LOGIN\r\n${mask(8)}\r\n${mask(8)}\r\nDATA\r\nAUTH PLAIN ${SECRET}\r\n..\r\nAUTH LOGIN x\r\n.\r\nQUIT\r\n`,
  ],
  [
    'a second AUTH after a letter',
    587,
    [
      ['S', '220 hi\r\n'],
      ['C', 'DATA\r\n'],
      ['S', '354 go\r\n'],
      ['C', 'x\r\n.\r\n'],
      ['S', '250 ok\r\n'],
      ['C', 'AUTH PLAIN\r\n'],
      ['S', '334 \r\n'],
      ['C', `${SECRET}\r\n`],
      ['S', '235 ok\r\n'],
      ['C', 'QUIT\r\n'],
    ],
    `DATA\r\nx\r\n.\r\nAUTH PLAIN\r\n${mask(SECRET.length)}\r\nQUIT\r\n`,
  ],
  [
    'a mechanism with as many rounds as the server asks for',
    587,
    [
      ['S', '220 hi\r\n'],
      ['C', 'EHLO a\r\nAUTH XTRA abc\r\n'],
      ['S', '250 a\r\n334 1\r\n'],
      ['C', 'one\r\n'],
      ['S', '334 2\r\n'],
      ['C', 'two\r\n'],
      ['S', '535 no\r\n'],
      ['C', 'NOOP\r\n'],
    ],
    'EHLO a\r\nAUTH XTRA ***\r\n***\r\n***\r\nNOOP\r\n',
  ],
  [
    'everything in one go, without waiting',
    587,
    [
      ['C', `EHLO a\r\nAUTH PLAIN ${SECRET}\r\nMAIL FROM:<a@b>\r\nDATA\r\nSubject: x\r\n\r\nx\r\n.\r\nQUIT\r\n`],
      ['S', '220 hi\r\n250 a\r\n235 ok\r\n250 ok\r\n354 go\r\n250 ok\r\n221 bye\r\n'],
      ['C', `AUTH LOGIN ${SECRET}\r\n`],
    ],
    `EHLO a\r\nAUTH PLAIN ${mask(SECRET.length)}\r\nMAIL FROM:<a@b>\r\nDATA\r\nSubject: x\r\n\r\nx\r\n.\r\nQUIT\r\nAUTH LOGIN ${mask(SECRET.length)}\r\n`,
  ],
  [
    'AUTH LOGIN without waiting, refused, and another try',
    587,
    [
      ['C', 'AUTH LOGIN\r\nYWxpY2U=\r\nc2VjcmV0\r\nNOOP\r\n'],
      ['S', '220 hi\r\n503 EHLO first\r\n500 what\r\n500 what\r\n250 ok\r\n'],
      ['C', 'EHLO a\r\nAUTH PLAIN\r\n'],
      ['S', '250 a\r\n334 \r\n'],
      ['C', `${SECRET}\r\n`],
    ],
    `AUTH LOGIN\r\n${mask(8)}\r\n${mask(8)}\r\nNOOP\r\nEHLO a\r\nAUTH PLAIN\r\n${mask(SECRET.length)}\r\n`,
  ],
  [
    'line ends that are none',
    587,
    [
      ['S', '220 hi\r\n'],
      ['C', `NOOP\nAUTH PLAIN ${SECRET}\nAUTH LOGIN\n${SECRET}\r\n`],
    ],
    `NOOP\nAUTH PLAIN ${mask(SECRET.length)}\n${mask(10)}\n${mask(SECRET.length)}\r\n`,
  ],
  [
    'POP3 with USER and PASS, spaces included',
    110,
    [
      ['S', '+OK hi\r\n'],
      ['C', 'USER bob\r\n'],
      ['S', '+OK\r\n'],
      ['C', 'pass my secret word\r\n'],
      ['S', '+OK\r\n'],
      ['C', 'RETR 1\r\n'],
      ['S', '+OK\r\n+ PASS x\r\n.\r\n'],
      ['C', 'QUIT\r\n'],
    ],
    `USER bob\r\npass ${mask(14)}\r\nRETR 1\r\nQUIT\r\n`,
  ],
  [
    'POP3 with AUTH PLAIN and with APOP',
    110,
    [
      ['S', '+OK hi\r\n'],
      ['C', 'AUTH PLAIN\r\n'],
      ['S', '+ \r\n'],
      ['C', `${SECRET}\r\n`],
      ['S', '-ERR no\r\n'],
      ['C', 'APOP bob c4c9334bac560ecc979e58001b3e22fb\r\n'],
      ['S', '+OK\r\n'],
      ['C', 'STAT\r\n'],
    ],
    `AUTH PLAIN\r\n${mask(SECRET.length)}\r\nAPOP bob ${mask(32)}\r\nSTAT\r\n`,
  ],
];

describe('masking', () => {
  test.each(talks)('%s', (_name, port, turns, expected) => {
    expect(play(port, turns)).toBe(expected);
  });

  test('cutting the segments anywhere changes nothing', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...talks),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        ([, port, turns, expected], cuts) => {
          expect(play(port, turns, cuts)).toBe(expected);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('any octets at all keep their number and their line ends', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.constantFrom<'C' | 'S'>('C', 'S'),
            fc.string({ unit: fc.constantFrom(...'AUTHPLINOGDSE .35\r\n') }),
          ),
          { maxLength: 8 },
        ),
        turns => {
          const sent = turns.flatMap(([who, text]) => (who === 'C' ? [text] : [])).join('');
          const recorded = play(587, turns);
          expect(recorded.length).toBe(sent.length);
          for (let at = 0; at < sent.length; at += 1) if (recorded[at] !== sent[at]) expect(recorded[at]).toBe('*');
        },
      ),
    );
  });
});
