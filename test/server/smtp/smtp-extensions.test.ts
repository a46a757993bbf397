/** Promises of the extensions: DSN wishes are kept, addresses beyond ASCII travel, and chunks become the letter that was sent. */
import { execFile, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { createTransport } from 'nodemailer';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { createWorldClock } from '../../../server/base/clock.ts';
import { noFaults } from '../../../server/base/faults.ts';
import type { Listener } from '../../../server/network/contract.ts';
import { createFramer } from '../../../server/smtp/machine/framing.ts';
import { step } from '../../../server/smtp/machine/machine.ts';
import { type Delivery, startSmtpServer } from '../../../server/smtp/machine/receive.ts';
import { initialState, type Setting, type State } from '../../../server/smtp/machine/state.ts';
import type { ExtensionKeyword } from '../../../shared/faults/fields.ts';
import { exchanger, limits, openLoopback, submission, talk } from '../../help/loopback/smtp-loopback.ts';

const network = openLoopback({ 'smtp.blue.example': '192.0.2.10', 'mx1.green.example': '198.51.100.25' });
afterAll(() => network.close());
// It stands still unless a test moves it on, however long this machine takes.
const clock = createWorldClock({ now: () => new Date('2026-11-23T11:15:18Z') });
afterAll(() => clock.close());
let listener: Listener | null = null;
afterEach(async () => {
  await listener?.close();
  listener = null;
});

async function serve(setting: Setting = exchanger) {
  const deliveries: Delivery[] = [];
  const port = setting.role === 'submission' ? 587 : 25;
  listener = await startSmtpServer({
    ...setting,
    recipient: address =>
      /^no@/.test(address) ? { ok: false, code: 550, enhanced: '5.1.1', text: address } : { ok: true },
    network,
    port,
    clock,
    faults: noFaults,
    accept: async delivery => {
      deliveries.push(delivery);
      return { ok: true };
    },
  });
  return { deliveries, port: network.portOf(port === 587 ? '192.0.2.10' : '198.51.100.25', port) };
}
const codes = (heard: string): string => heard.match(/^\d{3}(?= )/gm)?.join(' ') ?? '';
const opening = 'EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<bob@green.example>\r\n';
const lacks = (program: string): boolean => spawnSync('which', [program]).status !== 0;
const python = (script: string): Promise<string> =>
  new Promise(resolve => {
    execFile('python3', ['-c', script], { timeout: 20_000 }, (_, stdout, stderr) => resolve(stdout + stderr));
  });

describe('DSN', () => {
  test('what MAIL and RCPT ask for goes with the letter, as it was given', async () => {
    const { deliveries, port } = await serve();
    const lines = [
      'EHLO x',
      'MAIL FROM:<a@b.example> RET=hdrs ENVID=QQ+2B31',
      'RCPT TO:<bob@green.example> NOTIFY=Failure,success ORCPT=rfc822;Bob+2B@green.example',
      'RCPT TO:<no@green.example> NOTIFY=NEVER',
      'RCPT TO:<bert@green.example>',
      'DATA',
      'Subject: x',
      '.',
    ];
    await talk(port, [lines.map(line => `${line}\r\n`).join('')]);
    expect(deliveries[0]?.envelope).toEqual({
      reversePath: 'a@b.example',
      recipients: ['bob@green.example', 'bert@green.example'],
      ret: 'HDRS',
      envid: 'QQ+2B31',
      dsn: { 'bob@green.example': { notify: ['SUCCESS', 'FAILURE'], orcpt: 'rfc822;Bob+2B@green.example' } },
    });
  });

  test('nodemailer’s wishes are understood', async () => {
    const { deliveries, port } = await serve(submission);
    const transport = createTransport({
      host: '127.0.0.1',
      port,
      ignoreTLS: true,
      auth: { user: 'alice@blue.example', pass: 'secret' },
    });
    await transport.sendMail({
      from: 'alice@blue.example',
      to: 'bob@green.example',
      text: 'x',
      dsn: { id: 'run 7', return: 'headers', notify: ['success', 'delay'], recipient: 'bob@green.example' },
    });
    transport.close();
    expect(deliveries[0]?.envelope).toMatchObject({
      ret: 'HDRS',
      envid: 'run+207',
      dsn: { 'bob@green.example': { notify: ['SUCCESS', 'DELAY'], orcpt: 'rfc822;bob@green.example' } },
    });
  });
});

describe('SMTPUTF8', () => {
  const utf8 = (text: string): string => Buffer.from(text).toString('latin1');
  const said = (...lines: readonly string[]): string => {
    let state: State = initialState;
    return lines
      .map(line => {
        const outcome = step({ ...exchanger, recipient: () => ({ ok: true }) }, state, { kind: 'line', line });
        state = outcome.state;
        return outcome.replies.map(({ code, lines: [text] }) => `${code} ${text?.split(' ')[0]}`).join();
      })
      .slice(1)
      .join(', ');
  };

  test('addresses beyond ASCII only for those who asked, also where only the domain is', () => {
    expect(said('EHLO x', utf8('MAIL FROM:<jürgen@b.example>'))).toBe('553 5.6.7');
    expect(said('EHLO x', utf8('MAIL FROM:<a@bücher.example>'))).toBe('553 5.6.7');
    expect(said('EHLO x', 'MAIL FROM:<a@b.example>', utf8('RCPT TO:<böb@green.example>'))).toBe('250 2.1.0, 553 5.6.7');
    expect(said('EHLO x', utf8('MAIL FROM:<jürgen@b.example> SMTPUTF8'), utf8('RCPT TO:<böb@green.example>'))).toBe(
      '250 2.1.0, 250 2.1.5',
    );
    expect(said('HELO x', 'MAIL FROM:<a@b.example> SMTPUTF8')).toBe('555 5.5.4');
  });

  test('what is no UTF-8 is refused, with and without the parameter', () => {
    for (const octets of ['\xe4', '\xc0\xaf', '\xed\xa0\x80', '\xf4\x90\x80\x80', '\xc3']) {
      expect(said('EHLO x', `MAIL FROM:<a${octets}@b.example> SMTPUTF8`)).toBe('501 5.1.7');
      expect(said('EHLO x', 'MAIL FROM:<> SMTPUTF8', `RCPT TO:<a${octets}@b.example>`)).toBe('250 2.1.0, 501 5.1.3');
    }
  });

  test('64 octets of local part are octets, not characters', () => {
    expect(said('EHLO x', utf8(`MAIL FROM:<${'ü'.repeat(32)}@b.example> SMTPUTF8`))).toBe('250 2.1.0');
    expect(said('EHLO x', utf8(`MAIL FROM:<${'ü'.repeat(33)}@b.example> SMTPUTF8`))).toBe('501 5.1.7');
  });

  test('ORCPT of type utf-8 may have them where the envelope may', () => {
    const orcpt = utf8('RCPT TO:<bob@green.example> ORCPT=utf-8;böb@green.example');
    expect(said('EHLO x', 'MAIL FROM:<> SMTPUTF8', orcpt)).toBe('250 2.1.0, 250 2.1.5');
    expect(said('EHLO x', 'MAIL FROM:<>', orcpt)).toBe('250 2.1.0, 501 5.5.4');
  });

  test('EHLO speaks ASCII all the same', () => {
    expect(said('NOOP', utf8('EHLO bücher.example'))).toBe('501 Syntax:');
  });

  test.skipIf(lacks('python3'))('Python’s smtplib submits to Юля, and the stamp is UTF-8 too', async () => {
    const { deliveries, port } = await serve();
    const script = `
import smtplib
s = smtplib.SMTP('127.0.0.1', ${port}, 'laptop.example')
s.ehlo()
print(s.sendmail('jürgen@bücher.example', ['юля@green.example'], 'Subject: Grüße\\r\\n\\r\\nhi\\r\\n'.encode(), mail_options=['SMTPUTF8', 'BODY=8BITMIME']))
s.quit()`;
    expect(await python(script)).toBe('{}\n');
    expect(deliveries[0]?.envelope).toEqual({
      reversePath: 'jürgen@xn--bcher-kva.example',
      recipients: ['юля@green.example'],
      smtpUtf8: true,
    });
    const message = deliveries[0]?.message.toString() ?? '';
    expect(message).toContain('with UTF8SMTP id');
    expect(message).toContain('\tfor <юля@green.example>;');
    expect(message.endsWith('Subject: Grüße\r\n\r\nhi\r\n')).toBe(true);
  });

  test('nodemailer submits to böb', async () => {
    const { deliveries, port } = await serve(submission);
    const transport = createTransport({
      host: '127.0.0.1',
      port,
      ignoreTLS: true,
      auth: { user: 'alice@blue.example', pass: 'secret' },
    });
    await transport.sendMail({ from: 'alice@blue.example', to: 'böb@green.example', text: 'x' });
    transport.close();
    expect(deliveries[0]?.envelope).toMatchObject({ recipients: ['böb@green.example'], smtpUtf8: true });
    expect(deliveries[0]?.message.toString()).toContain('with UTF8SMTPA id');
  });
});

describe('CHUNKING', () => {
  test('chunks are the letter, dots and all, whatever way they are cut', async () => {
    const { deliveries, port } = await serve();
    const message = 'Subject: x\r\n\r\n.\r\n..\r\nQUIT\r\n.\r\n';
    const chunked = `BDAT 11\r\n${message.slice(0, 11)}BDAT 0\r\nbdat ${message.length - 11} last\r\n${message.slice(11)}`;
    const whole = `${opening}${chunked}QUIT\r\n`;
    for (const chunks of [[whole], [...whole]]) {
      expect(codes(await talk(port, chunks))).toBe('220 250 250 250 250 250 250 221');
    }
    expect(deliveries).toHaveLength(2);
    for (const { message: taken } of deliveries) expect(taken.toString().endsWith(`+0000\r\n${message}`)).toBe(true);
  });

  test.each([
    ['the last chunk may be empty', 'BDAT 4\r\nA:\r\nBDAT 0 LAST\r\n', '250 250'],
    ['a letter may be empty', 'BDAT 0 LAST\r\n', '250'],
    ['DATA after BDAT is out of order', 'BDAT 4\r\nA:\r\nDATA\r\n', '250 503'],
    ['RCPT after BDAT is out of order', 'BDAT 4\r\nA:\r\nRCPT TO:<bert@green.example>\r\n', '250 503'],
    ['RSET forgets the chunks', 'BDAT 4\r\nA:\r\nRSET\r\nBDAT 0 LAST\r\n', '250 250 503'],
    ['a count is a count', 'BDAT\r\nBDAT x\r\nBDAT 1 2\r\n', '501 501 501'],
    ['a bare LF is as wrong as after DATA', 'BDAT 4 LAST\r\nA:\n\n', '550'],
    ['CR and LF may be in two chunks', 'BDAT 3\r\nA:\rBDAT 1 LAST\r\n\n', '250 250'],
    ['too many octets in one', 'BDAT 10485761 LAST\r\n', '552'],
  ])('%s', async (_, lines, expected) => {
    const { port } = await serve();
    expect(
      codes(await talk(port, [opening + lines]))
        .split(' ')
        .slice(4)
        .join(' '),
    ).toBe(expected);
  });

  test('too many octets together are refused at the chunk that has them, and it is swallowed', async () => {
    const { deliveries, port } = await serve({ ...exchanger, limits: () => ({ ...limits, messageSize: 10 }) });
    const heard = await talk(port, [`${opening}BDAT 6\r\nA: b\r\nBDAT 6 LAST\r\nQUIT\r\nNOOP\r\nQUIT\r\n`]);
    expect(codes(heard)).toBe('220 250 250 250 250 552 250 221');
    expect(heard).toContain('\r\n552 5.3.4 ');
    expect(deliveries).toEqual([]);
  });

  test('a chunk to nobody is refused and swallowed, before MAIL and with every recipient refused', async () => {
    const { port } = await serve();
    const chunk = 'BDAT 6 LAST\r\nQUIT\r\n';
    const refused = 'MAIL FROM:<>\r\nRCPT TO:<no@green.example>\r\n';
    const heard = await talk(port, [`EHLO x\r\n${chunk}${refused}${chunk}${chunk}QUIT\r\n`]);
    expect(codes(heard)).toBe('220 250 503 250 550 554 503 221');
  });

  test('chunks of any size, cut anywhere, are put together', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 40 }), { maxLength: 60 }), fc.nat({ max: 9 }), (sizes, cut) => {
        const framer = createFramer();
        let state: State = initialState;
        const parts = sizes.map((size, index) => String.fromCharCode(65 + (index % 26)).repeat(size));
        const stream = parts.map(part => `BDAT ${part.length}\r\n${part}`).join('');
        const bytes = Buffer.from(`${opening}${stream}BDAT 0 LAST\r\n`);
        const taken: string[] = [];
        for (let at = 0; at < bytes.length; at += cut + 1) {
          framer.push(bytes.subarray(at, at + cut + 1));
          for (let frame = framer.next(); frame; frame = framer.next()) {
            const input =
              frame.kind === 'line' ? { kind: 'line' as const, line: frame.line.toString('latin1') } : frame;
            const outcome = step(exchanger, state, input);
            state = outcome.state;
            for (const effect of outcome.effects) {
              if (effect.kind === 'expect-chunk') framer.expectChunk(effect.octets);
              if (effect.kind === 'accept') taken.push(effect.message.toString());
            }
          }
        }
        expect(taken).toEqual([parts.join('')]);
      }),
      { numRuns: 200 },
    );
  });
});

describe('BINARYMIME', () => {
  const binary = opening.replace('example>\r\nRCPT', 'example> body=binarymime\r\nRCPT');
  const message = 'A: b\r\n\r\n\n\0\r\r\n.\r\n\xff';
  const asChunk = `BDAT ${message.length} LAST\r\n`;
  const say = async (lines: string, setting = exchanger) => {
    const { deliveries, port } = await serve(setting);
    return { heard: await talk(port, [Buffer.from(`${lines}QUIT\r\n`, 'latin1')]), deliveries };
  };

  test('any octets are a letter, and the envelope says so', async () => {
    const { heard, deliveries } = await say(binary + asChunk + message);
    expect(codes(heard)).toBe('220 250 250 250 250 221');
    expect(deliveries[0]?.envelope).toMatchObject({ body: 'BINARYMIME' });
    expect(deliveries[0]?.message.toString('latin1').endsWith(`+0000\r\n${message}`)).toBe(true);
  });

  test('DATA cannot carry it, BDAT still can; the next letter is lines again', async () => {
    const next = opening.replace('EHLO x\r\n', '');
    const { heard, deliveries } = await say(`${binary}DATA\r\n${asChunk}${message}${next}${asChunk}${message}`);
    expect(codes(heard)).toBe('220 250 250 250 503 250 250 250 550 221');
    expect(heard).toContain('\r\n503 5.5.1 ');
    expect(deliveries).toHaveLength(1);
  });

  test.each<[string, readonly ExtensionKeyword[], string]>([
    ['BINARYMIME', ['BINARYMIME'], '501'],
    ['CHUNKING', ['CHUNKING'], '501'],
    ['8BITMIME', ['8BITMIME'], '250'],
    ['both', ['8BITMIME', 'BINARYMIME'], '555'],
  ])('where %s is lacking', async (_, lacking, expected) => {
    const setting = {
      ...exchanger,
      mishaps: { ...exchanger.mishaps, lacks: (each: ExtensionKeyword) => lacking.includes(each) },
    };
    const outcome = step(setting, step(setting, initialState, { kind: 'line', line: 'EHLO x' }).state, {
      kind: 'line',
      line: 'MAIL FROM:<> BODY=BINARYMIME',
    });
    expect(String(outcome.replies[0]?.code)).toBe(expected);
  });
});
