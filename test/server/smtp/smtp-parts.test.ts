/** Promises of the small pure parts of SMTP: stamps, header fields, addresses, replies. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isHostName, parseMailbox, parsePath } from '../../../server/smtp/address.ts';
import { headerFields, withFieldsOnTop, withoutFields } from '../../../server/smtp/message/header-fields.ts';
import { mendSubmission } from '../../../server/smtp/message/originate.ts';
import {
  countReceived,
  dateTime,
  messageIdOf,
  receivedField,
  withReturnPath,
} from '../../../server/smtp/message/trace-fields.ts';
import { createReplyReader, enhancedStatus, formatReply, type ReplyRead } from '../../../server/smtp/reply.ts';

const date = new Date('2026-11-23T11:15:18Z');
const facts = {
  greeting: 'laptop',
  reverseName: 'alices-laptop.blue.example',
  address: '192.0.2.101',
  by: 'smtp.blue.example',
  protocol: 'ESMTPA',
  id: '7F3A',
  recipients: ['bob@green.example'],
  date,
} as const;

describe('stamps', () => {
  test('a Received field says who, by whom, how, for whom and when', () => {
    expect(receivedField(facts)).toBe(
      'Received: from laptop (alices-laptop.blue.example [192.0.2.101])\r\n' +
        '\tby smtp.blue.example with ESMTPA id 7F3A\r\n' +
        '\tfor <bob@green.example>;\r\n' +
        '\tMon, 23 Nov 2026 11:15:18 +0000\r\n',
    );
  });

  test('with two recipients it names none, so that a Bcc stays blind', () => {
    expect(receivedField({ ...facts, recipients: ['bob@green.example', 'carol@green.example'] })).not.toMatch(
      /for |carol|bob/,
    );
  });

  test('IPv6 addresses are marked, nameless ones are unknown', () => {
    expect(receivedField({ ...facts, address: '2001:db8::1', reverseName: null })).toContain(
      '(unknown [IPv6:2001:db8::1])',
    );
  });

  test('dates have a numeric zone', () => {
    expect(dateTime(date)).toBe('Mon, 23 Nov 2026 11:15:18 +0000');
    expect(dateTime(new Date('2026-01-02T03:04:05Z')), 'as long on each day').toBe('Fri, 02 Jan 2026 03:04:05 +0000');
  });

  test('final delivery leaves exactly one Return-Path, ours', () => {
    const message = Buffer.from(
      'Received: a\r\nReturn-Path: <evil@x>\r\n\t(folded)\r\nSubject: b\r\n\r\nReturn-Path: body\r\n',
    );
    expect(withReturnPath(message, '').toString()).toBe(
      'Return-Path: <>\r\nReceived: a\r\nSubject: b\r\n\r\nReturn-Path: body\r\n',
    );
  });

  test('a message without a header does not lose its first line into ours', () => {
    expect(withFieldsOnTop(Buffer.from('hello\r\n'), 'A: b\r\n').toString()).toBe('A: b\r\n\r\nhello\r\n');
    expect(withFieldsOnTop(Buffer.from('\r\nhello\r\n'), 'A: b\r\n').toString()).toBe('A: b\r\n\r\nhello\r\n');
    expect(withFieldsOnTop(Buffer.from('C: d\r\n\r\nhello\r\n'), 'A: b\r\n').toString()).toBe(
      'A: b\r\nC: d\r\n\r\nhello\r\n',
    );
  });

  test('only the header is counted and searched', () => {
    const message = Buffer.from(
      'received: 1\r\nReceived:2\r\n\tReceived: folded\r\nMessage-Id:\r\n <a@b>\r\n\r\nReceived: body\r\n',
    );
    expect(countReceived(message)).toBe(2);
    expect(messageIdOf(message)).toBe('<a@b>');
    expect(messageIdOf(Buffer.from('Subject: x\r\n\r\nMessage-ID: <no@no>\r\n'))).toBe('');
  });

  test('taking fields out and putting none in keeps every other octet', () => {
    const line = fc.constantFrom(
      'A: b\r\n',
      'Bcc: x\r\n',
      '\tfold\r\n',
      '\r\n',
      'text\r\n',
      '\xe9\0\r\n',
      'Bcc : y\r\n',
    );
    fc.assert(
      fc.property(fc.array(line), lines => {
        const message = Buffer.from(lines.join(''), 'latin1');
        const fields = headerFields(message);
        for (const [index, field] of fields.entries()) expect(field.from).toBe(fields[index - 1]?.to ?? 0);
        expect(headerFields(withoutFields(message, ['bcc'])).some(({ name }) => name === 'bcc')).toBe(false);
        expect(withoutFields(message, ['nothing'])).toEqual(message);
      }),
    );
  });
});

describe('submission', () => {
  const server = { host: 'smtp.blue.example', id: '7F3A', date };
  test('adds what is missing, removes Bcc, leaves the rest', () => {
    const mended = mendSubmission(
      Buffer.from('From: a@b\r\nBcc: c@d,\r\n e@f\r\n\r\nBcc: body\r\n'),
      server,
    ).toString();
    expect(mended).toMatch(
      /^Date: Mon, 23 Nov 2026 11:15:18 \+0000\r\nMessage-ID: <[^<>@\s]+@smtp\.blue\.example>\r\nFrom: a@b\r\n\r\nBcc: body\r\n$/,
    );
  });
  test('changes nothing that is complete', () => {
    const complete = Buffer.from('Date: x\r\nMessage-ID: <a@b>\r\n\r\n\xff\r\n', 'latin1');
    expect(mendSubmission(complete, server)).toEqual(complete);
  });
});

describe('addresses', () => {
  test.each([
    ['<"a\\"b>c"@d.example> SIZE=1', '"a\\"b>c"@d.example', ' SIZE=1'],
    ['<a+b@[192.0.2.1]>', 'a+b@[192.0.2.1]', ''],
    ['<a@[IPv6:2001:DB8::1]>', 'a@[ipv6:2001:db8::1]', ''],
    ['<@x.example,@y.example:a@B.example>', 'a@b.example', ''],
    ['<"bob"@b.example>', 'bob@b.example', ''],
    ['<"b\\ob"@b.example>', 'bob@b.example', ''],
    ['<"bob\\.builder"@b.example>', 'bob.builder@b.example', ''],
    ['<"Bob"@b.example>', 'Bob@b.example', ''],
    ['<"b\\o b"@b.example>', '"bo b"@b.example', ''],
    ['<".bob"@b.example>', '".bob"@b.example', ''],
    ['<"a\\\\b\\@c"@b.example>', '"a\\\\b@c"@b.example', ''],
    ['<""@b.example>', '""@b.example', ''],
  ])('%s', (text, address, rest) => {
    expect(parsePath(text)).toMatchObject({ ok: true, path: { kind: 'mailbox', address }, rest });
  });
  test.each([
    '<a.@b>',
    '<.a@b>',
    '<a..b@c>',
    '<a@b.>',
    '<a@-b>',
    '<a@[999.1.1.1]>',
    '<"a@b>',
    '<a@>',
    '<@b>',
    '<a@b,c@d>',
    'a@b',
  ])('%s is none', text => {
    expect(parsePath(text)).toMatchObject({ ok: false, problem: 'syntax' });
  });
  test('whole addresses and host names are held to the same grammar', () => {
    expect(parseMailbox('Alice@Blue.Example')).toEqual({
      localPart: 'Alice',
      domain: 'blue.example',
      address: 'Alice@blue.example',
    });
    expect(parseMailbox('alice@blue.example\r\nRCPT')).toBeNull();
    expect(parseMailbox(' alice@blue.example')).toBeNull();
    expect([isHostName('a.b'), isHostName('a b'), isHostName('[192.0.2.1]'), isHostName('')]).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });
  test('no input throws', () => {
    const unit = fc.constantFrom('<', '>', '@', '"', '\\', '.', '-', 'a', '[', ']', ':', ',', '\xe9');
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 2000 }), text => {
        expect(() => [parsePath(text), parseMailbox(text), isHostName(text)]).not.toThrow();
      }),
    );
  });

  /** Milliseconds of processor, the least of three. */
  const cost = (text: string): number =>
    Math.min(
      ...[1, 2, 3].map(() => {
        const before = process.cpuUsage();
        parsePath(text);
        parseMailbox(text);
        isHostName(text);
        const { user, system } = process.cpuUsage(before);
        return (user + system) / 1000;
      }),
    );
  test.each<[string, (n: number) => string]>([
    ['hyphens in a local part', n => `<${'a-'.repeat(n)}@`],
    ['dots in a local part', n => `<${'a.'.repeat(n)}@b>`],
    ['hyphens in a domain', n => `<a@${'a-'.repeat(n)}>`],
    ['labels', n => `a@${'a.'.repeat(n)}`],
    ['a route', n => `<${'@a,'.repeat(n)}@a:a@b>`],
    ['a route without an end', n => `<@${'a-a.'.repeat(n)}`],
    ['a quoted string without an end', n => `<"${'\\"'.repeat(n)}`],
    ['a literal without an end', n => `<a@[${'a:'.repeat(n)}`],
    ['characters beyond ASCII', n => `${'\xe9.'.repeat(n)}@`],
  ])('%s: four times as many cost no more than four times as much, with slack', (_, text) => {
    // From small to large, so that what grows without measure is caught before it takes for ever.
    let octets = 4;
    for (; octets < 30_000; octets = Math.ceil(octets * 1.2)) expect(cost(text(octets))).toBeLessThan(30);
    expect(cost(text(4 * octets))).toBeLessThan(10 * cost(text(octets)) + 20);
  });
});

describe('replies', () => {
  test('what is written is read, cut anywhere', () => {
    const reply = fc.record({
      code: fc.integer({ min: 200, max: 599 }),
      lines: fc.array(fc.stringMatching(/^[ -~]{0,60}$/), { minLength: 1, maxLength: 5 }),
    });
    fc.assert(
      fc.property(fc.array(reply, { minLength: 1, maxLength: 5 }), fc.integer({ min: 1, max: 20 }), (replies, size) => {
        const wire = Buffer.from(replies.map(formatReply).join(''));
        const reader = createReplyReader();
        const read: ReplyRead[] = [];
        for (let from = 0; from < wire.length; from += size)
          read.push(...reader.push(wire.subarray(from, from + size)));
        expect(read).toEqual(replies.map(one => ({ kind: 'reply', reply: one })));
      }),
    );
  });
  test.each([
    'hello\r\n',
    '250-a\r\n251 b\r\n',
    `250 ${'x'.repeat(5000)}`,
    '250-a\r\n'.repeat(200),
    '99 x\r\n',
    '220 a\n220 b\r\n250\tb\r\n',
  ])('%#: what is no reply is noticed', wire => {
    expect(createReplyReader().push(Buffer.from(wire)).at(-1)?.kind).toBe('malformed');
  });
  test('a bare code is a reply', () => {
    expect(createReplyReader().push(Buffer.from('250\r\n'))).toEqual([
      { kind: 'reply', reply: { code: 250, lines: [''] } },
    ]);
  });
  test('an enhanced code counts only in its own class', () => {
    expect(enhancedStatus({ code: 550, lines: ['5.1.1 no'] })).toBe('5.1.1');
    expect(enhancedStatus({ code: 450, lines: ['5.1.1 no'] })).toBeNull();
    expect(enhancedStatus({ code: 250, lines: ['Ok'] })).toBeNull();
  });
});
