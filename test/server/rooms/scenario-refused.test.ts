/** It fails, for now or for good: refusals, reports, and who hears of them (S7, S10 to S16, S19 to S22, S24, S25). */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TraceEvent } from '../../../shared/trace/event.ts';
import type { World } from '../../../shared/world/world.ts';
import {
  ALICE,
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

const run = promisify(execFile);
const BERT = 'bert@green.example';
const NOBODY = 'nobody@green.example';
const CAROL = 'carol@red.example';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

const withBert = (world: World): World => ({
  ...world,
  users: [
    ...world.users,
    { address: BERT, name: 'Bert', password: 'bert-bakes-3', client: 'bobs-laptop.green.example' },
  ],
});
const withQuota = (quota: number) => (world: World) => ({
  ...world,
  users: world.users.map(user => (user.address === BOB ? { ...user, quota } : user)),
});
const REPORT = ['[report failed]', '[queued smtp.blue]'];
const stored = (mailbox: string) => [`[stored ${mailbox}]`, 'S: 250'];

/** A notification as Python's own reader of e-mail sees it: the fields of message/delivery-status, group by group. */
async function statusOf(letter: string): Promise<Record<string, string>[]> {
  const script = [
    'import sys, json, email',
    'm = email.message_from_bytes(sys.stdin.buffer.read())',
    'assert m.get_content_type() == "multipart/report", m.get_content_type()',
    'assert m.get_param("report-type") == "delivery-status"',
    'text, status, original = m.get_payload()',
    'assert text.get_content_type() == "text/plain"',
    'assert status.get_content_type() == "message/delivery-status"',
    'assert original.get_content_type() in ("message/rfc822", "text/rfc822-headers")',
    'print(json.dumps([dict(group.items()) for group in status.get_payload()]))',
  ].join('\n');
  const reading = run('python3', ['-c', script]);
  reading.child.stdin?.end(Buffer.from(letter, 'latin1'));
  const { stdout } = await reading;
  const groups: unknown = JSON.parse(stdout);
  if (!Array.isArray(groups)) throw new Error('no groups');
  return groups;
}

describe('for good', () => {
  test('S10: an unknown user is refused at RCPT, and a report that others can read travels home and is collected', async () => {
    await stage.send({ to: ['bbo@green.example'], collect: true });
    const expected = [
      ...submission(['bbo@green.example']),
      ...lookUpGreen,
      ...handOver('smtp.blue', 'mx1.green', ALICE, [['bbo@green.example', '550 5.1.1']], []),
      '[bounced 5.1.1]',
      ...REPORT,
      ...home(),
    ];
    expect(stage.protocol().slice(0, expected.length)).toEqual(expected);
    const [letter = ''] = await stage.inbox(ALICE);
    expect(letter).toMatch(/^Return-Path: <>\r\n/);
    expect(letter).toMatch(/^Auto-Submitted: auto-replied\r$/m);
    const [message, recipient] = await statusOf(letter);
    expect(message).toMatchObject({ 'Reporting-MTA': 'dns; smtp.blue.example' });
    expect(recipient).toMatchObject({
      'Final-Recipient': 'rfc822; bbo@green.example',
      Action: 'failed',
      Status: '5.1.1',
      'Remote-MTA': 'dns; mx1.green.example',
      'Diagnostic-Code': expect.stringMatching(/^smtp; 550 5\.1\.1 /),
    });
  });

  test('S11: a report that cannot be delivered is dropped, and nobody is told of it', async () => {
    await stage.edit(world => ({
      ...world,
      aliases: [{ address: 'sales@green.example', targets: ['dave@gone.example'] }],
    }));
    await stage.stranger({
      server: 'mx1.green.example',
      mailFrom: 'ghost@blue.example',
      rcptTo: ['sales@green.example'],
      data: 'Subject: Who am I?\r\n\r\nNobody.\r\n',
    });
    await stage.until(event => event.kind === 'mail.discarded');
    await stage.lineClosed();
    const protocol = stage.protocol();
    expect(protocol).toEqual([
      ...handOver(
        'your-computer',
        'mx1.green',
        'ghost@blue.example',
        ['sales@green.example'],
        ['[alias sales@green.example: dave@gone.example]', '[queued mx1.green]', 'S: 250'],
      ),
      '? MX gone',
      '! MX NXDOMAIN',
      '[bounced 5.1.2]',
      '[report failed]',
      '[queued mx1.green]',
      ...home('mx1.green', 'ghost@blue.example').slice(0, 6),
      ...handOver('mx1.green', 'mail.blue', '', [['ghost@blue.example', '550 5.1.1']], []),
      '[bounced 5.1.1]',
      '[discarded]',
    ]);
    expect(protocol.filter(line => line.startsWith('[report'))).toHaveLength(1);
  });

  test('S12: a letter that finds no room in the mailbox is refused after its last dot, and reported', async () => {
    await stage.edit(withQuota(100));
    await stage.send({});
    expect(stage.protocol()).toEqual([
      ...submission(),
      ...lookUpGreen,
      ...handOver('smtp.blue', 'mx1.green', ALICE, [BOB], ['S: 552 5.2.2']),
      '[bounced 5.2.2]',
      ...REPORT,
      ...home(),
    ]);
  });

  test('S14: a stranger may bring letters only for those who live there; whoever logs in on 587 may send anywhere', async () => {
    await stage.edit(withRed);
    await stage.stranger({
      server: 'mx1.green.example',
      mailFrom: 'x@evil.example',
      rcptTo: [CAROL],
      data: 'Subject: Cheap\r\n\r\nBuy.\r\n',
    });
    await stage.lineClosed();
    expect(stage.protocol()).toEqual(
      handOver('your-computer', 'mx1.green', 'x@evil.example', [[CAROL, '554 5.7.1']], []),
    );
    await stage.send({ to: [CAROL] });
    expect(stage.protocol()).toContain(`[stored ${CAROL}]`);
  });

  test('S15: a wrong password is refused, and without a right one MAIL is, too', async () => {
    await stage.stranger({
      server: 'smtp.blue.example',
      port: 587,
      login: { user: ALICE, password: 'let-me-in' },
      mailFrom: ALICE,
      rcptTo: [BOB],
      data: 'Subject: Me\r\n\r\nReally.\r\n',
    });
    await stage.lineClosed();
    expect(stage.protocol()).toEqual([
      'your-computer > smtp.blue:587',
      'S: 220',
      'C: EHLO',
      'S: 250',
      'C: AUTH',
      'S: 535 5.7.8',
      `C: MAIL <${ALICE}>`,
      'S: 530 5.7.0',
      'C: QUIT',
      'S: 221',
    ]);
  });

  test('S15: mail clients with a wrong password are turned away on both ways', async () => {
    await stage.fault({ kind: 'wrong-password', user: ALICE });
    await stage.fault({ kind: 'wrong-password', user: BOB });
    await stage.send({});
    await expect(stage.api('POST', '/api/collect', { user: BOB })).rejects.toThrow('collect-failed');
    expect(stage.protocol()).toEqual([
      'alices-laptop.blue > smtp.blue:587',
      'S: 220',
      'C: EHLO',
      'S: 250',
      'C: AUTH',
      'S: 535 5.7.8',
      'C: QUIT',
      'S: 221',
      'bobs-laptop.green > pop.green:110',
      'S: +OK',
      'C: USER',
      'S: +OK',
      'C: PASS',
      'S: -ERR [AUTH]',
      'C: QUIT',
      'S: +OK',
    ]);
  });

  test('S16: where SIZE is offered, too big a letter is refused before an octet of it crosses', async () => {
    await stage.edit(world => ({ ...world, limits: { ...world.limits, messageSize: 1_048_576 } }));
    await stage.send({ attachment: { name: 'film.bin', octets: 5_000_000 } });
    expect(stage.protocol()).toEqual([
      ...submission().slice(0, 6),
      `C: MAIL <${ALICE}>`,
      'S: 552 5.3.4',
      'C: QUIT',
      'S: 221',
    ]);
    expect(octetsSaid(stage.room.recorder.events(1))).toBeLessThan(1_000);
  });

  test('S16: where it is not, all of it crosses for nothing', async () => {
    await stage.edit(world => ({ ...world, limits: { ...world.limits, messageSize: 1_048_576 } }));
    await stage.fault({ kind: 'lacks-extension', host: 'smtp.blue.example', keyword: 'SIZE' });
    await stage.send({ attachment: { name: 'film.bin', octets: 5_000_000 } });
    expect(stage.protocol()).toEqual([...submission().slice(0, -5), 'C: .', 'S: 552 5.3.4', 'C: QUIT', 'S: 221']);
    expect(octetsSaid(stage.room.recorder.events(1))).toBeGreaterThan(6_800_000);
  });
});

/** Octets that clients have said, those that were not kept included. */
const octetsSaid = (events: readonly TraceEvent[]): number =>
  events.reduce(
    (sum, event) =>
      event.kind === 'wire.bytes' && event.from === 'client' ? sum + event.bytes.length + (event.omitted ?? 0) : sum,
    0,
  );

describe('some of it', () => {
  test('S19: one letter to two domains becomes two deliveries; one waits while the other is done', async () => {
    await stage.edit(world => withRed(withBert(world)));
    await stage.fault({ kind: 'host-off', host: 'mail.red.example' });
    await stage.send({ to: [BOB, BERT, CAROL] });
    const tried = [
      ...submission([BOB, BERT, CAROL]),
      ...lookUpGreen,
      ...handOver('smtp.blue', 'mx1.green', ALICE, [BOB, BERT], [`[stored ${BOB}]`, `[stored ${BERT}]`, 'S: 250']),
      '? MX red',
      '! MX NOERROR MX 10 mail.red.example',
      '? A mail.red',
      '! A NOERROR A 203.0.113.25',
      '? AAAA mail.red',
      '! AAAA NOERROR',
      'smtp.blue x mail.red:25',
      '[deferred 4.4.1]',
    ];
    expect(stage.protocol()).toEqual(tried);
    await stage.api('DELETE', '/api/faults');
    await stage.skip('next');
    expect(stage.protocol().slice(tried.length)).toEqual([
      '[time passes]',
      '[remembers MX red]',
      '[remembers A mail.red]',
      '[remembers AAAA mail.red]',
      ...handOver('smtp.blue', 'mail.red', ALICE, [CAROL], stored(CAROL)),
    ]);
  });

  test('S20: of three recipients one is accepted, one is reported at once, and one is tried again alone', async () => {
    await stage.edit(withBert);
    await stage.fault({ kind: 'mailbox-full', mailbox: BERT });
    await stage.send({ to: [BOB, NOBODY, BERT] });
    const tried = [
      ...submission([BOB, NOBODY, BERT]),
      ...lookUpGreen,
      ...handOver(
        'smtp.blue',
        'mx1.green',
        ALICE,
        [BOB, [NOBODY, '550 5.1.1'], [BERT, '452 4.2.2']],
        [`[stored ${BOB}]`, 'S: 250'],
      ),
      '[bounced 5.1.1]',
      '[deferred 4.2.2]',
      '[report failed]',
      '[queued smtp.blue]',
      ...home(),
    ];
    expect(stage.protocol()).toEqual(tried);
    await stage.api('DELETE', '/api/faults');
    await stage.skip('next');
    expect(stage.protocol().slice(tried.length)).toEqual([
      '[time passes]',
      '[remembers MX green]',
      '[remembers A mx1.green]',
      '[remembers AAAA mx1.green]',
      ...handOver('smtp.blue', 'mx1.green', ALICE, [BERT], stored(BERT)),
    ]);
  });
});

describe('for now', () => {
  test('S12: a mailbox that is full for now takes the letter once its owner has made room', async () => {
    await stage.send({});
    await stage.edit(withQuota(200));
    const before = stage.room.recorder.length + 1;
    await stage.send({});
    expect(stage.protocol(before)).toEqual([
      ...submission(),
      '[remembers MX green]',
      '[remembers A mx1.green]',
      '[remembers AAAA mx1.green]',
      ...handOver('smtp.blue', 'mx1.green', ALICE, [[BOB, '452 4.2.2']], []),
      '[deferred 4.2.2]',
    ]);
    await stage.api('POST', '/api/collect', { user: BOB });
    await stage.edit(withQuota(100_000));
    await stage.skip('next');
    expect(stage.protocol().filter(line => line === `[stored ${BOB}]`)).toHaveLength(2);
  });

  test('S13: greylisting asks once to come again; the second try passes, and then the same three pass at once', async () => {
    await stage.edit(world => ({ ...world, retry: { ...world.retry, after: [240] } }));
    await stage.fault({ kind: 'greylist', host: 'mx1.green.example', seconds: 200 });
    await stage.send({});
    const tried = [
      ...submission(),
      ...lookUpGreen,
      ...handOver('smtp.blue', 'mx1.green', ALICE, [[BOB, '451 4.7.1']], []),
      '[deferred 4.7.1]',
    ];
    expect(stage.protocol()).toEqual(tried);
    const remembered = ['[remembers MX green]', '[remembers A mx1.green]', '[remembers AAAA mx1.green]'];
    await stage.skip('next');
    const second = ['[time passes]', ...remembered, ...handOver('smtp.blue', 'mx1.green', ALICE, [BOB], stored(BOB))];
    expect(stage.protocol().slice(tried.length)).toEqual(second);
    const before = stage.room.recorder.length + 1;
    await stage.send({});
    expect(stage.protocol(before)).toEqual([
      ...submission(),
      ...second.slice(1, 1 + remembered.length),
      ...second.slice(4),
    ]);
  });
});

describe('envelope and letter', () => {
  test('S21: a Bcc is in the envelope alone: the other copy and its stamps know nothing of it', async () => {
    await stage.edit(withBert);
    await stage.send({ to: [BOB], bcc: [BERT] });
    expect(stage.protocol()).toContain(`[stored ${BERT}]`);
    const [letter = ''] = await stage.letters(BOB);
    expect(letter).not.toMatch(/bert/i);
    expect(letter).not.toMatch(/\bfor </);
  });

  test('S22: the envelope sender may be another one than From: Return-Path has the first, the reader sees the second', async () => {
    await stage.stranger({
      server: 'mx1.green.example',
      mailFrom: 'bounces@list.example',
      rcptTo: [BOB],
      data: `From: Alice <${ALICE}>\r\nTo: ${BOB}\r\nSubject: Lunch?\r\n\r\nAt noon?\r\n`,
    });
    await stage.lineClosed();
    const [letter = ''] = await stage.letters(BOB);
    expect(letter).toMatch(/^Return-Path: <bounces@list\.example>\r\n/);
    expect(letter).toMatch(/^From: Alice <alice@blue\.example>\r$/m);
  });

  test('S24: a list sends under its own name, and what comes back goes to its owner and not to the author', async () => {
    await stage.edit(world => ({
      ...withRed(world),
      lists: [
        {
          address: 'lunch@green.example',
          name: 'Lunch club',
          owner: BOB,
          members: [ALICE, CAROL, 'gone@blue.example'],
        },
      ],
    }));
    await stage.send({ to: ['lunch@green.example'] });
    await stage.until(event => event.kind === 'mail.stored' && event.mailbox === BOB);
    const sender = 'lunch-bounces@green.example';
    const protocol = stage.protocol();
    expect(protocol).toContain(`[list lunch@green.example: ${ALICE} ${CAROL} gone@blue.example]`);
    expect(protocol.join('\n')).toContain(
      handOver(
        'mx1.green',
        'mail.blue',
        sender,
        [ALICE, ['gone@blue.example', '550 5.1.1']],
        [`[stored ${ALICE}]`, 'S: 250'],
      ).join('\n'),
    );
    expect(protocol.join('\n')).toContain(handOver('mx1.green', 'mail.red', sender, [CAROL], stored(CAROL)).join('\n'));
    expect(protocol).toContain('[report failed]');
    const [copy = ''] = await stage.letters(CAROL);
    expect(copy).toMatch(/^Return-Path: <lunch-bounces@green\.example>\r\n/);
    expect(copy).toMatch(/^List-Id: "Lunch club" <lunch\.green\.example>\r$/m);
    expect(copy).toMatch(/^List-Unsubscribe: <mailto:/m);
    expect(copy).toMatch(/^From: Alice <alice@blue\.example>\r$/m);
    const [report = ''] = await stage.letters(BOB);
    expect(report).toMatch(/^To: <?lunch-bounces@green\.example/m);
    expect(await stage.letters(ALICE)).toHaveLength(1);
  });

  test('S25: a letter that goes in circles is stopped by its own stamps, and its sender hears of it', async () => {
    await stage.edit(world => ({
      ...world,
      limits: { ...world.limits, hops: 10 },
      aliases: [
        { address: 'loop@blue.example', targets: ['loop@green.example'] },
        { address: 'loop@green.example', targets: ['loop@blue.example'] },
      ],
    }));
    await stage.send({ to: ['loop@green.example'] });
    await stage.until(event => event.kind === 'mail.stored' && event.mailbox === ALICE);
    expect(stage.protocol()).toContain('S: 554 5.4.6');
    expect(stage.protocol().filter(line => line.startsWith('[alias'))).toHaveLength(9);
    const [letter = ''] = await stage.letters(ALICE);
    expect(letter).toMatch(/^Status: 5\.4\.6\r$/m);
  });

  test('S25: an MX that points back at the sending server is noticed at once', async () => {
    await stage.edit(world =>
      withZone(world, 'green.example', records => [
        ...records.filter(({ type }) => type !== 'MX'),
        { name: 'green.example', ttl: 3600, type: 'MX', preference: 10, exchange: 'smtp.blue.example' },
      ]),
    );
    await stage.send({});
    expect(stage.protocol()).toEqual([
      ...submission(),
      '? MX green',
      '! MX NOERROR MX 10 smtp.blue.example',
      '[bounced 5.4.6]',
      ...REPORT,
      ...home(),
    ]);
  });
});
