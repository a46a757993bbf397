/** The wire knows which line is coming wherever the segments were cut, and never takes a letter for commands. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Follower, followerFor, type Part } from '../server/network/follow.ts';
import type { Side } from '../shared/trace/event.ts';

interface Turn {
  readonly side: Side;
  readonly text: string;
}
const C = (...lines: readonly string[]): Turn => ({ side: 'client', text: lines.map(line => `${line}\r\n`).join('') });
const S = (...lines: readonly string[]): Turn => ({ side: 'server', text: lines.map(line => `${line}\r\n`).join('') });

const follower = (port: number): Follower => {
  const made = followerFor(port);
  if (made === null) throw new Error(`nobody follows port ${port}`);
  return made;
};

/** What was understood: "client line MAIL: …", pieces of one thing put together. */
function understood(
  port: number,
  turns: readonly Turn[],
  cut: (text: string) => readonly string[] = text => [text],
): string[] {
  const following = follower(port);
  const said: string[] = [];
  for (const { side, text } of turns) {
    let begun = '';
    let open: { readonly label: string; text: string } | null = null;
    const flush = (): void => {
      if (open !== null) said.push(`${open.label}: ${JSON.stringify(open.text)}`);
      open = null;
    };
    for (const piece of cut(text)) {
      const chunk = Buffer.from(piece, 'latin1');
      const parts: readonly Part[] = following[side](chunk);
      expect(Buffer.concat(parts.map(({ bytes }) => bytes)).equals(chunk)).toBe(true);
      for (const { kind, verbs, bytes, offset } of parts) {
        const whole = begun + bytes.toString('latin1');
        const start = offset - begun.length;
        begun = '';
        if (kind === 'begun') begun = whole;
        else if (kind === 'content') {
          if (open?.label !== 'content') {
            flush();
            open = { label: 'content', text: '' };
          }
          expect(start).toBe(open.text.length);
          open.text += whole;
        } else {
          flush();
          open = { label: `${kind} ${verbs.join('+')}`.trim(), text: whole };
          flush();
        }
      }
    }
    if (begun !== '') said.push(`begun: ${JSON.stringify(begun)}`);
    flush();
  }
  return said;
}

const LETTER = ['Subject: QUIT', '', 'QUIT', '.. a dot', '..', 'DATA', '. ', 'bare \n.\r here', 'MAIL FROM:<a@b>'];
const SMTP: readonly Turn[] = [
  S('220 mx1.green.example'),
  C('EHLO smtp.blue.example'),
  S('250-mx1.green.example', '250-PIPELINING', '250 AUTH PLAIN'),
  C('AUTH LOGIN'),
  S('334 VXNlcm5hbWU6'),
  C('UVVJVA=='),
  S('334 UGFzc3dvcmQ6'),
  C('REFUQQ=='),
  S('235 2.7.0 Ok'),
  C('mail from:<a@blue.example>', 'RCPT TO:<b@green.example>', 'DATA'),
  S('250 Ok', '550 no', '354 Go on'),
  C(...LETTER, '.', 'NOOP', 'MAIL FROM:<>', 'RCPT TO:<c@green.example>', 'DATA'),
  S('250 Stored', '250 Ok', '250 Ok', '503 no', '503 no'),
  C('BDAT 9', 'QUIT\r\n.'),
];

describe('SMTP', () => {
  test('commands, replies and content are told apart', () => {
    expect(understood(25, SMTP.slice(0, 12))).toEqual([
      'reply GREETING: "220 mx1.green.example\\r\\n"',
      'line EHLO: "EHLO smtp.blue.example\\r\\n"',
      'reply EHLO: "250-mx1.green.example\\r\\n"',
      'rest: "250-PIPELINING\\r\\n"',
      'rest: "250 AUTH PLAIN\\r\\n"',
      'line AUTH: "AUTH LOGIN\\r\\n"',
      'reply: "334 VXNlcm5hbWU6\\r\\n"',
      'rest: "UVVJVA==\\r\\n"',
      'reply: "334 UGFzc3dvcmQ6\\r\\n"',
      'rest: "REFUQQ==\\r\\n"',
      'reply AUTH: "235 2.7.0 Ok\\r\\n"',
      'line MAIL: "mail from:<a@blue.example>\\r\\n"',
      'line RCPT: "RCPT TO:<b@green.example>\\r\\n"',
      'line DATA: "DATA\\r\\n"',
      'reply MAIL: "250 Ok\\r\\n"',
      'reply RCPT: "550 no\\r\\n"',
      'reply DATA: "354 Go on\\r\\n"',
      `content: ${JSON.stringify(`${LETTER.join('\r\n')}\r\n`)}`,
      'line END-OF-DATA: ".\\r\\n"',
      'line: "NOOP\\r\\n"',
      'line MAIL: "MAIL FROM:<>\\r\\n"',
      'line RCPT: "RCPT TO:<c@green.example>\\r\\n"',
      'line DATA: "DATA\\r\\n"',
    ]);
  });

  test('wherever the segments were cut', () => {
    const whole = understood(25, SMTP);
    fc.assert(
      fc.property(fc.infiniteStream(fc.integer({ min: 1, max: 12 })), sizes => {
        const cut = (text: string): string[] => {
          const pieces: string[] = [];
          for (let at = 0; at < text.length; ) {
            const size = sizes.next().value;
            pieces.push(text.slice(at, at + size));
            at += size;
          }
          return pieces;
        };
        expect(understood(25, SMTP, cut)).toEqual(whole);
      }),
      { numRuns: 60 },
    );
  });

  test('an empty letter, and one whose client did not wait for the 354', () => {
    expect(understood(25, [S('220 x'), C('DATA'), S('354 x'), C('.')])).toEqual([
      'reply GREETING: "220 x\\r\\n"',
      'line DATA: "DATA\\r\\n"',
      'reply DATA: "354 x\\r\\n"',
      'line END-OF-DATA: ".\\r\\n"',
    ]);
    const hasty = [S('220 x'), C('DATA', 'QUIT', '.', 'QUIT'), S('354 x', '250 stored', '221 x')];
    expect(understood(25, hasty).slice(2)).toEqual([
      'rest: "QUIT\\r\\n"',
      'rest: ".\\r\\n"',
      'rest: "QUIT\\r\\n"',
      'reply DATA: "354 x\\r\\n"',
      'reply END-OF-DATA: "250 stored\\r\\n"',
      'reply QUIT: "221 x\\r\\n"',
    ]);
    const refused = [S('220 x'), C('DATA', 'RSET', 'QUIT'), S('503 x', '250 x', '221 x')];
    expect(understood(25, refused).slice(-3)).toEqual([
      'reply DATA: "503 x\\r\\n"',
      'reply: "250 x\\r\\n"',
      'reply QUIT: "221 x\\r\\n"',
    ]);
  });

  test('a letter in chunks is its DATA at the first and its end at the last', () => {
    expect(
      understood(
        25,
        [S('220 x'), C('BDAT 8', 'QUIT\r\nab', 'BDAT 0 LAST', 'MAIL FROM:<>', 'BDAT 2 LAST', '')].slice(0, 2),
      ),
    ).toEqual([
      'reply GREETING: "220 x\\r\\n"',
      'line DATA: "BDAT 8\\r\\n"',
      'content: "QUIT\\r\\nab"',
      'line: "\\r\\n"',
      'line END-OF-DATA: "BDAT 0 LAST\\r\\n"',
      'line MAIL: "MAIL FROM:<>\\r\\n"',
      'line DATA+END-OF-DATA: "BDAT 2 LAST\\r\\n"',
      'content: "\\r\\n"',
    ]);
  });
});

test('POP3: a letter that quotes replies is not taken for them, and each reply belongs to its command', () => {
  const turns = [
    S('+OK hi'),
    C('USER a', 'PASS b'),
    S('+OK', '+OK'),
    C('STAT', 'UIDL', 'UIDL 1', 'RETR 1', 'DELE 1', 'QUIT'),
    S('+OK 1 20', '+OK', '1 abc', '.', '+OK 1 abc', '+OK 20', '+OK', '..', '-ERR', '.', '-ERR no', '+OK bye'),
  ];
  const whole = understood(110, turns);
  expect(whole).toEqual([
    'reply GREETING: "+OK hi\\r\\n"',
    'line USER: "USER a\\r\\n"',
    'line PASS: "PASS b\\r\\n"',
    'reply USER: "+OK\\r\\n"',
    'reply PASS: "+OK\\r\\n"',
    ...['STAT', 'UIDL', 'UIDL 1', 'RETR 1', 'DELE 1', 'QUIT'].map(
      line => `line ${line.slice(0, 4)}: ${JSON.stringify(`${line}\r\n`)}`,
    ),
    'reply STAT: "+OK 1 20\\r\\n"',
    'reply UIDL: "+OK\\r\\n"',
    'rest: "1 abc\\r\\n.\\r\\n"',
    'reply UIDL: "+OK 1 abc\\r\\n"',
    'reply RETR: "+OK 20\\r\\n"',
    'rest: "+OK\\r\\n..\\r\\n-ERR\\r\\n.\\r\\n"',
    'reply DELE: "-ERR no\\r\\n"',
    'reply QUIT: "+OK bye\\r\\n"',
  ]);
});

test('nobody follows DNS', () => {
  expect(followerFor(53)).toBe(null);
});
