/** Promises of the budget of octets under way: nobody's dribbling takes the place of others, and all that was taken is given back. */
import { createConnection, type Socket } from 'node:net';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { createWorldClock } from '../../../server/base/clock.ts';
import { noFaults } from '../../../server/base/faults.ts';
import { createOctetBudget, type OctetBudget } from '../../../server/base/octet-budget.ts';
import { readArguments } from '../../../server/cli/usage.ts';
import type { Listener } from '../../../server/network/contract.ts';
import { createIntake } from '../../../server/smtp/machine/intake.ts';
import { type Delivery, startSmtpServer } from '../../../server/smtp/machine/receive.ts';
import { letter, openGround } from '../../help/loopback/queue-loopback.ts';
import { exchanger, openLoopback, talk } from '../../help/loopback/smtp-loopback.ts';

describe('the budget', () => {
  test('gives no more than there is, whatever is asked for, and takes back no more than it gave', () => {
    const budget = createOctetBudget(100);
    expect([budget.reserve(60), budget.reserve(41), budget.reserve(40), budget.reserve(1)]).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect(budget.reserve(0)).toBe(true);
    budget.release(60);
    expect([budget.inUse(), budget.reserve(60)]).toEqual([40, true]);
    budget.claim(50);
    expect([budget.inUse(), budget.reserve(1)]).toEqual([150, false]);
    expect(() => budget.release(151)).toThrow('151 octets are given back and 150 are in use');
  });

  test('is set on the command line', () => {
    const read = (...argv: string[]) => readArguments(argv, {});
    expect(read()).toMatchObject({ inFlight: 268_435_456 });
    expect(read('--in-flight', '64m')).toMatchObject({ inFlight: 67_108_864 });
    for (const wrong of ['64', '1M', '-1G', 'lots', '9999999G'])
      expect(() => read(`--in-flight=${wrong}`)).toThrow(/at least 16M, such as 64M or 1G/);
  });
});

describe('letters being received', () => {
  const heldBy = (budget: OctetBudget, count: number) => {
    const intake = createIntake(budget);
    const dropped: number[] = [];
    const held = Array.from({ length: count }, (_, nth) => intake.open(() => dropped.push(nth)));
    return { intake, held, dropped };
  };

  test('where there is no room, the largest unfinished one gives way, never a smaller one', () => {
    const budget = createOctetBudget(100);
    const { held, dropped } = heldBy(budget, 4);
    held[0]?.hold(50, false);
    held[1]?.hold(30, false);
    held[2]?.hold(15, false);
    held[3]?.hold(10, false);
    expect([dropped, budget.inUse()]).toEqual([[0], 55]);
    held[1]?.hold(80, false);
    expect([dropped, budget.inUse()]).toEqual([[0, 1], 25]);
    for (const each of held) each.close();
    for (const each of held) each.hold(5, false);
    expect(budget.inUse()).toBe(0);
  });

  test('one that is complete does not give way any more', () => {
    const budget = createOctetBudget(100);
    const { held, dropped } = heldBy(budget, 2);
    held[0]?.hold(90, true);
    held[1]?.hold(20, false);
    expect([dropped, budget.inUse()]).toEqual([[1], 90]);
  });

  test('large ones are stored one after the other, and a small one does not wait for them', async () => {
    const { intake } = heldBy(createOctetBudget(), 0);
    const began: string[] = [];
    const ends: (() => void)[] = [];
    const store = (name: string, megabytes: number) =>
      intake.store(megabytes * 1_048_576, () => new Promise<void>(resolve => ends.push(resolve) && began.push(name)));
    const all = [store('first', 40), store('second', 20), store('third', 20)];
    await vi.waitFor(() => expect(began).toEqual(['first']));
    ends[0]?.();
    await vi.waitFor(() => expect(began).toEqual(['first', 'second']));
    all.push(store('small', 1));
    await vi.waitFor(() => expect(began).toEqual(['first', 'second', 'small']));
    ends[1]?.();
    await vi.waitFor(() => expect(began).toEqual(['first', 'second', 'small', 'third']));
    for (const end of ends) end();
    await Promise.all(all);
  });
});

describe('an SMTP server', () => {
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

  async function serve(budget: OctetBudget) {
    const deliveries: Delivery[] = [];
    listener = await startSmtpServer({
      ...exchanger,
      network,
      port: 25,
      clock,
      faults: noFaults,
      intake: createIntake(budget),
      accept: async delivery => {
        deliveries.push(delivery);
        return { ok: true };
      },
    });
    return { deliveries, port: network.portOf('198.51.100.25', 25) };
  }
  const opening = 'EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<bob@green.example>\r\n';
  const honest = `${opening}DATA\r\nSubject: honest\r\n\r\n${'x'.repeat(20_000)}\r\n.\r\nQUIT\r\n`;
  const LETTER = `Subject: long\r\n\r\n${'y'.repeat(90_000)}\r\n`;

  /** Says something and stays; `heard` grows. */
  function dribbler(port: number, said: string): { socket: Socket; heard: () => string } {
    const socket = createConnection({ host: '127.0.0.1', port });
    let heard = '';
    socket.on('data', chunk => {
      heard += chunk.toString('latin1');
    });
    socket.write(said);
    return { socket, heard: () => heard };
  }

  test.each([
    ['DATA', `${opening}DATA\r\n${LETTER}`, '.\r\n'],
    ['a chunk of BDAT', `${opening}BDAT 200000 LAST\r\n${LETTER}`, 'z'.repeat(200_000 - LETTER.length)],
    ['chunks of BDAT', `${opening}BDAT ${LETTER.length}\r\n${LETTER}`, 'BDAT 3 LAST\r\nend'],
  ])(
    '%s of a dribbler gives way to an honest letter; at its end he hears 452, and may try again',
    async (_, begun, rest) => {
      const budget = createOctetBudget(100_000);
      const { deliveries, port } = await serve(budget);
      const { socket, heard } = dribbler(port, begun);
      await vi.waitFor(() => expect(budget.inUse()).toBeGreaterThanOrEqual(90_000));
      expect(await talk(port, [honest])).toContain('\r\n250 2.0.0 Ok: queued');
      expect(budget.inUse()).toBe(0);
      socket.write(`${rest}MAIL FROM:<>\r\n`);
      await vi.waitFor(() =>
        expect(heard()).toMatch(
          /\r\n452 4\.3\.1 Too much mail is under way here, try again later\r\n250 2\.1\.0 Ok\r\n$/,
        ),
      );
      expect(await talk(port, [`${opening}DATA\r\n${LETTER}.\r\nQUIT\r\n`])).toContain('\r\n250 2.0.0 Ok: queued');
      socket.destroy();
      await vi.waitFor(() => expect(budget.inUse()).toBe(0));
      expect(deliveries.map(({ message }) => message.length > 80_000)).toEqual([false, true]);
    },
  );

  test('whatever ends a conversation, what it held is given back', async () => {
    const budget = createOctetBudget(1_000_000);
    const { port } = await serve(budget);
    for (const said of [`${opening}DATA\r\n${LETTER}`, `${opening}BDAT 90000\r\n${LETTER.slice(0, 90_000)}`]) {
      const gone = dribbler(port, said);
      await vi.waitFor(() => expect(budget.inUse()).toBeGreaterThanOrEqual(90_000));
      gone.socket.resetAndDestroy();
      await vi.waitFor(() => expect(budget.inUse()).toBe(0));
    }
    const again = dribbler(port, `${opening}BDAT 90000\r\n${LETTER.slice(0, 90_000)}`);
    await vi.waitFor(() => expect(budget.inUse()).toBeGreaterThanOrEqual(90_000));
    again.socket.write('RSET\r\n');
    await vi.waitFor(() => expect(budget.inUse()).toBe(0));
    again.socket.destroy();
  });
});

test('a queue brings its letters one by one where there is no room for several, and waits for no stranger', async () => {
  const ground = openGround();
  try {
    const budget = createOctetBudget(10);
    let most = 0;
    await ground.serve('mx1.green.example', {}, async () => {
      most = Math.max(most, budget.inUse());
      return { ok: true };
    });
    const queue = await ground.queueOf({ budget });
    for (const _ of [1, 2, 3]) await queue.accept(letter('bob@green.example'));
    await queue.idle();
    expect(queue.entries()).toEqual([]);
    expect([most, budget.inUse()]).toEqual([letter('bob@green.example').message.length, 0]);
  } finally {
    await ground.close();
  }
});
