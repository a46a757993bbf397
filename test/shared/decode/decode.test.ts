/** What the decoders promise: text, header fields and lines are read from the very bytes, whatever those are. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromLatin1, latin1, readable, toUtf8, utf8 } from '../../../shared/bytes.ts';
import { DotBlock } from '../../../shared/decode/dot-block.ts';
import { decodeWords } from '../../../shared/decode/encoded-words.ts';
import { unstuffed } from '../../../shared/decode/framing.ts';
import { fieldOf, messageIdOf, parseHeader } from '../../../shared/decode/message.ts';
import { pathIn, SmtpConversation } from '../../../shared/decode/smtp.ts';

describe('octets and text', () => {
  test('UTF-8 is read and written as the platform does', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), text => {
        expect([...toUtf8(text)]).toEqual([...new TextEncoder().encode(text)]);
        expect(utf8(toUtf8(text))).toBe(new TextDecoder().decode(new TextEncoder().encode(text)));
      }),
    );
  });

  test('what is not UTF-8 is refused exactly when the platform refuses it', () => {
    const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), bytes => {
        let expected: string | null;
        try {
          expected = strict.decode(bytes);
        } catch {
          expected = null;
        }
        expect(utf8(bytes)).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });

  test('latin1 loses no octet', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20_000 }), bytes => {
        expect([...fromLatin1(latin1(bytes))]).toEqual([...bytes]);
      }),
      { numRuns: 20 },
    );
    expect(readable(Uint8Array.of(0xff, 0x41))).toBe('ÿA');
  });
});

describe('a dot-terminated block', () => {
  const stuffedBlock = (lines: readonly string[]) =>
    [...lines.map(line => (line.startsWith('.') ? `.${line}` : line)), '.'].map(line => `${line}\r\n`).join('');

  test('ends at CRLF.CRLF wherever it is cut, and gives back what was sent', () => {
    const line = fc
      .string({ unit: fc.constantFrom('a', '.', '\n', '\r', ' ', 'b') })
      .filter(text => !text.includes('\r\n') && !text.endsWith('\r') && !text.startsWith('\n'));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), fc.integer({ min: 1, max: 9 }), (lines, size) => {
        const wire = fromLatin1(`${stuffedBlock(lines)}QUIT\r\n`);
        const block = new DotBlock();
        let end = -1;
        for (let at = 0; at < wire.length && end < 0; at += size) {
          const found = block.read(wire.subarray(at, at + size), 0).end;
          if (found >= 0) end = at + found;
        }
        expect(latin1(wire.subarray(end))).toBe('QUIT\r\n');
        expect(latin1(unstuffed(wire.subarray(0, end)))).toBe(lines.map(each => `${each}\r\n`).join(''));
      }),
      { numRuns: 500 },
    );
  });

  test.each(['\n.\n', '\n.\r\n', '\r\n.\n', '\r.\r', '\r.\r\n', '\r\n.\r', '\r\n.\r\r\n', '\r\n\0.\r\n'])(
    'does not end at %j',
    smuggled => {
      expect(new DotBlock().read(fromLatin1(`hello${smuggled}MAIL FROM:<x@y>\r\n`), 0).end).toBe(-1);
    },
  );
});

describe('an SMTP conversation', () => {
  test('pairs each reply with what it answers, pipelined or not', () => {
    const talk = new SmtpConversation();
    const units = [
      ...talk.push('server', toUtf8('220 mx ESMTP\r\n')),
      ...talk.push('client', toUtf8('EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n')),
      ...talk.push('server', toUtf8('250-mx\r\n250 SIZE\r\n250 ok\r\n550 no\r\n354 go\r\n')),
      ...talk.push('client', toUtf8('Subject: x\r\n\r\n..\r\n.\r\nQUIT\r\n')),
      ...talk.push('server', toUtf8('250 queued\r\n221 bye\r\n')),
    ];
    expect(units.filter(unit => unit.kind === 'reply').map(({ code, to }) => [to, code])).toEqual([
      ['', 220],
      ['EHLO', 250],
      ['MAIL', 250],
      ['RCPT', 550],
      ['DATA', 354],
      ['.', 250],
      ['QUIT', 221],
    ]);
    const message = units.find(unit => unit.kind === 'message');
    expect(message && latin1(message.message)).toBe('Subject: x\r\n\r\n.\r\n');
  });

  test('a group of everything: one letter from its chunks, and the last reply is about the letter', () => {
    const talk = new SmtpConversation();
    const units = [
      ...talk.push('server', toUtf8('220 mx\r\n')),
      ...talk.push('client', toUtf8('MAIL FROM:<a@b>\r\nBDAT 4\r\nA:\r\nBDAT 0\r\nBDAT 5 last\r\n\r\n.\r\nQUIT\r\n')),
      ...talk.push('server', toUtf8('250 ok\r\n250 4 octets\r\n250 0 octets\r\n250 queued\r\n221 bye\r\n')),
    ];
    expect(units.map(unit => (unit.kind === 'reply' ? `${unit.to}=${unit.code}` : unit.kind)).join(' ')).toBe(
      '=220 command command command command message command MAIL=250 BDAT=250 BDAT=250 .=250 QUIT=221',
    );
    const message = units.find(unit => unit.kind === 'message');
    expect(message && latin1(message.message)).toBe('A:\r\n\r\n.\r\n');
    expect(talk.end()).toEqual([]);
  });

  test('a chunk that was not recorded to its end is still counted', () => {
    const talk = new SmtpConversation();
    const units = [
      ...talk.push('client', toUtf8('BDAT 10 LAST\r\nA:\r\n'), 6),
      ...talk.push('client', toUtf8('QUIT\r\n')),
    ];
    expect(units.map(unit => unit.kind)).toEqual(['command', 'message', 'command']);
    expect(units[1]).toMatchObject({ omitted: 6 });
  });

  test('chunks that never become a letter are told as what they are', () => {
    const talk = new SmtpConversation();
    const units = talk.push('client', toUtf8('BDAT 4\r\nA:\r\nRSET\r\nBDAT 4 LAST\r\nB:'));
    expect(units.map(unit => unit.kind)).toEqual(['command', 'fragment', 'command', 'command']);
    expect(talk.end()).toEqual([{ kind: 'fragment', from: 'client', bytes: toUtf8('B:') }]);
  });

  test('finds the path of MAIL and RCPT', () => {
    expect(pathIn('FROM:<a@b> SIZE=3')).toBe('a@b');
    expect(pathIn('FROM:<>')).toBe('');
    expect(pathIn('TO:<"a>b"@c>')).toBe('"a>b"@c');
    expect(pathIn('TO:<@x,@y:u@d>')).toBe('u@d');
    expect(pathIn('TO:u@d')).toBeNull();
  });
});

describe('a message header', () => {
  const message = toUtf8(
    'Received: from a\r\n\tby b;\r\n today\r\nSubject: =?utf-8?B?R3LDvMOfZSDwn5Os?=\r\nMessage-ID: <x@y>\r\n\r\nSubject: not this\r\n',
  );

  test('is unfolded, with byte ranges that meet, and ends at the first empty line', () => {
    const header = parseHeader(message);
    expect(header.fields.map(field => field.name)).toEqual(['Received', 'Subject', 'Message-ID']);
    expect(fieldOf(header, 'received')).toBe('from a\tby b; today');
    expect(messageIdOf(header)).toBe('<x@y>');
    expect(decodeWords(fieldOf(header, 'Subject'))).toBe('Grüße 📬');
    expect(latin1(message.subarray(header.body))).toBe('Subject: not this\r\n');
    expect(header.fields.map(field => field.range.from)).toEqual([
      0,
      ...header.fields.slice(0, -1).map(field => field.range.to),
    ]);
  });

  test('encoded-words join without the space between them, other words keep theirs', () => {
    expect(decodeWords('=?utf-8?Q?a=C3?= =?utf-8?Q?=BC_b?= c =?utf-8?Q?d?=')).toBe('aü b c d');
    expect(decodeWords('=?x-unknown?Q?a?= b')).toBe('=?x-unknown?Q?a?= b');
  });

  test('anything at all is read without failing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        expect(parseHeader(bytes).body).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });
});

describe('octets that are meant to hurt', () => {
  test('an encoded-word of any length is read', () => {
    const long = decodeWords(`=?utf-8?q?a?= =?utf-8?q?${'b'.repeat(300_000)}?=`);
    expect(long).toBe(`a${'b'.repeat(300_000)}`);
  });

  // Ten million steps and not ten to the fourteenth: these would not end in anybody's lifetime otherwise.
  test('a path that never ends is no path, and is found to be none', () => {
    expect(pathIn(`FROM:${'<'.repeat(5_000_000)}`)).toBeNull();
    expect(pathIn(`FROM:${'<'.repeat(5_000_000)}>`)).toBe('<'.repeat(4_999_999));
  });

  test('a chunk that comes octet by octet is put together', () => {
    const talk = new SmtpConversation();
    const body = 'x'.repeat(1000);
    const units = [`BDAT 1000 LAST\r\n`, ...body, 'QUIT\r\n'].flatMap(part => talk.push('client', toUtf8(part)));
    expect(units.map(unit => unit.kind)).toEqual(['command', 'message', 'command']);
    expect(units[1]?.kind === 'message' && latin1(units[1].message)).toBe(body);
  });

  test('very many pipelined commands each get their own reply', () => {
    const talk = new SmtpConversation();
    const many = 300_000;
    talk.push('server', toUtf8('220 mx\r\n'));
    talk.push('client', toUtf8(`${'NOOP\r\n'.repeat(many - 1)}QUIT\r\n`));
    const replies = talk.push('server', toUtf8('250 Ok\r\n'.repeat(many)));
    expect(replies).toHaveLength(many);
    expect(replies.at(-2)).toMatchObject({ kind: 'reply', to: 'NOOP' });
    expect(replies.at(-1)).toMatchObject({ kind: 'reply', to: 'QUIT' });
  });
});
