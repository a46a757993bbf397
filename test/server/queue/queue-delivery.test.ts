/** Promises of the queue: on disk before the 250, each recipient answered for, nothing lost, nobody tried who must not be. */

import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { WorldClock } from '../../../server/base/clock.ts';
import { noFaults } from '../../../server/base/faults.ts';
import type { Route } from '../../../server/dns/resolver.ts';
import { sendMail } from '../../../server/smtp/client/send.ts';
import { startSmtpServer } from '../../../server/smtp/machine/receive.ts';
import { DEFAULT_RETRY } from '../../../shared/world/world.ts';
import { saying } from '../../fixtures/causes.ts';
import { type Ground, letter, message, mx, openGround, refuse } from '../../help/loopback/queue-loopback.ts';
import { type Loopback, limits, memoryRecorder, submission } from '../../help/loopback/smtp-loopback.ts';

let ground: Ground;
let directory: string;
let network: Loopback;
let clock: WorldClock;
beforeEach(() => {
  ground = openGround();
  ({ directory, network, clock } = ground);
  // Whoever is told of a failure here is nobody: what becomes of notifications is told in queue-bounce.
  delete ground.routes['blue.example'];
});
afterEach(() => ground.close());

const queueOf: Ground['queueOf'] = extra => ground.queueOf(extra);
const serve: Ground['serve'] = (...args) => ground.serve(...args);

/** Resolves when this letter has left the queue by itself. */
const dequeued = (queueId: string): Promise<void> =>
  new Promise(resolve => {
    ground.recorder.append = (append => fact => {
      if (fact.kind === 'mail.dequeued' && fact.queueId === queueId) resolve();
      return append(fact);
    })(ground.recorder.append);
  });

/** What was recorded of the letters themselves, not of the notifications about them. */
const kinds = (): string => {
  const reports = new Set(ground.recorder.of('mail.reported').map(({ queueId }) => queueId));
  return ground.recorder.events
    .filter(event => event.kind === 'mail.reported' || !('queueId' in event && reports.has(event.queueId)))
    .map(({ kind }) => kind.replace('mail.', ''))
    .join(' ');
};

describe('delivery', () => {
  test('a letter goes to the best MX byte for byte and leaves the disk', async () => {
    const deliveries = await serve('mx1.green.example');
    const queue = await queueOf();
    const id = await queue.accept({ ...letter('bob@green.example'), id: '7F3A', connection: 'c1' });
    expect(id).toBe('7F3A');
    expect(readdirSync(directory)).toEqual(['7F3A.letter']);
    expect(ground.recorder.events).toMatchObject([
      {
        kind: 'mail.queued',
        host: 'smtp.blue.example',
        queueId: '7F3A',
        connection: 'c1',
        messageId: '<1@blue.example>',
        reversePath: 'alice@blue.example',
        recipients: ['bob@green.example'],
        size: message.length,
      },
    ]);
    await queue.flush();
    expect(kinds()).toBe('queued attempted dequeued');
    expect(deliveries).toHaveLength(1);
    expect(deliveries[0]?.message.subarray(-message.length).equals(message)).toBe(true);
    expect(deliveries[0]?.envelope).toEqual({ reversePath: 'alice@blue.example', recipients: ['bob@green.example'] });
    expect(network.dialled).toEqual(['198.51.100.25:25']);
    expect(readdirSync(directory)).toEqual([]);
    expect(queue.entries()).toEqual([]);
  });

  test('two recipients of a domain share one transaction, another domain has its own, one after the other', async () => {
    const green = await serve('mx1.green.example');
    const red = await serve('mx.red.example');
    const queue = await queueOf();
    await queue.accept(letter('bob@green.example', 'carl@red.example', 'bert@GREEN.example'));
    await queue.flush();
    expect(green.map(({ envelope }) => envelope.recipients)).toEqual([['bob@green.example', 'bert@green.example']]);
    expect(red.map(({ envelope }) => envelope.recipients)).toEqual([['carl@red.example']]);
    expect(ground.recorder.of('mail.attempted').map(({ domain }) => domain)).toEqual(['green.example', 'red.example']);
    expect(kinds()).toBe('queued attempted attempted dequeued');
  });

  test('the next MX is tried when the first is not there', async () => {
    const second = await serve('mx2.green.example');
    const queue = await queueOf();
    await queue.accept(letter('bob@green.example'));
    await queue.flush();
    expect(second).toHaveLength(1);
    expect(network.dialled).toEqual(['198.51.100.25:25', '198.51.100.26:25']);
    expect(kinds()).toBe('queued attempted dequeued');
  });

  test.each([
    [550, '5.1.1', 'mail.bounced'],
    [451, '4.7.1', 'mail.deferred'],
  ] as const)('the next MX is not tried after %i: that is an answer', async (code, status, kind) => {
    await serve('mx1.green.example', { recipient: () => refuse(code, status, 'no') });
    const second = await serve('mx2.green.example');
    const queue = await queueOf();
    await queue.accept(letter('bob@green.example'));
    await queue.flush();
    expect(second).toEqual([]);
    expect(ground.recorder.of(kind)[0]).toMatchObject({
      status,
      recipients: ['bob@green.example'],
      cause: { code: 'exchange-answered', exchange: 'mx1.green.example', reply: `${code} ${status} no` },
    });
  });

  test('partial acceptance: one has it, one is bounced now, one is tried again alone', async () => {
    let full = true;
    const deliveries = await serve('mx1.green.example', {
      recipient: address => {
        if (address.startsWith('no@')) return refuse(550, '5.1.1', 'No such user');
        return address.startsWith('full@') && full ? refuse(452, '4.2.2', 'Mailbox full') : { ok: true };
      },
    });
    const queue = await queueOf();
    await queue.accept(letter('bob@green.example', 'no@green.example', 'full@green.example'));
    await queue.flush();
    expect(kinds()).toBe('queued attempted bounced deferred reported');
    expect(ground.recorder.of('mail.deferred')).toMatchObject([
      { status: '4.2.2', recipients: ['full@green.example'], retryAt: 1_000_000 + 60_000_000 },
    ]);
    expect(queue.entries()).toMatchObject([
      { pending: ['full@green.example'], attempts: 1, nextAt: new Date(clock.now().getTime() + 60_000) },
    ]);
    full = false;
    await queue.flush();
    expect(deliveries.map(({ envelope }) => envelope.recipients)).toEqual([
      ['bob@green.example'],
      ['full@green.example'],
    ]);
    expect(kinds()).toBe('queued attempted bounced deferred reported attempted dequeued');
  });

  test('more recipients than a transaction holds are sent in several, at once', async () => {
    const deliveries = await serve('mx1.green.example', { limits: () => ({ ...limits, recipients: 2 }) });
    const queue = await queueOf();
    await queue.accept(letter(...['a', 'b', 'c', 'd', 'e'].map(name => `${name}@green.example`)));
    await queue.flush();
    expect(deliveries.map(({ envelope }) => envelope.recipients.length)).toEqual([2, 2, 1]);
    expect(kinds()).toBe('queued attempted dequeued');
  });

  test.each<[string, Route, string, string]>([
    ['a null MX', { kind: 'null-mx' }, 'bounced', '5.1.10'],
    ['no such domain', { kind: 'no-such-domain' }, 'bounced', '5.1.2'],
    ['no service', { kind: 'no-service', cause: { code: 'words', text: 'x' } }, 'bounced', '5.4.4'],
    ['DNS that does not know', { kind: 'unknown', cause: { code: 'words', text: 'SERVFAIL' } }, 'deferred', '4.4.3'],
    ['an exchange without address', mx('ghost.green.example'), 'bounced', '5.4.4'],
    ['hosts that are not there', mx('mx1.green.example', 'mx2.green.example'), 'deferred', '4.4.1'],
    ['an MX that is myself', mx('SMTP.blue.example', 'mx2.green.example'), 'bounced', '5.4.6'],
  ])('%s', async (_, route, kind, status) => {
    ground.routes['green.example'] = route;
    const queue = await queueOf();
    await queue.accept(letter('bob@green.example'));
    await queue.flush();
    expect(kinds()).toBe(`queued attempted ${kind}${kind === 'bounced' ? ' reported dequeued' : ''}`);
    expect(ground.recorder.events[2]).toMatchObject({
      status,
      recipients: ['bob@green.example'],
      cause: saying(/.{10}/),
    });
  });

  test('an MX that is myself under another name is known by its address', async () => {
    const queue = await queueOf({ addresses: ['198.51.100.25'] });
    await queue.accept(letter('bob@green.example'));
    await queue.flush();
    expect(network.dialled).toEqual([]);
    expect(ground.recorder.of('mail.bounced')[0]).toMatchObject({ status: '5.4.6' });
  });

  test('better placed hosts than myself are still tried', async () => {
    const first = await serve('mx1.green.example');
    ground.routes['green.example'] = mx('mx1.green.example', 'smtp.blue.example', 'mx2.green.example');
    const queue = await queueOf();
    await queue.accept(letter('bob@green.example'));
    await queue.flush();
    expect(first).toHaveLength(1);
  });

  test('what is still deferred when the time is over is bounced with its last reason', async () => {
    const queue = await queueOf({ policy: () => ({ ...DEFAULT_RETRY, giveUpAfter: 10 }) });
    await queue.accept(letter('bob@green.example'));
    await queue.flush();
    expect(kinds()).toBe('queued attempted deferred');
    clock.jump(10_000);
    await queue.idle();
    expect(kinds()).toBe('queued attempted deferred attempted bounced reported dequeued');
    expect(ground.recorder.of('mail.bounced')[0]).toMatchObject({
      status: '4.4.7',
      cause: saying(/^not delivered within 10 seconds: mx[12]\.green\.example .*could not be reached/),
    });
  });

  test('the retry comes by itself', async () => {
    const queue = await queueOf();
    await queue.accept(letter('bob@green.example'));
    await queue.flush();
    await serve('mx1.green.example');
    clock.jump(59_999);
    await queue.idle();
    expect(ground.recorder.of('mail.attempted')).toHaveLength(1);
    clock.jump(1);
    await queue.idle();
    expect(ground.recorder.of('mail.attempted')).toHaveLength(2);
    expect(queue.entries()).toEqual([]);
  });

  test('the first attempt waits until who brought the letter has gone', async () => {
    await serve('mx1.green.example');
    let leave = (): void => undefined;
    const over = new Promise<void>(resolve => {
      leave = resolve;
    });
    const queue = await queueOf();
    const first = await queue.accept({ ...letter('bob@green.example'), over });
    const second = await queue.accept(letter('bert@green.example'));
    await dequeued(second);
    expect(queue.entries()).toMatchObject([{ id: first, attempts: 0 }]);
    leave();
    await dequeued(first);
    expect(kinds()).toBe('queued queued attempted dequeued attempted dequeued');
  });
});

describe('the disk', () => {
  // That a power cut leaves it too is shown in `disk-durable`.
  test('the letter has its name and all its octets in the turn in which accept resolves', async () => {
    const queue = await queueOf();
    const id = await queue.accept(letter('bob@green.example'));
    const stored = readFileSync(join(directory, `${id}.letter`));
    expect(stored.subarray(stored.indexOf('\n') + 1).equals(message)).toBe(true);
  });

  test('what was queued is recovered after a restart, only for those still waiting', async () => {
    await serve('mx.red.example');
    const first = await queueOf();
    await first.accept(letter('bob@green.example', 'carl@red.example'));
    await first.flush();
    await first.close();
    ground.recorder = memoryRecorder();
    const deliveries = await serve('mx1.green.example');
    const second = await queueOf();
    expect(ground.recorder.of('mail.queued')).toMatchObject([
      { recipients: ['bob@green.example'], messageId: '<1@blue.example>' },
    ]);
    expect(ground.recorder.of('mail.queued')[0]).not.toHaveProperty('connection');
    expect(second.entries()).toMatchObject([{ attempts: 1, pending: ['bob@green.example'] }]);
    await second.flush();
    expect(deliveries.map(({ envelope }) => envelope.recipients)).toEqual([['bob@green.example']]);
    expect(readdirSync(directory)).toEqual([]);
  });

  test('closing in the middle of a session breaks it off, records nothing, and loses nothing', async () => {
    let arrived = (): void => undefined;
    const stuck = new Promise<void>(resolve => {
      arrived = resolve;
    });
    let release = (): void => undefined;
    const held = new Promise<{ ok: true }>(resolve => {
      release = () => resolve({ ok: true });
    });
    await serve('mx1.green.example', {}, () => {
      arrived();
      return held;
    });
    const queue = await queueOf();
    await queue.accept(letter('bob@green.example'));
    await stuck;
    await queue.close();
    release();
    expect(kinds()).toBe('queued attempted');
    expect(readdirSync(directory)).toHaveLength(1);
    await expect(queue.accept(letter('bob@green.example'))).rejects.toThrow('closed');
  });

  test('rubbish in the directory is swept or put aside, never fatal', async () => {
    const first = await queueOf();
    const good = await first.accept(letter('bob@green.example'));
    await first.flush();
    await first.close();
    const whole = await readFile(join(directory, `${good}.letter`));
    writeFileSync(join(directory, 'BAD1.letter'), 'not JSON\n');
    writeFileSync(join(directory, 'BAD2.letter'), whole);
    writeFileSync(join(directory, 'BAD3.letter'), '');
    writeFileSync(
      join(directory, 'TORN.letter'),
      whole.toString('latin1').replace(good, 'TORN').slice(0, -3),
      'latin1',
    );
    writeFileSync(join(directory, 'GONE.state'), '{}');
    writeFileSync(join(directory, 'HALF.letter.tmp'), 'x');
    writeFileSync(join(directory, `${good}.state`), '{"pending":7}');
    writeFileSync(join(directory, 'notes.txt'), 'mine');
    const second = await queueOf();
    // Of TORN the envelope can be read: its sender is told, and it is put aside then (`queue-damaged`).
    expect(
      second
        .entries()
        .map(({ id }) => id)
        .sort(),
    ).toEqual([good, 'TORN'].sort());
    expect(readdirSync(directory).sort()).toEqual(
      [
        'BAD1.letter.unreadable',
        'BAD2.letter.unreadable',
        'BAD3.letter.unreadable',
        'TORN.letter',
        `${good}.letter`,
        `${good}.state.unreadable`,
        'notes.txt',
      ].sort(),
    );
  });

  test('a queue file that vanished is bounced, not waited for', async () => {
    const queue = await queueOf();
    const id = await queue.accept({ ...letter('bob@green.example'), over: new Promise(() => undefined) });
    rmSync(join(directory, `${id}.letter`));
    await queue.flush();
    expect(kinds()).toBe('queued bounced reported dequeued');
  });

  test('a directory that cannot be used is told at once', async () => {
    writeFileSync(join(directory, 'file'), '');
    await expect(queueOf({ directory: join(directory, 'file') })).rejects.toMatchObject({ code: 'EEXIST' });
  });
});

describe('two hops', () => {
  test('submitted, queued before the 250, relayed: two stamps and every octet', async () => {
    const deliveries = await serve('mx1.green.example');
    const queue = await queueOf();
    ground.open.push(
      await startSmtpServer({
        ...submission,
        network,
        port: 587,
        clock,
        faults: noFaults,
        accept: async ({ id, envelope, message: stamped, messageId, peer, over }) => {
          await queue.accept({ id, envelope, message: stamped, messageId, connection: peer.connection, over });
          return { ok: true };
        },
      }),
    );
    const { socket } = await network.dial('client', { address: '192.0.2.10', port: 587 });
    const body = Buffer.from(
      'Date: x\r\nMessage-ID: <2@blue.example>\r\n\r\n.\r\n..\r\n.dot\r\n\u{1f4ec} \u00fc\r\n\r\n.\r\n',
    );
    const outcome = await sendMail({
      socket,
      helloName: 'alices-laptop',
      credentials: { user: 'alice@blue.example', password: 'secret' },
      envelope: { reversePath: 'alice@blue.example', recipients: ['bob@green.example'] },
      message: body,
    });
    const [queued] = ground.recorder.of('mail.queued');
    expect(outcome.recipients[0]?.cause).toEqual({
      code: 'accepted',
      reply: `250 2.0.0 Ok: queued as ${queued?.queueId}`,
    });
    await queue.flush();
    const arrived = deliveries[0]?.message ?? Buffer.alloc(0);
    expect(arrived.subarray(-body.length).equals(body)).toBe(true);
    expect(arrived.toString('latin1').match(/^Received: /gm)).toHaveLength(2);
    expect(arrived.toString('latin1')).toMatch(
      /^Received: from smtp\.blue\.example .*with ESMTP id .*\r\nReceived: from alices-laptop .*with ESMTPA id /s,
    );
  });
});
