/** Promises of the SMTP servers on real sockets, made to clients that were written elsewhere. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { createWorldClock } from '../../../server/base/clock.ts';
import { noFaults } from '../../../server/base/faults.ts';
import type { Listener } from '../../../server/network/contract.ts';
import { type Delivery, type SmtpServerOptions, startSmtpServer } from '../../../server/smtp/machine/receive.ts';
import type { Setting } from '../../../server/smtp/machine/state.ts';
import { exchanger, limits, openLoopback, submission, talk } from '../../help/loopback/smtp-loopback.ts';

const installed = (program: string): boolean => spawnSync('which', [program]).status === 0;
const folder = mkdtempSync(join(tmpdir(), 'mailscope-smtp-'));
afterAll(() => rmSync(folder, { recursive: true }));

const network = openLoopback({ 'smtp.blue.example': '192.0.2.10', 'mx1.green.example': '198.51.100.25' });
afterAll(() => network.close());
let listener: Listener | null = null;
afterEach(async () => {
  await listener?.close();
  listener = null;
});

async function serve(setting: Setting, extra: Partial<SmtpServerOptions> = {}) {
  const deliveries: Delivery[] = [];
  const [address, port] =
    setting.role === 'submission' ? (['192.0.2.10', 587] as const) : (['198.51.100.25', 25] as const);
  listener = await startSmtpServer({
    ...setting,
    network,
    port,
    clock: createWorldClock({ now: () => new Date('2026-11-23T11:15:18Z') }),
    faults: noFaults,
    reverseName: () => 'alices-laptop.blue.example',
    accept: async delivery => {
      deliveries.push(delivery);
      return { ok: true };
    },
    ...extra,
  });
  return { deliveries, port: network.portOf(address, port), close: () => listener?.close() };
}

/** Runs a client to its end and gives what it said on both outputs. */
const run = (program: string, args: readonly string[]): Promise<{ status: number; output: string }> =>
  new Promise(resolve => {
    execFile(program, args, { timeout: 20_000 }, (error, stdout, stderr) => {
      resolve({ status: typeof error?.code === 'number' ? error.code : error ? 1 : 0, output: stdout + stderr });
    });
  });
const text = (delivery: Delivery | undefined): string => delivery?.message.toString('latin1') ?? '';
const bodyOf = (delivery: Delivery | undefined): string => text(delivery).split('\r\n\r\n').slice(1).join('\r\n\r\n');

/** What survives only a server that neither recodes nor miscounts dots. */
const hardBody = '.\r\n..\r\n.leading\r\n\r\nGr\u00fc\u00dfe \u{1f4ec}\r\n \ttrailing \r\n.\r\n';
const hardLetter = `From: alice@blue.example\r\nTo: bob@green.example\r\nSubject: dots\r\nMessage-ID: <1@blue.example>\r\nDate: Mon, 23 Nov 2026 11:15:18 +0000\r\n\r\n${hardBody}`;
const sent = Buffer.from(hardLetter).toString('latin1');

describe('foreign clients', () => {
  test('nodemailer logs in and hands over a letter byte for byte', async () => {
    const { deliveries, port } = await serve(submission);
    const transport = createTransport({
      host: '127.0.0.1',
      port,
      secure: false,
      ignoreTLS: true,
      auth: { user: 'alice@blue.example', pass: 'secret' },
    });
    const info = await transport.sendMail({
      envelope: { from: 'alice@blue.example', to: ['bob@green.example', 'carol@green.example'] },
      raw: Buffer.from(hardLetter),
    });
    transport.close();
    expect(deliveries).toHaveLength(1);
    const [delivery] = deliveries;
    expect(info.response).toBe(`250 2.0.0 Ok: queued as ${delivery?.id}`);
    expect(delivery).toMatchObject({
      user: 'alice@blue.example',
      messageId: '<1@blue.example>',
      envelope: { reversePath: 'alice@blue.example', recipients: ['bob@green.example', 'carol@green.example'] },
    });
    const [, received, rest] = /^(Received: .*?\r\n(?:\t.*?\r\n)*)(.*)$/s.exec(text(delivery)) ?? [];
    expect(rest).toBe(sent);
    expect(received).toMatch(
      /^Received: from \S+ \(alices-laptop\.blue\.example \[192\.0\.2\.101\]\)\r\n\tby smtp\.blue\.example with ESMTPA id [0-9A-F]{10};\r\n\tMon, 23 Nov 2026 11:15:18 \+0000\r\n$/,
    );
  });

  test('nodemailer with a wrong password is refused and nothing is taken', async () => {
    const { deliveries, port } = await serve(submission);
    const transport = createTransport({
      host: '127.0.0.1',
      port,
      ignoreTLS: true,
      auth: { user: 'alice@blue.example', pass: 'wrong' },
    });
    await expect(
      transport.sendMail({ from: 'alice@blue.example', to: 'bob@green.example', text: 'x' }),
    ).rejects.toMatchObject({ responseCode: 535 });
    transport.close();
    expect(deliveries).toEqual([]);
  });

  test.skipIf(!installed('curl'))('curl delivers to an exchanger', async () => {
    const { deliveries, port } = await serve(exchanger);
    const file = join(folder, 'letter.eml');
    writeFileSync(file, hardLetter);
    const args = [
      '-sS',
      `smtp://127.0.0.1:${port}/laptop.blue.example`,
      '--mail-from',
      'alice@blue.example',
      '--mail-rcpt',
      'bob@green.example',
      '-T',
      file,
    ];
    expect(await run('curl', args)).toEqual({ status: 0, output: '' });
    expect(text(deliveries[0])).toContain('from laptop.blue.example (');
    expect(text(deliveries[0])).toContain('with ESMTP id');
    expect(text(deliveries[0])).toContain('\tfor <bob@green.example>;');
    expect(text(deliveries[0]).endsWith(sent)).toBe(true);
  });

  test.skipIf(!installed('curl'))('curl is told of an unknown user and of a foreign domain', async () => {
    const { port } = await serve(exchanger);
    const file = join(folder, 'letter.eml');
    writeFileSync(file, hardLetter);
    for (const [to, code] of [
      ['no@green.example', '550'],
      ['x@red.example', '554'],
    ]) {
      const result = await run('curl', [
        '-sS',
        `smtp://127.0.0.1:${port}/`,
        '--mail-from',
        'a@b.example',
        '--mail-rcpt',
        to ?? '',
        '-T',
        file,
      ]);
      expect(result).toMatchObject({ status: 55, output: expect.stringContaining(`RCPT failed: ${code}`) });
    }
  });

  test.skipIf(!installed('swaks')).each(['PLAIN', 'LOGIN'])('swaks logs in by %s', async mechanism => {
    const { deliveries, port } = await serve(submission);
    const result = await run('swaks', [
      '--server',
      '127.0.0.1',
      '--port',
      String(port),
      '--helo',
      'swaks.example',
      '--auth',
      mechanism,
      '-au',
      'alice@blue.example',
      '-ap',
      'secret',
      '-f',
      'alice@blue.example',
      '-t',
      'bob@green.example',
      '--body',
      '.dot',
    ]);
    expect(result).toMatchObject({ status: 0, output: expect.stringContaining('235 2.7.0') });
    expect(bodyOf(deliveries[0])).toContain('.dot\r\n');
  });

  test.skipIf(!installed('swaks'))('swaks pipelines', async () => {
    const { deliveries, port } = await serve(exchanger);
    const result = await run('swaks', [
      '--server',
      '127.0.0.1',
      '--port',
      String(port),
      '--pipeline',
      '-f',
      'a@b.example',
      '-t',
      'bob@green.example,no@green.example',
      '--helo',
      'x.example',
    ]);
    expect(result.output).toContain('550 5.1.1');
    expect(deliveries[0]?.envelope.recipients).toEqual(['bob@green.example']);
  });

  test.skipIf(!installed('msmtp'))('msmtp submits', async () => {
    const { deliveries, port } = await serve(submission);
    const script = `printf 'Subject: m\\n\\n.dot\\n' | msmtp -C /dev/null --host=127.0.0.1 --port=${port} --auth=plain --user=alice@blue.example --passwordeval='echo secret' --tls=off --from=alice@blue.example bob@green.example`;
    expect(await run('sh', ['-c', script])).toEqual({ status: 0, output: '' });
    expect(bodyOf(deliveries[0])).toBe('.dot\r\n');
  });

  test.skipIf(!installed('python3'))('Python’s smtplib gets a code for every recipient', async () => {
    const { deliveries, port } = await serve(exchanger);
    const script = `
import smtplib
s = smtplib.SMTP('127.0.0.1', ${port}, 'laptop.example')
print(s.ehlo()[0], s.has_extn('8bitmime'), s.esmtp_features['size'], s.noop()[0], s.verify('bob')[0])
print(s.sendmail('a@b.example', ['bob@green.example', 'no@green.example'], 'Subject: x\\r\\n\\r\\n.\\r\\n..\\r\\n'))
print(s.quit()[0])`;
    const result = await run('python3', ['-c', script]);
    expect(result.output).toBe(
      "250 True 10485760 250 252\n{'no@green.example': (550, b'5.1.1 <no@green.example>: No such user here')}\n221\n",
    );
    expect(bodyOf(deliveries[0])).toBe('.\r\n..\r\n');
  });
});

describe('the stream', () => {
  const session = `EHLO x.example\r\nMAIL FROM:<>\r\nRCPT TO:<bob@green.example>\r\nDATA\r\nSubject: x\r\n\r\n..dot\r\n.\r\nQUIT\r\n`;
  const heard =
    /^220 mx1\.green\.example ESMTP mailscope\r\n250-mx1.*?\r\n250 ENHANCEDSTATUSCODES\r\n250 2\.1\.0 Ok\r\n250 2\.1\.5 Ok\r\n354 [^\r]*\r\n250 2\.0\.0 Ok: queued as [0-9A-F]+\r\n221 2\.0\.0 [^\r]*\r\n$/s;

  test('everything in one segment, half-closed at once, still gets every reply in order', async () => {
    const { deliveries, port } = await serve(exchanger);
    expect(await talk(port, [session])).toMatch(heard);
    expect(bodyOf(deliveries[0])).toBe('.dot\r\n');
  });

  test('half-closed while its letter is being stored, a client still hears of it', async () => {
    const { port } = await serve(exchanger, {
      accept: async () => {
        for (let turn = 0; turn < 50; turn += 1) await new Promise(resolve => setImmediate(resolve));
        return { ok: true };
      },
    });
    expect(await talk(port, [session])).toMatch(heard);
  });

  test('octet by octet gives the same', async () => {
    const { deliveries, port } = await serve(exchanger);
    expect(await talk(port, [...session])).toMatch(heard);
    expect(bodyOf(deliveries[0])).toBe('.dot\r\n');
  });

  test('two letters in one session are two letters with two ids', async () => {
    const { deliveries, port } = await serve(exchanger);
    const again = session.replace('EHLO x.example\r\n', '');
    await talk(port, [session.replace('QUIT\r\n', '') + again]);
    expect(deliveries.map(({ envelope }) => envelope.recipients)).toEqual([
      ['bob@green.example'],
      ['bob@green.example'],
    ]);
    expect(new Set(deliveries.map(({ id }) => id)).size).toBe(2);
  });

  test('smuggled: one message, refused, no second', async () => {
    const { deliveries, port } = await serve(exchanger);
    const evil = session.replace(
      '..dot\r\n',
      'a\n.\r\nMAIL FROM:<ceo@blue.example>\r\nRCPT TO:<bob@green.example>\r\nDATA\r\nevil\r\n',
    );
    const answers = await talk(port, [evil]);
    expect(answers).toContain('550 5.5.2');
    expect(answers.match(/354/g)).toHaveLength(1);
    expect(deliveries).toEqual([]);
  });

  test('a connection lost in the middle of a message delivers nothing', async () => {
    const { deliveries, port } = await serve(exchanger);
    await talk(port, [session.slice(0, session.indexOf('.\r\nQUIT'))]);
    expect(deliveries).toEqual([]);
  });

  test('too big: refused after the end, and before it where SIZE tells', async () => {
    const { deliveries, port } = await serve({ ...exchanger, limits: () => ({ ...limits, messageSize: 1000 }) });
    const big = session.replace('..dot\r\n', `${'x'.repeat(70)}\r\n`.repeat(20));
    expect(await talk(port, [big])).toContain('\r\n552 5.3.4 ');
    expect(await talk(port, ['EHLO x\r\nMAIL FROM:<> SIZE=1001\r\nQUIT\r\n'])).toContain('\r\n552 5.3.4 ');
    expect(deliveries).toEqual([]);
  });

  test('a bare LF in a command neither ends it nor is answered twice', async () => {
    const { port } = await serve(exchanger);
    expect((await talk(port, ['NOOP\nNOOP\r\nQUIT\r\n'])).split('\r\n').map(line => line.slice(0, 3))).toEqual([
      '220',
      '500',
      '221',
      '',
    ]);
  });
});

describe('responsibility', () => {
  const letter =
    'HELO x\r\nMAIL FROM:<>\r\nRCPT TO:<bob@green.example>\r\nDATA\r\nSubject: x\r\n\r\nhi\r\n.\r\nQUIT\r\n';

  test('no 250 before the letter is safe, and the verdict’s own words are used', async () => {
    let safe = false;
    const { port } = await serve(exchanger, {
      accept: async () => {
        await new Promise(resolve => setImmediate(resolve));
        safe = true;
        return { ok: true, text: 'Ok: delivered to bob' };
      },
    });
    const socket = createConnection({ port, host: '127.0.0.1' });
    const seen: boolean[] = [];
    await new Promise<void>(resolve => {
      socket.on('data', chunk => {
        if (chunk.includes('250 2.0.0 Ok: delivered to bob')) seen.push(safe);
      });
      socket.on('close', () => resolve());
      socket.write(letter);
    });
    expect(seen).toEqual([true]);
  });

  test.each([
    [Object.assign(new Error('disk full'), { code: 'ENOSPC' }), '452 4.3.1'],
    [Object.assign(new Error('read-only'), { code: 'EROFS' }), '451 4.3.0'],
  ])('a disk that fails (%s) is a temporary refusal', async (error, expected) => {
    const { port } = await serve(exchanger, { accept: () => Promise.reject(error) });
    expect(await talk(port, [letter])).toContain(`\r\n${expected} `);
  });

  test('a refusal of the store reaches the client', async () => {
    const { port } = await serve(exchanger, {
      accept: async () => ({ ok: false, code: 552, enhanced: '5.2.2', text: 'Mailbox full' }),
    });
    expect(await talk(port, [letter])).toContain('\r\n552 5.2.2 Mailbox full\r\n221');
  });

  test('HELO is SMTP in the stamp, and over is told when the client has quit', async () => {
    const { deliveries, port } = await serve(exchanger);
    await talk(port, [letter]);
    expect(text(deliveries[0])).toContain('with SMTP id');
    await deliveries[0]?.over;
  });

  test('the exchanger stamps and changes nothing else, not even a Bcc', async () => {
    const { deliveries, port } = await serve(exchanger);
    await talk(port, [letter.replace('Subject: x', 'Bcc: y')]);
    expect(text(deliveries[0])).toMatch(/^Received: .*\+0000\r\nBcc: y\r\n\r\nhi\r\n$/s);
  });
});

describe('the end of a conversation', () => {
  const firstWords = (port: number): Promise<{ socket: Socket; rest: Promise<string> }> =>
    new Promise(resolve => {
      const socket = createConnection({ port, host: '127.0.0.1' });
      const heard: Buffer[] = [];
      const rest = new Promise<string>(done => socket.on('close', () => done(Buffer.concat(heard).toString())));
      socket.once('data', () => resolve({ socket, rest }));
      socket.on('data', chunk => heard.push(chunk));
    });

  test('silence is answered with 421', async () => {
    const clock = createWorldClock({ now: () => new Date(0) });
    const { port } = await serve(exchanger, { idleTimeout: 60_000, clock });
    const { rest } = await firstWords(port);
    clock.jump(60_000);
    expect(await rest).toMatch(/\r\n421 4\.4\.2 mx1\.green\.example /);
  });

  test('closing says 421 to who is connected, then nobody answers', async () => {
    const { port, close } = await serve(exchanger);
    const { rest } = await firstWords(port);
    await close();
    expect(await rest).toMatch(/\r\n421 4\.3\.2 mx1\.green\.example /);
  });

  test('one client too many hears 421 instead of a greeting', async () => {
    const { port } = await serve(exchanger, { maxConnections: 1 });
    const { socket } = await firstWords(port);
    expect(await talk(port, [])).toMatch(/^421 mx1\.green\.example /);
    socket.destroy();
  });

  test('a reset in the middle harms nobody else', async () => {
    const { port } = await serve(exchanger);
    const { socket, rest } = await firstWords(port);
    socket.resetAndDestroy();
    await rest;
    expect(await talk(port, ['QUIT\r\n'])).toContain('221 ');
  });
});
