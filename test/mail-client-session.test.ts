/** What a mail client promises its user: letters go out as composed, mail comes in once, and a failure is a sentence. */
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createWorldClock } from '../server/clock.ts';
import { noFaults } from '../server/faults.ts';
import { createMailClient, type MailClient } from '../server/mail-client/mail-client.ts';
import { type Maildir, openMaildir } from '../server/mailbox/maildir.ts';
import { createMaildrop } from '../server/mailbox/maildrop.ts';
import type { Dialled } from '../server/network/contract.ts';
import { startPop3Server } from '../server/pop3/server.ts';
import { type Delivery, startSmtpServer } from '../server/smtp/receive.ts';
import { sendMail } from '../server/smtp/send.ts';
import { blueAndGreen } from '../shared/world/presets.ts';
import { userAt } from '../shared/world/world.ts';
import { type Loopback, openLoopback, temporaryFolder } from './pop3-loopback.ts';

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

beforeEach(async () => {
  const [temporary, remove] = await temporaryFolder();
  folder = temporary;
  box = openLoopback();
  closing = [() => box.close(), remove];
  maildir = await openMaildir(join(folder, 'mail'), 'pop.green.example');
  inbox = await openMaildir(join(folder, 'inbox'), 'bobs-laptop.green.example');
  client = openClient();
});
afterEach(async () => {
  for (const close of closing) await close();
});

function openClient(password = 'bob-builds-4'): MailClient {
  const user = userAt(blueAndGreen, 'bob@green.example');
  if (user === undefined) throw new Error('the world has Bob');
  return createMailClient({
    network: box.network,
    recorder: box.recorder,
    user: { ...user, password },
    submission: { address: '198.51.100.10', port: 587 },
    pop3: { address: '198.51.100.110', port: 110 },
    inbox,
    clock,
    sendMail,
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
    limits: blueAndGreen.limits,
    now: () => new Date(0),
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
        size: message.slice(message.indexOf('From: Bob')).length,
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
        reason: expect.stringMatching(/^nobody@blue\.example: .*there is no such mailbox/),
      },
    ]);
  });

  test('a server that is not there, and a password that is wrong, are sentences', async () => {
    expect(await client.send(DRAFT).done).toMatchObject({ kind: 'failed', code: 'ECONNREFUSED' });
    expect(ofKind('client.failed')).toMatchObject([{ reason: expect.stringContaining('cannot be reached') }]);
    const taken = await serveSubmission();
    await openClient('wrong').send(DRAFT).done;
    expect(taken).toEqual([]);
    expect(ofKind('client.failed')).toMatchObject([{}, { reason: expect.stringContaining('535') }]);
    expect(ofKind('mail.composed')).toHaveLength(2);
  });
});

describe('collecting', () => {
  test('mail moves from the server to the inbox, octet for octet, and two calls at once are one session', async () => {
    const stop = await servePop3();
    const letters = ['S: 1\r\n\r\n.\r\n', 'S: 2\r\n\r\n\xe9\r\n'];
    for (const letter of letters) await maildir.deliver(Buffer.from(letter, 'latin1'));
    const both = await Promise.all([client.collect(), client.collect()]);
    expect(both).toEqual([
      { kind: 'collected', messages: 2 },
      { kind: 'collected', messages: 2 },
    ]);
    const kept = await Promise.all((await inbox.list()).map(({ file }) => inbox.read(file)));
    expect(kept.map(message => message.toString('latin1'))).toEqual(letters);
    expect(await client.collect()).toEqual({ kind: 'collected', messages: 0 });
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
    expect(ofKind('client.failed')).toMatchObject([{ reason: 'The connection to the mail server was lost.' }]);
    let again = await openClient().collect();
    while (again.kind === 'failed' && again.reason.includes('[IN-USE]')) again = await openClient().collect();
    expect(again).toEqual({ kind: 'collected', messages: 0 });
    expect(await inbox.list()).toHaveLength(1);
  });

  test('a server that is not there, a password that is wrong and a mailbox in use are sentences', async () => {
    expect(await client.collect()).toMatchObject({ kind: 'failed', stage: 'connect' });
    await servePop3();
    expect(await openClient('wrong').collect()).toMatchObject({ kind: 'failed', stage: 'login' });
    expect(ofKind('client.failed')).toMatchObject([
      { host: 'bobs-laptop.green.example', reason: expect.stringContaining('cannot be reached') },
      { connection: expect.stringMatching(/./), reason: expect.stringContaining('wrong user name or password') },
    ]);
  });
});
