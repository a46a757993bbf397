/** Promises about hostile headers: refused over the world's bounds, parsed once, and never dear. */
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createWorldClock } from '../../../server/base/clock.ts';
import { noFaults } from '../../../server/base/faults.ts';
import type { Listener } from '../../../server/network/contract.ts';
import { composeReport } from '../../../server/queue/bounce.ts';
import { openRoom } from '../../../server/rooms/room.ts';
import { type Delivery, startSmtpServer } from '../../../server/smtp/machine/receive.ts';
import { initialState, type Setting, type State } from '../../../server/smtp/machine/state.ts';
import { receiveMessage } from '../../../server/smtp/machine/transaction.ts';
import { withFieldsOnTop } from '../../../server/smtp/message/header-fields.ts';
import { mendSubmission } from '../../../server/smtp/message/originate.ts';
import * as parser from '../../../server/smtp/message/parse-header.ts';
import { messageIdOf, withReturnPath } from '../../../server/smtp/message/trace-fields.ts';
import { parseHeader } from '../../../shared/decode/message.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';
import { exchanger, limits, openLoopback, talk } from '../../help/loopback/smtp-loopback.ts';

vi.mock('../../../server/smtp/message/parse-header.ts', async original => {
  const real = await original<typeof parser>();
  return { ...real, parseFields: vi.fn(real.parseFields) };
});
const parseFields = vi.mocked(parser.parseFields);
beforeEach(() => void parseFields.mockClear());

const network = openLoopback({ 'mx1.green.example': '198.51.100.25' });
const clock = createWorldClock({ now: () => new Date('2026-11-23T11:15:18Z') });
let listener: Listener | null = null;
afterEach(async () => {
  await listener?.close();
  listener = null;
});
afterAll(async () => {
  clock.close();
  await network.close();
});

async function serve(setting: Setting = exchanger) {
  const deliveries: Delivery[] = [];
  listener = await startSmtpServer({
    ...setting,
    network,
    port: 25,
    clock,
    faults: noFaults,
    accept: async delivery => {
      deliveries.push(delivery);
      return { ok: true };
    },
  });
  return { deliveries, port: network.portOf('198.51.100.25', 25) };
}
const opening = 'EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<bob@green.example>\r\n';
const byData = (message: string) => `${opening}DATA\r\n${message}\r\n.\r\nQUIT\r\n`;
const byBdat = (message: string) => `${opening}BDAT ${message.length} LAST\r\n${message}QUIT\r\n`;

const octetsOf = (octets: number): string => `a: ${'x'.repeat(octets - 5)}\r\n`;
const folded = (octets: number): string => `a:${'\r\n x'.repeat(Math.ceil(octets / 4))}\r\n`;

describe('the bounds of a header', () => {
  test.each<[string, string, RegExp]>([
    ['octets at the bound', octetsOf(262_144), /250 2\.0\.0 Ok: queued/],
    ['octets over the bound', octetsOf(262_145), /552 5\.3\.4 Header too big: at most 262144 octets/],
    ['fields at the bound', 'a: b\r\n'.repeat(10_000), /250 2\.0\.0 Ok: queued/],
    ['fields over the bound', 'a: b\r\n'.repeat(10_001), /554 5\.6\.0 Too many header fields: at most 10000/],
    ['one folded field', folded(300_000), /552 5\.3\.4 /],
    ['a Message-ID of 1.1 million characters', `Message-ID: <${'x'.repeat(1_100_000)}@y>\r\n`, /552 5\.3\.4 /],
    ['the same, folded', `Message-ID: <${'x@\r\n '.repeat(220_000)}>\r\n`, /552 5\.3\.4 /],
  ])('%s: DATA and BDAT get the same answer, and the next letter is taken', async (_, header, answer) => {
    const { deliveries, port } = await serve();
    for (const by of [byData, byBdat]) {
      const [heard, next] = await Promise.all([
        talk(port, [by(`${header}\r\nhi\r\n`)]),
        talk(port, [by('Subject: next\r\n\r\nhi\r\n')]),
      ]);
      expect(heard).toMatch(answer);
      expect(next).toMatch(/250 2\.0\.0 Ok: queued/);
    }
    const taken = answer.source.startsWith('250') ? 2 : 1;
    expect(deliveries).toHaveLength(2 * taken);
  });

  test('they are the world’s', async () => {
    let now = { ...limits, headerOctets: 1000, headerFields: 20 };
    const { port } = await serve({ ...exchanger, limits: () => now });
    expect(await talk(port, [byData(`${octetsOf(1001)}\r\nhi`)])).toMatch(/552 5\.3\.4 .* 1000 octets/);
    expect(await talk(port, [byData(`${'a: b\r\n'.repeat(21)}\r\nhi`)])).toMatch(/554 5\.6\.0 .* 20/);
    now = { ...now, headerOctets: 1001, headerFields: 21 };
    expect(await talk(port, [byData(`${octetsOf(1001)}\r\nhi`)])).toContain('250 2.0.0');
    expect(await talk(port, [byData(`${'a: b\r\n'.repeat(21)}\r\nhi`)])).toContain('250 2.0.0');
  });
});

describe('the cost of a header', () => {
  test('each server that takes a letter parses its header once, on the way from a mail client into a mailbox', async () => {
    const room = await openRoom({ world: blueAndGreen, data: null, ports: null });
    try {
      const text = 'x'.repeat(5000);
      const sent = room.send({
        from: { address: 'alice@blue.example' },
        to: ['bob@green.example'],
        subject: 'counted',
        text,
      });
      await sent?.finished;
      const whole = parseFields.mock.calls.filter(([message]) => message.length > text.length);
      expect(whole.map(([message]) => message.includes('\r\nSubject: counted\r\n'))).toEqual([true, true]);
    } finally {
      await room.close();
    }
  });

  const over: Record<string, string> = {
    '10,000 fields': 'abc: 34567890123456789012\r\n'.repeat(10_000).slice(0, 262_000),
    'one field of 256 KiB': octetsOf(262_144),
    'one field in 65,000 lines': folded(262_000),
    '10 MB of fields and nothing else': 'a:\r\n'.repeat(2_500_000),
    '10 MB of one field': folded(10_000_000),
    '10 MB of one line': octetsOf(10_000_000),
  };
  test.each(Object.entries(over))('%s: not 50 ms of processor for all that is done with it', (_, header) => {
    const envelope = { reversePath: 'a@b.example', recipients: ['bob@green.example'] };
    const state: State = { ...initialState, phase: 'message', envelope };
    const original = Buffer.from(`${header}\r\nhi\r\n`, 'latin1');
    const once = (): number => {
      const message = Buffer.from(original);
      const before = process.cpuUsage();
      const { effects } = receiveMessage(exchanger, state, { kind: 'message', message, bare: false, oversize: false });
      for (const effect of effects) {
        if (effect.kind !== 'accept') continue;
        const facts = { host: 'smtp.blue.example', id: '7F3A', date: new Date(0) };
        const stamped = withFieldsOnTop(mendSubmission(effect.message, facts), 'Received: x\r\n');
        messageIdOf(stamped);
        withReturnPath(stamped, 'a@b.example');
      }
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    };
    expect(Math.min(once(), once(), once(), once(), once())).toBeLessThan(50);
  });

  test('a bounce of a letter with a header at the bound costs no more', () => {
    const message = Buffer.from(`${over['10,000 fields']}\r\nhi\r\n`, 'latin1');
    const envelope = { reversePath: 'a@b.example', recipients: ['bob@green.example'] };
    const report = (): number => {
      const before = process.cpuUsage();
      composeReport({
        host: 'smtp.blue.example',
        domain: 'blue.example',
        id: '7F3A',
        date: new Date(0),
        letter: { envelope, message: Buffer.from(message), arrivedAt: new Date(0) },
        recipients: [
          {
            ...{ recipient: 'bob@green.example', action: 'failed', status: '5.1.1', reason: 'no' },
            ...{ exchange: null, reply: null, at: 0 },
          },
        ],
      });
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    };
    expect(Math.min(report(), report(), report(), report(), report())).toBeLessThan(50);
  });

  test('the page finds the letter below any header, and makes no more of it than it shows', () => {
    const header = parseHeader(Buffer.from(`${'a: b\r\n'.repeat(9000)}\r\nhi\r\n`));
    expect(header.fields).toHaveLength(1000);
    expect(header.body).toBe(9000 * 6 + 2);
  });
});

test('a Message-ID that no line could hold is recorded cut and marked, and stands in the letter as it came', async () => {
  const { deliveries, port } = await serve();
  const id = `<${'\x01\xe9'.repeat(60_000)}@y>`;
  const message = Buffer.from(`${opening}DATA\r\nMessage-ID: ${id}\r\n\r\nhi\r\n.\r\nQUIT\r\n`, 'latin1');
  expect(await talk(port, [message])).toContain('250 2.0.0');
  const [delivery] = deliveries;
  expect(delivery?.messageId).toHaveLength(998);
  expect(delivery?.messageId).toBe(`${id.slice(0, 997)}…`);
  expect(delivery?.message.includes(Buffer.from(id, 'latin1'))).toBe(true);
});
