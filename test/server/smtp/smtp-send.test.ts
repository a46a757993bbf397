/** Promises of the sending side: what it says, what it makes of each answer, and that it never rejects for the other side's faults. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { createWorldClock } from '../../../server/base/clock.ts';
import { noFaults } from '../../../server/base/faults.ts';
import type { Listener } from '../../../server/network/contract.ts';
import { type SendOptions, sendMail } from '../../../server/smtp/client/send.ts';
import { type Delivery, startSmtpServer } from '../../../server/smtp/machine/receive.ts';
import { exchanger, openLoopback, submission } from '../../help/loopback/smtp-loopback.ts';
import { closeScripts, hearing, play, type Script } from '../../help/loopback/smtp-script.ts';

const listeners: Listener[] = [];
const network = openLoopback({ 'smtp.blue.example': '192.0.2.10', 'mx1.green.example': '198.51.100.25' });
afterEach(async () => {
  closeScripts();
  await Promise.all(listeners.splice(0).map(listener => listener.close()));
});
afterAll(() => network.close());

const options = (socket: Socket, extra: Partial<SendOptions> = {}): SendOptions => ({
  socket,
  helloName: 'smtp.blue.example',
  envelope: { reversePath: 'alice@blue.example', recipients: ['bob@green.example', 'bert@green.example'] },
  message: Buffer.from('Subject: x\r\n\r\n.hi\r\n'),
  ...extra,
});
const offers = '250-mx greets you\n250-SIZE 1000000\n250-8BITMIME\n250 PIPELINING';

describe('what is said', () => {
  test('lock step: greeting, EHLO, MAIL with what was offered, each RCPT, DATA, the stuffed message, QUIT', async () => {
    const { socket, said, ended } = await play([
      '220 mx',
      offers,
      '250 ok',
      '250 ok',
      '250 ok',
      '354 go',
      '250 2.6.0 taken',
      '221 bye',
    ]);
    const outcome = await sendMail(options(socket));
    expect(outcome).toMatchObject({ nextHost: false, duplicateRisk: false });
    expect(outcome.recipients.map(({ verdict, status }) => `${verdict} ${status}`)).toEqual([
      'accepted 2.6.0',
      'accepted 2.6.0',
    ]);
    await ended;
    expect(said).toEqual([
      'EHLO smtp.blue.example',
      'MAIL FROM:<alice@blue.example> SIZE=19',
      'RCPT TO:<bob@green.example>',
      'RCPT TO:<bert@green.example>',
      'DATA',
      'message:Subject: x\r\n\r\n..hi\r\n.\r\n',
      'QUIT',
    ]);
  });

  test('after HELO no parameters; the null reverse-path is <>', async () => {
    const { socket, said, ended } = await play([
      '220 mx',
      '502 what?',
      '250 mx',
      '250 ok',
      '250 ok',
      '250 ok',
      '354 go',
    ]);
    await sendMail(options(socket, { envelope: { reversePath: '', recipients: ['bob@green.example'] } }));
    await ended;
    expect(said.slice(0, 3)).toEqual(['EHLO smtp.blue.example', 'HELO smtp.blue.example', 'MAIL FROM:<>']);
  });

  test('8BITMIME only for a letter that needs it, and no letter that needs it without it', async () => {
    const message = Buffer.from('Subject: x\r\n\r\n\u00fc\r\n');
    const able = await play(['220 mx', offers]);
    await sendMail(options(able.socket, { message }));
    expect(able.said[1]).toBe('MAIL FROM:<alice@blue.example> SIZE=18 BODY=8BITMIME');
    const unable = await play(['220 mx', '250 mx']);
    const outcome = await sendMail(options(unable.socket, { message }));
    expect(outcome.recipients[0]).toMatchObject({ verdict: 'never', status: '5.6.3', about: 'letter' });
    await unable.ended;
    expect(unable.said).toEqual(['EHLO smtp.blue.example', 'QUIT']);
  });

  test('LOGIN where PLAIN is not offered; nothing is sent where neither is', async () => {
    const credentials = { user: 'alice', password: 'secret' };
    const login = await play([
      '220 mx',
      '250-mx\n250 AUTH LOGIN',
      '334 VXNlcm5hbWU6',
      '334 UGFzc3dvcmQ6',
      '235 in',
      '250 ok',
      '250 ok',
      '250 ok',
      '354 go',
      '250 ok',
    ]);
    expect((await sendMail(options(login.socket, { credentials }))).recipients[0]?.verdict).toBe('accepted');
    expect(login.said.slice(1, 4)).toEqual(['AUTH LOGIN', 'YWxpY2U=', 'c2VjcmV0']);
    const none = await play(['220 mx', '250 mx']);
    expect((await sendMail(options(none.socket, { credentials }))).recipients[0]).toMatchObject({
      verdict: 'never',
      status: '5.7.4',
    });
  });

  test('an address that would break the line is never sent', async () => {
    const { socket, said, ended } = await play(['220 mx', offers, '250 ok', '354 go']);
    const outcome = await sendMail(
      options(socket, { envelope: { reversePath: 'a@b.c', recipients: ['x@y>\r\nRSET', 'b\u00fcb@green.example'] } }),
    );
    expect(outcome.recipients.map(({ verdict, status }) => `${verdict} ${status}`)).toEqual([
      'never 5.1.3',
      'never 5.6.7',
    ]);
    await ended;
    expect(said).toEqual(['EHLO smtp.blue.example', 'QUIT']);
  });
});

describe('what is made of the answers', () => {
  const until = (...script: Script): Script => ['220 mx', offers, ...script];
  const fates = async (script: Script, extra: Partial<SendOptions> = {}) => {
    const { socket } = await play(script);
    const { recipients, nextHost, duplicateRisk } = await sendMail(options(socket, extra));
    return [recipients.map(({ verdict, status }) => `${verdict} ${status}`), nextHost, duplicateRisk];
  };

  test.each<[string, Script, unknown]>([
    ['banner 4yz', ['421 4.3.2 busy'], [['later 4.3.2', 'later 4.3.2'], true, false]],
    ['banner 5yz', ['554 no service'], [['never 5.0.0', 'never 5.0.0'], true, false]],
    ['EHLO and HELO refused', ['220 mx', '550 no', '550 no'], [['never 5.0.0', 'never 5.0.0'], true, false]],
    ['MAIL 5yz', until('550 5.7.1 no'), [['never 5.7.1', 'never 5.7.1'], false, false]],
    ['MAIL 4yz', until('451 4.7.1 later'), [['later 4.7.1', 'later 4.7.1'], false, false]],
    [
      'one recipient refused for good',
      until('250 ok', '550 5.1.1 no', '250 ok', '354 go', '250 2.0.0 ok'),
      [['never 5.1.1', 'accepted 2.0.0'], false, false],
    ],
    [
      'one recipient deferred',
      until('250 ok', '250 ok', '452 4.5.3 many', '354 go', '250 ok'),
      [['accepted 2.0.0', 'later 4.5.3'], false, false],
    ],
    [
      '552 at RCPT means 452',
      until('250 ok', '250 ok', '552 too many', '354 go', '250 ok'),
      [['accepted 2.0.0', 'later 4.5.3'], false, false],
    ],
    [
      'a mailbox over its quota is final',
      until('250 ok', '250 ok', '552 5.2.2 full', '354 go', '250 ok'),
      [['accepted 2.0.0', 'never 5.2.2'], false, false],
    ],
    ['all refused', until('250 ok', '550 no', '551 no'), [['never 5.0.0', 'never 5.0.0'], false, false]],
    [
      'DATA refused',
      until('250 ok', '550 5.1.1 no', '250 ok', '451 4.3.0 oops'),
      [['never 5.1.1', 'later 4.3.0'], false, false],
    ],
    [
      'message refused',
      until('250 ok', '250 ok', '250 ok', '354 go', '552 5.3.4 big'),
      [['never 5.3.4', 'never 5.3.4'], false, false],
    ],
    ['421 at RCPT', until('250 ok', '550 5.1.1 no', '421 4.3.2 bye'), [['never 5.1.1', 'later 4.3.2'], true, false]],
    ['cut at the greeting', ['CUT'], [['later 4.4.2', 'later 4.4.2'], true, false]],
    ['reset at MAIL', until('RESET'), [['later 4.4.2', 'later 4.4.2'], true, false]],
    ['cut at DATA', until('250 ok', '550 5.1.1 no', '250 ok', 'CUT'), [['never 5.1.1', 'later 4.4.2'], true, false]],
    [
      'lost after the end of data',
      until('250 ok', '250 ok', '250 ok', '354 go', 'RESET'),
      [['later 4.4.2', 'later 4.4.2'], false, true],
    ],
    ['not SMTP', ['SSH-2.0-OpenSSH'], [['later 4.5.0', 'later 4.5.0'], true, false]],
    ['354 where 250 belongs', until('354 go'), [['later 4.5.0', 'later 4.5.0'], true, false]],
  ])('%s', async (_, script, expected) => {
    expect(await fates(script)).toEqual(expected);
  });

  test.each<[string, Script, number, unknown]>([
    ['greeting', ['SILENCE'], 5, [['later 4.4.2', 'later 4.4.2'], true, false]],
    [
      'end of data',
      until('250 ok', '250 ok', '250 ok', '354 go', 'SILENCE'),
      10,
      [['later 4.4.2', 'later 4.4.2'], false, true],
    ],
  ])('silence at the %s is not waited out for ever', async (_, script, minutes, expected) => {
    const clock = createWorldClock({ now: () => new Date(0) });
    const { socket, said } = await play(script);
    const sending = sendMail(options(socket, { clock }));
    const silent = (): boolean => script.length === 1 || said.some(line => line.startsWith('message:'));
    while (!silent()) await new Promise(resolve => setImmediate(resolve));
    // One millisecond less is not enough.
    clock.jump(minutes * 60_000 - 1);
    expect(clock.next()).toMatchObject({ in: 1 });
    clock.jump(1);
    const { recipients, nextHost, duplicateRisk } = await sending;
    expect([recipients.map(({ verdict, status }) => `${verdict} ${status}`), nextHost, duplicateRisk]).toEqual(
      expected,
    );
  });

  test('a socket that is already gone is a loss, not an exception', async () => {
    const { socket } = await play(['220 mx']);
    socket.destroy();
    expect((await sendMail(options(socket))).recipients[0]).toMatchObject({ verdict: 'later', status: '4.4.2' });
  });

  test('the result does not wait for the 221, and the socket is ended all the same', async () => {
    const { socket, ended } = await play(until('250 ok', '250 ok', '250 ok', '354 go', '250 ok', 'CUT'));
    expect((await sendMail(options(socket))).recipients[0]?.verdict).toBe('accepted');
    await ended;
  });
});

describe('with our own servers', () => {
  const serve = async (role: 'submission' | 'exchanger') => {
    const deliveries: Delivery[] = [];
    const setting = role === 'submission' ? submission : exchanger;
    const at = role === 'submission' ? { address: '192.0.2.10', port: 587 } : { address: '198.51.100.25', port: 25 };
    listeners.push(
      await startSmtpServer({
        ...setting,
        network,
        port: at.port,
        clock: createWorldClock({ now: () => new Date(0) }),
        faults: noFaults,
        accept: async delivery => {
          deliveries.push(delivery);
          return { ok: true };
        },
      }),
    );
    return { deliveries, socket: (await network.dial('client', at)).socket };
  };

  test('10 MB of dots, 8-bit octets and NULs arrive byte for byte', async () => {
    const { deliveries, socket } = await serve('exchanger');
    const line = Buffer.concat([Buffer.from('..\xff\0 x\r\n.\r\n', 'latin1'), Buffer.from('\u{1f4ec}\r\n')]);
    const message = Buffer.concat([Buffer.from('Subject: x\r\n\r\n'), ...Array.from({ length: 550_000 }, () => line)]);
    const outcome = await sendMail(options(socket, { message }));
    expect(outcome.recipients.map(({ verdict }) => verdict)).toEqual(['accepted', 'accepted']);
    const arrived = deliveries[0]?.message ?? Buffer.alloc(0);
    expect(arrived.subarray(-message.length).equals(message)).toBe(true);
  });

  test('AUTH PLAIN with its initial response, then submission', async () => {
    const { deliveries, socket } = await serve('submission');
    const credentials = { user: 'alice@blue.example', password: 'secret' };
    expect((await sendMail(options(socket, { credentials }))).recipients[0]?.verdict).toBe('accepted');
    expect(deliveries[0]).toMatchObject({ user: 'alice@blue.example' });
  });

  test('a wrong password is final and says so', async () => {
    const { socket } = await serve('submission');
    const outcome = await sendMail(options(socket, { credentials: { user: 'alice@blue.example', password: 'no' } }));
    expect(outcome.recipients[0]).toMatchObject({
      verdict: 'never',
      status: '5.7.8',
      about: 'letter',
      reply: { code: 535 },
    });
  });

  test('a letter too big for SIZE is refused before it crosses', async () => {
    const { deliveries, socket } = await serve('exchanger');
    const outcome = await sendMail(options(socket, { message: Buffer.alloc(10_485_761, 'x\r\n') }));
    expect(outcome.recipients[0]).toMatchObject({ verdict: 'never', status: '5.3.4' });
    expect(socket.bytesWritten).toBeLessThan(1000);
    expect(deliveries).toEqual([]);
  });
});

describe('a letter that was cut', () => {
  /** Bigger than all buffers on the way, so that its end cannot have been handed over. */
  const message = Buffer.from(`Subject: x\r\n\r\n${`${'x'.repeat(998)}\r\n`.repeat(20_000)}`);
  const [chunked, lines] = ['250-CHUNKING\n250 PIPELINING', '250 PIPELINING'];

  test.each<[NonNullable<SendOptions['style']>, string]>([
    ['lock-step', lines],
    ['pipelined', lines],
    ['chunked', chunked],
  ])('%s: a 250 said in the middle of it accepts nothing', async (style, keywords) => {
    const { socket, server } = await hearing();
    const heard = sendMail(options(socket, { message, style }));
    const said = (...replies: string[]): void => {
      server.write(replies.map(reply => `${reply.replaceAll('\n', '\r\n')}\r\n`).join(''));
    };
    said('220 mx');
    await once(server, 'data');
    said(`250-mx greets you\n${keywords}`);
    for (let group = 0; group < (style === 'lock-step' ? 3 : 0); group += 1) {
      await once(server, 'data');
      said('250 ok');
    }
    await once(server, 'data');
    // It reads no more: most of the letter is still to come.
    server.pause();
    if (style === 'lock-step') said('354 go');
    else said('250 ok', '250 ok', '250 ok', ...(style === 'pipelined' ? ['354 go'] : []));
    said('250 2.0.0 taken');
    server.end();
    const outcome = await heard;
    expect(outcome.recipients.map(({ verdict, status }) => `${verdict} ${status}`)).toEqual([
      'later 4.4.2',
      'later 4.4.2',
    ]);
    server.destroy();
  });
});
