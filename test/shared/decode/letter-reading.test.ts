/** Letters as they really are: each one of the corpus is read rightly, by us, by postal-mime and by Python, and no octet of it is lost. */
import { execFile, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import PostalMime from 'postal-mime';
import { describe, expect, test } from 'vitest';
import { latin1 } from '../../../shared/bytes.ts';
import { decodeWords, isKnownCharset, unknownCharsets } from '../../../shared/decode/encoded-words.ts';
import { fieldOf, parseHeader } from '../../../shared/decode/message.ts';
import { type MimePart, mimeTree } from '../../../shared/decode/mime.ts';
import { addressesText, addressesTyped, mailboxesIn } from '../../../shared/letter/addresses.ts';
import { readLetter } from '../../../shared/letter/content.ts';
import { unflowed } from '../../../shared/letter/flowed.ts';
import { piecesOf } from '../../../shared/letter/source.ts';

const CORPUS = path.join(import.meta.dirname, '../../fixtures', 'letters');
const LETTERS = readdirSync(CORPUS).map(file => file.replace(/\.eml$/, ''));
const letter = (name: string): Buffer => readFileSync(path.join(CORPUS, `${name}.eml`));

const namesIn = (part: MimePart): readonly string[] => [
  ...(part.name === '' ? [] : [part.name]),
  ...part.parts.flatMap(namesIn),
];

async function read(name: string) {
  const raw = letter(name);
  const header = parseHeader(raw);
  const content = await readLetter(raw);
  const field = (wanted: string) => fieldOf(header, wanted);
  return {
    subject: decodeWords(field('Subject')),
    from: addressesText(field('From')),
    to: addressesText(field('To')),
    answer: mailboxesIn(field('Reply-To') || field('From')).map(({ address }) => address),
    text: content.text?.replaceAll('\r\n', '\n').trim() ?? null,
    names: namesIn(mimeTree(raw)),
    attached: content.attachments.map(({ name: file }) => file).filter(file => file !== ''),
    words: content.report?.words ?? null,
    unknown: [...unknownCharsets(field('Subject')), ...content.unknownCharsets],
  };
}

const HELLO = 'Hello Bob,\nsee you at noon.';
const ALICE = 'Alice <alice@blue.example>';

/** What is right of each letter, as far as it is about that. */
const RIGHT: Readonly<Record<string, Partial<Awaited<ReturnType<typeof read>>>>> = {
  'c06-latin1-c1': { subject: 'We’ll meet – Friday' },
  'c11-two-replyto': { answer: ['alice@blue.example', 'bob@green.example'] },
  'c12-rfc2231': { names: ['Speisekarte für März.pdf'], attached: ['Speisekarte für März.pdf'] },
  'c15-no-colon': { subject: 'Line without colon', from: ALICE, text: 'Body after a broken header line.' },
  'c15b-midline': {
    subject: 'Line without colon in the middle',
    to: 'bob@green.example',
    text: 'Body after a broken header line.',
  },
  'c18b-dsn-qp': { words: 'Empfängerin unbekannt. Preis = 0.' },
  'header-no-empty-line': { subject: 'No empty line', text: HELLO },
  'header-two-bad-lines': { subject: 'Two bad lines', to: 'bob@green.example', text: 'The text.' },
  'header-mbox-quoted': { subject: 'Quoted From line', from: ALICE, text: 'The text.' },
  'header-only': { subject: 'Only a header', text: null },
  'header-lf-only': { subject: 'Lines end in LF', text: 'The text.\nTwo lines.' },
  'address-quoted-comma': {
    from: '"Builder, Bob" <bob@green.example>',
    to: '"alice@evil.example" <alice@blue.example>, carol@blue.example',
    answer: ['bob@green.example'],
  },
  'address-encoded-trap': { answer: ['eve@blue.example'] },
  'address-group': {
    answer: ['alice@blue.example', 'carol@blue.example'],
    to: 'The team: bob@green.example, "Dave, D." <dave@green.example>;, undisclosed-recipients: ;',
  },
  'address-comments': { answer: ['alice@blue.example'], to: 'Bob <bob@green.example>' },
  'replyto-three': { answer: ['list@blue.example', 'bob@green.example', 'juergen@blue.example'] },
  'replyto-group': { answer: ['carol@blue.example', 'dave@blue.example'] },
  'charset-windows-1251': { subject: 'Привет, Боб', text: 'Привет, Боб' },
  'charset-koi8-r': { subject: 'Привет', text: 'Привет' },
  'charset-iso-2022-jp': { subject: 'こんにちは', text: 'こんにちは' },
  'charset-gb2312': { subject: '你好', text: '你好' },
  'charset-gb18030': { subject: '你好𠀀', text: '你好𠀀' },
  'charset-big5': { subject: '你好嗎', text: '你好嗎' },
  'charset-shift_jis': { subject: '日本語', text: '日本語' },
  'charset-euc-kr': { subject: '안녕하세요', text: '안녕하세요' },
  'charset-windows-1250': { subject: 'Příliš žluťoučký' },
  'charset-iso-8859-15': { subject: 'Preis: 5 €' },
  'charset-cut-character': { subject: 'Grüße aus München' },
  'charset-cut-shift-jis': { subject: '日本' },
  'charset-unknown': { subject: '=?x-klingon?Q?nuqneH?= and ü', unknown: ['x-klingon', 'x-klingon'] },
  'charset-1252-body': { subject: 'A dash – here', text: 'She said “yes” – at last.' },
  'name-2047': { names: ['Übersicht.pdf'], attached: ['Übersicht.pdf'] },
  'name-2231-latin1': { names: ['München – Plan.pdf'], attached: ['München – Plan.pdf'] },
  'name-2231-plain-sections': { names: ['a very long name of a file, in 100%25 plain sections.pdf'] },
  'name-2231-unordered': { names: ['eins zwei.pdf'], attached: ['eins zwei.pdf'] },
  'name-semicolon': { names: ['a; b=c (1).pdf'], attached: ['a; b=c (1).pdf'] },
  'dsn-base64': { words: 'Empfänger unbekannt – leider.' },
  'dsn-koi8': { words: 'Адресат неизвестен' },
  'dsn-nested': { words: 'Unknown “person”.' },
  'flowed-plain': { text: 'One line that flows on.\n\nA new paragraph.' },
  'flowed-stuffed': { text: '>not a quote\nFrom here\n> quoted on\n> no space' },
  'flowed-signature': { text: 'Bye now.\n-- \nAlice' },
  'flowed-depths': { text: '> a \n>> b c\n> d' },
};

describe('a letter of the corpus says what it says:', () => {
  test.each(Object.entries(RIGHT))('%s', async (name, right) => {
    expect(await read(name)).toMatchObject(right);
  });

  test('a digest’s parts are letters (RFC 2046 §5.1.5)', () => {
    expect(mimeTree(letter('digest')).parts.map(({ type }) => type)).toEqual(['message/rfc822', 'message/rfc822']);
  });

  test('DelSp takes the space at the end of a line that flows, in each depth of quoting (RFC 3676 §4.2, §4.5)', async () => {
    const { text } = await read('c23b-flowed');
    expect(text).toContain('> The canteen is closed on Friday; let us meet at the river instead.\n');
    expect(unflowed('>> one  \n>> two\n> three', true)).toBe('>> one two\n> three');
  });
});

describe('an address', () => {
  test.each([
    ['Bob <bob@green.example>', ['bob@green.example']],
    ['"Builder, Bob" <bob@green.example>; alice@blue.example', ['bob@green.example', 'alice@blue.example']],
    [
      'bob@green.example\ncarol@blue.example\r\ndave@blue.example',
      ['bob@green.example', 'carol@blue.example', 'dave@blue.example'],
    ],
    ['bob@green.example carol@blue.example', ['bob@green.example', 'carol@blue.example']],
    ['Bob <bob@green.example> Carol <carol@blue.example>', ['bob@green.example', 'carol@blue.example']],
    ['"a b"@green.example', ['"a b"@green.example']],
    ['nobody in particular', ['nobody in particular']],
    ['Friends: bob@green.example, carol@blue.example;', ['bob@green.example', 'carol@blue.example']],
    [' , ;\n', []],
  ])('pasted as %j is found', (text, found) => {
    expect(addressesTyped(text)).toEqual(found);
  });

  test('in whatever is no address list does not throw, and costs no more than it is long', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab@<>"\\(),;: =?utf-8q\n\u00fc') }), text => {
        expect(addressesText(text)).toEqual(expect.any(String));
        expect(Array.isArray(addressesTyped(text))).toBe(true);
      }),
    );
  });
});

describe('charsets', () => {
  test.each(['utf-8', 'ISO-8859-1', 'latin1', 'windows-1257', 'koi8-u', 'cp932', 'x-sjis', 'macintosh', 'utf-16le'])(
    '%s is known',
    label => expect(isKnownCharset(label)).toBe(true),
  );
  test.each(['x-klingon', 'utf-7', 'iso-2022-kr', 'cp437', '', ' ', 'a?b', `x${'y'.repeat(100)}`])('%j is not', label =>
    expect(isKnownCharset(label)).toBe(false),
  );
});

/** Where Python's package reads a letter otherwise, and we do not follow it. */
const UNLIKE_PYTHON: Readonly<Record<string, string>> = {
  'c06-latin1-c1': 'reads ISO-8859-1 by its own table, not by that of WHATWG',
  'charset-1252-body': 'likewise, and US-ASCII too',
  'name-2231-latin1': 'likewise',
  'c15-no-colon': 'ends the header at the first line that is no field',
  'c15b-midline': 'likewise',
  'header-two-bad-lines': 'likewise',
  'header-mbox-quoted': 'likewise, and knows the mbox line only without its ">"',
  'charset-cut-shift-jis': 'decodes each encoded-word for itself',
  'charset-unknown': 'drops what is around an unknown charset',
  digest: 'has no text for a letter of letters',
};
const flows = (name: string): boolean => /flowed/.test(name);

interface ByPython {
  readonly subject: string;
  readonly from: readonly (readonly [string, string])[];
  readonly to: readonly (readonly [string, string])[];
  readonly text: string | null;
  readonly names: readonly string[];
}

const python = spawnSync('python3', ['--version']).status === 0;
const lines = (text: string | null): string => (text ?? '').replaceAll('\r\n', '\n').trim();

test.skipIf(!python)('Python’s own email package reads subject, addresses, text and names alike', async () => {
  const files = LETTERS.map(name => path.join(CORPUS, `${name}.eml`));
  const { stdout } = await promisify(execFile)(
    'python3',
    [path.join(import.meta.dirname, '../../fixtures', 'read-letters.py'), ...files],
    {
      env: { ...process.env, PYTHONIOENCODING: 'utf-8' },
    },
  );
  const byPython: Readonly<Record<string, ByPython>> = JSON.parse(stdout);
  const compared: string[] = [];
  for (const [index, name] of LETTERS.entries()) {
    if (UNLIKE_PYTHON[name] !== undefined) continue;
    const theirs = byPython[files[index] ?? ''];
    const raw = letter(name);
    const ours = await read(name);
    expect(ours.subject, name).toBe(theirs?.subject);
    for (const field of ['from', 'to'] as const)
      expect(
        mailboxesIn(fieldOf(parseHeader(raw), field)).map(({ address }) => address),
        name,
      ).toEqual(theirs?.[field].map(([, address]) => address));
    if (!flows(name) && theirs?.text !== null) expect(ours.text ?? '', name).toBe(lines(theirs?.text ?? null));
    expect(ours.names, name).toEqual(theirs?.names);
    compared.push(name);
  }
  expect(compared.length).toBeGreaterThan(35);
});

test('postal-mime, given the letter as it is, reads the same where its header is in order', async () => {
  const compared: string[] = [];
  for (const name of LETTERS.filter(
    each => !/^c15|^header|^flowed|c23b|unknown|cut-|c06|1252|latin1|nested|comments/.test(each),
  )) {
    const email = await PostalMime.parse(letter(name));
    const ours = await read(name);
    expect(ours.subject, name).toBe(email.subject);
    expect(ours.text ?? '', name).toBe(lines(email.text ?? null));
    expect(ours.attached, name).toEqual(email.attachments.flatMap(({ filename }) => filename ?? []));
    compared.push(name);
  }
  expect(compared.length).toBeGreaterThan(25);
});

describe('the source', () => {
  const together = (raw: Uint8Array, end: number): string =>
    piecesOf(raw, end)
      .map(({ from, to }) => latin1(raw.subarray(from, to)))
      .join('');

  test.each(LETTERS)('of %s has every octet once', name => {
    const raw = letter(name);
    expect(together(raw, raw.length)).toBe(raw.toString('latin1'));
  });

  test('of any lines whatsoever has every octet once, and the header ends within the letter', () => {
    const line = fc.oneof(
      fc.constantFrom(
        'Subject: x',
        'To: y@x',
        'no field',
        'X-Odd Name: z',
        ' folded',
        '',
        'From alice Mon',
        ': none',
        'Bad\u0000: v',
      ),
      fc.string({ unit: 'binary', maxLength: 40 }),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(line, fc.constantFrom('\r\n', '\n', '\r', '\r\n\r\n'))),
        fc.nat(400),
        (parts, cut) => {
          const raw = Buffer.from(parts.map(([text, end]) => text + end).join(''), 'utf8');
          const { body } = parseHeader(raw);
          expect(body).toBeLessThanOrEqual(raw.length);
          const end = Math.min(cut, raw.length);
          expect(together(raw, end)).toBe(raw.subarray(0, end).toString('latin1'));
        },
      ),
      { numRuns: 500 },
    );
  });
});
