/** What a letter promises: legal lines, a subject and a text that come out as they were written. */
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import PostalMime from 'postal-mime';
import { describe, expect, test } from 'vitest';
import { attachedOctets } from '../../../server/mail-client/attachment.ts';
import { composeMessage } from '../../../server/mail-client/compose.ts';
import { type Draft, envelopeOf, parseDraft, recipientsOf } from '../../../server/mail-client/draft.ts';
import { mendSubmission } from '../../../server/smtp/message/originate.ts';
import { installed } from '../../help/loopback/pop3-loopback.ts';

const DRAFT: Draft = {
  from: { name: 'Alice', address: 'alice@blue.example' },
  to: ['bob@green.example'],
  subject: 'Hello',
  text: 'Hi Bob\n',
};
const compose = (changes: Partial<Draft>): Promise<Buffer> =>
  composeMessage({ ...DRAFT, ...changes, date: new Date(0), messageId: '<1@blue.example>' });

const headerOf = (message: Buffer): string[] => {
  const text = message.toString('latin1');
  return text.slice(0, text.indexOf('\r\n\r\n')).split('\r\n');
};

/** The body with the transfer encoding undone, by the letter of RFC 2045 §6.7 and §6.8. */
function bodyOf(message: Buffer): string {
  const text = message.toString('latin1');
  const body = text.slice(text.indexOf('\r\n\r\n') + 4);
  const encoding = /^content-transfer-encoding: *(\S+)/im.exec(text)?.[1] ?? '7bit';
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8');
  if (encoding !== 'quoted-printable') return body;
  const octets = body
    .replaceAll('=\r\n', '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(octets, 'latin1').toString('utf8');
}

/** RFC 5322 §2.1.1, §2.3, RFC 2045 §2.7, RFC 2047 §2: what every line must hold to. */
function expectLegal(message: Buffer): void {
  const text = message.toString('latin1');
  expect(/(^|[^\r])\n|\r(?!\n)|[^\t\r\n -~]/.test(text)).toBe(false);
  for (const line of text.split('\r\n')) expect(line.length).toBeLessThanOrEqual(998);
  for (const line of headerOf(message)) {
    expect(line).toMatch(/^([\x21-\x39\x3b-\x7e]+:|[ \t]+\S)/);
    for (const word of line.match(/=\?[^?]*\?[BbQq]\?[^?]*\?=/g) ?? []) {
      expect(word.length).toBeLessThanOrEqual(75);
      // Whole characters in each word (RFC 2047 §5).
      expect(wordOctets(word).toString('utf8')).not.toContain('\ufffd');
    }
  }
}

/** The octets of one encoded word (RFC 2047 §4). */
const wordOctets = (word: string): Buffer => {
  const [, , encoding = '', data = ''] = word.split('?');
  if (encoding.toUpperCase() === 'B') return Buffer.from(data, 'base64');
  return Buffer.from(unescape(data.replaceAll('_', ' ').replaceAll('=', '%')), 'latin1');
};

/** Unfolds Subject and decodes it by the letter of RFC 2047 §6.2: blanks between two encoded words are none. */
function decodedSubject(message: Buffer): string {
  const [, folded = ''] = /^Subject: ?((?:[^\r]|\r\n(?=[ \t]))*)\r\n/m.exec(message.toString('latin1')) ?? [];
  const value = folded.replaceAll('\r\n', '').replace(/(\?=)[ \t]+(?==\?)/g, '$1');
  return value.replace(/=\?utf-8\?[bq]\?[^?]*\?=/gi, word => wordOctets(word).toString('utf8'));
}

const asLines = (text: string): string => text.replace(/\r\n|\r|\n/g, '\r\n').replace(/[^\r\n]$/, '$&\r\n');

describe('the text', () => {
  test.each<[string, string]>([
    ['is empty', ''],
    ['is a word', 'Hi'],
    ['is dots', '.\n..\n.\n.\r\n...dots\n'],
    ['has emoji', 'Grüße 📬\n👩‍👩‍👧 family\n'],
    ['is Japanese', '日本語\n'.repeat(50)],
    ['has a line without end', 'x'.repeat(5000)],
    ['has blanks at the ends of lines', 'a \nb\t\n \n'],
    ['has lines that look like a mailbox file', 'From me\n>From you\n'],
    ['has what quoted-printable uses', '=3D =\n=20ü\n'],
    ['has bare CR and a NUL', 'a\rb\0c\n'],
  ])('that %s arrives as it was written', async (_what, text) => {
    const message = await compose({ text });
    expectLegal(message);
    expect(bodyOf(message)).toBe(asLines(text));
  });

  test('any text arrives as it was written', async () => {
    const text = fc.string({
      unit: fc.oneof(fc.constantFrom('\n', '\r\n', ' ', '.', '=', '\t'), fc.string({ unit: 'binary', maxLength: 3 })),
    });
    await fc.assert(
      fc.asyncProperty(text, async written => {
        const message = await compose({ text: written });
        expectLegal(message);
        expect(bodyOf(message)).toBe(asLines(written));
      }),
    );
  });

  test.each<[string, string]>([
    ['ASCII', `${'0123456789'.repeat(7)}\n`],
    ['emoji', '📬'.repeat(20)],
    ['one line', 'é='],
  ])('ten megabytes of %s arrive as they were written', async (_what, piece) => {
    const text = piece.repeat(Math.ceil(10_000_000 / Buffer.byteLength(piece)));
    const message = await compose({ text });
    expect(bodyOf(message) === asLines(text)).toBe(true);
    expect(/(^|[^\r])\n/.test(message.toString('latin1'))).toBe(false);
  });
});

describe('the header', () => {
  const subjectOf = async (subject: string): Promise<string> => {
    const message = await compose({ subject });
    expectLegal(message);
    return (await PostalMime.parse(message)).subject ?? '';
  };

  test.each([
    'Hello',
    '',
    'Grüße 📬',
    '📬'.repeat(1000),
    'x'.repeat(2000),
    'word '.repeat(300).trim(),
    `${'y'.repeat(100)} ${'z'.repeat(900)}`,
    'two  blanks   in a row',
    ' leading and trailing ',
    '=?utf-8?Q?not_an_encoded_word?=',
    'Re: [list] "quoted", (comment) <x@y>; a:b',
    'é'.repeat(40) + ' plain words after '.repeat(20),
  ])('carries the subject %#', async subject => {
    expect(await subjectOf(subject)).toBe(subject);
  });

  test('any subject without control characters comes out again', async () => {
    const plain = fc.string({ unit: 'binary', maxLength: 200 }).filter(text => !/[\p{Cc}\u2028\u2029]/u.test(text));
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          plain,
          fc.string({ maxLength: 200 }).filter(text => !/\p{Cc}/u.test(text)),
        ),
        async subject => {
          const message = await compose({ subject });
          expectLegal(message);
          expect(decodedSubject(message)).toBe(subject);
        },
      ),
    );
  });

  test('has each field once, and a date with a numeric zone', async () => {
    const message = await compose({ bcc: ['carol@green.example'], inReplyTo: '<0@green.example>' });
    const names = headerOf(message)
      .filter(line => /^\S/.test(line))
      .map(line => line.split(':', 1)[0]?.toLowerCase());
    expect([...names].sort()).toEqual([
      'bcc',
      'content-transfer-encoding',
      'content-type',
      'date',
      'from',
      'in-reply-to',
      'message-id',
      'mime-version',
      'references',
      'subject',
      'to',
    ]);
    const text = message.toString('latin1');
    expect(text).toContain('\r\nDate: Thu, 01 Jan 1970 00:00:00 +0000\r\n');
    expect(text).toContain('\r\nMessage-ID: <1@blue.example>\r\n');
    expect(text).toContain('\r\nIn-Reply-To: <0@green.example>\r\n');
  });

  test('names Bcc to the submission server, which takes it out and touches nothing else', async () => {
    const message = await compose({ bcc: ['carol@green.example', 'dave@blue.example'] });
    expectLegal(message);
    expect(message.toString('latin1')).toContain('\r\nBcc: carol@green.example, dave@blue.example\r\n');
    const mended = mendSubmission(message, { host: 'smtp.blue.example', id: 'Q1', date: new Date(0) });
    expect(mended.equals(await compose({}))).toBe(true);
  });

  test('has addresses beyond ASCII as they are, in UTF-8, and nothing else', async () => {
    const message = await compose({
      from: { name: 'Zoë', address: '用户@blue.example' },
      to: ['bob@green.example', 'ぼぶ@green.example'],
      bcc: ['δοκιμή@blue.example'],
      subject: 'Grüße 📬',
    });
    const text = message.toString('utf8');
    for (const address of ['<用户@blue.example>', ' ぼぶ@green.example', ' δοκιμή@blue.example']) {
      expect(text).toContain(address);
    }
    expectLegal(Buffer.from(text.replace(/[用户ぼぶδοκιμή]/g, 'x')));
    expect((await PostalMime.parse(message)).subject).toBe('Grüße 📬');
  });

  test('a name with commas and quotes is still one address', async () => {
    const message = await compose({ from: { name: 'Ünï, "A" <x@y>', address: 'alice@blue.example' } });
    expectLegal(message);
    expect((await PostalMime.parse(message)).from).toEqual({ name: 'Ünï, "A" <x@y>', address: 'alice@blue.example' });
  });

  test('addresses stand in it as they were given, a hundred of them too', async () => {
    const to = [
      '"a b"@green.example',
      "Bob.O'Hara+x@green.example",
      ...Array.from({ length: 98 }, (_, n) => `u${n}@green.example`),
    ];
    const message = await compose({ to });
    expectLegal(message);
    const field = /\r\nTo: ((?:[^\r]|\r\n )*)\r\n/.exec(message.toString('latin1'))?.[1] ?? '';
    // A quoted local part is written as an angle-addr (RFC 5322 §3.4).
    const addresses = field.replaceAll('\r\n', '').split(/, */);
    expect(addresses.map(address => address.replace(/^<(.*)>$/, '$1'))).toEqual(to);
  });
});

describe('text as 8bit', () => {
  const eightBit = (changes: Partial<Draft>): Promise<Buffer> => compose({ encoding: '8bit', ...changes });

  test.each(['Grüße 📬\n', 'é', `${'ü'.repeat(499)}\n.\n\n`])('goes as it is, and says so: %#', async text => {
    const message = await eightBit({ text });
    const [header = '', body] = message.toString('utf8').split(/\r\n\r\n([\s\S]*)/);
    expect(header).toMatch(/^Content-Transfer-Encoding: 8bit$/m);
    expect(header).toMatch(/^Content-Type: text\/plain; charset=utf-8$/m);
    expect(body).toBe(asLines(text));
    expect((await PostalMime.parse(message)).text?.replaceAll('\r\n', '\n').trimEnd()).toBe(text.trimEnd());
  });

  test.each([
    ['is ASCII', 'plain\n'],
    ['has a line over 998 octets', 'ü'.repeat(500)],
    ['has a NUL', 'ü\0\n'],
    ['is empty', ''],
  ])('that %s is encoded as ever', async (_what, text) => {
    expect(await eightBit({ text })).toEqual(await compose({ text }));
  });
});

describe('an attachment', () => {
  const attachment = { name: 'Bär, "x".bin', octets: 300_000 };

  test('is any size, without a pattern, and the same for the same name and size', () => {
    for (const octets of [0, 1, 57, 300_000]) expect(attachedOctets({ name: 'a', octets })).toHaveLength(octets);
    expect(attachedOctets(attachment).equals(attachedOctets({ ...attachment }))).toBe(true);
    expect(attachedOctets(attachment).equals(attachedOctets({ ...attachment, name: 'b' }))).toBe(false);
    expect(new Set(attachedOctets(attachment)).size).toBe(256);
  });

  test('grows by a third and a line end every 76 characters', async () => {
    const plain = { name: 'photo.bin', octets: 300_000 };
    const message = await compose({ attachment: plain });
    expectLegal(message);
    const [, encoded = ''] =
      /Content-Disposition: attachment;[^\r]*\r\n\r\n([A-Za-z0-9+/=\r\n]+)\r\n--/.exec(message.toString('latin1')) ??
      [];
    expect(encoded).toHaveLength(400_000 + 2 * 5263);
    expect((await compose({ attachment: plain })).equals(message)).toBe(true);
  });

  test
    .skipIf(!installed('python3'))
    .each<Partial<Draft>>([
      {},
      { text: '' },
      { text: 'Grüße 📬\n', encoding: '8bit' },
      { text: 'Grüße 📬\n', encoding: 'binary' },
      { attachment: { name: 'empty', octets: 0 } },
    ])('is found by Python’s parser beside the text, octet for octet: %o', async changes => {
    const wanted = { ...DRAFT, attachment, ...changes };
    const script = `
import email, email.policy, json, sys
letter = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
text, file = letter.iter_parts()
print(json.dumps({'type': letter.get_content_type(), 'defects': [str(d) for p in letter.walk() for d in p.defects],
  'text': text.get_payload(decode=True).decode(), 'how': text['content-transfer-encoding'],
  'kind': file.get_content_type(), 'name': file.get_filename(), 'hex': file.get_payload(decode=True).hex()}))
`;
    const message = await compose(wanted);
    const python = spawnSync('python3', ['-c', script], { input: message, maxBuffer: 64 * 1024 * 1024 });
    expect(python.stderr.toString()).toBe('');
    const found = JSON.parse(python.stdout.toString());
    expect(found).toMatchObject({ type: 'multipart/mixed', defects: [], kind: 'application/octet-stream' });
    expect(found.name).toBe(wanted.attachment.name);
    expect(found.hex === attachedOctets(wanted.attachment).toString('hex')).toBe(true);
    // The line end before the boundary belongs to the boundary (RFC 2046 §5.1.1).
    expect(found.text.replaceAll('\r\n', '\n')).toBe(wanted.text);
    if (wanted.encoding) expect(found.how).toBe(wanted.encoding);
  });

  test('as binary costs one octet for each, and the text goes as it is', async () => {
    const message = await compose({ attachment, text: 'é', encoding: 'binary' });
    const whole = message.toString('latin1');
    expect(whole.match(/^Content-Transfer-Encoding: .*$/gm)).toEqual(
      Array(3).fill('Content-Transfer-Encoding: binary'),
    );
    expect(
      message.includes(Buffer.concat([Buffer.from('\r\n\r\n'), attachedOctets(attachment), Buffer.from('\r\n--')])),
    ).toBe(true);
    const alone = (await compose({ text: 'é', encoding: 'binary' })).toString('utf8');
    expect(alone).toMatch(/\r\nContent-Transfer-Encoding: binary\r\n[\s\S]*\r\n\r\né\r\n$/);
    expect(envelopeOf({ ...DRAFT, encoding: 'binary' }).body).toBe('BINARYMIME');
    expect(envelopeOf({ ...DRAFT, encoding: '8bit' })).not.toHaveProperty('body');
  });
});

describe('what goes beside the letter', () => {
  test('is the author and everybody once, and nothing that was not asked for', () => {
    expect(envelopeOf({ ...DRAFT, bcc: ['Bob@GREEN.example', 'bob@green.example'] })).toEqual({
      reversePath: 'alice@blue.example',
      recipients: ['bob@green.example', 'Bob@green.example'],
    });
  });

  test('is another sender, or nobody, where the draft says so', () => {
    for (const envelopeFrom of ['bounces@list.example', '']) {
      expect(envelopeOf({ ...DRAFT, envelopeFrom }).reversePath).toBe(envelopeFrom);
    }
  });

  test('is SMTPUTF8 where any address has more than ASCII, and only there', () => {
    const bcc = ['用户@blue.example'];
    expect(envelopeOf({ ...DRAFT, bcc })).toMatchObject({ smtpUtf8: true });
    expect(envelopeOf({ ...DRAFT, from: { address: 'zoë@blue.example' }, envelopeFrom: '' })).toMatchObject({
      smtpUtf8: true,
    });
    expect(
      envelopeOf({ ...DRAFT, from: { name: 'Zoë', address: 'zoe@blue.example' }, text: 'Grüße' }),
    ).not.toHaveProperty('smtpUtf8');
  });

  test('is what the sender wants to be told, in xtext', () => {
    const to = ['bob+x=y@green.example', 'ぼぶ@green.example'];
    expect(envelopeOf({ ...DRAFT, to, notify: ['SUCCESS', 'DELAY'], ret: 'HDRS', envid: 'No. 7+1=8' })).toMatchObject({
      ret: 'HDRS',
      envid: 'No.+207+2B1+3D8',
      dsn: {
        'bob+x=y@green.example': { notify: ['SUCCESS', 'DELAY'], orcpt: 'rfc822;bob+2Bx+3Dy@green.example' },
        'ぼぶ@green.example': { notify: ['SUCCESS', 'DELAY'] },
      },
    });
  });
});

describe('what the API is sent', () => {
  const input = { from: 'alice@blue.example', to: ['bob@green.example'], subject: 'S', text: 'T' };

  test('becomes a draft', () => {
    expect(parseDraft({ ...input, collect: true })).toEqual({
      ok: true,
      draft: { from: { address: 'alice@blue.example' }, to: ['bob@green.example'], subject: 'S', text: 'T' },
    });
    expect(parseDraft({ ...input, bcc: ['c@d.example'], inReplyTo: '<a@b>' })).toMatchObject({
      ok: true,
      draft: { bcc: ['c@d.example'], inReplyTo: '<a@b>' },
    });
    expect(parseDraft({ ...input, subject: 'x'.repeat(2000), text: '' }).ok).toBe(true);
  });

  test('may say how it is to be sent, and leave any of that out as null', () => {
    const wishes = {
      envelopeFrom: 'Bounces@LIST.example',
      notify: ['FAILURE', 'SUCCESS'],
      ret: 'FULL',
      envid: 'No. 7',
      attachment: { name: 'photo.jpg', octets: 8 * 1024 * 1024, path: '/etc/passwd' },
      encoding: '8bit',
    };
    expect(parseDraft({ ...input, ...wishes })).toMatchObject({
      ok: true,
      draft: {
        ...wishes,
        envelopeFrom: 'Bounces@list.example',
        notify: ['SUCCESS', 'FAILURE'],
        attachment: { name: 'photo.jpg', octets: 8 * 1024 * 1024 },
      },
    });
    const nothing = Object.fromEntries(['bcc', 'inReplyTo', ...Object.keys(wishes)].map(name => [name, null]));
    expect(parseDraft({ ...input, ...nothing })).toEqual(parseDraft(input));
    expect(parseDraft({ ...input, envelopeFrom: '' })).toMatchObject({ draft: { envelopeFrom: '' } });
    expect(parseDraft({ ...input, from: '用户@Blue.example' })).toMatchObject({
      draft: { from: { address: '用户@blue.example' } },
    });
  });

  test.each<[string, unknown]>([
    ['bad-request', null],
    ['bad-request', 'x'],
    ['bad-sender', []],
    ['bad-sender', { ...input, from: undefined }],
    ['bad-sender', { ...input, from: 'alice' }],
    ['bad-sender', { ...input, from: 'Alice <alice@blue.example>' }],
    ['bad-sender', { ...input, from: 'alice@blue.example\r\nBcc: x@y.example' }],
    ['bad-request', { ...input, to: 'bob@green.example' }],
    ['bad-request', { ...input, to: [1] }],
    ['bad-request', { ...input, bcc: 'x@y.example' }],
    ['no-recipients', { ...input, to: [] }],
    ['too-many-recipients', { ...input, to: Array(101).fill('bob@green.example') }],
    ['bad-recipient', { ...input, to: [''] }],
    ['bad-recipient', { ...input, to: ['bob@green.example', '@green.example'] }],
    ['bad-recipient', { ...input, to: ['bob@@green.example'] }],
    ['bad-recipient', { ...input, to: ['bob@green..example'] }],
    ['bad-recipient', { ...input, to: ['a, b@green.example'] }],
    ['bad-recipient', { ...input, to: ['bob@grün.example'] }],
    ['bad-recipient', { ...input, to: ['b\u200bøb@green.example'] }],
    ['bad-recipient', { ...input, to: ['bø b@green.example'] }],
    ['bad-recipient', { ...input, to: ['bøb..x@green.example'] }],
    ['bad-recipient', { ...input, to: ['bøb<x>@green.example'] }],
    ['bad-recipient', { ...input, to: [`${'ø'.repeat(33)}@green.example`] }],
    ['bad-recipient', { ...input, to: ['bø\ud800b@green.example'] }],
    ['bad-recipient', { ...input, to: [`${'x'.repeat(65)}@green.example`] }],
    ['bad-recipient', { ...input, bcc: ['bob@green.example>'] }],
    ['bad-subject', { ...input, subject: 1 }],
    ['bad-subject', { ...input, subject: 'a\r\nBcc: x@y.example' }],
    ['bad-subject', { ...input, subject: 'a\u0000' }],
    ['subject-too-long', { ...input, subject: 'x'.repeat(2001) }],
    ['bad-text', { ...input, text: undefined }],
    ['text-too-long', { ...input, text: 'é'.repeat(8 * 1024 * 1024 + 1) }],
    ['bad-reference', { ...input, inReplyTo: 'x' }],
    ['bad-reference', { ...input, inReplyTo: '<a\r\nb>' }],
    ['bad-reference', { ...input, inReplyTo: `<${'m'.repeat(70_000)}@x.example>` }],
    ['bad-envelope-sender', { ...input, envelopeFrom: 'bob' }],
    ['bad-envelope-sender', { ...input, envelopeFrom: '<>' }],
    ['bad-envelope-sender', { ...input, envelopeFrom: 7 }],
    ['bad-notify', { ...input, notify: [] }],
    ['bad-notify', { ...input, notify: 'NEVER' }],
    ['bad-notify', { ...input, notify: ['NEVER', 'DELAY'] }],
    ['bad-notify', { ...input, notify: ['DELAY', 'DELAY'] }],
    ['bad-notify', { ...input, notify: ['DELAY', 'delay'] }],
    ['bad-ret', { ...input, ret: 'full' }],
    ['bad-envid', { ...input, envid: '' }],
    ['bad-envid', { ...input, envid: 'a\r\nb' }],
    ['bad-envid', { ...input, envid: '+'.repeat(34) }],
    ['bad-attachment', { ...input, attachment: 'a.bin' }],
    ['bad-attachment', { ...input, attachment: { name: ' ', octets: 1 } }],
    ['bad-attachment', { ...input, attachment: { name: 'a\r\nb', octets: 1 } }],
    ['bad-attachment', { ...input, attachment: { name: '../a', octets: 1 } }],
    ['bad-attachment', { ...input, attachment: { name: 'a', octets: 1.5 } }],
    ['bad-attachment', { ...input, attachment: { name: 'a', octets: -1 } }],
    ['bad-attachment', { ...input, attachment: { name: 'a', octets: '1' } }],
    ['attachment-too-large', { ...input, attachment: { name: 'a', octets: 8 * 1024 * 1024 + 1 } }],
    ['bad-encoding', { ...input, encoding: 'base64' }],
  ])('is refused as %s', (code, wrong) => {
    expect(parseDraft(wrong)).toMatchObject({ ok: false, code, message: expect.stringMatching(/\.$/) });
  });

  test('whoever is named twice gets it once', () => {
    expect(recipientsOf({ ...DRAFT, to: ['a@X.example', 'b@x.example'], bcc: ['a@x.example', 'A@x.example'] })).toEqual(
      ['a@x.example', 'b@x.example', 'A@x.example'],
    );
  });
});
