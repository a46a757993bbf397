/** What the POP3 server answers to each command in each state, without a socket. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodePlain } from '../../../server/base/sasl.ts';
import { LineFramer } from '../../../server/pop3/lines.ts';
import {
  type Input,
  initialState,
  type LoginOutcome,
  type State,
  type Step,
  step,
} from '../../../server/pop3/machine.ts';
import { encodeMessage, encodeReply, topOf } from '../../../server/pop3/replies.ts';
import { unstuffed } from '../../../server/pop3/responses.ts';

const messages = [
  { size: 120, uidl: 'one' },
  { size: 200, uidl: 'two' },
  { size: 5, uidl: 'three' },
];
const opened: LoginOutcome = { kind: 'opened', mailbox: 'bob@green.example', messages };
const line = (text: string): Input => ({ kind: 'line', line: Buffer.from(text, 'utf8') });

/** Runs lines from `state`; the outcome of a login or an update is given at once. Returns the last step. */
function run(state: State, lines: readonly string[], outcome: LoginOutcome = opened): Step {
  let last: Step = { state, replies: [], effects: [] };
  for (const text of lines) {
    last = step(last.state, line(text));
    if (last.effects[0]?.kind === 'login') last = step(last.state, { kind: 'login', outcome });
  }
  return last;
}
const said = ({ replies }: Step): string => replies.map(reply => encodeReply(reply).toString('latin1')).join('');
const transaction = run(initialState, ['USER bob@green.example', 'PASS pw']).state;

describe('AUTHORIZATION', () => {
  test.each([
    ['USER nobody', /^\+OK /],
    ['user bob', /^\+OK /],
    ['USER', /^-ERR /],
    ['PASS secret', /^-ERR USER comes first/],
    ['STAT', /^-ERR log in/],
    ['RETR 1', /^-ERR log in/],
    ['NOOP', /^-ERR log in/],
    ['STLS', /^-ERR STLS is not offered/],
    ['UTF8', /^-ERR UTF8 is not offered/],
    ['APOP bob 1234', /^-ERR APOP is not offered/],
    ['', /^-ERR an empty line/],
    ['FROB', /^-ERR unknown/],
    ['constructor', /^-ERR unknown/],
    ['__proto__', /^-ERR unknown/],
    ['AUTH', /^\+OK [^\r]*\r\nPLAIN\r\n\.\r\n$/],
    ['AUTH CRAM-MD5', /^-ERR the only mechanism/],
    ['AUTH PLAIN', /^\+ \r\n$/],
    ['auth plain !!!', /^-ERR that is no PLAIN/],
    ['AUTH PLAIN =', /^-ERR that is no PLAIN/],
    ['CAPA', /^\+OK [^\r]*\r\nTOP\r\nUIDL\r\nUSER\r\nSASL PLAIN\r\n[^.]*IMPLEMENTATION mailscope\r\n\.\r\n$/],
    ['QUIT', /^\+OK /],
  ])('%j is answered %s', (text, answer) => {
    expect(said(run(initialState, [text]))).toMatch(answer);
  });

  test('PASS takes the rest of its line, spaces and all, as UTF-8', () => {
    const { state } = run(initialState, ['USER bob']);
    expect(step(state, line('PASS  two  words ü ')).effects).toEqual([
      { kind: 'login', user: 'bob', password: ' two  words ü ' },
    ]);
  });

  test.each<[LoginOutcome, RegExp]>([
    [{ kind: 'denied' }, /^-ERR \[AUTH\] /],
    [{ kind: 'in-use' }, /^-ERR \[IN-USE\] /],
    [{ kind: 'unavailable' }, /^-ERR \[SYS\/TEMP\] /],
  ])('a login that ends %o goes back to the start of AUTHORIZATION', (outcome, answer) => {
    const failed = run(initialState, ['USER bob', 'PASS pw'], outcome);
    expect(said(failed)).toMatch(answer);
    expect(failed.state).toMatchObject({ phase: 'authorization', user: null, challenged: false });
  });

  test('AUTH PLAIN logs in with an initial response and after a challenge', () => {
    const response = Buffer.from('\0bob@green.example\0p w').toString('base64');
    const login = { kind: 'login', user: 'bob@green.example', password: 'p w' };
    expect(step(initialState, line(`AUTH PLAIN ${response}`)).effects).toEqual([login]);
    const { state } = run(initialState, ['AUTH PLAIN']);
    expect(step(state, line(response)).effects).toEqual([login]);
  });

  test('a challenge is cancelled by *, and by a response that is too long', () => {
    const { state } = run(initialState, ['AUTH PLAIN']);
    expect(said(step(state, line('*')))).toMatch(/^-ERR /);
    expect(step(state, { kind: 'line-too-long' }).state).toEqual(initialState);
  });

  test('nobody logs in to act for somebody else', () => {
    const response = Buffer.from('alice@blue.example\0bob\0pw').toString('base64');
    const refused = step(initialState, line(`AUTH PLAIN ${response}`));
    expect(refused.effects).toEqual([]);
    expect(said(refused)).toMatch(/^-ERR \[AUTH\]/);
  });

  test('QUIT just closes', () => {
    expect(run(initialState, ['QUIT'])).toMatchObject({ state: { phase: 'closed' }, effects: [{ kind: 'close' }] });
  });
});

describe('TRANSACTION', () => {
  test.each<[readonly string[], RegExp]>([
    [['STAT'], /^\+OK 3 325\r\n$/],
    [['STAT '], /^\+OK 3 325\r\n$/],
    [['STAT 1'], /^-ERR /],
    [['LIST'], /^\+OK [^\r]*\r\n1 120\r\n2 200\r\n3 5\r\n\.\r\n$/],
    [['LIST 2'], /^\+OK 2 200\r\n$/],
    [['UIDL'], /^\+OK [^\r]*\r\n1 one\r\n2 two\r\n3 three\r\n\.\r\n$/],
    [['UIDL 3 '], /^\+OK 3 three\r\n$/],
    [['DELE 2', 'STAT'], /^\+OK 2 125\r\n$/],
    [['DELE 2', 'LIST'], /^\+OK [^\r]*\r\n1 120\r\n3 5\r\n\.\r\n$/],
    [['DELE 2', 'UIDL'], /^\+OK [^\r]*\r\n1 one\r\n3 three\r\n\.\r\n$/],
    [['DELE 2', 'RSET', 'STAT'], /^\+OK 3 325\r\n$/],
    [['TOP 1'], /^-ERR /],
    [['TOP 1 x'], /^-ERR /],
    [['TOP 1 -1'], /^-ERR /],
    [['USER bob'], /^-ERR you are logged in/],
    [['PASS bob'], /^-ERR you are logged in/],
    [['AUTH PLAIN'], /^-ERR you are logged in/],
    [['NOOP'], /^\+OK /],
    [['CAPA'], /^\+OK [^\r]*\r\nTOP\r\n/],
    [['FROB', 'STAT'], /^\+OK 3 325\r\n$/],
  ])('%j ends with %s', (lines, answer) => {
    expect(said(run(transaction, lines))).toMatch(answer);
  });

  test.each(['0', '4', '-1', '+1', '1.5', 'x', '', '99999999999', '2'])(
    'LIST, UIDL, RETR, TOP and DELE of %j are refused where it is no message of this session',
    number => {
      const { state } = run(transaction, ['DELE 2']);
      const verbs = number === '' ? ['RETR', 'DELE'] : ['LIST', 'UIDL', 'RETR', 'DELE'];
      for (const verb of verbs) {
        const refused = step(state, line(`${verb} ${number}`));
        expect(said(refused), verb).toMatch(/^-ERR /);
        expect(refused.effects, verb).toEqual([]);
        expect(refused.state, verb).toEqual(state);
      }
      expect(said(step(state, line(`TOP ${number} 1`)))).toMatch(/^-ERR /);
    },
  );

  test('RETR and TOP ask for the message and change nothing', () => {
    expect(step(transaction, line('RETR 2'))).toEqual({
      state: transaction,
      replies: [],
      effects: [{ kind: 'retrieve', number: 2, size: 200, lines: null }],
    });
    expect(step(transaction, line('TOP 3 0')).effects).toEqual([{ kind: 'retrieve', number: 3, size: 5, lines: 0 }]);
  });

  test('only QUIT asks for removal, of what is marked and nothing else', () => {
    const { state } = run(transaction, ['DELE 3', 'RSET', 'DELE 1']);
    const quit = step(state, line('QUIT'));
    expect(quit.effects).toEqual([{ kind: 'update', deleted: [1] }]);
    expect(said(step(quit.state, { kind: 'updated', failed: 0 }))).toMatch(/^\+OK .*2 messages left\r\n$/);
    expect(said(step(quit.state, { kind: 'updated', failed: 1 }))).toMatch(/^-ERR some deleted messages not removed/);
  });

  test('every status line has at most 512 octets, whatever a client sends', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 600 }), { maxLength: 5 }), lines => {
        for (const state of [initialState, transaction]) {
          const reply = encodeReply(run(state, lines).replies[0] ?? { status: '+OK', text: '' }).toString('latin1');
          expect(reply).toMatch(/^(\+OK|-ERR|\+) [ -~]*\r\n/);
          expect(reply.indexOf('\r\n') + 2).toBeLessThanOrEqual(512);
        }
      }),
    );
  });
});

describe('lines', () => {
  const cut = (chunks: readonly Buffer[], limit = 50) => {
    const framer = new LineFramer(limit);
    return chunks
      .flatMap(chunk => framer.push(chunk))
      .map(framed => (framed.kind === 'line' ? framed.line.toString('latin1') : '(too long)'));
  };

  test('it does not matter where the octets are split', () => {
    const stream = Buffer.from(
      `STAT\r\nA\nB\rC\r\n${'x'.repeat(200)}\r\n\r\n${'y'.repeat(50)}\r\nQUIT\r\nrest`,
      'latin1',
    );
    const whole = ['STAT', 'A\nB\rC', '(too long)', '', 'y'.repeat(50), 'QUIT'];
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 30 }), places => {
        const cuts = [0, ...places.sort((a, b) => a - b), stream.length];
        const chunks = cuts.slice(1).map((end, index) => stream.subarray(cuts[index], end));
        expect(cut(chunks)).toEqual(whole);
      }),
    );
    expect(cut([...stream].map(octet => Buffer.of(octet)))).toEqual(whole);
  });
});

describe('dots', () => {
  const octets = fc.array(fc.constantFrom('.', '\r\n', 'a', '..', '\r\n.'), { maxLength: 30 });

  test('a message comes out of its stuffing as it went in, and no line of it is a lone dot', () => {
    fc.assert(
      fc.property(octets, parts => {
        const message = Buffer.from(parts.length > 0 ? `${parts.join('')}\r\n` : '', 'latin1');
        const wire = encodeMessage('x', message).toString('latin1');
        expect(wire.startsWith('+OK x\r\n')).toBe(true);
        expect(wire.slice(5).indexOf('\r\n.\r\n')).toBe(wire.length - 10);
        expect(unstuffed(Buffer.from(wire.slice(7, -3), 'latin1')).toString('latin1')).toBe(message.toString('latin1'));
      }),
    );
  });

  test.each([
    ['H: 1\r\n\r\na\r\nb\r\n', 0, 'H: 1\r\n\r\n'],
    ['H: 1\r\n\r\na\r\nb\r\n', 1, 'H: 1\r\n\r\na\r\n'],
    ['H: 1\r\n\r\na\r\nb\r\n', 99, 'H: 1\r\n\r\na\r\nb\r\n'],
    ['H: 1\r\n', 5, 'H: 1\r\n'],
    ['\r\na\r\nb\r\n', 1, '\r\na\r\n'],
    ['', 3, ''],
  ])('the top of %j with %i lines is %j', (message, lines, top) => {
    expect(topOf(Buffer.from(message, 'latin1'), lines).toString('latin1')).toBe(top);
  });
});

test.each(['====', 'AGI', 'YQ==', 'AGIAcAB4', 'AABw', 'a b', 'AGIA\r\ncA=='])('%j is no PLAIN response', response => {
  expect(decodePlain(response)).toBeNull();
});
