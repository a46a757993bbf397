/** Promises of an SMTP server in trouble: each fault is a reply at its own moment, is recorded as it strikes, and harms nothing else. */
import { createConnection } from 'node:net';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { createWorldClock } from '../../../server/base/clock.ts';
import { createFaultBook } from '../../../server/base/faults.ts';
import type { Listener } from '../../../server/network/contract.ts';
import { createGreylist } from '../../../server/smtp/machine/greylist.ts';
import { type Delivery, type SmtpServerOptions, startSmtpServer } from '../../../server/smtp/machine/receive.ts';
import type { Setting } from '../../../server/smtp/machine/state.ts';
import type { Fault, FaultWhat } from '../../../shared/faults/fault.ts';
import type { LineAt, LineVerb } from '../../../shared/faults/fields.ts';
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

type Times = Fault['times'];
const host = 'mx1.green.example';
const at = (verb: LineVerb, client?: string): LineAt => ({
  server: host,
  port: 25,
  verb,
  ...(client ? { client } : {}),
});
const says = (verb: LineVerb, code: number, text: string, client?: string): FaultWhat => ({
  kind: 'answer',
  at: at(verb, client),
  code,
  text,
});

/** A server in a world with these faults; `struck` has the kind of each that struck, with the connection. */
async function serve(
  faults: readonly FaultWhat[],
  times: Times = 'always',
  setting: Setting = exchanger,
  extra: Partial<SmtpServerOptions> = {},
) {
  const list = faults.map((what, index): Fault => ({ ...what, id: `f${index}`, times }));
  const struck: string[] = [];
  const deliveries: Delivery[] = [];
  const [address, port] =
    setting.role === 'submission' ? (['192.0.2.10', 587] as const) : (['198.51.100.25', 25] as const);
  listener = await startSmtpServer({
    ...setting,
    network,
    port,
    clock,
    faults: createFaultBook(
      () => list,
      (fault, where) => {
        struck.push(`${fault.kind} at ${where.host} ${where.connection?.charAt(0)}`);
        if (fault.times === 'next') list.splice(list.indexOf(fault), 1);
      },
    ),
    accept: async delivery => {
      deliveries.push(delivery);
      return { ok: true };
    },
    ...extra,
  });
  const say = (...lines: readonly string[]): Promise<string> =>
    talk(network.portOf(address, port), [lines.map(line => `${line}\r\n`).join('')]);
  return { say, struck, deliveries, list };
}
const codes = (heard: string): string => heard.match(/^\d{3}(?= )/gm)?.join(' ') ?? '';
const letter = ['Subject: x', '', 'hi', '.'];
const whole = ['EHLO x', 'MAIL FROM:<a@b.example>', 'RCPT TO:<bob@green.example>', 'DATA', ...letter, 'QUIT'];

describe('answer', () => {
  test.each<[LineVerb, number, string, string]>([
    ['EHLO', 502, 'no such thing', '220 502 503 503 503 500 500 500 500 221'],
    ['MAIL', 451, 'later', '220 250 451 503 503 500 500 500 500 221'],
    ['RCPT', 550, 'nobody', '220 250 250 550 554 500 500 500 500 221'],
    ['DATA', 451, 'not now', '220 250 250 250 451 500 500 500 500 221'],
    ['END-OF-DATA', 554, 'spam', '220 250 250 250 354 554 221'],
    ['QUIT', 500, 'stay', '220 250 250 250 354 250 500'],
  ])('at %s: %i is said and nothing is done', async (verb, code, words, expected) => {
    const { say, struck, deliveries } = await serve([says(verb, code, words)]);
    const heard = await say(...whole);
    expect(codes(heard)).toBe(expected);
    expect(heard).toContain(verb === 'EHLO' ? `\r\n502 ${words}\r\n` : `\r\n${code} ${`${code}`[0]}.0.0 ${words}\r\n`);
    expect(struck).toEqual([`answer at ${host} c`]);
    expect(deliveries).toHaveLength(verb === 'QUIT' ? 1 : 0);
  });

  test('a code of RFC 3463 in the text is kept, one of another class is not taken for it', async () => {
    const { say } = await serve([says('MAIL', 550, '5.7.1 go away'), says('RCPT', 450, '5.1.1 hm')]);
    expect(await say('EHLO x', 'MAIL FROM:<>', 'QUIT')).toContain('\r\n550 5.7.1 go away\r\n');
  });

  test('one that strikes once is gone; one for another client, port or host never strikes', async () => {
    const other: LineAt = { server: 'mx2.green.example', port: 25, verb: 'MAIL' };
    const { say, struck } = await serve(
      [
        says('MAIL', 451, 'x'),
        says('RCPT', 451, 'x', 'smtp.red.example'),
        { kind: 'answer', at: other, code: 451, text: 'x' },
        { kind: 'answer', at: { ...other, server: host, port: 587 }, code: 451, text: 'x' },
      ],
      'next',
    );
    expect(codes(await say('EHLO x', 'MAIL FROM:<>', 'MAIL FROM:<>', 'RCPT TO:<bob@green.example>'))).toBe(
      '220 250 451 250 250',
    );
    expect(struck).toHaveLength(1);
    const { say: sayAgain } = await serve([says('RCPT', 451, 'x', 'client.example')]);
    expect(codes(await sayAgain('EHLO x', 'MAIL FROM:<>', 'RCPT TO:<bob@green.example>'))).toBe('220 250 250 451');
  });

  test('a greeting that refuses means no service: everything but QUIT is out of order', async () => {
    const { say, struck } = await serve([says('GREETING', 554, 'No SMTP service here')]);
    const heard = await say('EHLO x', 'MAIL FROM:<>', 'NOOP', 'QUIT');
    expect(heard).toMatch(/^554 No SMTP service here\r\n/);
    expect(codes(heard)).toBe('554 503 503 503 221');
    expect(struck).toHaveLength(1);
  });

  test('421 is the server’s last word', async () => {
    const { say } = await serve([says('RCPT', 421, 'going down')]);
    expect(await say(...whole)).toMatch(/\r\n421 4\.0\.0 going down\r\n$/);
    const { say: greeted } = await serve([says('GREETING', 421, 'busy')]);
    expect(await greeted()).toBe('421 busy\r\n');
  });

  test('a BDAT is met where DATA would be, its octets are swallowed, and no later chunk passes for a letter', async () => {
    const { say, deliveries } = await serve([says('DATA', 451, 'x')], 'next');
    const said = [
      'EHLO x',
      'MAIL FROM:<>',
      'RCPT TO:<bob@green.example>',
      'BDAT 6',
      'QUIT',
      'BDAT 6 LAST',
      'NOOP',
      'QUIT',
    ];
    expect(codes(await say(...said))).toBe('220 250 250 250 451 503 221');
    expect(deliveries).toEqual([]);
  });

  test('AUTH is refused for now, and the right password is still right', async () => {
    const busy: FaultWhat = {
      kind: 'answer',
      at: { server: 'smtp.blue.example', port: 587, verb: 'AUTH' },
      code: 454,
      text: '4.7.0 Busy',
    };
    const { say } = await serve([busy], 'next', submission);
    const login = `AUTH PLAIN ${Buffer.from('\0alice@blue.example\0secret').toString('base64')}`;
    expect(codes(await say('EHLO x', login, login, 'QUIT'))).toBe('220 250 454 235 221');
  });
});

describe('a server’s own troubles', () => {
  test('disk full: 452 after the end of data, nothing kept, and the next letter is taken', async () => {
    const { say, deliveries, struck } = await serve([{ kind: 'disk-full', host }], 'next');
    const heard = await say(...whole.slice(0, -1), ...whole.slice(1));
    expect(codes(heard)).toBe('220 250 250 250 354 452 250 250 354 250 221');
    expect(heard).toContain('\r\n452 4.3.1 ');
    expect(deliveries).toHaveLength(1);
    expect(struck).toEqual([`disk-full at ${host} c`]);
  });

  test('a refused sender hears 550 at MAIL, by address or by domain; the null reverse-path is nobody’s', async () => {
    const senders = ['Spam@evil.example', 'bad.example'];
    const { say } = await serve(senders.map(sender => ({ kind: 'refuses-sender', host, sender })));
    const tried = ['spam@EVIL.example', 'x@evil.example', 'who@bad.example', 'who@not.bad.example', ''];
    const heard = await say('EHLO x', ...tried.flatMap(each => [`MAIL FROM:<${each}>`, 'RSET']), 'QUIT');
    expect(codes(heard)).toBe('220 250 550 250 250 250 550 250 250 250 250 250 221');
    expect(heard).toContain('\r\n550 5.7.1 <spam@evil.example>');
  });

  test('a full mailbox is told of at RCPT, to whoever names it in whatever case, and only where it lies', async () => {
    const full: FaultWhat = { kind: 'mailbox-full', mailbox: 'bob@green.example' };
    const rcpt = ['no@', 'Bob@', 'bert@'].map(name => `RCPT TO:<${name}green.example>`);
    const { say } = await serve([full]);
    const heard = await say('EHLO x', 'MAIL FROM:<>', ...rcpt);
    expect(codes(heard)).toBe('220 250 250 550 452 250');
    expect(heard).toContain('\r\n452 4.2.2 <Bob@green.example>');
    const { say: backup } = await serve([full], 'always', exchanger, { holdsMailbox: () => false });
    expect(codes(await backup('EHLO x', 'MAIL FROM:<>', ...rcpt))).toBe('220 250 250 550 250 250');
  });

  test('a lacking extension is not offered, and its parameters and verbs are not known', async () => {
    const keywords = ['PIPELINING', 'SIZE', '8BITMIME', 'SMTPUTF8', 'DSN', 'CHUNKING'] as const;
    const { say } = await serve(keywords.map(keyword => ({ kind: 'lacks-extension', host, keyword })));
    const mail = ['SIZE=1', 'BODY=7BIT', 'SMTPUTF8', 'RET=FULL', 'ENVID=x'].map(each => `MAIL FROM:<> ${each}`);
    const rcpt = ['RCPT TO:<bob@green.example> NOTIFY=NEVER', 'RCPT TO:<bob@green.example>'];
    const heard = await say('EHLO x', ...mail, 'MAIL FROM:<>', ...rcpt, 'BDAT 6', 'RSET', 'DATA', ...letter, 'QUIT');
    expect(heard).toContain(`\r\n250-${host} greets x\r\n250 ENHANCEDSTATUSCODES\r\n`);
    expect(codes(heard)).toBe('220 250 555 555 555 555 555 250 555 250 502 354 250 221');
  });

  test('without 8BITMIME there is no SMTPUTF8; what is lacking once is lacking for the whole conversation', async () => {
    const { say, struck } = await serve([{ kind: 'lacks-extension', host, keyword: '8BITMIME' }], 'next');
    const heard = await say(
      'EHLO x',
      'MAIL FROM:<> BODY=8BITMIME',
      'MAIL FROM:<> SMTPUTF8',
      'EHLO x',
      'MAIL FROM:<> BODY=8BITMIME',
    );
    expect(codes(heard)).toBe('220 250 555 555 250 250');
    expect(struck).toEqual([`lacks-extension at ${host} c`]);
  });

  test('without ENHANCEDSTATUSCODES no reply has one', async () => {
    const { say } = await serve([{ kind: 'lacks-extension', host, keyword: 'ENHANCEDSTATUSCODES' }]);
    const heard = await say(...whole.slice(0, 2), 'RCPT TO:<no@green.example>', ...whole.slice(2));
    expect(codes(heard)).toBe('220 250 250 550 250 354 250 221');
    expect(heard).not.toMatch(/^\d{3}[ -][245]\.\d/m);
  });
});

describe('greylisting', () => {
  const rcpt = (name: string): string => `RCPT TO:<${name}@green.example>`;
  const greylist: FaultWhat = { kind: 'greylist', host, seconds: 300 };

  test('a newcomer waits so much world time, then is let in, and from then on at once', async () => {
    const { say, struck } = await serve([greylist]);
    const ask = (): Promise<string> => say('EHLO x', 'MAIL FROM:<a@b.example>', rcpt('bob'));
    expect(await ask()).toContain('\r\n451 4.7.1 <bob@green.example>: Greylisted, try again in 300 seconds\r\n');
    clock.jump(100_000);
    expect(await ask()).toMatch(/\r\n451 4\.7\.1 .* try again in 200 seconds\r\n/);
    clock.jump(200_000);
    expect(codes(await ask())).toBe('220 250 250 250');
    expect(codes(await ask())).toBe('220 250 250 250');
    expect(struck).toHaveLength(2);
  });

  test('each sender and recipient is a newcomer of its own, and who does not exist is told so at once', async () => {
    const { say } = await serve([greylist]);
    await say('EHLO x', 'MAIL FROM:<a@b.example>', rcpt('bob'));
    clock.jump(300_000);
    const heard = await say(
      'EHLO x',
      'MAIL FROM:<A@b.example>',
      ...['Bob', 'bert', 'no'].map(rcpt),
      'RSET',
      'MAIL FROM:<>',
      rcpt('bob'),
    );
    expect(codes(heard)).toBe('220 250 250 250 451 550 250 250 451');
  });

  test('a bounded memory forgets the oldest', () => {
    const greylisted = createGreylist(2);
    const remaining = (sender: string, now: number): number => greylisted.remaining('c', sender, 'r', 10, now);
    expect([remaining('a', 0), remaining('b', 1), remaining('a', 10), remaining('c', 10)]).toEqual([10, 10, 0, 10]);
    expect([remaining('b', 11), remaining('a', 12)]).toEqual([0, 10]);
  });
});

describe('world time and an edited world', () => {
  test('a jump of the clock makes the idle time-out strike', async () => {
    await serve([]);
    const heard = await new Promise<string>(resolve => {
      const socket = createConnection({ port: network.portOf('198.51.100.25', 25), host: '127.0.0.1' });
      let all = '';
      socket.on('data', chunk => {
        if (all === '') clock.jump(5 * 60_000);
        all += chunk.toString();
      });
      socket.on('close', () => resolve(all));
    });
    expect(heard).toMatch(/\r\n421 4\.4\.2 mx1\.green\.example idle for too long/);
  });

  test('limits are read anew: size, recipients and hops', async () => {
    let now = limits;
    const { say } = await serve([], 'always', { ...exchanger, limits: () => now });
    expect(codes(await say('EHLO x', 'MAIL FROM:<> SIZE=2000'))).toBe('220 250 250');
    now = { ...limits, messageSize: 1000, recipients: 1, hops: 2 };
    expect(await say('EHLO x', 'MAIL FROM:<> SIZE=2000')).toMatch(/250-SIZE 1000\r\n.*\r\n552 5\.3\.4 /s);
    const stamped = [...whole.slice(0, 4), 'Received: a', 'Received: b', ...letter];
    expect(await say(...stamped)).toContain('\r\n554 5.4.6 ');
    now = { ...now, hops: 3 };
    expect(codes(await say(...stamped))).toBe('220 250 250 250 354 250');
  });
});
