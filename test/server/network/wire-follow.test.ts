/** The wire knows which line is coming wherever the segments were cut, and never takes a letter for commands. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { passingAt } from '../../../server/base/passing.ts';
import { createMoments } from '../../../server/network/gates/moments.ts';
import type { Passing } from '../../../shared/decode/passing.ts';
import type { Span } from '../../../shared/decode/span.ts';
import type { Side } from '../../../shared/trace/event.ts';

interface Turn {
  readonly side: Side;
  readonly text: string;
}
const C = (...lines: readonly string[]): Turn => ({ side: 'client', text: lines.map(line => `${line}\r\n`).join('') });
const S = (...lines: readonly string[]): Turn => ({ side: 'server', text: lines.map(line => `${line}\r\n`).join('') });

const follow = (port: number): Passing => {
  const passing = passingAt(port);
  if (passing === null) throw new Error(`nobody follows port ${port}`);
  return passing;
};

/** What was understood: "line MAIL: …" of a client, "reply MAIL: …" of a server; all spans of one thing put together. */
function understood(
  port: number,
  turns: readonly Turn[],
  cut: (text: string) => readonly string[] = text => [text],
): string[] {
  const passing = follow(port);
  const moments = createMoments({
    from: { host: 'a.example', address: '192.0.2.1', port: 1 },
    to: { host: 'b.example', address: '192.0.2.2', port },
  });
  const said: string[] = [];
  /** Of the lines and replies that have begun. */
  let label = 'begun';
  let text = '';
  const finish = (): void => {
    if (text !== '') said.push(`${label}: ${JSON.stringify(text)}`);
    text = '';
    label = 'begun';
  };
  const continueWith = (next: string, octets: string, ends: boolean): void => {
    if (label !== 'begun' && label !== next) finish();
    label = next;
    text += octets;
    if (ends) finish();
  };
  /** What the first span that tells said of the line or reply that is going on. */
  let known = '';
  const read = (span: Span, octets: string): void => {
    switch (span.kind) {
      case 'verb':
      case 'argument':
      case 'secret':
        if (span.first) known = span.role === 'command' ? `line ${moments.ofLine(span).join('+')}`.trim() : 'rest';
        continueWith(span.ends ? known : 'begun', octets, span.ends);
        return;
      case 'reply':
        if (span.first) known = `reply ${moments.ofReply(span).join('+')}`.trim();
        continueWith(span.ends ? known : 'begun', octets, span.ends);
        if (span.ends) known = 'rest';
        return;
      case 'content':
        if (octets === '') return;
        if (label !== 'content' && label !== 'rest') finish();
        expect(span.offset - (octets.length - (span.to - span.from))).toBe(text.length);
        continueWith(port === 110 ? 'rest' : 'content', octets, false);
        return;
      case 'undecided':
        pending += octets;
        return;
      case 'end':
        if (port === 110) continueWith('rest', octets, true);
        else {
          finish();
          continueWith(`line ${moments.ofLine(span).join('+')}`, octets, true);
        }
        return;
      case 'opaque':
        continueWith('opaque', octets, false);
    }
  };
  let pending = '';
  for (const turn of turns) {
    for (const piece of cut(turn.text)) {
      const chunk = Buffer.from(piece, 'latin1');
      const spans = passing[turn.side](chunk);
      expect(spans.map(({ from, to }) => piece.slice(from, to)).join('')).toBe(piece);
      for (const span of spans) {
        const before = span.kind === 'undecided' ? '' : pending;
        if (span.kind !== 'undecided') pending = '';
        read(span, before + piece.slice(span.from, span.to));
      }
    }
    text += pending;
    pending = '';
    finish();
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
  expect(passingAt(53)).toBe(null);
});
