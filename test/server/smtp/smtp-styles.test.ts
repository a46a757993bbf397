/** Promises of the ways to send: how often a client waits, what it says where, and that no way changes what becomes of a letter. */

import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { createWorldClock } from '../../../server/base/clock.ts';
import { createFaultBook } from '../../../server/base/faults.ts';
import type { Listener } from '../../../server/network/contract.ts';
import { type SendOptions, sendMail } from '../../../server/smtp/client/send.ts';
import { type Delivery, startSmtpServer } from '../../../server/smtp/machine/receive.ts';
import type { Fault, FaultWhat } from '../../../shared/faults/fault.ts';
import { saying } from '../../fixtures/causes.ts';
import { exchanger, openLoopback } from '../../help/loopback/smtp-loopback.ts';
import { closeScripts, dial, play, type Script } from '../../help/loopback/smtp-script.ts';

const network = openLoopback({ 'mx1.green.example': '198.51.100.25' });
// It stands still unless a test moves it on, however long this machine takes.
const clock = createWorldClock({ now: () => new Date('2026-11-23T11:15:18Z') });
const listeners: Listener[] = [];
const splices: Server[] = [];
afterEach(async () => {
  closeScripts();
  for (const splice of splices.splice(0)) splice.close();
  await Promise.all(listeners.splice(0).map(listener => listener.close()));
});
afterAll(async () => {
  clock.close();
  await network.close();
});

const STYLES = ['lock-step', 'pipelined', 'chunked'] as const;
const host = 'mx1.green.example';

/** Our own server behind a splice that writes down who spoke: "S" and "C", each turn once. */
async function serve(faults: readonly FaultWhat[] = []) {
  const deliveries: Delivery[] = [];
  const list = faults.map((what, index): Fault => ({ ...what, id: `f${index}`, times: 'always' }));
  listeners.push(
    await startSmtpServer({
      ...exchanger,
      network,
      port: 25,
      clock,
      faults: createFaultBook(
        () => list,
        () => undefined,
      ),
      recipient: address =>
        /^no/.test(address) ? { ok: false, code: 550, enhanced: '5.1.1', text: address } : { ok: true },
      accept: async delivery => {
        deliveries.push(delivery);
        return { ok: true };
      },
    }),
  );
  let turns = '';
  let said = '';
  let tellEnded = (): void => undefined;
  const ended = new Promise<void>(resolve => {
    tellEnded = resolve;
  });
  const spoke = (who: 'S' | 'C'): void => {
    if (!turns.endsWith(who)) turns += who;
  };
  const splice = createServer({ allowHalfOpen: true }, client => {
    void dial(network.portOf('198.51.100.25', 25)).then(server => {
      client.on('data', chunk => {
        spoke('C');
        said += chunk.toString('latin1');
        server.write(chunk);
      });
      server.on('data', chunk => {
        spoke('S');
        client.write(chunk);
      });
      client.on('end', () => server.end());
      server.on('end', () => client.end());
      server.on('close', tellEnded);
    });
  });
  splices.push(splice);
  await new Promise<void>(resolve => splice.listen(0, '127.0.0.1', resolve));
  const bound = splice.address();
  const socket = await dial(typeof bound === 'object' && bound ? bound.port : 0);
  return { deliveries, socket, ended, waits: () => turns.replaceAll('C', '').length, said: () => said };
}

const message = Buffer.from('Subject: x\r\n\r\n.hi\r\n');
const options = (socket: Socket, extra: Partial<SendOptions> = {}): SendOptions => ({
  socket,
  clock,
  helloName: 'smtp.blue.example',
  envelope: { reversePath: 'alice@blue.example', recipients: ['bob@green.example', 'bert@green.example'] },
  message,
  ...extra,
});
const named = (...names: readonly string[]) => ({
  reversePath: 'alice@blue.example',
  recipients: names.map(name => `${name}@green.example`),
});

describe('with our own server', () => {
  test.each(STYLES)('%s: n recipients cost as many waits as the RFC has them', async style => {
    for (const n of [1, 5]) {
      const { deliveries, socket, ended, waits } = await serve();
      const envelope = named(...Array.from({ length: n }, (_, index) => `u${index}`));
      const outcome = await sendMail(options(socket, { style, envelope }));
      expect(outcome.recipients.every(({ verdict }) => verdict === 'accepted')).toBe(true);
      await ended;
      expect(waits()).toBe({ 'lock-step': 6 + n, pipelined: 4, chunked: 3 }[style]);
      expect(deliveries[0]?.envelope.recipients).toHaveLength(n);
      expect(deliveries[0]?.message.subarray(-message.length).equals(message)).toBe(true);
      await listeners.pop()?.close();
    }
  });

  test.each(STYLES)('%s: two megabytes arrive byte for byte, one recipient of three is refused', async style => {
    const { deliveries, socket } = await serve();
    const line = Buffer.concat([Buffer.from('..\xff\0 x\r\n.\r\n', 'latin1'), Buffer.from('\u{1f4ec}\r\n')]);
    const big = Buffer.concat([Buffer.from('Subject: x\r\n\r\n'), ...Array.from({ length: 110_000 }, () => line)]);
    const outcome = await sendMail(options(socket, { style, message: big, envelope: named('bob', 'nobody', 'bert') }));
    expect(outcome.recipients.map(({ verdict, status }) => `${verdict} ${status}`)).toEqual([
      'accepted 2.0.0',
      'never 5.1.1',
      'accepted 2.0.0',
    ]);
    expect(deliveries[0]?.message.subarray(-big.length).equals(big)).toBe(true);
  });

  test.each(STYLES)(
    '%s: nobody accepted, nothing delivered, and everybody has the answer about himself',
    async style => {
      const { deliveries, socket, ended } = await serve();
      const outcome = await sendMail(options(socket, { style, envelope: named('no1', 'no2') }));
      expect(outcome).toMatchObject({ nextHost: false, duplicateRisk: false });
      expect(outcome.recipients.map(({ status, reply }) => `${status} ${reply?.lines[0]}`)).toEqual([
        '5.1.1 5.1.1 no1@green.example',
        '5.1.1 5.1.1 no2@green.example',
      ]);
      await ended;
      expect(deliveries).toEqual([]);
    },
  );

  test.each(STYLES)('%s: each refusal of a world in trouble means the same', async style => {
    const answer = (verb: 'EHLO' | 'MAIL' | 'RCPT' | 'DATA' | 'END-OF-DATA', code: number): FaultWhat => ({
      kind: 'answer',
      at: { server: host, port: 25, verb },
      code,
      text: 'no',
    });
    for (const [fault, expected, nextHost] of [
      [answer('MAIL', 451), 'later 4.0.0', false],
      [answer('RCPT', 550), 'never 5.0.0', false],
      [answer('RCPT', 421), 'later 4.0.0', true],
      [answer('DATA', 451), 'later 4.0.0', false],
      [answer('END-OF-DATA', 554), 'never 5.0.0', false],
      [{ kind: 'disk-full', host }, 'later 4.3.1', false],
      [{ kind: 'greylist', host, seconds: 60 }, 'later 4.7.1', false],
      [{ kind: 'refuses-sender', host, sender: 'blue.example' }, 'never 5.7.1', false],
      [{ kind: 'mailbox-full', mailbox: 'bob@green.example' }, 'later 4.2.2', false],
    ] as const) {
      const { socket, ended, deliveries } = await serve([fault]);
      const outcome = await sendMail(options(socket, { style, envelope: named('bob') }));
      expect(outcome.recipients.map(({ verdict, status }) => `${verdict} ${status}`)).toEqual([expected]);
      expect(outcome).toMatchObject({ nextHost, duplicateRisk: false });
      await ended;
      expect(deliveries).toEqual([]);
      await listeners.pop()?.close();
    }
  });

  test('where the extension is lacking, the next best way is taken', async () => {
    const lacks = (keyword: 'PIPELINING' | 'CHUNKING'): FaultWhat => ({ kind: 'lacks-extension', host, keyword });
    for (const [style, faults, expected, chunk] of [
      ['pipelined', [lacks('PIPELINING')], 8, false],
      ['chunked', [lacks('PIPELINING')], 7, true],
      ['chunked', [lacks('CHUNKING')], 4, false],
      ['chunked', [lacks('CHUNKING'), lacks('PIPELINING')], 8, false],
    ] as const) {
      const { socket, ended, waits, said, deliveries } = await serve(faults);
      await sendMail(options(socket, { style }));
      await ended;
      expect([waits(), said().includes('BDAT 19 LAST\r\n')]).toEqual([expected, chunk]);
      expect(deliveries).toHaveLength(1);
      await listeners.pop()?.close();
    }
  });
});

describe('what is passed on', () => {
  const envelope = {
    ...named('bob', 'bert'),
    ret: 'HDRS',
    envid: 'QQ',
    dsn: { 'bob@green.example': { notify: ['SUCCESS', 'DELAY'], orcpt: 'rfc822;b+2Bb@green.example' } },
  } as const;

  test('DSN wishes go where DSN is offered, and each accepted recipient says whose duty the reports are', async () => {
    const { socket, said, deliveries } = await serve();
    const outcome = await sendMail(options(socket, { envelope }));
    expect(said()).toContain('MAIL FROM:<alice@blue.example> SIZE=19 RET=HDRS ENVID=QQ\r\n');
    expect(said()).toContain('RCPT TO:<bob@green.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;b+2Bb@green.example\r\n');
    expect(said()).toContain('RCPT TO:<bert@green.example>\r\n');
    expect(deliveries[0]?.envelope).toEqual(envelope);
    expect(outcome.recipients.map(({ relayedWithDsn }) => relayedWithDsn)).toEqual([true, true]);
  });

  test('and nowhere else; a refused recipient is nobody’s duty but ours', async () => {
    const lacking = await serve([{ kind: 'lacks-extension', host, keyword: 'DSN' }]);
    const outcome = await sendMail(options(lacking.socket, { envelope }));
    expect(lacking.said()).not.toMatch(/RET=|NOTIFY=/);
    expect(outcome.recipients.map(({ relayedWithDsn }) => relayedWithDsn)).toEqual([false, false]);
    const { socket } = await serve();
    const refused = await sendMail(options(socket, { envelope: named('bob', 'no') }));
    expect(refused.recipients.map(({ relayedWithDsn }) => relayedWithDsn)).toEqual([true, false]);
  });

  const utf8Header = Buffer.from('Subject: Grüße\r\n\r\nhi\r\n');
  const noUtf8: FaultWhat = { kind: 'lacks-extension', host, keyword: 'SMTPUTF8' };
  test.each(STYLES)('%s: SMTPUTF8 is said where address or header needs it', async style => {
    for (const extra of [
      { envelope: named('böb') },
      { message: utf8Header },
      { envelope: { ...named('bob'), smtpUtf8: true } },
    ]) {
      const { socket, said, deliveries } = await serve();
      expect((await sendMail(options(socket, { style, ...extra }))).recipients[0]?.verdict).toBe('accepted');
      expect(said()).toMatch(/MAIL FROM:<alice@blue\.example>[^\r]* SMTPUTF8\r\n/);
      expect(deliveries[0]?.envelope.recipients[0]).toBe(extra.envelope?.recipients[0] ?? 'bob@green.example');
      await listeners.pop()?.close();
    }
  });

  test('without it 5.6.7: for the one recipient, or for all where header or sender needs it', async () => {
    const one = await serve([noUtf8]);
    const outcome = await sendMail(options(one.socket, { envelope: named('böb', 'bert') }));
    expect(outcome.recipients.map(({ verdict, status }) => `${verdict} ${status}`)).toEqual([
      'never 5.6.7',
      'accepted 2.0.0',
    ]);
    expect(outcome.recipients[0]).toMatchObject({ cause: saying('needs SMTPUTF8') });
    await listeners.pop()?.close();
    for (const extra of [
      { message: utf8Header },
      { envelope: { ...named('bob'), reversePath: 'jürgen@blue.example' } },
    ]) {
      const all = await serve([noUtf8]);
      expect((await sendMail(options(all.socket, extra))).recipients[0]).toMatchObject({
        verdict: 'never',
        status: '5.6.7',
      });
      expect(all.said()).not.toContain('MAIL');
      await listeners.pop()?.close();
    }
  });

  test('a header in no charset at all goes as it always went', async () => {
    const { socket, said } = await serve([noUtf8]);
    const raw = Buffer.from('Subject: Gr\xfc\xdfe\r\n\r\nhi\r\n', 'latin1');
    expect((await sendMail(options(socket, { message: raw }))).recipients[0]?.verdict).toBe('accepted');
    expect(said()).toContain(' BODY=8BITMIME\r\n');
  });
});

describe('a binary letter', () => {
  const octets = Buffer.from('Content-Transfer-Encoding: binary\r\n\r\n\n\0\r\r\n.\r\n\xff', 'latin1');
  const binary: Partial<SendOptions> = { message: octets, envelope: { ...named('bob'), body: 'BINARYMIME' } };
  const without = (keyword: 'BINARYMIME' | 'CHUNKING'): FaultWhat => ({ kind: 'lacks-extension', host, keyword });

  test.each(STYLES)('%s: goes by BDAT, octet for octet', async style => {
    const { deliveries, socket, ended, said } = await serve();
    expect((await sendMail(options(socket, { style, ...binary }))).recipients[0]?.verdict).toBe('accepted');
    await ended;
    expect(said()).toContain(` SIZE=${octets.length} BODY=BINARYMIME\r\n`);
    expect(said()).toContain(`BDAT ${octets.length} LAST\r\n${octets.toString('latin1')}QUIT\r\n`);
    expect(deliveries[0]?.message.subarray(-octets.length).equals(octets)).toBe(true);
    expect(deliveries[0]?.envelope.body).toBe('BINARYMIME');
  });

  test.each([without('BINARYMIME'), without('CHUNKING')])(
    'to a host that takes lines only it is given up by a relay (5.6.3) and encoded by its author: %o',
    async fault => {
      const relay = await serve([fault]);
      const outcome = await sendMail(options(relay.socket, binary));
      expect(outcome).toMatchObject({
        nextHost: false,
        recipients: [{ verdict: 'never', status: '5.6.3', about: 'letter' }],
      });
      await relay.ended;
      expect(relay.said()).not.toContain('MAIL');
      await listeners.pop()?.close();
      const author = await serve([fault]);
      const sent = await sendMail(options(author.socket, { ...binary, recodes: true }));
      expect(sent.recipients[0]?.verdict).toBe('accepted');
      expect(author.said()).not.toContain('BODY=');
      expect(author.deliveries[0]?.message.toString('latin1')).toMatch(
        new RegExp(`base64\\r\\n\\r\\n${octets.subarray(37).toString('base64').replace(/[+]/g, '\\$&')}\\r\\n$`),
      );
    },
  );
});

describe('groups and servers of another mind', () => {
  const hello = ['220 mx', '250-mx\n250 PIPELINING'] as const;
  const send = async (script: Script, extra: Partial<SendOptions> = {}) => {
    const { socket, said, ended } = await play([...hello, ...script]);
    const outcome = await sendMail(options(socket, { style: 'pipelined', ...extra }));
    await ended;
    const fates = outcome.recipients.map(({ verdict, status }) => `${verdict} ${status}`);
    return { said: said.slice(1), fates, nextHost: outcome.nextHost, duplicateRisk: outcome.duplicateRisk };
  };

  test('354 although nobody was accepted: an empty letter, then QUIT', async () => {
    const { said, fates } = await send(['250 ok', '550 5.1.1 no', '550 5.1.1 no', '354 go', '554 5.5.1 no recipients']);
    expect(said.slice(-2)).toEqual(['message:.\r\n', 'QUIT']);
    expect(fates).toEqual(['never 5.1.1', 'never 5.1.1']);
  });

  test('MAIL refused: its answer is everybody’s, whatever RCPT and DATA are told', async () => {
    const { said, fates } = await send(['550 5.7.1 no', '503 5.5.1 x', '503 5.5.1 x', '354 go', '250 ok']);
    expect(said).toContain('message:.\r\n');
    expect(fates).toEqual(['never 5.7.1', 'never 5.7.1']);
  });

  test.each<[string, Script, readonly string[], boolean, boolean]>([
    ['in the group', ['250 ok', '250 ok', 'RESET'], ['later 4.4.2', 'later 4.4.2'], true, false],
    [
      'by 421 in the group',
      ['250 ok', '550 5.1.1 no', '421 4.3.2 bye', 'CUT'],
      ['never 5.1.1', 'later 4.3.2'],
      true,
      false,
    ],
    [
      'after the end of data',
      ['250 ok', '250 ok', '250 ok', '354 go', 'RESET'],
      ['later 4.4.2', 'later 4.4.2'],
      false,
      true,
    ],
  ])('lost %s', async (_, script, fates, nextHost, duplicateRisk) => {
    expect(await send(script)).toMatchObject({ fates, nextHost, duplicateRisk });
  });

  test('lost after everything was said at once: it may have been taken', async () => {
    const { socket } = await play(['220 mx', '250-mx\n250-PIPELINING\n250 CHUNKING', '250 ok', 'RESET']);
    const outcome = await sendMail(options(socket, { style: 'chunked' }));
    expect(outcome).toMatchObject({ nextHost: false, duplicateRisk: true });
    expect(outcome.recipients[0]).toMatchObject({ verdict: 'later', status: '4.4.2' });
  });

  test.each(STYLES)('%s: a jump of world time makes a time-out strike', async style => {
    const { socket, said } = await play([
      '220 mx',
      '250-mx\n250-PIPELINING\n250 CHUNKING',
      'SILENCE',
      'SILENCE',
      'SILENCE',
    ]);
    const sending = sendMail(options(socket, { style }));
    const until = (ready: () => boolean): Promise<void> =>
      new Promise(resolve => {
        const look = (): void => (ready() ? resolve() : void setImmediate(look));
        look();
      });
    await until(() => said.length > 1);
    expect(clock.next()?.what).toContain('SMTP client');
    clock.jump(5 * 60_000);
    expect((await sending).recipients[0]).toMatchObject({
      verdict: 'later',
      status: '4.4.2',
      cause: { code: 'server-silent', milliseconds: 300_000 },
    });
  });
});
