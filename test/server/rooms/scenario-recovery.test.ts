/** Lines that break, servers that restart, readers that collide, and how letters are put on the wire (S2, S27 to S35, S39). */
import PostalMime, { type Attachment } from 'postal-mime';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { attachedOctets } from '../../../server/mail-client/attachment.ts';
import { latin1 } from '../../../shared/bytes.ts';
import type { TraceEvent } from '../../../shared/trace/event.ts';
import type { World } from '../../../shared/world/world.ts';
import { ALICE, BOB, handOver, home, lookUpGreen, openStage, type Stage, submission } from '../../fixtures/scenario.ts';

const MX1 = { server: 'mx1.green.example', port: 25 };
const POP = { server: 'pop.green.example', port: 110 };
const REMEMBERED = ['[remembers MX green]', '[remembers A mx1.green]', '[remembers AAAA mx1.green]'];
const STORED = [`[stored ${BOB}]`, 'S: 250'];

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

const outbox = z.object({ letters: z.array(z.object({ id: z.string() })) });

const sending = (sends: 'pipelined' | 'chunked') => (world: World) => ({
  ...world,
  hosts: world.hosts.map(host => (host.id === 'smtp.blue.example' ? { ...host, sends } : host)),
});
/** What crossed on the calls to this host, side by side as it was said. */
const spoken = (events: readonly TraceEvent[], to: string): { from: string; text: string }[] => {
  const calls = new Set(
    events.flatMap(event => (event.kind === 'tcp.opened' && event.to.host === to ? [event.connection] : [])),
  );
  return events.flatMap(event =>
    event.kind === 'wire.bytes' && calls.has(event.connection) ? [{ from: event.from, text: latin1(event.bytes) }] : [],
  );
};
/** How often the client had to wait for the server: runs of what the server said. */
const waits = (events: readonly TraceEvent[], to: string): number =>
  spoken(events, to).filter(({ from }, at, all) => from === 'server' && all[at - 1]?.from !== 'server').length;

const contentOf = (attachment: Attachment | undefined): Buffer => {
  const content = attachment?.content ?? '';
  return typeof content === 'string' ? Buffer.from(content) : Buffer.from(new Uint8Array(content));
};

describe('on the way', () => {
  test('S2: each server puts its stamp on top and changes nothing below; the last one adds the Return-Path', async () => {
    await stage.send({ text: 'One.\n.\nTwo.\n' });
    const said = (host: string) =>
      spoken(stage.room.recorder.events(1), host)
        .filter(({ from }) => from === 'client')
        .map(({ text }) => text)
        .join('');
    const contentOf = (text: string) => /\r\nDATA\r\n([\s\S]*?\r\n)\.\r\n/.exec(text)?.[1] ?? '';
    const written = contentOf(said('smtp.blue.example'));
    const relayed = contentOf(said('mx1.green.example'));
    const [kept = ''] = await stage.letters(BOB);
    const stamps = (text: string) => text.match(/^Received: /gm)?.length ?? 0;
    expect([stamps(written), stamps(relayed), stamps(kept)]).toEqual([0, 1, 2]);
    expect(relayed.endsWith(written)).toBe(true);
    // On the wire a line of one dot has two of them, in the mailbox one.
    expect(written).toContain('One.\r\n..\r\nTwo.\r\n');
    expect(kept).toContain('One.\r\n.\r\nTwo.\r\n');
    expect(kept).toMatch(
      /^Return-Path: <alice@blue\.example>\r\nReceived: [\s\S]*with ESMTP id [\s\S]*Received: [\s\S]*with ESMTPA id/,
    );
  });

  test('S31: lock step waits 6 + n times, pipelining 4 times, BDAT 3 times, whatever the number of recipients', async () => {
    const users = Array.from({ length: 5 }, (_, nth) => ({
      address: `reader${nth}@green.example`,
      name: `Reader ${nth}`,
      password: 'reads-a-lot',
      client: 'bobs-laptop.green.example',
    }));
    await stage.edit(world => ({ ...world, users: [...world.users, ...users] }));
    const to = users.map(({ address }) => address);
    const counted: number[] = [];
    for (const sends of [null, 'pipelined', 'chunked'] as const) {
      if (sends !== null) await stage.edit(sending(sends));
      const before = stage.room.recorder.length + 1;
      await stage.send({ to });
      counted.push(waits(stage.room.recorder.events(before), 'mx1.green.example'));
    }
    expect(counted).toEqual([6 + 5, 4, 3]);
    expect(stage.protocol().filter(line => line.startsWith('[stored'))).toHaveLength(15);
  });

  test('S33: a subject beyond ASCII travels as encoded words; an address beyond it needs SMTPUTF8 at every hop', async () => {
    const address = '用户@blue.example';
    await stage.edit(world => ({
      ...world,
      users: [...world.users, { address, name: '用户', password: 'yonghu-6', client: 'alices-laptop.blue.example' }],
    }));
    await stage.send({ from: address, subject: 'Grüße 📬' });
    const [letter = ''] = await stage.letters(BOB);
    expect(letter).toMatch(/^Subject: =\?utf-8\?[BQ]\?/im);
    expect(letter).toContain(`Return-Path: <${Buffer.from(address).toString('latin1')}>`);
    await stage.fault({ kind: 'lacks-extension', host: 'mx1.green.example', keyword: 'SMTPUTF8' });
    await stage.send({ from: address });
    expect(stage.protocol()).toContain('[bounced 5.6.7]');
    await stage.until(event => event.kind === 'mail.stored' && event.mailbox === address);
  });

  test('S34: an attachment grows by 36.8 % in base64', async () => {
    await stage.send({ attachment: { name: 'photo.jpg', octets: 300_000 } });
    const [letter = ''] = await stage.letters(BOB);
    const encoded =
      /Content-Transfer-Encoding: base64\r\n[\s\S]*?\r\n\r\n([A-Za-z0-9+/=\r\n]{1000,}?)\r\n--/.exec(letter)?.[1] ?? '';
    expect(`${encoded}\r\n`).toHaveLength(410_528);
  });

  test('S34: the same attachment as binary grows by nothing on the way; POP3 is lines, and decodes to the same octets', async () => {
    const attachment = { name: 'photo.jpg', octets: 300_000 };
    await stage.send({ attachment, encoding: 'binary', text: 'Grüße\n' });
    const said = spoken(stage.room.recorder.events(1), 'mx1.green.example')
      .filter(({ from }) => from === 'client')
      .map(({ text }) => text)
      .join('');
    expect(said).toMatch(/ BODY=BINARYMIME\r\n/);
    expect(said).not.toContain('\r\nDATA\r\n');
    const header = said.indexOf('filename=photo.jpg');
    const from = said.indexOf('\r\n\r\n', header) + 4;
    const to = said.lastIndexOf('\r\n--', said.lastIndexOf('--\r\n') - 1);
    expect(to - from).toBe(300_000);
    const octets = attachedOctets(attachment);
    expect(Buffer.from(said.slice(from, to), 'latin1').equals(octets)).toBe(true);
    const [letter = ''] = await stage.letters(BOB);
    const { attachments, text } = await PostalMime.parse(Buffer.from(letter, 'latin1'));
    expect(text?.trim()).toBe('Grüße');
    expect(octets.equals(contentOf(attachments[0]))).toBe(true);
    expect(letter).not.toMatch(/^Content-Transfer-Encoding: binary/m);
  });

  test('S34: a binary letter is forwarded as it came', async () => {
    await stage.edit(world => ({ ...world, aliases: [{ address: 'sales@green.example', targets: [ALICE] }] }));
    const attachment = { name: 'photo.jpg', octets: 3_000 };
    await stage.send({ to: ['sales@green.example'], attachment, encoding: 'binary' });
    const onward = spoken(stage.room.recorder.events(1), 'mail.blue.example').map(({ text }) => text);
    expect(onward.join('')).toContain(' BODY=BINARYMIME\r\n');
    expect(onward.join('')).toContain(`\r\n\r\n${attachedOctets(attachment).toString('latin1')}\r\n--`);
    expect((await stage.letters(ALICE))[0]).toContain(attachedOctets(attachment).toString('base64').slice(0, 76));
  });

  test('S34: a binary letter is composed in base64 where the submission server takes lines only, and returned in lines where a relay finds so', async () => {
    const attachment = { name: 'photo.jpg', octets: 3_000 };
    const lacks = (host: string) => ({ kind: 'lacks-extension', host, keyword: 'BINARYMIME' });
    await stage.fault(lacks('mx1.green.example'));
    await stage.send({ attachment, encoding: 'binary' });
    expect(stage.protocol()).toContain('[bounced 5.6.3]');
    const [report = ''] = await stage.letters(ALICE);
    expect(report).toContain(attachedOctets(attachment).toString('base64').slice(0, 76));
    await stage.fault(lacks('smtp.blue.example'));
    await stage.send({ attachment, encoding: 'binary' });
    const [letter = ''] = await stage.letters(BOB);
    const { attachments } = await PostalMime.parse(Buffer.from(letter, 'latin1'));
    expect(attachedOctets(attachment).equals(contentOf(attachments[0]))).toBe(true);
  });

  test('S35: only CRLF.CRLF ends a letter: a smuggled second one stays a part of the first, which is refused', async () => {
    await stage.stranger({
      ...MX1,
      mailFrom: 'x@evil.example',
      rcptTo: [BOB],
      raw: true,
      data: 'Subject: One\r\n\r\nText\n.\nMAIL FROM:<ceo@blue.example>\r\nRCPT TO:<bob@green.example>\r\nDATA\r\nSubject: Two\r\n\r\nPay.\r\n',
    });
    await stage.lineClosed();
    expect(stage.protocol()).toEqual(handOver('your-computer', 'mx1.green', 'x@evil.example', [BOB], ['S: 550 5.5.2']));
    expect(await stage.letters(BOB)).toEqual([]);
  });
});

describe('a line that breaks', () => {
  test('S30: a 250 that is lost leaves the sender in doubt: it tries again, and the letter is there twice', async () => {
    await stage.fault({ kind: 'lose-reply', times: 'next', at: { ...MX1, verb: 'END-OF-DATA' } });
    await stage.send({});
    const tried = [
      ...submission(),
      ...lookUpGreen,
      ...handOver('smtp.blue', 'mx1.green', ALICE, [BOB], [`[stored ${BOB}]`, '(reset)']).slice(0, -2),
      '[deferred 4.4.2]',
    ];
    expect(stage.protocol()).toEqual(tried);
    await stage.skip('next');
    expect(stage.protocol().slice(tried.length)).toEqual([
      '[time passes]',
      ...REMEMBERED,
      ...handOver('smtp.blue', 'mx1.green', ALICE, [BOB], STORED),
    ]);
    const copies = await stage.letters(BOB);
    const ids = copies.map(copy => /^Message-ID: .*$/im.exec(copy)?.[0]);
    expect(ids).toEqual([ids[0], ids[0]]);
    expect(copies[0]).not.toBe(copies[1]);
  });

  test('S32: a line that stalls in the middle of the letter is given up by both ends in time, and nothing was delivered', async () => {
    await stage.fault({ kind: 'stall', times: 'next', at: { ...MX1, verb: 'END-OF-DATA' }, octets: 40 });
    await stage.post('/api/messages', {});
    await stage.skipUntil(event => event.kind === 'mail.deferred');
    expect(stage.protocol().filter(line => line.startsWith('[stored'))).toEqual([]);
    await stage.skipUntil(event => event.kind === 'mail.stored');
    expect(await stage.letters(BOB)).toHaveLength(1);
  });

  test('S32: a slow cable delays every word, and the letter arrives all the same', async () => {
    await stage.fault({
      kind: 'slow-cable',
      between: ['smtp.blue.example', 'mx1.green.example'],
      latency: 5_000,
      bytesPerSecond: 1_000,
    });
    await stage.post('/api/messages', {});
    await stage.skipUntil(event => event.kind === 'mail.stored');
    expect(stage.room.clock.jumped()).toBeGreaterThan(40_000);
  });

  test('S39: what was accepted outlives its server; what was not is still with the sender', async () => {
    await stage.fault({ kind: 'host-off', host: 'mx1.green.example' });
    await stage.fault({ kind: 'host-off', host: 'mx2.green.example' });
    await stage.send({});
    await stage.fault({ kind: 'host-off', host: 'smtp.blue.example' });
    const before = stage.room.recorder.length + 1;
    await stage.api('DELETE', '/api/faults');
    await stage.skip('next');
    await stage.until(event => event.kind === 'mail.stored');
    expect(stage.protocol(before).slice(0, 1)).toEqual(['[queued smtp.blue]']);
    await stage.fault({
      kind: 'reset',
      times: 'next',
      at: { server: 'smtp.blue.example', port: 587, verb: 'END-OF-DATA' },
    });
    await stage.send({});
    const last = stage.room.recorder.events(1).findLast(event => event.kind === 'client.failed');
    expect(last).toMatchObject({ host: 'alices-laptop.blue.example' });
    expect(stage.protocol().filter(line => line === `[stored ${BOB}]`)).toHaveLength(1);
    const { letters } = outbox.parse(await stage.api('GET', `/api/outbox/${ALICE}`));
    expect(letters).toHaveLength(1);
    await stage.api('POST', '/api/outbox', { user: ALICE, id: letters[0]?.id });
    await stage.until(event => event.kind === 'mail.stored' && event.seq > (last?.seq ?? 0));
    expect(outbox.parse(await stage.api('GET', `/api/outbox/${ALICE}`))).toEqual({ letters: [] });
  });

  test('a letter that nobody takes for five days is given up, after a warning in between', async () => {
    await stage.fault({ kind: 'host-off', host: 'mx1.green.example' });
    await stage.fault({ kind: 'host-off', host: 'mx2.green.example' });
    await stage.edit(world => ({
      ...world,
      retry: { after: [3600, 6 * 3600], giveUpAfter: 5 * 24 * 3600, warnAfter: 4 * 3600 },
    }));
    await stage.send({});
    await stage.skip(5 * 24 * 3600 + 60);
    const protocol = stage.protocol();
    expect(protocol.filter(line => line === '[report delayed]')).toHaveLength(1);
    expect(protocol.filter(line => line === '[report failed]')).toHaveLength(1);
    expect(protocol).toContain('[bounced 4.4.7]');
    expect(await stage.letters(ALICE)).toHaveLength(2);
    expect(protocol.filter(line => line === home().at(0)).length).toBeGreaterThan(0);
  });
});

describe('collecting', () => {
  const collect = (more: Readonly<Record<string, boolean>> = {}) =>
    stage.api('POST', '/api/collect', { user: BOB, ...more });
  const pop = (from = 1) => stage.protocol(from).filter(line => !line.includes('laptop'));

  test('S27: left on the server, a letter is known by its UIDL and not fetched again', async () => {
    await stage.send({});
    await stage.send({});
    expect(await collect({ leaveOnServer: true })).toEqual({ messages: 2 });
    await stage.send({});
    const before = stage.room.recorder.length + 1;
    expect(await collect({ leaveOnServer: true })).toEqual({ messages: 1 });
    expect(pop(before).filter(line => line === 'C: RETR')).toHaveLength(1);
    expect(pop(before)).not.toContain('C: DELE');
  });

  test('S28: a line that drops before QUIT deletes nothing: the letter is still there', async () => {
    await stage.send({});
    const before = stage.room.recorder.length + 1;
    await collect({ dropBeforeQuit: true }).catch(() => null);
    expect(pop(before)).toContain('C: DELE');
    expect(pop(before)).not.toContain('[removed]');
    const after = stage.room.recorder.length + 1;
    await collect();
    expect(pop(after)).toContain('[removed]');
  });

  test('S28: so does a reset on the wire', async () => {
    await stage.send({});
    await stage.fault({ kind: 'reset', times: 'next', at: { ...POP, verb: 'QUIT' } });
    await collect().catch(() => null);
    expect(stage.protocol()).toContain('(reset)');
    expect(stage.protocol()).not.toContain('[removed]');
  });

  test('S29: while one reader has the mailbox, a second one is told so; what arrives meanwhile waits for the next session', async () => {
    await stage.send({});
    const queued = stage.room.recorder.events(1).find(event => event.kind === 'mail.queued');
    const firstId = queued?.kind === 'mail.queued' ? queued.queueId : '';
    await stage.fault({ kind: 'delay', times: 'next', at: { ...POP, verb: 'RETR' }, milliseconds: 60_000 });
    const first = collect();
    await stage.until(event => event.kind === 'fault.struck');
    await expect(collect({ another: true })).rejects.toThrow('collect-failed');
    expect(stage.protocol()).toContain('S: -ERR [IN-USE]');
    await stage.post('/api/messages', { subject: 'Second' });
    await stage.until(event => event.kind === 'mail.dequeued' && event.queueId !== firstId);
    await stage.skipUntil(event => event.kind === 'mailbox.removed');
    expect(await first).toEqual({ messages: 1 });
    expect(await collect()).toEqual({ messages: 1 });
  });
});
