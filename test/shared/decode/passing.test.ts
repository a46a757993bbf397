/** The follower of dialogues: the same octets give the same spans wherever they were cut, it takes any octets, and it keeps none. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { searchMarker } from '../../../server/base/passing.ts';
import { maskerFor } from '../../../server/record/mask.ts';
import { DotBlock, LINE_START } from '../../../shared/decode/dot-block.ts';
import { Passing } from '../../../shared/decode/passing.ts';
import type { Span } from '../../../shared/decode/span.ts';
import { DIALOGUES } from '../../../shared/protocols.ts';
import type { Side } from '../../../shared/trace/event.ts';

type Protocol = keyof typeof DIALOGUES;
interface Turn {
  readonly side: Side;
  readonly text: string;
}

/** What a span says, apart from its place and from where it was cut. */
function meaning(span: Span): string {
  switch (span.kind) {
    case 'verb':
    case 'argument':
    case 'secret':
      return `${span.kind} ${span.role}`;
    case 'reply':
      return 'reply';
    default:
      return span.kind;
  }
}

/** The meaning of every octet of a side in turn, and of every line and reply what it said in the end. */
function follow(protocol: Protocol, turns: readonly Turn[], cut: (octets: Buffer) => readonly Buffer[]) {
  const passing = new Passing(DIALOGUES[protocol], searchMarker);
  const octets: Record<Side, string[]> = { client: [], server: [] };
  const said: string[] = [];
  for (const { side, text } of turns) {
    for (const chunk of cut(Buffer.from(text, 'latin1'))) {
      const spans = passing[side](chunk);
      expect(spans.reduce((at, { from, to }) => (from === at ? to : Number.NaN), 0)).toBe(chunk.length);
      for (const span of spans) {
        // What was undecided is what follows it.
        const all = octets[side];
        for (let at = all.length - 1; at >= 0 && all[at] === 'undecided' && span.kind !== 'undecided'; at--)
          all[at] = meaning(span);
        for (let at = span.from; at < span.to; at++) all.push(meaning(span));
        if (span.kind === 'reply' && span.ends)
          said.push(`reply to ${JSON.stringify(span.answers)} ${span.challenge} ${span.last} ${span.opens}`);
        else if ('command' in span && span.ends) said.push(`line ${JSON.stringify(span.command)} ${span.role}`);
        else if (span.kind === 'content' && span.ends) said.push(`chunk of ${span.offset + span.to - span.from}`);
      }
    }
  }
  return { octets, said };
}
const whole = (octets: Buffer): readonly Buffer[] => [octets];
const octetByOctet = (octets: Buffer): readonly Buffer[] => [...octets.keys()].map(at => octets.subarray(at, at + 1));

const COMMANDS: Readonly<Record<Protocol, readonly string[]>> = {
  smtp: 'EHLO a,AUTH PLAIN,AUTH PLAIN AGEAYg==,auth login,AUTH X y,MAIL FROM:<>,DATA,DATA,BDAT 3,BDAT 4 LAST,BDAT x,STARTTLS,.,..,AA==,QUIT'.split(
    ',',
  ),
  pop3: 'USER a,PASS b c,APOP a b,AUTH,AUTH PLAIN,LIST,LIST 1,UIDL,RETR 1,TOP 1 0,CAPA,STLS,DELE 1,.,AA==,QUIT'.split(
    ',',
  ),
};
const REPLIES: Readonly<Record<Protocol, readonly string[]>> = {
  smtp: '220 hi,250-a,250 b,334 ,334 Zg==,354 go,235 ok,503 no,421,x'.split(','),
  pop3: '+OK,+OK hi,+ ,+ Zg==,-ERR no,.,..,x'.split(','),
};
const ENDS = ['\r\n', '\r\n', '\r\n', '\r\n', '\n', '\r', '', '\r\n.\r\n', '\r\n.\r', '\r\r\n'];

const turnsOf = (protocol: Protocol) =>
  fc.array(
    fc.oneof(
      fc
        .array(fc.tuple(fc.constantFrom(...COMMANDS[protocol]), fc.constantFrom(...ENDS)), { maxLength: 5 })
        .map((lines): Turn => ({ side: 'client', text: lines.flat().join('') })),
      fc
        .array(fc.tuple(fc.constantFrom(...REPLIES[protocol]), fc.constantFrom(...ENDS)), { maxLength: 4 })
        .map((lines): Turn => ({ side: 'server', text: lines.flat().join('') })),
    ),
    { maxLength: 12 },
  );

describe.each(['smtp', 'pop3'] as const)('%s', protocol => {
  test('the same octets give the same spans, wherever they were cut', () => {
    fc.assert(
      fc.property(turnsOf(protocol), fc.infiniteStream(fc.integer({ min: 1, max: 9 })), (turns, sizes) => {
        const anywhere = (octets: Buffer): readonly Buffer[] => {
          const pieces: Buffer[] = [];
          for (let at = 0; at < octets.length; ) {
            const size = sizes.next().value;
            pieces.push(octets.subarray(at, at + size));
            at += size;
          }
          return pieces;
        };
        const expected = follow(protocol, turns, whole);
        expect(follow(protocol, turns, anywhere)).toEqual(expected);
        expect(follow(protocol, turns, octetByOctet)).toEqual(expected);
      }),
      { numRuns: 400 },
    );
  });

  test('any octets at all are followed', () => {
    const chunk = fc.tuple(fc.constantFrom<Side>('client', 'server'), fc.uint8Array({ maxLength: 200 }), fc.nat(50));
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 20 }), chunks => {
        const passing = new Passing(DIALOGUES[protocol]);
        for (const [side, octets, missing] of chunks) {
          const spans = passing[side](octets);
          expect(spans.reduce((at, { from, to }) => (from === at ? to : Number.NaN), 0)).toBe(octets.length);
          passing.skip(side, missing);
        }
      }),
    );
  });
});

test('a letter whose dot was half sent before the 354 ends at that dot', () => {
  const passing = new Passing(DIALOGUES.smtp);
  passing.server(Buffer.from('220 a\r\n'));
  passing.client(Buffer.from('DATA\r\nSubject: x\r\n.\r'));
  passing.server(Buffer.from('354 go\r\n'));
  expect(passing.client(Buffer.from('\nQUIT\r\n')).map(({ kind }) => kind)).toEqual(['end', 'verb', 'argument']);
});

/** How many octets an object holds on to, in strings and in arrays of numbers. */
function weigh(thing: unknown, seen = new Set<unknown>()): number {
  if (typeof thing === 'string') return thing.length;
  if (typeof thing !== 'object' || thing === null || seen.has(thing)) return 0;
  seen.add(thing);
  if (ArrayBuffer.isView(thing)) return thing.byteLength;
  const parts: readonly unknown[] = thing instanceof Map ? [...thing.values()] : Object.values(thing);
  return parts.reduce<number>((sum, part) => sum + 8 + weigh(part, seen), 0);
}

describe('what is kept', () => {
  const chunk = (text: string): Buffer => Buffer.alloc(100_000, text);
  const cases: readonly (readonly [string, Side, readonly Turn[], Buffer])[] = [
    ['a line without an end', 'client', [], chunk('x')],
    ['a verb of blanks', 'client', [], chunk(' ')],
    ['a secret without an end', 'client', [{ side: 'client', text: 'AUTH PLAIN ' }], chunk('x')],
    ['a count without an end', 'client', [{ side: 'client', text: 'BDAT ' }], chunk('1')],
    ['a reply without an end', 'server', [], chunk('2')],
    ['replies that nobody asked for', 'server', [], chunk('250 ok\r\n')],
    [
      'a letter without an end',
      'client',
      [
        { side: 'server', text: '220 a\r\n' },
        { side: 'client', text: 'DATA\r\n' },
        { side: 'server', text: '354 b\r\n' },
      ],
      chunk('.\r'),
    ],
  ];
  test.each(cases)('of %s is next to nothing', (_what, side, turns, octets) => {
    const passing = new Passing(DIALOGUES.smtp);
    for (const turn of turns) passing[turn.side](Buffer.from(turn.text));
    for (let nth = 0; nth < 20; nth++) passing[side](octets);
    expect(weigh(passing)).toBeLessThan(20_000);
  });

  test('of lines that nobody answers is bounded', () => {
    const passing = new Passing(DIALOGUES.smtp);
    const lines = Buffer.from('NOOP\r\n'.repeat(20_000));
    for (let nth = 0; nth < 25; nth++) passing.client(lines);
    const full = weigh(passing);
    expect(full).toBeLessThan(5_000_000);
    for (let nth = 0; nth < 5; nth++) passing.client(lines);
    expect(weigh(passing)).toBe(full);
  });
});

test('the search of the machine and the one of the language find the same end of a letter', () => {
  const octets = fc.string({ unit: fc.constantFrom('\r', '\n', '.', 'a', '\r\n', '\r\n.\r\n'), maxLength: 60 });
  fc.assert(
    fc.property(fc.array(octets, { maxLength: 4 }), fc.boolean(), (chunks, atStart) => {
      const blocks = [new DotBlock(atStart ? LINE_START : 0), new DotBlock(atStart ? LINE_START : 0, searchMarker)];
      for (const text of chunks) {
        const [one, other] = blocks.map(block => block.read(Buffer.from(text), 0));
        expect(one).toEqual(other);
        if (one?.end !== -1) return;
      }
    }),
    { numRuns: 500 },
  );
});

describe('what nobody may read', () => {
  const mask = (turns: readonly Turn[]): string => {
    const masker = maskerFor(587);
    if (masker === null) throw new Error('nobody masks');
    let out = '';
    for (const { side, text } of turns) {
      const octets = Buffer.from(text);
      if (side === 'server') masker.server(octets);
      else out += Buffer.from(masker.client(octets)).toString();
    }
    return out;
  };

  test('is masked behind a count that no server would believe', () => {
    expect(mask([{ side: 'client', text: 'NOOP\nBDAT 999\r\nAUTH PLAIN secret\r\n' }])).toBe(
      'NOOP\nBDAT 999\r\nAUTH PLAIN ******\r\n',
    );
  });

  test('is masked in a letter that was refused', () => {
    const turns: readonly Turn[] = [
      { side: 'server', text: '220 a\r\n' },
      { side: 'client', text: 'DATA\r\nSubject: x\r\n.\r\nAUTH PLAIN secret\r\n' },
      { side: 'server', text: '503 no\r\n500 what\r\n500 what\r\n535 no\r\n' },
      { side: 'client', text: 'AUTH LOGIN\r\nYQ==\r\n' },
    ];
    expect(mask(turns)).toBe('DATA\r\nSubject: x\r\n.\r\nAUTH PLAIN ******\r\nAUTH LOGIN\r\n****\r\n');
  });

  test('is not looked for in what is encrypted', () => {
    const turns: readonly Turn[] = [
      { side: 'server', text: '220 a\r\n' },
      { side: 'client', text: 'STARTTLS\r\n' },
      { side: 'server', text: '220 go\r\n' },
      { side: 'client', text: 'AUTH PLAIN not a line\r\n' },
    ];
    expect(mask(turns)).toBe('STARTTLS\r\nAUTH PLAIN not a line\r\n');
  });
});
