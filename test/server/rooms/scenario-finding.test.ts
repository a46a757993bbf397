/** Finding the way: what the outgoing server asks DNS, and whom it then calls (S1, S3 to S9, S36 to S38, S40). */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { domainOf } from '../../../shared/address.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';
import type { ZoneRecord } from '../../../shared/world/world.ts';
import {
  ALICE,
  addressOf,
  BOB,
  handOver,
  home,
  lookUpGreen,
  openStage,
  type Stage,
  submission,
  withRed,
  withZone,
} from '../../fixtures/scenario.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

const DELIVERED = [`[stored ${BOB}]`, 'S: 250'];
const green = (change: (records: readonly ZoneRecord[]) => readonly ZoneRecord[]) =>
  stage.edit(world => withZone(world, 'green.example', change));
const mx = (exchange: string, preference = 10): ZoneRecord => ({
  name: 'green.example',
  ttl: 3600,
  type: 'MX',
  preference,
  exchange,
});
const withoutMx = (records: readonly ZoneRecord[]) => records.filter(({ type }) => type !== 'MX');

describe('the happy path', () => {
  test('S1: submitted, looked up, handed over to the best exchanger, collected by POP3', async () => {
    await stage.send({ collect: true });
    expect(stage.protocol()).toEqual([
      ...submission(),
      ...lookUpGreen,
      ...handOver('smtp.blue', 'mx1.green', ALICE, [BOB], DELIVERED),
      'bobs-laptop.green > pop.green:110',
      'S: +OK',
      ...['USER', 'PASS', 'STAT', 'UIDL'].flatMap(verb => [`C: ${verb}`, 'S: +OK']),
      'C: RETR',
      'S: +OK',
      'S: message',
      'C: DELE',
      'S: +OK',
      'C: QUIT',
      '[removed]',
      'S: +OK',
    ]);
  });
});

describe('which exchanger', () => {
  test('S3: the primary is down: the backup stores the letter and hands it on when the primary is back, as a third stamp says', async () => {
    await stage.fault({ kind: 'host-off', host: 'mx1.green.example' });
    await stage.send({});
    const tried = [
      ...submission(),
      ...lookUpGreen,
      'smtp.blue x mx1.green:25',
      ...addressOf('mx2.green', '198.51.100.26'),
      ...handOver('smtp.blue', 'mx2.green', ALICE, [BOB], [`[backup ${BOB}: ${BOB}]`, '[queued mx2.green]', 'S: 250']),
      ...lookUpGreen,
      'mx2.green x mx1.green:25',
      '[deferred 4.4.1]',
    ];
    expect(stage.protocol()).toEqual(tried);
    await stage.api('DELETE', '/api/faults');
    await stage.skip('next');
    expect(stage.protocol()).toEqual([
      ...tried,
      '[time passes]',
      '[remembers MX green]',
      '[remembers A mx1.green]',
      '[remembers AAAA mx1.green]',
      ...handOver('mx2.green', 'mx1.green', ALICE, [BOB], DELIVERED),
    ]);
    expect(await stage.letters(BOB)).toEqual([
      expect.stringMatching(/^Return-Path: <alice@blue\.example>\r\n(?:Received:[\s\S]*?\r\n(?!\s)){3}/),
    ]);
  });

  test('S3: a primary that is silent is given up after its time-out, and the backup takes the letter', async () => {
    await stage.fault({ kind: 'host-silent', host: 'mx1.green.example' });
    await stage.post('/api/messages', {});
    await stage.skipUntil(event => event.kind === 'mail.queued' && event.host === 'mx2.green.example');
    expect(stage.protocol()).toContain('smtp.blue x mx1.green:25');
    expect(stage.protocol()).toContain('smtp.blue > mx2.green:25');
  });

  test('S4: twenty letters to two equal exchangers go about half to each, and the same seed shares them out in the same way', async () => {
    const share = async (): Promise<string[]> => {
      const another = await openStage();
      await another.edit(world =>
        withZone(world, 'green.example', records => [
          ...withoutMx(records),
          mx('mx1.green.example'),
          mx('mx2.green.example'),
        ]),
      );
      for (let letter = 0; letter < 20; letter += 1) await another.send({ subject: `Letter ${letter}` });
      const calls = another.protocol().filter(line => / > mx\d\.green:25$/.test(line));
      await another.close();
      return calls;
    };
    const calls = await share();
    const first = calls.filter(call => call.includes('mx1')).length;
    expect(calls).toHaveLength(20);
    expect(first).toBeGreaterThanOrEqual(5);
    expect(first).toBeLessThanOrEqual(15);
    expect(await share()).toEqual(calls);
  });

  test('S5: without MX the domain itself is the host, and its address is asked for', async () => {
    await green(records => [
      ...withoutMx(records),
      { name: 'green.example', ttl: 3600, type: 'A', data: '198.51.100.25' },
    ]);
    await stage.send({});
    expect(stage.protocol()).toEqual([
      ...submission(),
      '? MX green',
      '! MX NOERROR',
      ...addressOf('green', '198.51.100.25'),
      ...handOver('smtp.blue', 'mx1.green', ALICE, [BOB], DELIVERED),
    ]);
  });

  test('S6: with an MX that is dead the address of the domain is never used, and the letter waits', async () => {
    await green(records => [
      ...withoutMx(records),
      mx('mx1.green.example'),
      { name: 'green.example', ttl: 3600, type: 'A', data: '198.51.100.26' },
    ]);
    await stage.fault({ kind: 'host-off', host: 'mx1.green.example' });
    await stage.send({});
    expect(stage.protocol()).toEqual([
      ...submission(),
      '? MX green',
      '! MX NOERROR MX 10 mx1.green.example',
      ...addressOf('mx1.green', '198.51.100.25'),
      'smtp.blue x mx1.green:25',
      '[deferred 4.4.1]',
    ]);
  });

  test('S7: a null MX means no mail at all: no connection, and a report with 5.1.10', async () => {
    await green(records => [...withoutMx(records), mx('.', 0)]);
    await stage.send({ collect: true });
    expect(stage.protocol().slice(0, submission().length + 2 + 3 + home().length)).toEqual([
      ...submission(),
      '? MX green',
      '! MX NOERROR MX 0 .',
      '[bounced 5.1.10]',
      '[report failed]',
      '[queued smtp.blue]',
      ...home(),
    ]);
    expect(await stage.inbox(ALICE)).toEqual([
      expect.stringMatching(/Status: 5\.1\.10\r\n[\s\S]*Diagnostic-Code: smtp; 556 5\.1\.10/),
    ]);
  });

  test('S8: a mistyped domain does not exist: no second try, and a report with 5.1.2', async () => {
    await stage.send({ to: ['bob@grene.example'] });
    expect(stage.protocol()).toEqual([
      ...submission(['bob@grene.example']),
      '? MX grene',
      '! MX NXDOMAIN',
      '[bounced 5.1.2]',
      '[report failed]',
      '[queued smtp.blue]',
      ...home(),
    ]);
  });

  test('S9: SERVFAIL is “do not know”, not “does not exist”: the letter waits and arrives when DNS is well again', async () => {
    await stage.fault({ kind: 'dns-answer', name: 'green.example', type: 'MX', rcode: 'SERVFAIL' });
    await stage.send({});
    const tried = [...submission(), '? MX green', '! MX SERVFAIL', '[deferred 4.4.3]'];
    expect(stage.protocol()).toEqual(tried);
    await stage.api('DELETE', '/api/faults');
    await stage.skip('next');
    expect(stage.protocol()).toEqual([
      ...tried,
      '[time passes]',
      ...lookUpGreen,
      ...handOver('smtp.blue', 'mx1.green', ALICE, [BOB], DELIVERED),
    ]);
  });

  test('S9: a DNS server that says nothing is asked three times, then the letter waits', async () => {
    await stage.fault({ kind: 'dns-silence', name: 'green.example', type: 'MX' });
    await stage.post('/api/messages', {});
    await stage.skipUntil(event => event.kind === 'mail.deferred');
    expect(stage.protocol().filter(line => line !== '[time passes]')).toEqual([
      ...submission(),
      ...['? MX green', '? MX green', '? MX green'],
      '[deferred 4.4.3]',
    ]);
  });

  test('S36: IPv6 is tried first; where nobody is there, IPv4 is called', async () => {
    await green(records => [...records, { name: 'mx1.green.example', ttl: 3600, type: 'AAAA', data: '2001:db8::25' }]);
    await stage.send({});
    expect(stage.protocol()).toEqual([
      ...submission(),
      '? MX green',
      '! MX NOERROR MX 10 mx1.green.example, MX 20 mx2.green.example',
      '? A mx1.green',
      '! A NOERROR A 198.51.100.25',
      '? AAAA mx1.green',
      '! AAAA NOERROR AAAA 2001:db8::25',
      'smtp.blue x 2001:db8::25:25',
      ...handOver('smtp.blue', 'mx1.green', ALICE, [BOB], DELIVERED),
    ]);
  });

  test('S40: a domain that is another name for one with an MX gets its mail there', async () => {
    await green(records => [
      ...records,
      { name: 'www2.green.example', ttl: 3600, type: 'CNAME', data: 'green.example' },
    ]);
    await stage.send({ to: ['bob@www2.green.example'] });
    expect(stage.protocol()).toEqual([
      ...submission(['bob@www2.green.example']),
      '? MX www2.green',
      '! MX NOERROR CNAME green.example, MX 10 mx1.green.example, MX 20 mx2.green.example',
      ...addressOf('mx1.green', '198.51.100.25'),
      ...handOver('smtp.blue', 'mx1.green', ALICE, ['bob@www2.green.example'], DELIVERED),
    ]);
  });
});

describe('what DNS sends and what is remembered', () => {
  test('S37: an answer that does not fit one datagram is asked for again over TCP', async () => {
    await green(records => [
      ...records,
      ...Array.from({ length: 40 }, (_, nth) => mx(`a-long-name-for-exchanger-${nth}.green.example`, 30)),
    ]);
    await stage.send({});
    const protocol = stage.protocol();
    const asked = protocol.indexOf('? MX green');
    expect(protocol.slice(asked, asked + 4)).toEqual([
      '? MX green',
      '! MX truncated',
      'smtp.blue > ns.root:53',
      '? MX green',
    ]);
    expect(protocol).toContain(`[stored ${BOB}]`);
  });

  test('S37: a server that says “truncated” is asked over TCP, too', async () => {
    await stage.fault({ kind: 'dns-truncate', name: 'green.example', type: 'MX' });
    await stage.send({});
    expect(stage.protocol()).toContain('smtp.blue > ns.root:53');
    expect(stage.protocol()).toContain(`[stored ${BOB}]`);
  });

  test('S38: the second letter needs no question; an edited zone is seen only when the time to live is over', async () => {
    await stage.send({});
    let before = stage.room.recorder.length + 1;
    await green(records => [...withoutMx(records), mx('mx2.green.example')]);
    await stage.send({});
    expect(stage.protocol(before)).toEqual([
      ...submission(),
      '[remembers MX green]',
      '[remembers A mx1.green]',
      '[remembers AAAA mx1.green]',
      ...handOver('smtp.blue', 'mx1.green', ALICE, [BOB], DELIVERED),
    ]);
    await stage.skip(3601);
    before = stage.room.recorder.length + 1;
    await stage.send({});
    expect(stage.protocol(before)).toEqual([
      ...submission(),
      '? MX green',
      '! MX NOERROR MX 10 mx2.green.example',
      ...addressOf('mx2.green', '198.51.100.26'),
      ...handOver('smtp.blue', 'mx2.green', ALICE, [BOB], DELIVERED),
    ]);
  });

  test('S38: “no such domain” is remembered as well, so that mending the zone does not help at once', async () => {
    await stage.edit(world => ({ ...world, zones: world.zones.filter(({ name }) => name !== 'green.example') }));
    await stage.send({});
    await stage.edit(() => blueAndGreen);
    const before = stage.room.recorder.length + 1;
    await stage.send({});
    expect(stage.protocol(before).slice(submission().length, submission().length + 2)).toEqual([
      '[remembers MX green]',
      '[bounced 5.1.2]',
    ]);
    await stage.skip(301);
    await stage.send({});
    expect(stage.protocol()).toContain(`[stored ${BOB}]`);
  });
});

describe('many recipients', () => {
  test('a letter to a hundred people in three domains makes three connections', async () => {
    const domains = ['blue.example', 'green.example', 'red.example'];
    const people = Array.from({ length: 100 }, (_, nth) => `reader${nth}@${domains[nth % 3]}`);
    await stage.edit(world => ({
      ...withRed(world),
      aliases: people.map(address => ({ address, targets: [`everybody@${domainOf(address)}`] })),
      users: [
        ...withRed(world).users,
        ...domains.map(domain => ({
          address: `everybody@${domain}`,
          name: 'Everybody',
          password: 'open-sesame',
          client: 'alices-laptop.blue.example',
        })),
      ],
    }));
    await stage.send({ to: people });
    const calls = stage.protocol().filter(line => / > .*:25$/.test(line));
    expect(calls).toEqual(['smtp.blue > mail.blue:25', 'smtp.blue > mx1.green:25', 'smtp.blue > mail.red:25']);
    expect(stage.protocol().filter(line => line.startsWith('[stored everybody@'))).toHaveLength(3);
  });
});

describe('chance', () => {
  test('the same seed gives the same run, and another seed another one', async () => {
    const runWith = async (seed: number): Promise<string[]> => {
      // Two deliveries at once may take either order, and in how many jumps time passes is not the world's doing.
      const another = await openStage({ abreast: 1 });
      another.room.clock.hold();
      await another.edit(world => ({
        ...withZone(world, 'green.example', records => [
          ...withoutMx(records),
          ...['mx1.green.example', 'mx2.green.example'].map(exchange => mx(exchange)),
        ]),
        seed,
      }));
      await another.fault({ kind: 'greylist', host: 'mx1.green.example', seconds: 200 });
      for (let letter = 0; letter < 6; letter += 1) await another.send({ subject: `Letter ${letter}` });
      await another.skip(600);
      const protocol = another.protocol().filter(line => line !== '[time passes]');
      await another.close();
      return protocol;
    };
    const first = await runWith(7);
    expect(await runWith(7)).toEqual(first);
    expect(await runWith(8)).not.toEqual(first);
  });
});
