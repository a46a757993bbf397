/** Promises about where commands and messages end: however the stream is cut, and whatever an attacker puts in. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crlfForm } from '../../../server/base/crlf.ts';
import { createFramer, type Frame, type Framer } from '../../../server/smtp/machine/framing.ts';
import { stuffed } from '../../../server/smtp/message/dot-stuffing.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

/** What a server makes of a stream: after the line DATA comes a message. */
function readAll(framer: Framer, chunks: readonly Buffer[], limit = 1_000_000): Frame[] {
  const frames: Frame[] = [];
  for (const chunk of chunks) {
    framer.push(chunk);
    for (let frame = framer.next(); frame; frame = framer.next()) {
      frames.push(frame);
      if (frame.kind === 'line' && frame.line.toString() === 'DATA') framer.expectMessage(limit);
    }
  }
  return frames;
}
const readable = (frames: readonly Frame[]): readonly unknown[] =>
  frames.map(frame => {
    if (frame.kind === 'line') return frame.line.toString('latin1');
    if (frame.kind === 'overlong') return frame;
    if (frame.kind === 'chunk') return { ...frame, octets: frame.octets.toString('latin1') };
    return { ...frame, message: frame.message.toString('latin1') };
  });
const read = (text: string): readonly unknown[] => readable(readAll(createFramer(), [bytes(text)]));
const message = (text: string, bare = false) => ({ kind: 'message', message: text, bare, oversize: false });

/** The rules of RFC 5321 §4.5.2 once more, in three lines: the first CRLF.CRLF ends it, one leading dot of a line is dropped. */
function model(stream: string): string {
  const fromCrlf = `\r\n${stream}`;
  const body = fromCrlf.slice(0, fromCrlf.indexOf('\r\n.\r\n') + 2);
  return body.replaceAll('\r\n.', '\r\n').slice(2);
}

/** Cuts a buffer at the given places. */
function cut(whole: Buffer, places: readonly number[]): Buffer[] {
  const at = [...new Set(places.map(place => place % (whole.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, index) => whole.subarray(from, at[index] ?? whole.length));
}

describe('messages', () => {
  test.each([
    ['DATA\r\nA: b\r\n\r\nhello\r\n.\r\nQUIT\r\n', ['DATA', message('A: b\r\n\r\nhello\r\n'), 'QUIT']],
    ['DATA\r\n.\r\nNOOP\r\n', ['DATA', message(''), 'NOOP']],
    ['DATA\r\n.foo\r\n..\r\n...\r\n.. x\r\n.\r\n', ['DATA', message('foo\r\n.\r\n..\r\n. x\r\n')]],
    ['DATA\r\na\0b\xe9\r\n.\r\n', ['DATA', message('a\0b\xe9\r\n')]],
  ])('%j is read as it is meant', (stream, expected) => {
    expect(read(stream)).toEqual(expected);
  });

  test.each([
    '\n.\n',
    '\n.\r\n',
    '\r.\r',
    '\r.\r\n',
    '\r\n.\n',
    '\r\n.\n\n',
    '\r\n.\r',
    '\r\n.\r\r\n',
    '\r\n\0.\r\n',
    '\n\n.\r\n',
    '\r\r\n.\r\r\n',
    '\r\n.\0\r\n',
    '\r\n. \r\n',
  ])('%j does not end a message, and what follows is not run as a command', smuggler => {
    const frames = readAll(createFramer(), [bytes(`DATA\r\none${smuggler}MAIL FROM:<x@y>\r\n.\r\nQUIT\r\n`)]);
    expect(frames.map(frame => frame.kind)).toEqual(['line', 'message', 'line']);
    const [, taken] = frames;
    if (taken?.kind !== 'message') throw new Error('no message');
    expect(taken.message.toString('latin1')).toContain('MAIL FROM:<x@y>');
    const whole = taken.message.toString('latin1');
    expect(taken.bare).toBe(/\r(?!\n)|(?<!\r)\n/.test(whole));
  });

  test('cut anywhere, a stream gives the same frames, and the message is what the RFC says', () => {
    const piece = fc.constantFrom('\r', '\n', '.', '\r\n', '\r\n.', '\r\n.\r\n', 'a', 'DATA\r\n', 'x\0', '..', ' ');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.array(fc.nat(), { maxLength: 30 }), (pieces, places) => {
        const stream = bytes(`DATA\r\n${pieces.join('')}\r\n.\r\nNOOP\r\n`);
        const whole = readable(readAll(createFramer(), [stream]));
        expect(whole[1]).toMatchObject({ message: model(stream.toString('latin1', 6)) });
        expect(readable(readAll(createFramer(), cut(stream, places)))).toEqual(whole);
        expect(readable(readAll(createFramer(), cut(stream, [...stream.keys()])))).toEqual(whole);
      }),
      { numRuns: 500 },
    );
  });

  test('every message that is stuffed comes back as it was, and nothing in it ends it', () => {
    const piece = fc.constantFrom('\r\n', '.', '..', 'a', '\xe9', '\0', ' ', 'MAIL', '\r\n.\r\n', '\n', '\r');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), fc.array(fc.nat(), { maxLength: 10 }), (pieces, places) => {
        const sent = crlfForm(bytes(pieces.join('')));
        const stream = Buffer.concat([bytes('DATA\r\n'), stuffed(sent), bytes('QUIT\r\n')]);
        expect(readable(readAll(createFramer(), cut(stream, places)))).toEqual([
          'DATA',
          message(sent.toString('latin1')),
          'QUIT',
        ]);
      }),
      { numRuns: 500 },
    );
  });

  test('crlfForm leaves no bare CR or LF and ends in CRLF', () => {
    expect(crlfForm(bytes('a\nb\rc\r\n\n\r')).toString()).toBe('a\r\nb\r\nc\r\n\r\n\r\n');
    expect(crlfForm(bytes('a')).toString()).toBe('a\r\n');
    expect(crlfForm(bytes('a\r')).toString()).toBe('a\r\n');
    expect(crlfForm(bytes('')).toString()).toBe('');
  });

  test('past the limit octets are counted, not kept, and the next command is still found', () => {
    const framer = createFramer();
    const frames = readAll(
      framer,
      [
        bytes('DATA\r\n'),
        ...Array.from({ length: 100 }, () => bytes(`${'x'.repeat(998)}\r\n`)),
        bytes('.\r\nNOOP\r\n'),
      ],
      50_000,
    );
    expect(readable(frames)).toEqual(['DATA', { kind: 'message', message: '', bare: false, oversize: true }, 'NOOP']);
  });

  test('the limit counts the message, not its doubled dots or its end', () => {
    const exact = readAll(createFramer(), [bytes('DATA\r\n..ab\r\n.\r\n')], 5);
    expect(exact[1]).toMatchObject({ oversize: false });
    const over = readAll(createFramer(), [bytes('DATA\r\n..ab\r\n.\r\n')], 4);
    expect(over[1]).toMatchObject({ oversize: true });
  });
});

describe('commands', () => {
  test('a bare LF or CR is no line end', () => {
    expect(read('NOOP\nQUIT\r\n')).toEqual(['NOOP\nQUIT']);
    expect(read('NOOP\rQUIT\r\n')).toEqual(['NOOP\rQUIT']);
    expect(read('NOOP\n')).toEqual([]);
  });

  test('an endless line is thrown away up to its CRLF and the session goes on', () => {
    const framer = createFramer(100);
    const endless = Array.from({ length: 50 }, () => bytes('x'.repeat(77)));
    expect(readable(readAll(framer, [...endless, bytes('y\r'), bytes('\nNOOP\r\n')]))).toEqual([
      { kind: 'overlong' },
      'NOOP',
    ]);
  });

  test('a line of exactly the limit is a line, one octet more is not', () => {
    expect(readable(readAll(createFramer(5), [bytes('12345\r\n123456\r\n12345\r'), bytes('\n')]))).toEqual([
      '12345',
      { kind: 'overlong' },
      '12345',
    ]);
  });

  test('skipped octets are nobody’s command, however they come', () => {
    const framer = createFramer();
    framer.skip(12);
    expect(readable(readAll(framer, [bytes('QUI'), bytes('T\r\nQUI'), bytes('T\r\nNOOP\r\n')]))).toEqual(['NOOP']);
  });
});
