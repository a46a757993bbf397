/** Promises about where a letter goes: the algorithm of RFC 5321 §5.1 with a real resolver, a real DNS server and real connections. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LineVerb } from '../../../shared/faults/fields.ts';
import { a, aaaa, alias, type Internet, mx, openInternet } from '../../help/loopback/queue-internet.ts';
import { refuse } from '../../help/loopback/queue-loopback.ts';

const BOB = 'bob@green.example';
const MX1 = 'mx1.green.example';
const MX2 = 'mx2.green.example';
const MX3 = 'mx3.green.example';

let internet: Internet;
beforeEach(async () => {
  internet = await openInternet();
  internet.records = [
    mx('green.example', 20, MX2),
    mx('green.example', 10, MX1),
    mx('red.example', 10, 'mx.red.example'),
  ];
});
afterEach(() => internet.close());

const saysAt = (verb: LineVerb, code: number): void =>
  internet.fault({
    kind: 'answer',
    at: { server: MX1, port: 25, verb },
    code,
    text: `${Math.floor(code / 100)}.0.0 no`,
  });

describe('which host', () => {
  test('the lower preference is called, and nobody else when it answers', async () => {
    const first = await internet.serve(MX1);
    await internet.serve(MX2);
    await internet.post(BOB);
    expect(internet.called()).toEqual([MX1]);
    expect(first).toHaveLength(1);
  });

  test('who is not there is followed by the next', async () => {
    const second = await internet.serve(MX2);
    await internet.post(BOB);
    expect(internet.called()).toEqual([MX1, MX2]);
    expect(second).toHaveLength(1);
    expect(internet.fates()).toEqual(['done']);
  });

  test.each<[LineVerb, number]>([
    ['GREETING', 450],
    ['GREETING', 554],
    ['GREETING', 421],
    ['EHLO', 421],
    ['MAIL', 421],
    ['RCPT', 421],
    ['DATA', 421],
    ['END-OF-DATA', 421],
  ])('who says at %s %i is followed by the next', async (verb, code) => {
    await internet.serve(MX1);
    const second = await internet.serve(MX2);
    saysAt(verb, code);
    await internet.post(BOB);
    expect(internet.called()).toEqual([MX1, MX2]);
    expect(second).toHaveLength(1);
    expect(internet.fates()).toEqual(['done']);
  });

  test.each<[LineVerb, number, string]>([
    ['MAIL', 550, 'bounced 5.0.0'],
    ['RCPT', 550, 'bounced 5.0.0'],
    ['DATA', 554, 'bounced 5.0.0'],
    ['END-OF-DATA', 552, 'bounced 5.0.0'],
    ['RCPT', 450, 'deferred 4.0.0'],
    ['END-OF-DATA', 451, 'deferred 4.0.0'],
  ])('who says at %s %i has answered: %s', async (verb, code, fate) => {
    await internet.serve(MX1);
    await internet.serve(MX2);
    saysAt(verb, code);
    await internet.post(BOB);
    expect(internet.called()).toEqual([MX1]);
    expect(internet.fates()[0]).toBe(`${fate} ${BOB}`);
  });

  test.each(['drop', 'reset'] as const)('who is lost in the middle (%s) is followed by the next', async kind => {
    await internet.serve(MX1);
    const second = await internet.serve(MX2);
    internet.fault({ kind, at: { server: MX1, port: 25, verb: 'MAIL' } });
    await internet.post(BOB);
    expect(internet.called()).toEqual([MX1, MX2]);
    expect(second).toHaveLength(1);
  });

  test('where every greeting is a refusal for good, it is for good', async () => {
    await internet.serve(MX1);
    internet.records = [mx('green.example', 10, MX1)];
    saysAt('GREETING', 554);
    await internet.post(BOB);
    expect(internet.fates()[0]).toBe(`bounced 5.0.0 ${BOB}`);
  });

  test('an exchange without an address is passed over', async () => {
    const second = await internet.serve(MX2);
    internet.records = [mx('green.example', 5, 'ghost.green.example'), mx('green.example', 10, MX2)];
    await internet.post(BOB);
    expect(internet.called()).toEqual([MX2]);
    expect(second).toHaveLength(1);
  });

  test('IPv6 is called first, then IPv4 of the same host, before the next one', async () => {
    internet.records.push(aaaa(MX1, '2001:db8:2::99'));
    await internet.post(BOB);
    expect(internet.called()).toEqual(['2001:db8:2::99 [2001:db8:2::99]', MX1, MX2]);
  });

  test('equals share the load, the same seed in the same way', async () => {
    const run = async (seed: number): Promise<string[]> => {
      const one = await openInternet(seed);
      one.records = [mx('green.example', 10, MX1), mx('green.example', 10, MX2), mx('green.example', 20, MX3)];
      for (const host of [MX1, MX2, MX3]) await one.serve(host);
      for (let nth = 0; nth < 20; nth += 1) await one.post(BOB);
      const called = one.called();
      await one.close();
      return called;
    };
    const called = await run(7);
    expect(await run(7)).toEqual(called);
    expect(await run(8)).not.toEqual(called);
    expect(called).toHaveLength(20);
    for (const host of [MX1, MX2]) expect(called.filter(each => each === host).length).toBeGreaterThanOrEqual(5);
    expect(called).not.toContain(MX3);
  });
});

describe('no host', () => {
  test('without MX the domain itself is the host', async () => {
    const taken = await internet.serve('mx.gold.example');
    internet.records = [a('gold.example', '203.0.113.26')];
    await internet.post('carl@gold.example');
    expect(internet.called()).toEqual(['mx.gold.example']);
    expect(taken).toHaveLength(1);
  });

  test('with an MX that is dead, the address of the domain is never used', async () => {
    await internet.serve('mx.gold.example');
    internet.records = [a('green.example', '203.0.113.26'), mx('green.example', 10, MX1)];
    await internet.post(BOB);
    expect(internet.called()).toEqual([MX1]);
    expect(internet.fates()).toEqual([`deferred 4.4.1 ${BOB}`]);
  });

  test.each([
    ['a null MX', [mx('green.example', 0, '.')], 'bounced 5.1.10'],
    [
      'a null MX beside an address',
      [mx('green.example', 0, '.'), a('green.example', '198.51.100.25')],
      'bounced 5.1.10',
    ],
    ['no record that could take mail', [a('www.green.example', '198.51.100.25')], 'bounced 5.4.4'],
    ['an MX that leads nowhere', [mx('green.example', 10, 'ghost.green.example')], 'bounced 5.4.4'],
    [
      'itself as the best',
      [mx('green.example', 10, 'smtp.blue.example'), mx('green.example', 20, MX2)],
      'bounced 5.4.6',
    ],
    [
      'itself under another name',
      [mx('green.example', 10, 'www.green.example'), a('www.green.example', '192.0.2.10')],
      'bounced 5.4.6',
    ],
  ])('%s: nobody is called', async (_what, records, fate) => {
    await internet.serve(MX1);
    await internet.serve(MX2);
    internet.records = records;
    await internet.post(BOB);
    expect(internet.called()).toEqual([]);
    expect(internet.fates()).toEqual([`${fate} ${BOB}`, 'done']);
  });

  test('a domain that does not exist is told from one that nobody can tell of', async () => {
    internet.fault({ kind: 'dns-answer', name: 'green.example', type: 'MX', rcode: 'SERVFAIL' });
    await internet.post('eve@typo.green.example', BOB);
    expect(internet.fates()).toEqual(['bounced 5.1.2 eve@typo.green.example', `deferred 4.4.3 ${BOB}`]);
  });

  test('when DNS heals, the letter goes', async () => {
    const taken = await internet.serve(MX1);
    internet.fault({ kind: 'dns-answer', name: 'green.example', type: 'MX', rcode: 'SERVFAIL' });
    await internet.post(BOB);
    internet.faults = [];
    internet.clock.jump(60_000);
    await internet.queue.idle();
    expect(taken).toHaveLength(1);
    expect(internet.fates()).toEqual([`deferred 4.4.3 ${BOB}`, 'done']);
  });
});

describe('loops and aliases', () => {
  test('a backup hands on only to hosts that are better placed than itself', async () => {
    internet.records = [
      mx('green.example', 10, MX1),
      mx('green.example', 20, 'smtp.blue.example'),
      mx('green.example', 20, MX2),
      mx('green.example', 30, MX3),
    ];
    await internet.serve(MX2);
    await internet.serve(MX3);
    await internet.post(BOB);
    expect(internet.called()).toEqual([MX1]);
    expect(internet.fates()).toEqual([`deferred 4.4.1 ${BOB}`]);
  });

  test('the mail of a domain that is an alias goes where the other one’s goes, its address unchanged', async () => {
    const taken = await internet.serve(MX1);
    internet.records.push(alias('www2.green.example', 'green.example'));
    await internet.post('bob@www2.green.example');
    expect(taken.map(({ envelope }) => envelope.recipients)).toEqual([['bob@www2.green.example']]);
  });

  test.each([
    ['[198.51.100.25]', MX1],
    ['[IPv6:2001:db8:2::25]', `${MX1} [2001:db8:2::25]`],
  ])('%s is called straight, without a question to DNS', async (literal, host) => {
    const taken = await internet.serve(MX1);
    await internet.post(`bob@${literal}`);
    expect(internet.called()).toEqual([host]);
    expect(taken).toHaveLength(1);
    expect(internet.recorder.of('udp.datagram')).toEqual([]);
  });
});

describe('several recipients', () => {
  test('a hundred in three domains make three connections, one after the other in the order of the letter', async () => {
    internet.records.push(mx('gold.example', 10, 'mx.gold.example'));
    const taken = [];
    for (const host of [MX1, 'mx.red.example', 'mx.gold.example']) taken.push(await internet.serve(host));
    const domains = ['red.example', 'green.example', 'gold.example'];
    await internet.post(...Array.from({ length: 100 }, (_, nth) => `user-${nth}@${domains[nth % 3]}`));
    expect(internet.called()).toEqual(['mx.red.example', MX1, 'mx.gold.example']);
    expect(taken.map(([only]) => only?.envelope.recipients.length)).toEqual([33, 34, 33]);
    const bounds = internet.recorder.events.filter(({ kind }) => kind === 'mail.attempted').map(({ seq }) => seq);
    expect(bounds).toHaveLength(3);
    for (const [nth, { seq }] of internet.recorder
      .of('tcp.opened')
      .filter(({ to }) => to.port === 25)
      .entries())
      expect([bounds[nth] ?? 0, seq, bounds[nth + 1] ?? Number.POSITIVE_INFINITY]).toEqual(
        [bounds[nth] ?? 0, seq, bounds[nth + 1] ?? Number.POSITIVE_INFINITY].toSorted((one, other) => one - other),
      );
  });

  test('a domain that is down waits by itself, and the letter leaves when both are done', async () => {
    const red = await internet.serve('mx.red.example');
    await internet.post(BOB, 'carl@red.example');
    expect(red).toHaveLength(1);
    expect(internet.fates()).toEqual([`deferred 4.4.1 ${BOB}`]);
    const green = await internet.serve(MX1);
    internet.clock.jump(60_000);
    await internet.queue.idle();
    expect(green.map(({ envelope }) => envelope.recipients)).toEqual([[BOB]]);
    expect(red).toHaveLength(1);
    expect(internet.fates().at(-1)).toBe('done');
  });

  test('one is taken, one is refused, one is asked to come later: each has its own way', async () => {
    const taken = await internet.serve(MX1, {
      recipient: address => {
        if (address.startsWith('no@')) return refuse(550, '5.1.1', 'unknown');
        return address.startsWith('full@') && taken.length === 0 ? refuse(452, '4.2.2', 'full') : { ok: true };
      },
    });
    await internet.post(BOB, 'no@green.example', 'full@green.example');
    expect(internet.fates()).toEqual(['bounced 5.1.1 no@green.example', 'deferred 4.2.2 full@green.example']);
    internet.clock.jump(60_000);
    await internet.queue.idle();
    expect(taken.map(({ envelope }) => envelope.recipients)).toEqual([[BOB], ['full@green.example']]);
  });
});
