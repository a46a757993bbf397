/** In which phase of a conversation each SMTP command is in order, as a table (RFC 5321 §4.1.4, RFC 3030 §2, RFC 4954 §4). */
import { describe, expect, test } from 'vitest';
import { greet, step } from '../../../server/smtp/machine/machine.ts';
import type { Input, Setting, State } from '../../../server/smtp/machine/state.ts';
import { exchanger, submission } from '../../help/loopback/smtp-loopback.ts';

/** Whoever may write to anybody, so that what is refused is refused for its phase. */
const anybody: Setting = { ...submission, recipient: () => ({ ok: true }) };
const LOGIN = `AUTH PLAIN ${Buffer.from('\0alice@blue.example\0secret').toString('base64')}`;
const MAIL = 'MAIL FROM:<alice@blue.example>';
const RCPT = 'RCPT TO:<bob@green.example>';
const octets: Input = { kind: 'chunk', octets: Buffer.from('hello') };

function after(setting: Setting, inputs: readonly (string | Input)[]): State {
  let state = greet(setting).state;
  for (const input of inputs)
    ({ state } = step(setting, state, typeof input === 'string' ? { kind: 'line', line: input } : input));
  return state;
}

const BEGUN = ['EHLO laptop', LOGIN, MAIL, RCPT];
const STATES: Readonly<Record<'connected' | 'ready' | 'transaction' | 'chunks', State>> = {
  connected: after(anybody, []),
  ready: after(anybody, ['EHLO laptop', LOGIN]),
  transaction: after(anybody, BEGUN),
  chunks: after(anybody, [...BEGUN, 'BDAT 5', octets]),
};
const PHASES = ['connected', 'ready', 'transaction', 'chunks'] as const;

const codeOf = (setting: Setting, state: State, line: string): number | null =>
  step(setting, state, { kind: 'line', line }).replies[0]?.code ?? null;

describe('a command', () => {
  test.each(PHASES)('finds the phase %s by that name', phase => {
    expect(STATES[phase].phase).toBe(phase);
  });

  // Null: no reply yet, its octets are read first.
  test.each<[string, readonly [connected: number, ready: number, transaction: number | null, chunks: number | null]]>([
    ['EHLO laptop', [250, 250, 250, 250]],
    ['HELO laptop', [250, 250, 250, 250]],
    [MAIL, [503, 250, 503, 503]],
    [RCPT, [530, 503, 250, 503]],
    ['DATA', [503, 503, 354, 503]],
    ['BDAT 5', [502, 503, null, null]],
    ['RSET', [250, 250, 250, 250]],
    ['NOOP', [250, 250, 250, 250]],
    ['HELP', [214, 214, 214, 214]],
    ['VRFY bob', [252, 252, 252, 252]],
    ['QUIT', [221, 221, 221, 221]],
    ['STARTTLS', [502, 502, 502, 502]],
    ['GET / HTTP/1.1', [421, 421, 421, 421]],
    [LOGIN, [503, 503, 503, 503]],
  ])('%s is answered as its row says', (line, expected) => {
    expect(PHASES.map(phase => codeOf(anybody, STATES[phase], line))).toEqual(expected);
  });

  test('that ends or begins a transaction leaves nothing of the one before', () => {
    for (const line of ['EHLO laptop', 'HELO laptop', 'RSET'])
      for (const phase of ['transaction', 'chunks'] as const) {
        const { state } = step(anybody, STATES[phase], { kind: 'line', line });
        expect(state).toMatchObject({ phase: 'ready', user: 'alice@blue.example' });
        expect(state).not.toHaveProperty('envelope');
        expect(state).not.toHaveProperty('content');
      }
  });

  test('is not served where the greeting said so, except QUIT; a fault at QUIT strikes there, too', () => {
    const refusing = (quit: boolean): Setting => ({
      ...exchanger,
      mishaps: {
        ...exchanger.mishaps,
        answer: moment =>
          moment === 'GREETING' || moment === 'MAIL' || (quit && moment === 'QUIT')
            ? { code: 554, text: `no ${moment}` }
            : null,
      },
    });
    const { state } = greet(refusing(false));
    expect(state.phase).toBe('turned-away');
    expect(['EHLO x', MAIL, 'NOOP', 'FROB'].map(line => codeOf(refusing(false), state, line))).toEqual([
      503, 503, 503, 500,
    ]);
    expect(codeOf(refusing(false), state, 'QUIT')).toBe(221);
    expect(codeOf(refusing(true), state, 'QUIT')).toBe(554);
  });
});

test('an input that the phase does not wait for is a mistake of ours', () => {
  expect(() => step(anybody, STATES.ready, octets)).toThrow('SMTP chunk while ready');
  const over = after(anybody, ['QUIT']);
  expect(() => step(anybody, over, { kind: 'line', line: 'NOOP' })).toThrow('SMTP line while closed');
});
