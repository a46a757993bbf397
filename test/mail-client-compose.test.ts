/** What a letter promises: legal lines, a subject and a text that come out as they were written. */
import fc from 'fast-check';
import PostalMime from 'postal-mime';
import { describe, expect, test } from 'vitest';
import { composeMessage, type Draft, parseDraft, recipientsOf } from '../server/mail-client/compose.ts';

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

  test('has each field once, a date with a numeric zone, and never Bcc', async () => {
    const message = await compose({ bcc: ['carol@green.example'], inReplyTo: '<0@green.example>' });
    const names = headerOf(message)
      .filter(line => /^\S/.test(line))
      .map(line => line.split(':', 1)[0]?.toLowerCase());
    expect([...names].sort()).toEqual([
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
    expect(text).not.toContain('carol');
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
    ['bad-recipient', { ...input, to: ['bøb@green.example'] }],
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
  ])('is refused as %s', (code, wrong) => {
    expect(parseDraft(wrong)).toMatchObject({ ok: false, code, message: expect.stringMatching(/\.$/) });
  });

  test('whoever is named twice gets it once', () => {
    expect(recipientsOf({ ...DRAFT, to: ['a@X.example', 'b@x.example'], bcc: ['a@x.example', 'A@x.example'] })).toEqual(
      ['a@x.example', 'b@x.example', 'A@x.example'],
    );
  });
});
