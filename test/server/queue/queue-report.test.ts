/** Promises of a notification: parsers we did not write read it, and nothing that others said can break it (RFC 3464, RFC 6533). */
import { spawnSync } from 'node:child_process';
import PostalMime from 'postal-mime';
import { describe, expect, test } from 'vitest';
import {
  composeReport,
  type RecipientReport,
  type ReportFacts,
  reportEnvelope,
  wants,
} from '../../../server/queue/bounce.ts';
import type { Notify } from '../../../server/smtp/envelope.ts';

const lacks = (program: string) => spawnSync(program, ['--version']).error !== undefined;
const DATE = new Date('2026-11-23T11:15:18Z');

const unknown: RecipientReport = {
  recipient: 'bbo@green.example',
  action: 'failed',
  status: '5.1.1',
  reason: 'mx1.green.example answered 550 5.1.1 <bbo@green.example>: user unknown',
  exchange: 'mx1.green.example',
  reply: { code: 550, lines: ['5.1.1 <bbo@green.example>: user unknown'] },
  at: DATE.getTime(),
};
const letter = {
  envelope: { reversePath: 'alice@blue.example', recipients: ['bbo@green.example'] },
  message: Buffer.from('Subject: Lunch?\r\nMessage-ID: <1@blue.example>\r\n\r\nAt noon?\r\n'),
  arrivedAt: new Date('2026-11-23T11:15:00Z'),
};
const facts: ReportFacts = {
  host: 'smtp.blue.example',
  domain: 'blue.example',
  id: '7F3A',
  date: DATE,
  letter,
  recipients: [unknown],
};
const report = (changes: Partial<ReportFacts> = {}): Buffer => composeReport({ ...facts, ...changes });
const about = (changes: Partial<ReportFacts['letter']>): Partial<ReportFacts> => ({
  letter: { ...letter, ...changes },
});

/** What Python’s email package makes of it: header, types of the parts, the fields of the delivery status, and the third part. */
interface Read {
  readonly header: Readonly<Record<string, string>>;
  readonly types: readonly string[];
  readonly text: string;
  readonly status: readonly Readonly<Record<string, string>>[];
  readonly returned: string;
  readonly defects: readonly string[];
}
const SCRIPT = `
import email, email.policy, json, sys
m = email.message_from_binary_file(sys.stdin.buffer, policy=email.policy.default)
text, status, returned = m.iter_parts()
groups = status.get_payload()
if isinstance(groups, str): groups = [email.message_from_string(g, policy=email.policy.default) for g in groups.strip().split('\\n\\n')]
content = returned.get_payload()
print(json.dumps({
  'header': dict(m.items()),
  'types': [p.get_content_type() for p in m.iter_parts()],
  'text': text.get_content(),
  'status': [dict(g.items()) for g in groups if g.items()],
  'returned': content[0].as_string() if isinstance(content, list) else content,
  'defects': [str(d) for p in m.walk() for d in p.defects],
}))`;
function readByPython(message: Buffer): Read {
  const { stdout, stderr } = spawnSync('python3', ['-c', SCRIPT], { input: message });
  if (stdout.length === 0) throw new Error(String(stderr));
  return JSON.parse(String(stdout)) as Read;
}

describe.skipIf(lacks('python3'))('as Python reads it', () => {
  test('every field that RFC 3464 has for a refused recipient, and the letter back', () => {
    const read = readByPython(
      report(
        about({
          envelope: {
            ...letter.envelope,
            envid: 'run+2B7',
            dsn: { 'bbo@green.example': { orcpt: 'rfc822;bob+2Bx@green.example' } },
          },
        }),
      ),
    );
    expect(read.defects).toEqual([]);
    expect(read.header).toEqual({
      Date: 'Mon, 23 Nov 2026 11:15:18 +0000',
      From: 'Mail delivery <MAILER-DAEMON@blue.example>',
      To: 'alice@blue.example',
      Subject: 'Undelivered: Lunch?',
      'Message-ID': `<7F3A.${DATE.getTime()}@smtp.blue.example>`,
      'In-Reply-To': '<1@blue.example>',
      References: '<1@blue.example>',
      'Auto-Submitted': 'auto-replied',
      'MIME-Version': '1.0',
      'Content-Transfer-Encoding': '7bit',
      'Content-Type': 'multipart/report; report-type="delivery-status"; boundary="report-7F3A"',
    });
    expect(read.types).toEqual(['text/plain', 'message/delivery-status', 'message/rfc822']);
    expect(read.text).toMatch(/could not be delivered to:\n\nbbo@green\.example\n {4}mx1\.green\.example answered 550/);
    expect(read.status).toEqual([
      {
        'Reporting-MTA': 'dns; smtp.blue.example',
        'Original-Envelope-Id': 'run+7',
        'Arrival-Date': 'Mon, 23 Nov 2026 11:15:00 +0000',
      },
      {
        'Original-Recipient': 'rfc822; bob+x@green.example',
        'Final-Recipient': 'rfc822; bbo@green.example',
        Action: 'failed',
        Status: '5.1.1',
        'Remote-MTA': 'dns; mx1.green.example',
        'Diagnostic-Code': 'smtp; 550 5.1.1 <bbo@green.example>: user unknown',
        'Last-Attempt-Date': 'Mon, 23 Nov 2026 11:15:18 +0000',
      },
    ]);
    expect(read.returned).toBe('Subject: Lunch?\nMessage-ID: <1@blue.example>\n\nAt noon?\n');
  });

  test('a delayed letter: until when it is tried, and its header alone', () => {
    const delayed: RecipientReport = {
      ...unknown,
      action: 'delayed',
      status: '4.4.1',
      reason: 'mx1.green.example could not be reached',
      reply: null,
    };
    const read = readByPython(report({ recipients: [delayed], retryUntil: new Date('2026-11-28T11:15:00Z') }));
    expect(read.status[1]).toEqual({
      'Final-Recipient': 'rfc822; bbo@green.example',
      Action: 'delayed',
      Status: '4.4.1',
      'Diagnostic-Code': 'X-mailscope; mx1.green.example could not be reached',
      'Last-Attempt-Date': 'Mon, 23 Nov 2026 11:15:18 +0000',
      'Will-Retry-Until': 'Sat, 28 Nov 2026 11:15:00 +0000',
    });
    expect(read.types[2]).toBe('text/rfc822-headers');
    expect(read.returned).toBe('Subject: Lunch?\nMessage-ID: <1@blue.example>\n');
    expect(read.text).toMatch(/It is given up\s+on Sat, 28 Nov 2026/);
  });

  test.each([
    ['FULL', 100_000, 'message/rfc822'],
    ['HDRS', 10, 'text/rfc822-headers'],
    [undefined, 65_000, 'message/rfc822'],
    [undefined, 66_000, 'text/rfc822-headers'],
  ] as const)('RET=%s and a body of %i octets bring back %s', (ret, octets, type) => {
    const message = Buffer.from(`Subject: x\r\n\r\n${'line of ten'.padEnd(48, '.')}\r\n`.padEnd(octets, 'y\r\n'));
    const envelope = { ...letter.envelope, ...(ret === undefined ? {} : { ret }) };
    expect(readByPython(report(about({ message, envelope }))).types[2]).toBe(type);
  });

  test('hundred recipients have a group each, in order', () => {
    const recipients = Array.from({ length: 100 }, (_, nth) => ({
      ...unknown,
      recipient: `nobody-${nth}@green.example`,
    }));
    const read = readByPython(report({ recipients }));
    expect(read.status.slice(1).map(group => group['Final-Recipient'])).toEqual(
      recipients.map(({ recipient }) => `rfc822; ${recipient}`),
    );
  });

  test('what a server, a client or an old letter said cannot add a field, end a part or break a line', () => {
    const evil = 'x\r\nStatus: 2.0.0\r\n\r\n--report-7F3A--\r\n';
    const message = report({
      recipients: [
        {
          ...unknown,
          reason: evil,
          reply: { code: 550, lines: [evil, 'Grüße', `${'long '.repeat(300)}${'endless'.repeat(600)}`] },
        },
      ],
      letter: {
        envelope: {
          ...letter.envelope,
          envid: 'x+0D+0AStatus:+202.0.0',
          dsn: { 'bbo@green.example': { orcpt: 'rfc822;x+0D+0A+0D+0AAction:+20delivered' } },
        },
        message: Buffer.from('Subject: a\r\n\tb\r\n\r\n--report-7F3A--\r\n--report-7F3A\r\n\r\nx'),
        arrivedAt: DATE,
      },
    });
    const read = readByPython(message);
    expect(read.defects).toEqual([]);
    expect(read.types).toEqual(['text/plain', 'message/delivery-status', 'message/rfc822']);
    expect(read.status).toHaveLength(2);
    expect(read.status[0]).toMatchObject({ 'Original-Envelope-Id': 'x??Status: 2.0.0' });
    expect(read.status[1]).toMatchObject({
      Status: '5.1.1',
      Action: 'failed',
      'Original-Recipient': 'rfc822; x????Action: delivered',
    });
    expect(read.returned).toContain('--report-7F3A--\n--report-7F3A\n');
    const text = message.toString('latin1');
    expect(Math.max(...text.split('\r\n').map(line => line.length))).toBeLessThanOrEqual(998);
    expect(text).toMatch(/^[ -~\t\r\n]*$/);
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  });

  test('an international letter gets an international notification (RFC 6533)', () => {
    const envelope = { reversePath: 'grüße@blue.example', recipients: ['用户@green.example'], smtpUtf8: true };
    const message = Buffer.from('Subject: Grüße 📬\r\n\r\nJa?\r\n');
    const written = report({
      recipients: [{ ...unknown, recipient: '用户@green.example' }],
      ...about({ envelope, message }),
    });
    const read = readByPython(written);
    expect(read.types).toEqual(['text/plain', 'message/global-delivery-status', 'message/global']);
    expect(written.toString('utf8')).toContain('Final-Recipient: utf-8; 用户@green.example\r\n');
    expect(read.header).toMatchObject({ Subject: 'Undelivered: Grüße 📬', To: 'grüße@blue.example' });
    expect(reportEnvelope(envelope)).toMatchObject({ smtpUtf8: true, recipients: ['grüße@blue.example'] });
  });
});

test('postal-mime, with which the page reads mail, finds the words for a person and the letter that came back', async () => {
  const mail = await new PostalMime().parse(report());
  expect(mail.text).toContain('could not be delivered to:\n\nbbo@green.example\n');
  expect(mail.attachments.map(({ mimeType }) => mimeType)).toContain('message/delivery-status');
});

test('eight-bit letters come back octet by octet, and the notification says that it has such', () => {
  const message = Buffer.from([...Buffer.from('Subject: x\r\n\r\n'), 0xff, 0x80, 0x0d, 0x0a]);
  const written = report(about({ message }));
  expect(written.includes(message)).toBe(true);
  expect(written.toString('latin1')).toMatch(/^Content-Transfer-Encoding: 8bit\r$/m);
});

test('nobody answers a notification, and it says so wherever it goes', () => {
  expect(reportEnvelope(letter.envelope)).toEqual({
    reversePath: '',
    recipients: ['alice@blue.example'],
    dsn: { 'alice@blue.example': { notify: ['NEVER'] } },
  });
});

test.each<[readonly Notify[] | undefined, string]>([
  [undefined, 'failed delayed'],
  [['NEVER'], ''],
  [['SUCCESS'], 'delivered relayed expanded'],
  [['FAILURE'], 'failed'],
  [['DELAY', 'FAILURE'], 'failed delayed'],
])('NOTIFY=%s asks for: %s', (notify, wanted) => {
  const dsn = notify === undefined ? {} : { 'bob@green.example': { notify } };
  const asked = (reversePath: string): string =>
    (['failed', 'delayed', 'delivered', 'relayed', 'expanded'] as const)
      .filter(action => wants({ reversePath, recipients: [], dsn }, 'bob@green.example', action))
      .join(' ');
  expect(asked('alice@blue.example')).toBe(wanted);
  expect(asked(''), 'never for a notification').toBe('');
});
