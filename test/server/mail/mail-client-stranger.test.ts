/** What a caller from outside promises: he says exactly what he is told, goes on after a refusal, and always comes to an end. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createWorldClock } from '../../../server/base/clock.ts';
import { noFaults } from '../../../server/base/faults.ts';
import { createStranger, type Exchange, type Stranger } from '../../../server/mail-client/stranger.ts';
import { parseStrangerCall, type StrangerWords } from '../../../server/mail-client/stranger-call.ts';
import type { Network } from '../../../server/network/contract.ts';
import { type Delivery, startSmtpServer } from '../../../server/smtp/machine/receive.ts';
import { causeText } from '../../../shared/explain/causes.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';
import { saying } from '../../fixtures/causes.ts';
import { installed, type Loopback, openLoopback } from '../../help/loopback/pop3-loopback.ts';

const VISITOR = 'your-computer.example';
const MX = { address: '198.51.100.25', port: 25 };
const SUBMISSION = { address: '198.51.100.10', port: 587 };
const clock = createWorldClock({ now: () => new Date(0) });

let box: Loopback;
let closing: (() => Promise<unknown>)[];
let stranger: Stranger;

beforeEach(() => {
  box = openLoopback();
  closing = [() => box.close()];
  stranger = openStranger(box.network);
});
afterEach(async () => {
  for (const close of closing) await close();
});

const openStranger = (network: Network): Stranger =>
  createStranger({ network, from: VISITOR, recorder: box.recorder, clock });

async function serve(role: 'exchanger' | 'submission'): Promise<Delivery[]> {
  const taken: Delivery[] = [];
  const server = await startSmtpServer({
    network: box.network,
    host: role === 'exchanger' ? 'mx1.green.example' : 'smtp.green.example',
    port: role === 'exchanger' ? MX.port : SUBMISSION.port,
    role,
    limits: () => blueAndGreen.limits,
    clock,
    faults: noFaults,
    authenticate: (user, password) => (password === 'bob-builds-4' ? user : null),
    recipient: address =>
      /@green\.example$/.test(address)
        ? { ok: true }
        : { ok: false, code: 554, enhanced: '5.7.1', text: 'Relay access denied' },
    accept: async delivery => {
      taken.push(delivery);
      return { ok: true };
    },
  });
  closing.unshift(() => server.close());
  return taken;
}

/** Says the next of `answers` to each chunk it hears; null hangs up, '' says nothing. */
async function script(answers: readonly (string | null)[]): Promise<string[]> {
  const heard: string[] = [];
  await box.network.listen('mx1.green.example', MX.port, (socket: Socket) => {
    let next = 0;
    const answer = (): void => {
      const text = answers[next++] ?? null;
      if (text === null) socket.destroy();
      else socket.write(text, 'latin1');
    };
    socket.on('error', () => undefined);
    socket.on('data', chunk => {
      heard.push(chunk.toString('latin1'));
      answer();
    });
    socket.on('end', () => socket.end());
    answer();
  });
  return heard;
}

const CALL: StrangerWords = {
  mailFrom: 'eve@outside.example',
  rcptTo: ['bob@green.example'],
  data: 'S: x\n\n.\n..\nhi',
};
const said = (exchanges: readonly Exchange[]): string[] => exchanges.map(exchange => exchange.said);
const codes = (exchanges: readonly Exchange[]): (string | undefined)[] =>
  exchanges.map(({ answered }) => answered?.slice(0, 3));
const failures = () => box.facts.flatMap(fact => (fact.kind === 'client.failed' ? [causeText(fact.cause)] : []));

/** Lets world time go by whenever nothing has been heard for a while, until the call is over. */
async function outlast(calling: Promise<readonly Exchange[]>): Promise<readonly Exchange[]> {
  const call = { over: false };
  const settled = calling.finally(() => {
    call.over = true;
  });
  for (let quiet = 0; !call.over; quiet++) {
    await new Promise(resolve => setImmediate(resolve));
    if (quiet % 50 === 49 && clock.next()?.what === `${VISITOR} waits for an answer`) clock.jump(10 * 60_000);
  }
  return settled;
}

describe('a call', () => {
  test('goes line by line to the end, and its message arrives as it was written', async () => {
    const taken = await serve('exchanger');
    const exchanges = await stranger.call(MX, CALL);
    expect(said(exchanges)).toEqual([
      '',
      `EHLO ${VISITOR}`,
      'MAIL FROM:<eve@outside.example>',
      'RCPT TO:<bob@green.example>',
      'DATA',
      '(a message of 13 octets, and the end of it)',
      'QUIT',
    ]);
    expect(codes(exchanges)).toEqual(['220', '250', '250', '250', '354', '250', '221']);
    expect(exchanges[1]?.answered).toMatch(/^250-mx1\.green\.example.*\n250[ -]/);
    expect(taken).toHaveLength(1);
    expect(taken[0]?.message.toString('latin1')).toMatch(/^Received: [\s\S]*\r\nS: x\r\n\r\n\.\r\n\.\.\r\nhi\r\n$/);
    expect(box.facts).toEqual([]);
  });

  test('tries the next recipient after a refusal, and says QUIT where nobody is left', async () => {
    const taken = await serve('exchanger');
    const some = await stranger.call(MX, { ...CALL, mailFrom: '', rcptTo: ['x@gmail.example', 'bob@green.example'] });
    expect(codes(some)).toEqual(['220', '250', '250', '554', '250', '354', '250', '221']);
    expect(taken).toMatchObject([{ envelope: { reversePath: '', recipients: ['bob@green.example'] } }]);
    const none = await stranger.call(MX, { ...CALL, rcptTo: ['x@gmail.example', 'no address', 'y@gmail.example'] });
    expect(said(none).slice(3)).toEqual([
      'RCPT TO:<x@gmail.example>',
      'RCPT TO:<no address>',
      'RCPT TO:<y@gmail.example>',
      'QUIT',
    ]);
    expect(codes(none).slice(3)).toEqual(['554', '501', '554', '221']);
    expect(taken).toHaveLength(1);
  });

  test('without a message it ends after the recipients', async () => {
    const taken = await serve('exchanger');
    const { data: _data, ...words } = CALL;
    expect(said(await stranger.call(MX, words)).slice(-2)).toEqual(['RCPT TO:<bob@green.example>', 'QUIT']);
    expect(taken).toEqual([]);
  });

  test('with a wrong password is told so, tries MAIL all the same, and names the password to nobody', async () => {
    await serve('submission');
    const wrong = await stranger.call(SUBMISSION, {
      ...CALL,
      login: { user: 'bob@green.example', password: 'secret' },
    });
    expect(codes(wrong)).toEqual(['220', '250', '535', '530', '221']);
    expect(JSON.stringify(wrong)).not.toMatch(/secret|c2VjcmV0/);
    const right = await stranger.call(SUBMISSION, {
      ...CALL,
      login: { user: 'bob@green.example', password: 'bob-builds-4' },
    });
    expect(codes(right)).toEqual(['220', '250', '235', '250', '250', '354', '250', '221']);
  });

  test('to an old server says HELO', async () => {
    const heard = await script(['220 old\r\n', '500 what?\r\n', '250 hello\r\n', '550 no\r\n', '221 bye\r\n']);
    const exchanges = await stranger.call(MX, { ...CALL, helo: '[203.0.113.77]' });
    expect(heard).toEqual([
      'EHLO [203.0.113.77]\r\n',
      'HELO [203.0.113.77]\r\n',
      'MAIL FROM:<eve@outside.example>\r\n',
      'QUIT\r\n',
    ]);
    expect(codes(exchanges)).toEqual(['220', '500', '250', '550', '221']);
  });
});

const SMUGGLED = [
  'Subject: harmless\r\n\r\nhello\n.\nMAIL FROM:<boss@green.example>\r\nRCPT TO:<bob@green.example>\r\nDATA\r\n',
  'Subject: forged\r\n\r\nobey\r\n',
].join('');

describe('a raw message', () => {
  test('is sent octet for octet, and only its end is added', async () => {
    const dialogue = ['220 x\r\n', '250 x\r\n', '250 x\r\n', '250 x\r\n', '354 go\r\n'];
    for (const [data, sent] of [
      ['a\n.\n\r.\r\n..ü', 'a\n.\n\r.\r\n..ü\r\n.\r\n'],
      ['a\r\n', 'a\r\n.\r\n'],
      ['', '\r\n.\r\n'],
    ]) {
      const heard = await script([...dialogue, '250 x\r\n', '221 x\r\n']);
      await stranger.call(MX, { ...CALL, raw: true, data: data ?? '' });
      expect(Buffer.from(heard[4] ?? '', 'latin1').toString('utf8')).toBe(sent);
    }
  });

  test('with a hidden end is one message to our server, which refuses it whole', async () => {
    const taken = await serve('exchanger');
    const exchanges = await stranger.call(MX, { ...CALL, raw: true, data: SMUGGLED });
    expect(exchanges.at(-2)?.answered).toMatch(/^550 5\.5\.2 /);
    expect(codes(exchanges)).toEqual(['220', '250', '250', '250', '354', '550', '221']);
    expect(taken).toEqual([]);
  });

  test.skipIf(!installed('python3'))(
    'is two to a server that takes a bare LF for a line end, and he hears of both',
    async () => {
      const program = `
import socketserver, json
class Lenient(socketserver.StreamRequestHandler):
    def say(self, line): self.wfile.write(line.encode() + b'\\r\\n')
    def handle(self):
        letters = []; self.say('220 lenient')
        for line in self.rfile:
            verb = line.strip()[:4].upper()
            if verb == b'DATA':
                self.say('354 go'); letter = b''
                for line in self.rfile:
                    if line.strip() == b'.': break
                    letter += line
                letters.append(letter.decode()); self.say('250 taken')
            elif verb == b'QUIT': self.say('221 bye'); break
            else: self.say('250 ok')
        print(json.dumps(letters), flush=True)
with socketserver.TCPServer(('127.0.0.1', 0), Lenient) as server:
    print(server.server_address[1], flush=True); server.handle_request()
`;
      const python = spawn('python3', ['-c', program], { stdio: ['ignore', 'pipe', 'inherit'] });
      let printed = '';
      python.stdout.on('data', (chunk: Buffer) => {
        printed += chunk.toString('utf8');
      });
      const exit = once(python, 'close');
      await vi.waitUntil(() => printed.includes('\n'), { timeout: 20_000 });
      const outside = openStranger({
        ...box.network,
        async dial() {
          const socket = connect({ port: Number.parseInt(printed, 10), host: '127.0.0.1', allowHalfOpen: true });
          await once(socket, 'connect');
          return { socket, connection: 'd1' };
        },
      });
      const exchanges = await outside.call(MX, { ...CALL, raw: true, data: SMUGGLED });
      await exit;
      expect(JSON.parse(printed.split('\n')[1] ?? '')).toEqual([
        'Subject: harmless\r\n\r\nhello\n',
        'Subject: forged\r\n\r\nobey\r\n',
      ]);
      expect(said(exchanges).slice(-6)).toEqual([
        `(a message of ${SMUGGLED.length} octets, and the end of it)`,
        '',
        '',
        '',
        '',
        'QUIT',
      ]);
      expect(codes(exchanges).slice(-6)).toEqual(['250', '250', '250', '354', '250', '221']);
    },
  );
});

describe('whatever the server does', () => {
  test('one that is not there is a sentence', async () => {
    expect(await stranger.call(MX, CALL)).toEqual([]);
    expect(box.facts).toMatchObject([
      {
        kind: 'client.failed',
        host: VISITOR,
        cause: saying(/^The server at .* cannot be reached: .*\.$/),
      },
    ]);
  });

  test.each<[string, readonly (string | null)[], string]>([
    ['hangs up', ['220 x\r\n', null], 'The server hung up.'],
    ['speaks POP3', ['+OK hello\r\n'], 'The server does not speak SMTP: '],
    ['never ends a line', ['2'.repeat(9000)], 'The server does not speak SMTP: '],
  ])('one that %s is a sentence, and the last line has no answer', async (_what, answers, reason) => {
    await script(answers);
    const exchanges = await stranger.call(MX, CALL);
    expect(exchanges.at(-1)?.answered).toBeNull();
    expect(failures()).toEqual([expect.stringContaining(reason)]);
  });

  test('one that says nothing is given up by the world’s clock', async () => {
    await script(['220 x\r\n', '']);
    const calling = stranger.call(MX, CALL);
    expect((await outlast(calling)).at(-1)?.answered).toBeNull();
    expect(failures()).toEqual(['The server did not answer in time.']);
  });

  test('one that goes away with 421 is not told anything more', async () => {
    const heard = await script(['220 x\r\n', '421 x closing\r\n']);
    expect(codes(await stranger.call(MX, CALL))).toEqual(['220', '421']);
    expect(heard).toHaveLength(1);
  });

  test('a large message to one that hangs up in the middle of it', async () => {
    await script(['220 x\r\n', '250 x\r\n', '250 x\r\n', '250 x\r\n', '354 go\r\n', null]);
    const exchanges = await stranger.call(MX, { ...CALL, data: 'x'.repeat(8_000_000) });
    expect(exchanges.at(-1)).toEqual({ said: '(a message of 8000000 octets, and the end of it)', answered: null });
  });

  test('the call comes to an end', async () => {
    const piece = fc.constantFrom(
      '220 x\r\n',
      '250-x\r\n',
      '250 x\r\n',
      '354 x\r\n',
      '451 x\r\n',
      '550 x\r\n',
      '\0',
      '221',
    );
    const words = fc.array(piece, { minLength: 1, maxLength: 3 }).map(parts => parts.join(''));
    await fc.assert(
      fc.asyncProperty(fc.array(words, { maxLength: 9 }), fc.boolean(), async (answers, raw) => {
        await script([...answers, null]);
        const exchanges = await outlast(stranger.call(MX, { ...CALL, raw }));
        expect(exchanges.length).toBeLessThan(200);
      }),
      { numRuns: 60 },
    );
  });
});

describe('what the API is sent', () => {
  const input = { server: 'MX1.green.example', mailFrom: '', rcptTo: ['bob@green.example'] };

  test('becomes a call', () => {
    expect(parseStrangerCall({ ...input, other: 1 })).toEqual({
      ok: true,
      call: { server: 'mx1.green.example', port: 25, mailFrom: '', rcptTo: ['bob@green.example'] },
    });
    const all = {
      server: 'smtp.green.example',
      port: 587,
      helo: 'me',
      mailFrom: 'a@b',
      rcptTo: ['not an address', ''],
      data: 'a\nb\0',
      login: { user: 'u', password: '' },
      raw: true,
    };
    expect(parseStrangerCall(all)).toEqual({ ok: true, call: all });
    const nothing = { port: null, helo: null, data: null, login: null, raw: null };
    expect(parseStrangerCall({ ...input, ...nothing })).toEqual(parseStrangerCall(input));
  });

  test.each<[string, unknown]>([
    ['bad-request', null],
    ['bad-server', []],
    ['bad-server', { ...input, server: '' }],
    ['bad-server', { ...input, server: 'x\r\n' }],
    ['bad-port', { ...input, port: 110 }],
    ['bad-port', { ...input, port: '25' }],
    ['bad-helo', { ...input, helo: 'a\r\nQUIT' }],
    ['bad-helo', { ...input, helo: '' }],
    ['bad-sender', { ...input, mailFrom: undefined }],
    ['bad-sender', { ...input, mailFrom: 'a\n' }],
    ['bad-sender', { ...input, mailFrom: 'x'.repeat(1001) }],
    ['bad-request', { ...input, rcptTo: 'bob@green.example' }],
    ['no-recipients', { ...input, rcptTo: [] }],
    ['too-many-recipients', { ...input, rcptTo: Array(201).fill('a') }],
    ['bad-recipient', { ...input, rcptTo: ['a', 'b\0'] }],
    ['bad-recipient', { ...input, rcptTo: [1] }],
    ['bad-data', { ...input, data: 1 }],
    ['data-too-long', { ...input, data: 'é'.repeat(8 * 1024 * 1024 + 1) }],
    ['bad-data', { ...input, raw: 'yes' }],
    ['bad-login', { ...input, login: 'bob' }],
    ['bad-login', { ...input, login: { user: 'bob' } }],
    ['bad-login', { ...input, login: { user: 'bob', password: 'a\r' } }],
  ])('is refused as %s', (code, wrong) => {
    expect(parseStrangerCall(wrong)).toMatchObject({ ok: false, code, message: expect.stringMatching(/\.$/) });
  });
});
