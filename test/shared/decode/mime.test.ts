/** Parts and reports are read from the bytes as they are, also from hostile ones. */
import { expect, test } from 'vitest';
import { readDsn } from '../../../shared/decode/dsn.ts';
import { mimeTree } from '../../../shared/decode/mime.ts';

const bytes = (...lines: readonly string[]): Buffer => Buffer.from(lines.join('\r\n'), 'latin1');

test('an attachment of 300,000 octets is a base64 part of 410,528, and both sizes are known', () => {
  const base64 = (
    Buffer.alloc(300_000, 'x')
      .toString('base64')
      .match(/.{1,76}/g) ?? []
  ).join('\r\n');
  const tree = mimeTree(
    bytes(
      'Content-Type: multipart/mixed; boundary="a;b"',
      '',
      'preamble',
      '--a;b',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      'Gr=C3=BC=',
      '=C3=9Fe',
      '--a;b',
      'Content-Type: application/octet-stream',
      'Content-Disposition: attachment; filename="one \\"big\\".bin"',
      'Content-Transfer-Encoding: BASE64',
      '',
      base64,
      '--a;b--',
      'epilogue',
    ),
  );
  expect(tree.type).toBe('multipart/mixed');
  expect(tree.parts.map(({ type, encoding, decoded, name }) => ({ type, encoding, decoded, name }))).toEqual([
    { type: 'text/plain', encoding: 'quoted-printable', decoded: Buffer.byteLength('Grüße'), name: '' },
    { type: 'application/octet-stream', encoding: 'base64', decoded: 300_000, name: 'one "big".bin' },
  ]);
  const file = tree.parts[1];
  // The CRLF before the boundary is the boundary's.
  expect((file?.range.to ?? 0) - (file?.range.from ?? 0)).toBe(410_528 - 2);
});

test('what is not MIME is one part of text, and a missing end or a boundary that never comes is no trouble', () => {
  expect(mimeTree(bytes('Subject: x', '', 'Hello'))).toMatchObject({
    type: 'text/plain',
    encoding: '7bit',
    decoded: 5,
    parts: [],
  });
  expect(mimeTree(bytes('Content-Type: multipart/mixed; boundary=q', '', 'none')).parts).toEqual([]);
  expect(mimeTree(bytes('Content-Type: multipart/mixed; boundary=q', '', '--q', '', 'open')).parts).toHaveLength(1);
  expect(mimeTree(Buffer.alloc(0)).parts).toEqual([]);
});

test('parts in parts without end are cut off, and so are too many', () => {
  const nested = Array.from({ length: 60 }, () => 'Content-Type: message/rfc822\r\n').join('\r\n');
  let depth = 0;
  for (let part = mimeTree(bytes(nested)); part.parts[0] !== undefined; part = part.parts[0]) depth += 1;
  expect(depth).toBeLessThanOrEqual(10);
  const many = mimeTree(
    bytes('Content-Type: multipart/mixed; boundary=q', '', ...Array.from({ length: 5000 }, () => '--q\r\n\r\nx')),
  );
  expect(many.parts.length).toBeLessThanOrEqual(201);
});

test('a notification says who failed, why, who said so, and what came back', () => {
  const dsn = bytes(
    'From: MAILER-DAEMON@smtp.blue.example',
    'Content-Type: multipart/report; report-type=delivery-status;',
    ' boundary="b"',
    '',
    '--b',
    '',
    'Your letter could not be delivered.',
    '',
    '--b',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; smtp.blue.example',
    '',
    'Final-Recipient: rfc822; bbo@green.example',
    'Action: failed',
    'Status: 5.1.1',
    'Remote-MTA: dns; mx1.green.example',
    'Diagnostic-Code: smtp; 550 5.1.1 <bbo@green.example>: no such',
    ' user here',
    '',
    'Final-Recipient: rfc822;carol@green.example',
    'Action: delayed',
    'Status: 4.4.1',
    'Will-Retry-Until: Mon, 30 Nov 2026 10:00:00 +0000',
    '',
    '--b',
    'Content-Type: text/rfc822-headers',
    '',
    'Subject: Lunch?',
    '--b--',
  );
  expect(readDsn(dsn)).toEqual({
    words: expect.objectContaining({ from: expect.any(Number) }),
    reporter: 'smtp.blue.example',
    recipients: [
      {
        recipient: 'bbo@green.example',
        action: 'failed',
        status: '5.1.1',
        diagnostic: '550 5.1.1 <bbo@green.example>: no such user here',
        remote: 'mx1.green.example',
        retryUntil: '',
      },
      {
        recipient: 'carol@green.example',
        action: 'delayed',
        status: '4.4.1',
        diagnostic: '',
        remote: '',
        retryUntil: 'Mon, 30 Nov 2026 10:00:00 +0000',
      },
    ],
    returned: { what: 'header', subject: 'Lunch?', octets: 15 },
  });
  expect(readDsn(bytes('Subject: x', '', 'no report'))).toBeNull();
});
