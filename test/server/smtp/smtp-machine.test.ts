/** Promises of the pure SMTP machine, as tables: what a client says, line by line, and the code of each reply. */
import { describe, expect, test } from 'vitest';
import { step } from '../../../server/smtp/machine/machine.ts';
import { type Effect, type Input, initialState, type Setting, type State } from '../../../server/smtp/machine/state.ts';
import { formatReply } from '../../../server/smtp/reply.ts';
import { exchanger, limits, submission } from '../../help/loopback/smtp-loopback.ts';

interface Said {
  readonly state: State;
  /** One text a reply, last CRLF removed. */
  readonly replies: readonly string[];
  readonly effects: readonly Effect[];
}

function run(setting: Setting, inputs: readonly (string | Input)[]): Said {
  let state: State = initialState;
  const replies: string[] = [];
  const effects: Effect[] = [];
  for (const input of inputs) {
    const outcome = step(setting, state, typeof input === 'string' ? { kind: 'line', line: input } : input);
    state = outcome.state;
    replies.push(...outcome.replies.map(reply => formatReply(reply).slice(0, -2)));
    effects.push(...outcome.effects);
  }
  return { state, replies, effects };
}
const codes = (said: Said): string => said.replies.map(reply => reply.slice(0, 3)).join(' ');
const last = (setting: Setting, ...inputs: readonly (string | Input)[]): string =>
  run(setting, inputs).replies.at(-1) ?? '';
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const login = `AUTH PLAIN ${base64('\0alice@blue.example\0secret')}`;
const letter: Input = {
  kind: 'message',
  message: Buffer.from('Subject: x\r\n\r\nhi\r\n'),
  bare: false,
  oversize: false,
};
const stored: Input = { kind: 'verdict', verdict: { ok: true }, id: '7F3A' };

describe('an exchanger', () => {
  test.each<[string, readonly (string | Input)[], string]>([
    ['MAIL wants EHLO first', ['MAIL FROM:<a@b.c>', 'HELO x', 'MAIL FROM:<a@b.c>'], '503 250 250'],
    ['RCPT and DATA want MAIL first', ['EHLO x', 'RCPT TO:<bob@green.example>', 'DATA'], '250 503 503'],
    [
      'DATA wants a recipient',
      ['EHLO x', 'MAIL FROM:<a@b.c>', 'RCPT TO:<no@green.example>', 'DATA'],
      '250 250 550 554',
    ],
    [
      'no second MAIL',
      ['EHLO x', 'MAIL FROM:<a@b.c>', 'MAIL FROM:<d@e.f>', 'RSET', 'MAIL FROM:<d@e.f>'],
      '250 250 503 250 250',
    ],
    ['EHLO is a RSET', ['EHLO x', 'MAIL FROM:<a@b.c>', 'EHLO x', 'RCPT TO:<bob@green.example>'], '250 250 250 503'],
    [
      'verbs in any case, trailing blanks',
      ['ehlo X', 'mAiL fRoM:<a@b.c>  ', 'rcpt to:<bob@green.example>\t', 'rset '],
      '250 250 250 250',
    ],
    [
      'these work before EHLO',
      ['NOOP x y', 'HELP', 'VRFY bob', 'EXPN list', 'RSET', 'QUIT'],
      '250 214 252 502 250 221',
    ],
    ['unknown, empty, unimplemented', ['FROB', '', 'STARTTLS', 'ETRN x', 'NOOP'], '500 500 502 502 250'],
    [
      'arguments where none belong',
      ['EHLO x', 'RSET x', 'QUIT x', 'MAIL FROM:<a@b.c>', 'RCPT TO:<bob@green.example>', 'DATA x'],
      '250 501 501 250 250 501',
    ],
    ['a bare LF makes no command', ['EHLO x\nMAIL FROM:<a@b.c>', 'NOOP'], '500 250'],
    ['an overlong line', [{ kind: 'overlong' }, 'NOOP'], '500 250'],
    ['a command beyond its limit', [`NOOP ${'x'.repeat(3000)}`, 'NOOP'], '500 250'],
    [
      'the transaction ends with the message',
      [
        'EHLO x',
        'MAIL FROM:<a@b.c>',
        'RCPT TO:<bob@green.example>',
        'DATA',
        letter,
        stored,
        'DATA',
        'RCPT TO:<bob@green.example>',
      ],
      '250 250 250 354 250 503 503',
    ],
    ['nobody logs in', ['EHLO x', login], '250 502'],
    [
      'EHLO wants a name',
      ['EHLO', 'HELO', 'EHLO a b', 'EHLO [192.0.2.1]', 'EHLO [IPv6:2001:db8::1]', 'EHLO [x'],
      '501 501 501 250 250 501',
    ],
  ])('%s', (_, inputs, expected) => {
    expect(codes(run(exchanger, inputs))).toBe(expected);
  });

  test('EHLO names every extension on a line of its own; HELO none', () => {
    expect(last(exchanger, 'EHLO laptop')).toBe(
      '250-mx1.green.example greets laptop\r\n250-PIPELINING\r\n250-SIZE 10485760\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-DSN\r\n250-CHUNKING\r\n250-BINARYMIME\r\n250 ENHANCEDSTATUSCODES',
    );
    expect(last(submission, 'EHLO laptop')).toContain('250-AUTH PLAIN LOGIN\r\n');
    expect(last(exchanger, 'HELO laptop')).toBe('250 mx1.green.example greets laptop');
  });

  test.each([
    ['MAIL FROM:<>', '250 2.1.0'],
    ['MAIL FROM: <a@b.c>', '250 2.1.0'],
    ['MAIL FROM:<a@b.c> SIZE=100 BODY=8bitmime', '250 2.1.0'],
    ['MAIL FROM:<a@b.c> SIZE=10485761', '552 5.3.4'],
    ['MAIL FROM:<a@b.c> SIZE=x', '501 5.5.4'],
    ['MAIL FROM:<a@b.c> BODY=BinaryMIME', '250 2.1.0'],
    ['MAIL FROM:<a@b.c> BODY=BINARY', '501 5.5.4'],
    ['MAIL FROM:<a@b.c> SIZE=1 SIZE=2', '501 5.5.4'],
    ['MAIL FROM:<a@b.c> FROB=1', '555 5.5.4'],
    ['MAIL FROM:<a@b.c> RET=hdrs ENVID=QQ+2B314159', '250 2.1.0'],
    ['MAIL FROM:<a@b.c> RET=ALL', '501 5.5.4'],
    ['MAIL FROM:<a@b.c> RET', '501 5.5.4'],
    ['MAIL FROM:<a@b.c> RET=FULL RET=HDRS', '501 5.5.4'],
    ['MAIL FROM:<a@b.c> ENVID=a+b', '501 5.5.4'],
    ['MAIL FROM:<a@b.c> ENVID=a+0D', '501 5.5.4'],
    [`MAIL FROM:<a@b.c> ENVID=${'x'.repeat(101)}`, '501 5.5.4'],
    ['MAIL FROM:<a@b.c> AUTH=<>', '555 5.5.4'],
    ['MAIL FROM:<a@b.c> SMTPUTF8', '250 2.1.0'],
    ['MAIL FROM:<a@b.c> SMTPUTF8=1', '501 5.5.4'],
    ['MAIL FROM:<\xc3\xa9@b.c> SMTPUTF8', '250 2.1.0'],
    ['MAIL FROM:<a@b\xc3\xbccher.c>', '553 5.6.7'],
    ['MAIL FROM:<\xe9@b.c> SMTPUTF8', '501 5.1.7'],
    ['MAIL FROM:<\xc0\xaf@b.c> SMTPUTF8', '501 5.1.7'],
    ['MAIL FROM:<a@b.c>SIZE=1', '501 5.5.4'],
    ['MAIL FROM:a@b.c', '501 5.1.7'],
    ['MAIL FROM:<a@b.c', '501 5.1.7'],
    ['MAIL FROM:<a b@c.d>', '501 5.1.7'],
    ['MAIL FROM:<a@b@c>', '501 5.1.7'],
    ['MAIL FROM:<postmaster>', '501 5.1.7'],
    ['MAIL <a@b.c>', '501 5.5.4'],
    ['MAIL', '501 5.5.4'],
    ['MAIL FROM:<\xc3\xa9@b.c>', '553 5.6.7'],
    [`MAIL FROM:<${'x'.repeat(65)}@b.c>`, '501 5.1.7'],
    [`MAIL FROM:<${'x'.repeat(64)}@b.c>`, '250 2.1.0'],
    ['MAIL FROM:<"a b"@c.d>', '250 2.1.0'],
  ])('answers %j with %s', (line, expected) => {
    expect(last(exchanger, 'EHLO x', line)).toMatch(new RegExp(`^${expected} `));
  });

  test.each([
    ['RCPT TO:<bob@GREEN.example>', '250 2.1.5'],
    ['RCPT TO:<"bob b"@green.example>', '250 2.1.5'],
    ['RCPT TO:<Postmaster>', '250 2.1.5'],
    ['RCPT TO:<POSTMASTER@green.example>', '250 2.1.5'],
    ['RCPT TO:<@a.example,@b.example:bob@green.example>', '250 2.1.5'],
    ['RCPT TO:<@green.example:x@evil.example>', '554 5.7.1'],
    ['RCPT TO:<bob%evil.example@green.example>', '550 5.1.1'],
    ['RCPT TO:<no@green.example>', '550 5.1.1'],
    ['RCPT TO:<carl@red.example>', '554 5.7.1'],
    ['RCPT TO:<>', '501 5.1.3'],
    ['RCPT TO:<bob@green.example> NOTIFY=never', '250 2.1.5'],
    ['RCPT TO:<bob@green.example> NOTIFY=SUCCESS,delay ORCPT=rfc822;bob+2Bx@green.example', '250 2.1.5'],
    ['RCPT TO:<bob@green.example> NOTIFY=NEVER,DELAY', '501 5.5.4'],
    ['RCPT TO:<bob@green.example> NOTIFY=DELAY,DELAY', '501 5.5.4'],
    ['RCPT TO:<bob@green.example> NOTIFY=SOMETIMES', '501 5.5.4'],
    ['RCPT TO:<bob@green.example> NOTIFY', '501 5.5.4'],
    ['RCPT TO:<bob@green.example> ORCPT=bob@green.example', '501 5.5.4'],
    ['RCPT TO:<bob@green.example> ORCPT=rfc822;a+b', '501 5.5.4'],
    ['RCPT TO:<bob@green.example> ORCPT', '501 5.5.4'],
    ['RCPT TO:<bob@green.example> FROB=1', '555 5.5.4'],
    ['RCPT TO:<b\xc3\xb6b@green.example>', '553 5.6.7'],
    ['RCPT TO:bob@green.example', '501 5.1.3'],
    ['RCPT FROM:<bob@green.example>', '501 5.5.4'],
  ])('answers %j with %s', (line, expected) => {
    expect(last(exchanger, 'EHLO x', 'MAIL FROM:<a@b.c>', line)).toMatch(new RegExp(`^${expected} `));
  });

  test('parameters belong to EHLO: after HELO none is known', () => {
    expect(last(exchanger, 'HELO x', 'MAIL FROM:<a@b.c> SIZE=1')).toMatch(/^555 5\.5\.4 /);
  });

  test('local parts keep their case, domains lose it, and naming somebody twice brings one letter', () => {
    const said = run(exchanger, [
      'EHLO x',
      'MAIL FROM:<Al@B.C>',
      'RCPT TO:<Bob@Green.EXAMPLE>',
      'RCPT TO:<Bob@green.example>',
      'DATA',
      letter,
    ]);
    expect(said.effects.at(-1)).toMatchObject({
      kind: 'accept',
      envelope: { reversePath: 'Al@b.c', recipients: ['Bob@green.example'] },
    });
  });

  test('one recipient too many is told to come again, the others stay', () => {
    const few: Setting = { ...exchanger, limits: () => ({ ...limits, recipients: 2 }) };
    const said = run(few, [
      'EHLO x',
      'MAIL FROM:<>',
      ...['bob', 'bert', 'Bob'].map(name => `RCPT TO:<${name}@green.example>`),
    ]);
    expect(said.replies.at(-1)).toMatch(/^452 4\.5\.3 /);
    expect(said.state).toMatchObject({ envelope: { recipients: ['bob@green.example', 'bert@green.example'] } });
  });

  test.each<[string, Input, string]>([
    ['a bare LF', { ...letter, bare: true }, '550 5.5.2'],
    ['too many octets', { ...letter, oversize: true }, '552 5.3.4'],
    ['too many stamps', { ...letter, message: Buffer.from('Received: x\r\n'.repeat(100)) }, '554 5.4.6'],
  ])('a message with %s is refused and nothing is kept', (_, input, expected) => {
    const said = run(exchanger, ['EHLO x', 'MAIL FROM:<>', 'RCPT TO:<bob@green.example>', 'DATA', input]);
    expect(said.replies.at(-1)).toMatch(new RegExp(`^${expected} `));
    expect(said.effects.map(({ kind }) => kind)).toEqual(['expect-message']);
    expect(said.state).not.toHaveProperty('envelope');
  });

  test('a refused BDAT swallows its octets', () => {
    expect(run(exchanger, ['EHLO x', 'BDAT 86 LAST']).effects).toEqual([{ kind: 'skip', octets: 86 }]);
  });

  test('a web browser is shown the door at its first line', () => {
    const said = run(exchanger, ['POST / HTTP/1.1']);
    expect(codes(said)).toBe('421');
    expect(said.effects).toEqual([{ kind: 'close' }]);
  });

  test('too many errors end the conversation', () => {
    const said = run({ ...exchanger, maxErrors: 3 }, ['A', 'B', 'C']);
    expect(codes(said)).toBe('500 500 500 421');
    expect(said.effects).toEqual([{ kind: 'close' }]);
  });

  test('refused recipients are answers, not errors', () => {
    const many = Array.from({ length: 50 }, (_, index) => `RCPT TO:<u${index}@green.example>`);
    expect(codes(run({ ...exchanger, maxErrors: 3 }, ['EHLO x', 'MAIL FROM:<>', ...many]))).not.toContain('421');
  });

  test('every reply but banner, HELO, EHLO and 354 has an enhanced code of its own class', () => {
    const said = run(submission, [
      'NOOP',
      'HELP',
      'FROB',
      'MAIL FROM:<>',
      'EHLO x',
      login,
      'MAIL FROM:<>',
      'RCPT TO:<a@b.c>',
      'DATA',
      letter,
      stored,
      'VRFY x',
      'QUIT',
    ]);
    for (const reply of said.replies.filter(text => !/^(?:354|250-)/.test(text)))
      expect(reply).toMatch(/^([245])\d\d \1\.\d+\.\d+ \S/);
  });
});

describe('a submission server', () => {
  test('takes nothing before login, everything after', () => {
    expect(codes(run(submission, ['EHLO x', 'MAIL FROM:<alice@blue.example>', 'RCPT TO:<a@b.c>', 'DATA']))).toBe(
      '250 530 530 503',
    );
    expect(codes(run(submission, ['EHLO x', login, 'MAIL FROM:<alice@blue.example> AUTH=<>', 'RCPT TO:<a@b.c>']))).toBe(
      '250 235 250 250',
    );
  });

  test('lets nobody write in another’s name', () => {
    expect(last(submission, 'EHLO x', login, 'MAIL FROM:<bob@green.example>')).toMatch(/^553 5\.7\.1 /);
  });

  const user = base64('alice@blue.example');
  const password = base64('secret');
  test.each<[string, readonly string[], string]>([
    ['PLAIN with its challenge', ['AUTH PLAIN', base64('\0alice@blue.example\0secret')], '334 235'],
    ['PLAIN in lower case', [`auth plain ${base64('\0alice@blue.example\0secret')}`], '235'],
    ['LOGIN', ['AUTH LOGIN', user, password], '334 334 235'],
    ['LOGIN with the user at once', [`AUTH LOGIN ${user}`, password], '334 235'],
    ['a wrong password', [`AUTH PLAIN ${base64('\0alice@blue.example\0wrong')}`, 'MAIL FROM:<>'], '535 530'],
    ['acting for another', [`AUTH PLAIN ${base64('bob@green.example\0alice@blue.example\0secret')}`], '535'],
    ['no base64', ['AUTH PLAIN ???'], '501'],
    ['cancelled', ['AUTH LOGIN', '*', 'NOOP'], '334 501 250'],
    ['unknown mechanism', ['AUTH CRAM-MD5'], '504'],
    ['no mechanism', ['AUTH'], '501'],
    ['an empty initial response', ['AUTH PLAIN ='], '501'],
    ['twice', [login, login], '235 503'],
    ['inside a transaction', [login, 'MAIL FROM:<>', login], '235 250 503'],
  ])('AUTH: %s', (_, lines, expected) => {
    expect(codes(run(submission, ['EHLO x', ...lines]))).toBe(`250 ${expected}`);
  });

  test('asks for user and password in words that old clients know', () => {
    expect(run(submission, ['EHLO x', 'AUTH LOGIN', user]).replies.slice(1)).toEqual([
      '334 VXNlcm5hbWU6',
      '334 UGFzc3dvcmQ6',
    ]);
    expect(last(submission, 'EHLO x', 'AUTH PLAIN')).toBe('334 ');
  });

  test('AUTH before EHLO is out of order; EHLO and RSET do not log out', () => {
    expect(codes(run(submission, [login]))).toBe('503');
    expect(codes(run(submission, ['EHLO x', login, 'RSET', 'EHLO y', 'MAIL FROM:<>']))).toBe('250 235 250 250 250');
  });
});
