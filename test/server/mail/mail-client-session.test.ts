/** What a mail client promises its user: letters go out as composed, mail comes in once, and a failure is a sentence. */

import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createWorldClock } from '../../../server/base/clock.ts';
import { createFaultBook, noFaults } from '../../../server/base/faults.ts';
import { createMailClient, type MailClient } from '../../../server/mail-client/mail-client.ts';
import { mistyped } from '../../../server/mail-client/sentences.ts';
import { type Maildir, openMaildir } from '../../../server/mailbox/maildir.ts';
import { createMaildrop } from '../../../server/mailbox/maildrop.ts';
import type { Dialled } from '../../../server/network/contract.ts';
import { startPop3Server } from '../../../server/pop3/server.ts';
import { sendMail } from '../../../server/smtp/client/send.ts';
import { type Delivery, startSmtpServer } from '../../../server/smtp/machine/receive.ts';
import { causeText } from '../../../shared/explain/causes.ts';
import type { Fault } from '../../../shared/faults/fault.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';
import { userAt } from '../../../shared/world/world.ts';
import { saying } from '../../fixtures/causes.ts';
import { type Loopback, openLoopback, temporaryFolder } from '../../help/loopback/pop3-loopback.ts';

const DRAFT = {
  from: { address: 'bob@green.example' },
  to: ['alice@blue.example'],
  bcc: ['carol@blue.example'],
  subject: 'Grüße 📬',
  text: '.\nHello\n..\n',
};

const clock = createWorldClock({ now: () => new Date(0) });

let folder: string;
let closing: (() => Promise<unknown>)[];
let box: Loopback;
let maildir: Maildir;
let inbox: Maildir;
let client: MailClient;
let faults: Fault[];
let leaveOnServer: boolean;

beforeEach(async () => {
  const [temporary, remove] = await temporaryFolder();
  folder = temporary;
  box = openLoopback();
  closing = [() => box.close(), remove];
  maildir = await openMaildir(join(folder, 'mail'), 'pop.green.example');
  inbox = await openMaildir(join(folder, 'inbox'), 'bobs-laptop.green.example');
  faults = [];
  leaveOnServer = false;
  client = openClient();
});
afterEach(async () => {
  for (const close of closing) await close();
});

function openClient(password = 'bob-builds-4', sending = sendMail): MailClient {
  const user = userAt(blueAndGreen, 'bob@green.example');
  if (user === undefined) throw new Error('the world has Bob');
  return createMailClient({
    network: box.network,
    recorder: box.recorder,
    user: () => ({ ...user, password, leaveOnServer }),
    submission: () => ({ address: '198.51.100.10', port: 587 }),
    pop3: () => ({ address: '198.51.100.110', port: 110 }),
    inbox,
    clock,
    faults: createFaultBook(
      () => faults,
      (fault, where) => {
        box.recorder.append({ kind: 'fault.struck', fault, ...where });
        if (fault.times === 'next') faults = faults.filter(({ id }) => id !== fault.id);
      },
    ),
    style: () => 'lock-step',
    sendMail: sending,
  });
}

const authenticate = (user: string, password: string): string | null =>
  user === 'bob@green.example' && password === 'bob-builds-4' ? user : null;

async function serveSubmission(): Promise<Delivery[]> {
  const taken: Delivery[] = [];
  const server = await startSmtpServer({
    network: box.network,
    host: 'smtp.green.example',
    port: 587,
    role: 'submission',
    limits: () => blueAndGreen.limits,
    clock: createWorldClock({ now: () => new Date(0) }),
    faults: noFaults,
    authenticate,
    recipient: address =>
      address.startsWith('nobody@')
        ? { ok: false, code: 550, enhanced: '5.1.1', text: `<${address}>: there is no such mailbox` }
        : { ok: true },
    accept: async delivery => {
      taken.push(delivery);
      return { ok: true };
    },
  });
  closing.unshift(() => server.close());
  return taken;
}

async function servePop3(): Promise<() => Promise<void>> {
  const drop = createMaildrop('bob@green.example', maildir);
  const { network, recorder } = box;
  const server = await startPop3Server({
    network,
    host: 'pop.green.example',
    authenticate,
    maildrop: () => drop,
    recorder,
    clock,
    faults: noFaults,
  });
  closing.unshift(() => server.close());
  return () => server.close();
}

const ofKind = (kind: string) => box.facts.filter(fact => fact.kind === kind);

describe('sending', () => {
  test('the letter is composed, recorded, and submitted by its user to everybody in the envelope', async () => {
    const taken = await serveSubmission();
    const { id, done } = client.send(DRAFT);
    const outcome = await done;
    expect('recipients' in outcome && outcome.recipients.map(({ verdict }) => verdict)).toEqual([
      'accepted',
      'accepted',
    ]);
    const [delivery] = taken;
    expect(delivery).toMatchObject({
      envelope: { reversePath: 'bob@green.example', recipients: ['alice@blue.example', 'carol@blue.example'] },
      user: 'bob@green.example',
      messageId: `<${id}@green.example>`,
    });
    const message = delivery?.message.toString('latin1') ?? '';
    expect(message).toMatch(/^Received: from bobs-laptop /);
    expect(message).toContain('\r\nFrom: Bob <bob@green.example>\r\n');
    expect(message).not.toContain('carol');
    expect(box.facts).toEqual([
      {
        kind: 'mail.composed',
        host: 'bobs-laptop.green.example',
        id,
        subject: 'Grüße 📬',
        messageId: `<${id}@green.example>`,
        reversePath: 'bob@green.example',
        recipients: ['alice@blue.example', 'carol@blue.example'],
        // The client's own message named Carol, and the submission server has taken that out.
        size: message.slice(message.indexOf('From: Bob')).length + 'Bcc: carol@blue.example\r\n'.length,
      },
    ]);
  });

  test('a recipient who is refused is told to the user, and the others get the letter', async () => {
    const taken = await serveSubmission();
    const { id, done } = client.send({ ...DRAFT, bcc: ['nobody@blue.example'] });
    await done;
    expect(taken[0]?.envelope.recipients).toEqual(['alice@blue.example']);
    expect(ofKind('client.failed')).toEqual([
      {
        kind: 'client.failed',
        host: 'bobs-laptop.green.example',
        connection: expect.stringMatching(/./),
        id,
        cause: saying(/^nobody@blue\.example: .*there is no such mailbox\. The letter waits in the outbox\.$/),
      },
    ]);
  });

  test('a server that is not there, and a password that is wrong, are sentences', async () => {
    expect(await client.send(DRAFT).done).toMatchObject({ kind: 'failed', code: 'ECONNREFUSED' });
    expect(ofKind('client.failed')).toMatchObject([{ cause: saying('cannot be reached') }]);
    const taken = await serveSubmission();
    await openClient('wrong').send(DRAFT).done;
    expect(taken).toEqual([]);
    expect(ofKind('client.failed')).toMatchObject([{}, { cause: saying('535') }]);
    expect(ofKind('mail.composed')).toHaveLength(2);
  });
});

describe('what the draft asks for', () => {
  test('is told to whoever sends it: the envelope, the style and the clock', async () => {
    await serveSubmission();
    const given: Parameters<typeof sendMail>[0][] = [];
    const asked = openClient('bob-builds-4', options => {
      given.push(options);
      return sendMail(options);
    });
    await asked.send({ ...DRAFT, bcc: [], notify: ['SUCCESS'], ret: 'HDRS', envid: 'a b', envelopeFrom: '' }).done;
    expect(given).toMatchObject([
      {
        style: 'lock-step',
        clock: { now: expect.any(Function) },
        envelope: {
          reversePath: '',
          ret: 'HDRS',
          envid: 'a+20b',
          dsn: { 'alice@blue.example': { notify: ['SUCCESS'], orcpt: 'rfc822;alice@blue.example' } },
        },
      },
    ]);
  });

  test('also after a restart', async () => {
    const wishes = {
      bcc: ['用户@blue.example'],
      envelopeFrom: 'bounces@list.example',
      notify: ['NEVER'],
      envid: 'x',
    } as const;
    const { id, done } = client.send({ ...DRAFT, ...wishes });
    await done;
    expect(await openClient().unsent()).toMatchObject([
      {
        id,
        envelope: {
          smtpUtf8: true,
          reversePath: 'bounces@list.example',
          recipients: ['alice@blue.example', '用户@blue.example'],
          envid: 'x',
          dsn: { '用户@blue.example': { notify: ['NEVER'] } },
        },
      },
    ]);
  });

  test('another sender in the envelope than in the letter reaches the server as such', async () => {
    const taken = await serveSubmission();
    await client.send({ ...DRAFT, envelopeFrom: 'bounces@list.example' }).done;
    expect(taken).toMatchObject([{ envelope: { reversePath: 'bounces@list.example' } }]);
    expect(taken[0]?.message.toString('latin1')).toContain('\r\nFrom: Bob <bob@green.example>\r\n');
    expect(ofKind('mail.composed')).toMatchObject([{ reversePath: 'bounces@list.example' }]);
  });
});

describe('the outbox', () => {
  const TO = { address: '198.51.100.10', port: 587 };
  const waiting = async (mailClient = client) => (await mailClient.unsent()).map(({ id }) => id);

  /** A server that takes everything up to the end of the message, and is gone before it has answered that. */
  async function serveUntilTheDot(): Promise<() => Promise<void>> {
    const server = await box.network.listen('smtp.green.example', TO.port, socket => {
      socket.on('error', () => undefined);
      socket.write('220 smtp.green.example\r\n');
      let content = false;
      socket.on('data', chunk => {
        const said = chunk.toString('latin1');
        if (content) socket.resetAndDestroy();
        else if (said.startsWith('EHLO')) socket.write('250-smtp.green.example\r\n250 AUTH PLAIN\r\n');
        else {
          content = said.startsWith('DATA');
          socket.write(content ? '354 go on\r\n' : '250 ok\r\n');
        }
      });
    });
    closing.unshift(() => server.close());
    return () => server.close();
  }

  test('a letter that nobody was there to take is kept, also over a restart, and is sent as it was composed', async () => {
    const { id, done } = client.send(DRAFT);
    expect(await done).toMatchObject({ kind: 'failed', code: 'ECONNREFUSED' });
    expect(ofKind('client.failed')).toMatchObject([{ id, cause: saying(/waits in the outbox\.$/) }]);
    const restarted = openClient();
    expect(await restarted.unsent()).toMatchObject([
      { id, subject: DRAFT.subject, envelope: { recipients: ['alice@blue.example', 'carol@blue.example'] } },
    ]);
    const taken = await serveSubmission();
    expect(await restarted.resend(id)).toMatchObject({
      recipients: [{ verdict: 'accepted' }, { verdict: 'accepted' }],
    });
    expect(taken).toMatchObject([
      { messageId: `<${id}@green.example>`, envelope: { reversePath: 'bob@green.example' } },
    ]);
    expect(await waiting(restarted)).toEqual([]);
    expect(await restarted.resend(id)).toBeNull();
    expect(await waiting(openClient())).toEqual([]);
    // Send was pressed twice, for one letter.
    expect(ofKind('mail.composed')).toMatchObject([{ id }, { id, messageId: `<${id}@green.example>` }]);
  });

  test('a server that dies before its 250 leaves the letter with the client, who is told that it may come twice', async () => {
    const die = await serveUntilTheDot();
    const { id, done } = client.send(DRAFT);
    expect(await done).toMatchObject({ duplicateRisk: true });
    expect(ofKind('client.failed')).toMatchObject([{ id, cause: saying('may have taken it all the same') }]);
    await die();
    const taken = await serveSubmission();
    const [one, other] = await Promise.all([client.resend(id), client.resend(id)]);
    expect(one).toMatchObject({ recipients: [{ verdict: 'accepted' }, { verdict: 'accepted' }] });
    expect(other).toBe(one);
    expect(taken).toHaveLength(1);
    expect(await waiting()).toEqual([]);
  });

  test('what some have got waits for the others only, and can be thrown away', async () => {
    const taken = await serveSubmission();
    const { id, done } = client.send({ ...DRAFT, bcc: ['nobody@blue.example'] });
    await done;
    expect(await client.unsent()).toMatchObject([{ id, envelope: { recipients: ['nobody@blue.example'] } }]);
    await client.resend(id);
    expect(taken).toHaveLength(1);
    expect(await waiting(openClient())).toEqual([id]);
    expect(await client.discard(id)).toBe(true);
    expect(await client.discard(id)).toBe(false);
    expect(await waiting(openClient())).toEqual([]);
  });

  test('a torn file in it is put aside, what a crash left half written is swept, and the rest is there', async () => {
    const { id, done } = client.send(DRAFT);
    await done;
    const folder = join(inbox.directory, '.outbox');
    const whole = await readFile(join(folder, `${id}.letter`));
    await writeFile(join(folder, 'abc.letter'), whole.subarray(0, -1));
    await writeFile(join(folder, 'def.letter'), 'rubbish');
    await writeFile(join(folder, `${id}.letter.tmp`), 'half');
    expect(await waiting(openClient())).toEqual([id]);
    expect((await readdir(folder)).sort()).toEqual(
      [`${id}.letter`, 'abc.letter.unreadable', 'def.letter.unreadable'].sort(),
    );
  });

  test('where it cannot be used the letter is not sent, and the person hears of it', async () => {
    const taken = await serveSubmission();
    await writeFile(join(inbox.directory, '.outbox'), 'a file');
    const outcome = await client.send(DRAFT).done;
    expect(outcome).toMatchObject({ kind: 'failed', code: 'outbox-unusable' });
    expect(ofKind('client.failed')).toMatchObject([{ cause: saying(/^The letter was not sent/) }]);
    expect(taken).toEqual([]);
    await rm(join(inbox.directory, '.outbox'));
    expect(await client.send(DRAFT).done).toMatchObject({ recipients: [{}, {}] });
  });
});

describe('a wrong password', () => {
  const WRONG: Fault = { id: 'f1', kind: 'wrong-password', user: 'Bob@green.example', times: 'next' };

  test('is refused by the server for one session, and the letter goes with the next', async () => {
    const taken = await serveSubmission();
    faults = [WRONG];
    const { id, done } = client.send(DRAFT);
    await done;
    expect(ofKind('client.failed')).toMatchObject([{ id, cause: saying('535 5.7.8') }]);
    expect(ofKind('fault.struck')).toMatchObject([
      { fault: WRONG, host: 'bobs-laptop.green.example', connection: expect.stringMatching(/./) },
    ]);
    expect(taken).toEqual([]);
    await client.resend(id);
    expect(taken).toHaveLength(1);
  });

  test('does the same at the mailbox, as long as it is wrong; another user has his own', async () => {
    await servePop3();
    faults = [{ ...WRONG, times: 'always' }];
    for (const _each of [1, 2]) expect(await client.collect()).toMatchObject({ kind: 'failed', stage: 'login' });
    expect(ofKind('client.failed')).toMatchObject(
      Array(2).fill({ cause: saying('[AUTH] wrong user name or password') }),
    );
    faults = [{ ...WRONG, user: 'alice@blue.example' }];
    expect(await client.collect()).toMatchObject({ kind: 'collected' });
  });

  test('does not strike where nobody is asked', async () => {
    faults = [WRONG];
    await client.collect();
    expect(ofKind('fault.struck')).toEqual([]);
    expect(faults).toHaveLength(1);
  });

  test.each(['pw', 'x', '', 'grüße📬'])('%j is never the same with a slip of the finger', password => {
    const slip = mistyped(password);
    expect(slip).not.toBe(password);
    expect(slip).toMatch(/^[^\r\n\0]+$/);
    expect(Array.from(slip).length).toBe(Math.max(1, Array.from(password).length));
  });
});

describe('collecting', () => {
  const letters = async (maildrop: Maildir) =>
    (await Promise.all((await maildrop.list()).map(({ file }) => maildrop.read(file)))).map(String);

  test('mail that stays on the server comes once: the second session fetches only what it does not know', async () => {
    await servePop3();
    leaveOnServer = true;
    for (const name of ['a', 'b']) await maildir.deliver(Buffer.from(`S: ${name}\r\n\r\n`));
    expect(await client.collect()).toMatchObject({ kind: 'collected', messages: 2 });
    await maildir.deliver(Buffer.from('S: c\r\n\r\n'));
    const uidls = (await maildir.list()).map(({ uidl }) => uidl);
    expect(await openClient().collect()).toEqual({ kind: 'collected', messages: 1, left: uidls });
    expect(await letters(inbox)).toEqual(await letters(maildir));
    // Asked to for once, it tidies up without fetching anything again, and forgets what is gone.
    expect(await client.collect({ leaveOnServer: false })).toMatchObject({ kind: 'collected' });
    expect(await maildir.list()).toEqual([]);
    expect(await openClient().collect()).toMatchObject({ messages: 0, left: [] });
    expect(await readFile(join(inbox.directory, 'pop3-known-ids'), 'utf8')).toBe('');
  });

  test('a line that drops before QUIT leaves the mail on the server, and it comes once all the same', async () => {
    await servePop3();
    await maildir.deliver(Buffer.from('S: a\r\n\r\n'));
    expect(await client.collect({ stopBeforeQuit: true })).toEqual({ kind: 'broken-off', messages: 1, deleted: 1 });
    expect(ofKind('client.failed')).toMatchObject([
      { connection: expect.stringMatching(/./), cause: saying('1 message marked as deleted') },
    ]);
    expect(ofKind('mailbox.removed')).toEqual([]);
    let again = await client.collect();
    while (again.kind === 'failed' && causeText(again.cause).includes('[IN-USE]')) again = await client.collect();
    expect(again).toEqual({ kind: 'collected', messages: 0, left: [] });
    expect(ofKind('mailbox.removed')).toHaveLength(1);
    expect(await inbox.list()).toHaveLength(1);
  });

  test('a second reader is told that the mailbox is in use, for real, and disturbs nobody', async () => {
    await servePop3();
    await maildir.deliver(Buffer.from('S: a\r\n\r\n'));
    // The first one waits with the letter in its hand until the second one has been turned away.
    let second: Promise<unknown> = Promise.resolve();
    const honest = inbox;
    inbox = {
      ...honest,
      async deliver(message) {
        second = client.collect({ another: true });
        await second;
        return honest.deliver(message);
      },
    };
    client = openClient();
    expect(await client.collect()).toMatchObject({ kind: 'collected', messages: 1 });
    expect(await second).toMatchObject({ kind: 'failed', stage: 'login', messages: 0 });
    expect(ofKind('client.failed')).toMatchObject([{ cause: saying('[IN-USE]') }]);
    expect(await letters(honest)).toEqual(['S: a\r\n\r\n']);
    expect(await maildir.list()).toEqual([]);
  });

  test('mail moves from the server to the inbox, octet for octet, and two calls at once are one session', async () => {
    const stop = await servePop3();
    const letters = ['S: 1\r\n\r\n.\r\n', 'S: 2\r\n\r\n\xe9\r\n'];
    for (const letter of letters) await maildir.deliver(Buffer.from(letter, 'latin1'));
    const both = await Promise.all([client.collect(), client.collect()]);
    expect(both).toEqual([
      { kind: 'collected', messages: 2, left: [] },
      { kind: 'collected', messages: 2, left: [] },
    ]);
    const kept = await Promise.all((await inbox.list()).map(({ file }) => inbox.read(file)));
    expect(kept.map(message => message.toString('latin1'))).toEqual(letters);
    expect(await client.collect()).toEqual({ kind: 'collected', messages: 0, left: [] });
    await stop();
    expect(ofKind('mailbox.locked')).toHaveLength(2);
    expect(await maildir.list()).toEqual([]);
  });

  test('a letter that was kept before the line dropped comes once, also after a restart of the client', async () => {
    await servePop3();
    await maildir.deliver(Buffer.from('S: 1\r\n\r\n'));
    const dialled: Dialled[] = [];
    const dial = box.network.dial.bind(box.network);
    box.network.dial = async (from, to) => {
      const line = await dial(from, to);
      dialled.push(line);
      return line;
    };
    // The line drops when the letter has been kept, before DELE and QUIT.
    const honest = inbox;
    inbox = {
      ...honest,
      async deliver(message) {
        const file = await honest.deliver(message);
        for (const { socket } of dialled) socket.destroy();
        return file;
      },
    };
    expect(await openClient().collect()).toMatchObject({ kind: 'failed', stage: 'delete', messages: 1 });
    inbox = honest;
    expect(ofKind('client.failed')).toMatchObject([{ cause: { code: 'pop3-lost' } }]);
    let again = await openClient().collect();
    while (again.kind === 'failed' && causeText(again.cause).includes('[IN-USE]')) again = await openClient().collect();
    expect(again).toEqual({ kind: 'collected', messages: 0, left: [] });
    expect(await inbox.list()).toHaveLength(1);
  });

  test('a server that is not there, a password that is wrong and a mailbox in use are sentences', async () => {
    expect(await client.collect()).toMatchObject({ kind: 'failed', stage: 'connect' });
    await servePop3();
    expect(await openClient('wrong').collect()).toMatchObject({ kind: 'failed', stage: 'login' });
    expect(ofKind('client.failed')).toMatchObject([
      { host: 'bobs-laptop.green.example', cause: saying('cannot be reached') },
      { connection: expect.stringMatching(/./), cause: saying('wrong user name or password') },
    ]);
  });
});
