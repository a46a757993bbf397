/** A trace survives being written and read, and a bad one is refused by its line. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { latin1, toUtf8, utf8 } from '../../shared/bytes.ts';
import { fromBase64, toBase64 } from '../../shared/trace/base64.ts';
import { decodeEvent, decodeTrace, encodeEvent, encodeTrace, unreadSentence } from '../../shared/trace/codec.ts';
import type { Fact, TraceEvent } from '../../shared/trace/event.ts';
import { wireTime } from '../../shared/trace/event.ts';
import type { TraceHeader } from '../../shared/trace/header.ts';
import { blueAndGreen } from '../../shared/world/presets.ts';
import { validateWorld } from '../../shared/world/validate.ts';
import { factsOf } from '../fixtures/facts.ts';

const header: TraceHeader = {
  mailscope: 1,
  title: 'One letter',
  createdAt: '2026-11-23T11:15:18.000Z',
  world: { ...blueAndGreen, users: blueAndGreen.users.map(({ password: _password, ...user }) => user) },
};

const bytes = fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.string({ unit: 'binary' }).map(toUtf8));
const anyFact = factsOf({
  text: fc.string({ maxLength: 20 }),
  source: fc.string({ unit: 'binary' }),
  list: fc.array(fc.string({ maxLength: 20 }), { maxLength: 4 }),
  bytes,
  count: fc.nat(),
  world: fc.constant(header.world),
});

const numbered = (list: readonly Fact[]): TraceEvent[] =>
  list.map((fact, at) => ({ ...fact, seq: at + 1, at: wireTime(at * 10) }));
const lines = (...events: readonly object[]) => [header, ...events].map(line => JSON.stringify(line)).join('\n');
const stored = (length: number) => ({
  seq: 1,
  at: 0,
  kind: 'mail.stored',
  host: 'mx1.green.example',
  mailbox: 'bob@green.example',
  file: '1.letter',
  messageId: 'x'.repeat(length),
  reversePath: '',
  recipients: [],
  size: 1,
});
const marker = (seq: number, at: number) => ({ seq, at, kind: 'marker', label: 'x' });

describe('octets and text', () => {
  test('UTF-8 reads and writes as the platform does, and what is ill-formed is no text', () => {
    const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
    const platform = (octets: Uint8Array) => {
      try {
        return strict.decode(octets);
      } catch {
        return null;
      }
    };
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), octets => {
        expect(utf8(octets)).toBe(platform(octets));
        expect(latin1(octets)).toBe(Buffer.from(octets).toString('latin1'));
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        expect([...toUtf8(text)]).toEqual([...new TextEncoder().encode(text)]);
      }),
    );
    expect(utf8(toUtf8('a\ud800b'))).toBe('a\ufffdb');
  });

  test('base64 is the platform’s base64, and anything else is refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), octets => {
        expect(toBase64(octets)).toBe(Buffer.from(octets).toString('base64'));
        expect(fromBase64(toBase64(octets))).toEqual(octets);
      }),
    );
    for (const text of ['A', 'AAA', 'A===', 'AA=A', '=AAA', 'AA\nA', 'AAA-']) expect(fromBase64(text)).toBeNull();
  });
});

describe('the codec', () => {
  test('what is written is what is read, for every kind of fact', () => {
    fc.assert(
      fc.property(fc.array(anyFact, { maxLength: 12 }), list => {
        const events = numbered(list);
        expect(decodeTrace(encodeTrace(header, events))).toEqual({ ok: true, header, events, unread: 0 });
      }),
      { numRuns: 400 },
    );
  });

  test('bytes are text exactly when they are UTF-8 without control characters', () => {
    const form = (octets: Uint8Array) =>
      encodeEvent({ seq: 1, at: wireTime(0), kind: 'wire.bytes', connection: 'c1', from: 'client', bytes: octets });
    expect(form(toUtf8('EHLO blue\r\n\tGrüße 🎉 \ufffd'))).toMatchObject({ text: 'EHLO blue\r\n\tGrüße 🎉 \ufffd' });
    for (const octets of [[0], [0x1b], [0x7f], [0xc2, 0x85], [0xff], [0xc3], [0xed, 0xa0, 0x80]])
      expect(form(Uint8Array.from(octets))).toMatchObject({ base64: Buffer.from(octets).toString('base64') });
  });

  test('a kind of a newer mailscope is kept as it stood', () => {
    const strange = { seq: 1, at: 7, kind: 'moon.phase', deep: { list: [1, null, 'x'] } };
    const decoded = decodeTrace(`${lines(strange)}\n`);
    if (!decoded.ok) throw new Error(decoded.message);
    expect(decoded.events[0]?.kind).toBe('unknown');
    expect(encodeTrace(decoded.header, decoded.events).split('\n')[1]).toBe(JSON.stringify(strange));
  });

  test.each([
    ['', 1, 'JSON'],
    ['[]', 1, 'first line'],
    [JSON.stringify({ ...header, mailscope: 2 }), 1, 'version 2'],
    [JSON.stringify({ ...header, world: { ...header.world, hosts: 7 } }), 1, 'world.hosts'],
    [lines(marker(1, 0), marker(3000, 0)), 3, 'more than 1000 events are missing'],
  ])('a bad trace is refused by its line (%#)', (text, line, message) => {
    const decoded = decodeTrace(text);
    expect(decoded).toMatchObject({ ok: false, line });
    expect(decoded.ok ? '' : decoded.message).toContain(message);
  });

  const unknown = (seq: number) => ({ kind: 'unknown', seq });
  test.each([
    [
      'an event whose members are missing',
      lines({ seq: 1, at: 0, kind: 'marker' }, marker(2, 0)),
      [unknown(1), marker(2, 0)],
    ],
    [
      'octets in two forms',
      lines(
        { seq: 1, at: 0, kind: 'wire.bytes', connection: 'c1', from: 'client', text: 'a', base64: 'YQ==' },
        marker(2, 0),
      ),
      [unknown(1), marker(2, 0)],
    ],
    ['a Message-ID of another time', lines(stored(70_000), marker(2, 0)), [unknown(1), marker(2, 0)]],
    ['a moment before time began', lines({ seq: 1, at: -1, kind: 'marker', label: 'x' }), [unknown(1)]],
    ['time that falls', lines(marker(1, 9), marker(2, 8), marker(3, 9)), [marker(1, 9), unknown(2), marker(3, 9)]],
    ['a line that is missing', lines(marker(1, 0), marker(3, 0)), [marker(1, 0), unknown(2), marker(3, 0)]],
    ['a line that is there twice', lines(marker(1, 0), marker(1, 0), marker(2, 0)), [marker(1, 0), marker(2, 0)]],
    ['an empty line', `${lines(marker(1, 0))}\n\n${JSON.stringify(marker(2, 0))}`, [marker(1, 0), marker(2, 0)]],
    [
      'a line torn in the middle',
      `${lines(marker(1, 0))}\n{"seq":2,"a\n${JSON.stringify(marker(3, 0))}`,
      [marker(1, 0), unknown(2), marker(3, 0)],
    ],
  ])('%s is kept as unknown or left out, is counted once, and all the rest is read', (_, text, events) => {
    const decoded = decodeTrace(text);
    expect(decoded).toMatchObject({ ok: true, events, unread: 1 });
    expect(decoded.ok && decoded.events).toHaveLength(events.length);
  });

  test.each(['{', '{"seq":2', '{"seq":2,"at":0,"kind":"marker","label":"x"', '\u0000'])(
    'a trace that breaks off in %j is read up to there, and says so',
    torn => {
      const text = `${lines(marker(1, 0))}\n`;
      expect(decodeTrace(text + torn)).toEqual({ ok: true, header, events: [marker(1, 0)], unread: 0, cut: true });
      expect(decodeTrace(text)).toEqual({ ok: true, header, events: [marker(1, 0)], unread: 0 });
      expect(unreadSentence('run', { unread: 0, cut: true })).toMatch(/^The end of run is missing/);
      expect(unreadSentence('run', { unread: 2, cut: true })).toMatch(/^2 events of run .*The end of run is missing/);
      expect(unreadSentence('run', { unread: 0 })).toBeNull();
    },
  );

  test('what was kept as unknown is written back as it stood', () => {
    const decoded = decodeTrace(lines(stored(70_000), marker(2, 0)));
    if (!decoded.ok) throw new Error(decoded.message);
    const [, ...written] = encodeTrace(decoded.header, decoded.events).trimEnd().split('\n');
    expect(written.map(line => JSON.parse(line))).toEqual([stored(70_000), marker(2, 0)]);
  });

  test('too many events are refused before they are read', () => {
    expect(decodeTrace(`${JSON.stringify(header)}\n${'x\n'.repeat(500_001)}`)).toMatchObject({
      ok: false,
      line: 500_002,
    });
  });

  test('nesting without end is refused, not followed', () => {
    const deep = JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`) as unknown;
    expect(decodeEvent({ seq: 1, at: 0, kind: 'moon.phase', deep })).toMatchObject({ ok: false });
  });

  test('any JSON at all gives an answer and never throws', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        expect(typeof decodeEvent(value).ok).toBe('boolean');
        expect(typeof decodeTrace(JSON.stringify(value)).ok).toBe('boolean');
      }),
    );
  });
});

describe('a world from a file', () => {
  test('the default world is a good one', () => {
    expect(validateWorld(JSON.parse(JSON.stringify(blueAndGreen)))).toEqual({ ok: true, world: blueAndGreen });
  });

  test.each([
    [{ dns: 'nobody.example' }, 'dns', 'no host'],
    [{ users: [{ ...blueAndGreen.users[0], client: 'x.example' }] }, 'users.0.client', 'no host'],
    [{ users: [{ ...blueAndGreen.users[0], address: 'a@gmail.com' }] }, 'users.0.address', 'no domain'],
    [{ hosts: [{ ...blueAndGreen.hosts[0], addresses: ['8.8.8.8'] }] }, 'hosts.0.addresses.0', '8.8.8.8'],
    [{ hosts: [{ ...blueAndGreen.hosts[0], id: 'mail.gmail.com' }] }, 'hosts.0.id', '.example'],
    [{ limits: { messageSize: 5, recipients: 1, hops: 5 } }, 'limits.messageSize', '65536'],
  ])('what is wrong is named (%#)', (change, path, message) => {
    const result = validateWorld({ ...blueAndGreen, ...change });
    expect(result).toMatchObject({ ok: false, path });
    expect(result.ok ? '' : result.message).toContain(message);
  });
});

describe('a hostile first line', () => {
  test('is refused by one short sentence, however deep its version nests and however many hosts it names', () => {
    const deep = `{"mailscope":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    expect(decodeTrace(deep)).toEqual({
      ok: false,
      line: 1,
      message: 'this trace has no version number; this mailscope reads version 1',
    });
    const { hosts } = header.world;
    const many = { ...header, world: { ...header.world, hosts: Array.from({ length: 1000 }, () => hosts[0]) } };
    expect(decodeTrace(JSON.stringify(many))).toMatchObject({
      message: '"world.hosts": must have at most 256 entries',
    });
    const newer = decodeTrace(JSON.stringify({ mailscope: 2 }));
    expect(newer).toMatchObject({ message: 'this trace has version 2; this mailscope reads version 1' });
  });
});
