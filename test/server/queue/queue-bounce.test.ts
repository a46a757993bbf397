/** Promises about notifications: one a round, durable before what it is about leaves, never one about another, none that nobody wants. */

import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Notify } from '../../../server/smtp/envelope.ts';
import type { Delivery } from '../../../server/smtp/machine/receive.ts';
import { DEFAULT_RETRY } from '../../../shared/world/world.ts';
import { saying } from '../../fixtures/causes.ts';
import { type Ground, letter, message, openGround, refuse } from '../../help/loopback/queue-loopback.ts';
import { memoryRecorder } from '../../help/loopback/smtp-loopback.ts';

const HOUR = 3_600_000;

let ground: Ground;
/** What came home. */
let home: readonly Delivery[];
beforeEach(async () => {
  ground = openGround();
  home = await ground.serve('mail.blue.example');
});
afterEach(() => ground.close());

const kinds = (): string => ground.recorder.events.map(({ kind }) => kind.replace('mail.', '')).join(' ');
const field = (name: string, { message: text }: Delivery): string[] =>
  [...text.toString('utf8').matchAll(new RegExp(`^${name}: (.*)\r$`, 'gm'))].map(([, value = '']) => value);
const unknownUsers = () => ground.serve('mx1.green.example', { recipient: () => refuse(550, '5.1.1', 'user unknown') });
const wishing = (notify: readonly Notify[], reversePath = 'alice@blue.example') => {
  const plain = letter('bob@green.example');
  return { ...plain, envelope: { ...plain.envelope, reversePath, dsn: { 'bob@green.example': { notify } } } };
};

describe('a letter that is refused', () => {
  test('comes home as a letter of its own: null reverse-path, by the sender’s MX, in one notification for all', async () => {
    await unknownUsers();
    const queue = await ground.queueOf();
    const id = await queue.accept(letter('bob@green.example', 'no@green.example', 'eve@nowhere.example'));
    await queue.idle();
    expect(home).toHaveLength(1);
    const [report] = home;
    if (!report) throw new Error('no report');
    expect(report.envelope).toMatchObject({ reversePath: '', recipients: ['alice@blue.example'] });
    expect(field('Final-Recipient', report)).toEqual([
      'rfc822; bob@green.example',
      'rfc822; no@green.example',
      'rfc822; eve@nowhere.example',
    ]);
    expect(field('Remote-MTA', report)).toEqual(['dns; mx1.green.example', 'dns; mx1.green.example']);
    expect(field('Diagnostic-Code', report)).toEqual([
      'smtp; 550 5.1.1 user unknown',
      'smtp; 550 5.1.1 user unknown',
      'X-mailscope; there is no domain nowhere.example',
    ]);
    expect(report.message.includes(message)).toBe(true);
    const [reported] = ground.recorder.of('mail.reported');
    const [, queued] = ground.recorder.of('mail.queued');
    expect(reported).toMatchObject({
      host: 'smtp.blue.example',
      about: id,
      action: 'failed',
      recipients: ['bob@green.example', 'no@green.example', 'eve@nowhere.example'],
      queueId: queued?.queueId,
      messageId: report.messageId,
    });
    expect(queued).toMatchObject({ reversePath: '', recipients: ['alice@blue.example'], messageId: report.messageId });
    expect(reported?.seq).toBeLessThan(queued?.seq ?? 0);
    expect(kinds()).toMatch(/^queued attempted bounced attempted bounced reported queued /);
    expect(readdirSync(ground.directory)).toEqual([]);
  });

  test('null MX is told in the words of RFC 7505', async () => {
    ground.routes['green.example'] = { kind: 'null-mx' };
    const queue = await ground.queueOf();
    await queue.accept(letter('bob@green.example'));
    await queue.idle();
    const [report] = home;
    if (!report) throw new Error('no report');
    expect(field('Status', report)).toEqual(['5.1.10']);
    expect(field('Diagnostic-Code', report)[0]).toMatch(/^smtp; 556 5\.1\.10 /);
    expect(field('Remote-MTA', report)).toEqual([]);
  });

  test('a notification that is refused itself is discarded, and nobody is told', async () => {
    await unknownUsers();
    ground.routes['blue.example'] = { kind: 'null-mx' };
    const queue = await ground.queueOf();
    await queue.accept(letter('bob@green.example'));
    await queue.idle();
    expect(home).toEqual([]);
    expect(ground.recorder.of('mail.reported')).toHaveLength(1);
    expect(ground.recorder.of('mail.discarded')).toMatchObject([
      { recipients: ['alice@blue.example'], cause: { code: 'is-a-report' } },
    ]);
    expect(kinds()).toBe('queued attempted bounced reported queued dequeued attempted bounced discarded dequeued');
    expect(queue.entries()).toEqual([]);
  });

  test.each<[readonly Notify[], string, string]>([
    [['NEVER'], 'alice@blue.example', 'asked not to be told'],
    [['SUCCESS', 'DELAY'], 'alice@blue.example', 'asked not to be told'],
    [['FAILURE'], '', 'itself a notification'],
  ])('NOTIFY=%s from <%s>: nobody is told', async (notify, reversePath, why) => {
    await unknownUsers();
    const queue = await ground.queueOf();
    await queue.accept(wishing(notify, reversePath));
    await queue.idle();
    expect(home).toEqual([]);
    expect(kinds()).toBe('queued attempted bounced discarded dequeued');
    expect(ground.recorder.of('mail.discarded')[0]).toMatchObject({ cause: saying(why) });
  });

  test('a letter given up after its time is reported with what was answered last', async () => {
    await ground.serve('mx1.green.example', { recipient: () => refuse(451, '4.7.1', 'come back later') });
    const queue = await ground.queueOf();
    await queue.accept(letter('bob@green.example'));
    await queue.idle();
    ground.clock.jump(5 * 24 * HOUR);
    await queue.idle();
    const report = home.at(-1);
    if (!report) throw new Error('no report');
    expect(field('Action', report)).toEqual(['failed']);
    expect(field('Status', report)).toEqual(['4.4.7']);
    expect(field('Diagnostic-Code', report)).toEqual(['smtp; 451 4.7.1 come back later']);
    expect(field('Arrival-Date', report)).toEqual(['Mon, 23 Nov 2026 11:15:18 +0000']);
    expect(field('Last-Attempt-Date', report)).toEqual(['Sat, 28 Nov 2026 11:15:18 +0000']);
  });
});

describe('a letter that is late', () => {
  test('is told of once, when the warning time has passed', async () => {
    const queue = await ground.queueOf();
    await queue.accept(letter('bob@green.example'));
    await queue.idle();
    ground.clock.jump(HOUR);
    await queue.idle();
    expect(home).toEqual([]);
    for (let hour = 0; hour < 6; hour += 1) {
      ground.clock.jump(HOUR);
      await queue.idle();
    }
    expect(home).toHaveLength(1);
    const [report] = home;
    if (!report) throw new Error('no report');
    expect(field('Action', report)).toEqual(['delayed']);
    expect(field('Will-Retry-Until', report)).toEqual(['Sat, 28 Nov 2026 11:15:18 +0000']);
    expect(ground.recorder.of('mail.reported')).toMatchObject([{ action: 'delayed' }]);
    expect(queue.entries()).toMatchObject([{ pending: ['bob@green.example'] }]);
  });

  test('is told of once also where the process ends in between', async () => {
    const first = await ground.queueOf();
    await first.accept(letter('bob@green.example'));
    ground.clock.jump(5 * HOUR);
    await first.flush();
    await first.flush();
    await first.close();
    const second = await ground.queueOf();
    await second.flush();
    expect(home).toHaveLength(1);
  });

  test.each<Notify>(['FAILURE', 'NEVER'])('is not told of where NOTIFY=%s', async notify => {
    const queue = await ground.queueOf();
    await queue.accept(wishing([notify]));
    await queue.idle();
    ground.clock.jump(5 * HOUR);
    await queue.idle();
    expect(home).toEqual([]);
    expect(ground.recorder.of('mail.discarded')).toEqual([]);
  });
});

describe('a letter that arrives', () => {
  test('is told of where that was asked for and the next host will not do it', async () => {
    ground.faults.push({
      id: 'f1',
      kind: 'lacks-extension',
      host: 'mx1.green.example',
      keyword: 'DSN',
      times: 'always',
    });
    await ground.serve('mx1.green.example');
    const queue = await ground.queueOf();
    await queue.accept(letter('bob@green.example'));
    await queue.accept(wishing(['SUCCESS']));
    await queue.idle();
    expect(ground.recorder.of('mail.reported')).toMatchObject([
      { action: 'relayed', recipients: ['bob@green.example'] },
    ]);
    expect(home.map(report => field('Action', report))).toEqual([['relayed']]);
  });

  test('is no longer ours to tell of where the next host offers to', async () => {
    const taken = await ground.serve('mx1.green.example');
    const queue = await ground.queueOf();
    const wish = wishing(['SUCCESS']);
    await queue.accept({ ...wish, envelope: { ...wish.envelope, ret: 'HDRS', envid: 'run+2B7' } });
    await queue.idle();
    expect(taken[0]?.envelope).toMatchObject({
      ret: 'HDRS',
      envid: 'run+2B7',
      dsn: { 'bob@green.example': { notify: ['SUCCESS'] } },
    });
    expect(ground.recorder.of('mail.reported')).toEqual([]);
  });

  test('others may have their reports written here: of final delivery, of a list', async () => {
    const queue = await ground.queueOf();
    const { envelope } = wishing(['SUCCESS']);
    const told = { recipient: 'bob@green.example', status: '2.1.5', reason: 'in the mailbox', exchange: null };
    const about = { id: '7F3A', envelope, message, arrivedAt: ground.clock.now() };
    await queue.report(about, [{ ...told, action: 'delivered', reply: null, at: ground.clock.now().getTime() }]);
    await queue.report({ ...about, envelope: letter('bob@green.example').envelope }, [
      { ...told, action: 'delivered', reply: null, at: 0 },
    ]);
    await queue.idle();
    expect(ground.recorder.of('mail.reported')).toMatchObject([{ about: '7F3A', action: 'delivered' }]);
    expect(home.map(report => field('Action', report))).toEqual([['delivered']]);
  });
});

describe('the disk', () => {
  test('wishes survive a restart', async () => {
    const first = await ground.queueOf();
    const plain = wishing(['DELAY', 'FAILURE']);
    const envelope = {
      ...plain.envelope,
      ret: 'HDRS' as const,
      envid: 'run+2B7',
      smtpUtf8: true,
      body: 'BINARYMIME' as const,
      dsn: { 'bob@green.example': { notify: ['FAILURE' as const], orcpt: 'rfc822;bob@green.example' } },
    };
    await first.accept({ ...plain, envelope });
    await first.close();
    expect((await ground.queueOf()).entries()).toMatchObject([{ envelope }]);
  });

  test('a state that an earlier mailscope wrote is understood', async () => {
    const first = await ground.queueOf();
    const id = await first.accept(letter('bob@green.example', 'bert@green.example'));
    await first.close();
    const state = { pending: ['bert@green.example'], attempts: 3, nextAt: Date.parse('2027-01-01'), lastReason: 'x' };
    writeFileSync(join(ground.directory, `${id}.state`), JSON.stringify(state));
    const { nextAt, ...rest } = state;
    expect((await ground.queueOf()).entries()).toMatchObject([{ ...rest, nextAt: new Date(nextAt) }]);
  });

  test('killed between a refusal and its notification, the sender is told after all', async () => {
    await unknownUsers();
    const first = await ground.queueOf();
    // Breaks off in the second domain: the first one's refusal is owed.
    let reach = (): void => undefined;
    const reached = new Promise<void>(resolve => {
      reach = resolve;
    });
    let release = (): void => undefined;
    await ground.serve('mx.red.example', {}, () => {
      reach();
      return new Promise(resolve => {
        release = () => resolve({ ok: true });
      });
    });
    const id = await first.accept(letter('bob@green.example', 'carl@red.example'));
    await reached;
    await first.close();
    release();
    expect(JSON.parse(await readFile(join(ground.directory, `${id}.state`), 'utf8'))).toMatchObject({
      pending: ['carl@red.example'],
      owed: [{ recipient: 'bob@green.example', action: 'failed', reply: { code: 550 } }],
    });
    ground.recorder = memoryRecorder();
    ground.routes['red.example'] = { kind: 'unknown', cause: { code: 'words', text: 'SERVFAIL' } };
    const second = await ground.queueOf();
    ground.clock.jump(1);
    await second.idle();
    expect(home.map(report => field('Final-Recipient', report))).toEqual([['rfc822; bob@green.example']]);
    expect(second.entries()).toMatchObject([{ pending: ['carl@red.example'] }]);
  });

  test('a disk that will not have the notification keeps the letter until it does', async () => {
    await unknownUsers();
    const queue = await ground.queueOf();
    const id = await queue.accept({ ...letter('bob@green.example'), over: new Promise(() => undefined) });
    // As good as full: where the notification would lie there is no folder.
    const moved = await readFile(join(ground.directory, `${id}.letter`));
    rmSync(ground.directory, { recursive: true });
    await queue.flush();
    expect(kinds()).toBe('queued bounced');
    expect(queue.entries()).toMatchObject([{ id, pending: [] }]);
    mkdirSync(ground.directory);
    writeFileSync(join(ground.directory, `${id}.letter`), moved);
    ground.clock.jump(DEFAULT_RETRY.after[0] * 1000);
    await queue.idle();
    expect(home).toHaveLength(1);
    expect(queue.entries()).toEqual([]);
  });
});
