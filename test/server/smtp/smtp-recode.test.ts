/** Promises of recoding: what a line protocol shows of a binary letter decodes to the very octets, and what was lines stays as it was. */
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import PostalMime, { type Attachment } from 'postal-mime';
import { describe, expect, test } from 'vitest';
import { inLines, inOctets } from '../../../server/smtp/message/recode.ts';
import { installed } from '../../help/loopback/pop3-loopback.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const binaryPart = (octets: Uint8Array): Buffer =>
  Buffer.concat([bytes('Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\n'), octets]);
/** A multipart of these, with boundary `b`. */
const mixed = (parts: readonly Buffer[], boundary = 'b', encoding = 'binary'): Buffer =>
  Buffer.concat([
    bytes(
      `MIME-Version: 1.0\r\nContent-Type: multipart/mixed;\r\n boundary="${boundary}"\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`,
    ),
    ...parts.flatMap(part => [bytes(`--${boundary}\r\n`), part, bytes('\r\n')]),
    bytes(`--${boundary}--\r\n`),
  ]);
const isLines = (message: Buffer): boolean => !/(^|[^\r])\n|\r(?!\n)|\0|[^\r\n]{999}/.test(message.toString('latin1'));

const contentOf = (attachment: Attachment | undefined): Buffer => {
  const content = attachment?.content ?? '';
  return typeof content === 'string' ? Buffer.from(content) : Buffer.from(new Uint8Array(content));
};

describe('in lines', () => {
  test('any octets come out as they went in, beside a text that stays', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 400 }), { minLength: 1, maxLength: 4 }), async contents => {
        const text = bytes('Content-Type: text/plain\r\n\r\nHi\r\n');
        const lines = inLines(mixed([text, ...contents.map(binaryPart)], 'a boundary of its own'));
        expect(isLines(lines)).toBe(true);
        const { attachments, text: read } = await PostalMime.parse(lines);
        expect(read?.trim()).toBe('Hi');
        expect(attachments.map(each => contentOf(each).toString('hex'))).toEqual(
          contents.map(content => Buffer.from(content).toString('hex')),
        );
      }),
      { numRuns: 100 },
    );
  });

  test('what is only nearly a boundary is content', () => {
    const content = bytes('\n--b\r\n--bb\r\n x --b\r--b\n--b--');
    const lines = inLines(mixed([binaryPart(content)])).toString('latin1');
    expect(lines.split('\r\n\r\n')[2]).toBe(`${content.toString('base64')}\r\n--b--\r\n`);
  });

  test('a letter in a letter, and a multipart in a multipart', () => {
    const inner = mixed([binaryPart(bytes('\0\n'))], 'inner');
    const letter = Buffer.concat([
      bytes('Content-Type: message/rfc822\r\nContent-Transfer-Encoding: binary\r\n\r\nSubject: x\r\n'),
      inner,
    ]);
    const lines = inLines(mixed([letter, binaryPart(bytes('\xff'))])).toString('latin1');
    expect(lines).not.toContain('binary');
    expect(lines.match(/^Content-Transfer-Encoding: .*$/gm)).toEqual(
      ['7bit', '7bit', '7bit', 'base64', 'base64'].map(encoding => `Content-Transfer-Encoding: ${encoding}`),
    );
    expect(lines).toContain('\r\n\r\nAAo=\r\n--inner--\r\n');
  });

  test.each([
    [
      'no MIME at all',
      'Subject: x\r\n\r\na\nb',
      'Subject: x\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: base64\r\n\r\nYQpi\r\n',
    ],
    [
      'binary without a multipart',
      'MIME-Version: 1.0\r\ncontent-transfer-encoding: BINARY\r\nX: y\r\n\r\n\r',
      'MIME-Version: 1.0\r\nContent-Transfer-Encoding: base64\r\nX: y\r\n\r\nDQ==\r\n',
    ],
    ['lines', 'Subject: x\r\n\r\n\xfc\r\n', 'Subject: x\r\n\r\n\xfc\r\n'],
    ['nothing', '', ''],
  ])('%s', (_, before, after) => {
    expect(inLines(bytes(before)).toString('latin1')).toBe(after);
  });

  test('letters that nest without end are no danger, and lose no octet', () => {
    let letter = binaryPart(bytes('\n\0'));
    for (let depth = 0; depth < 2000; depth += 1) letter = mixed([letter], `b${depth}`);
    expect(isLines(inLines(letter))).toBe(true);
  });

  test.skipIf(!installed('python3'))('Python’s parser finds no defect and the same octets', () => {
    const octets = Buffer.from(Array.from({ length: 70_000 }, (_, at) => (at * 7919) & 0xff));
    const script = `
import email, email.policy, sys
letter = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
print([d for p in letter.walk() for d in p.defects], letter.get_payload(0).get_payload(decode=True).hex())
`;
    const python = spawnSync('python3', ['-c', script], { input: inLines(mixed([binaryPart(octets)])) });
    expect(python.stdout.toString().trim() === `[] ${octets.toString('hex')}`).toBe(true);
  });
});

test('in octets and back in lines is the same content', () => {
  const octets = Buffer.from(Array.from({ length: 1000 }, (_, at) => at & 0xff));
  const lines = inLines(mixed([binaryPart(octets)]));
  expect(inOctets(lines).equals(mixed([binaryPart(octets)]))).toBe(true);
});
