/** A story's Markdown is read as its author meant it, and whatever is wrong with it is said at once, by its line, with what to do. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseScript } from '../../../shared/script/parse.ts';
import type { Script } from '../../../shared/story/script.ts';

const WHOLE = `---
group: the journey
tell: everything   # the product tells the rest
do:
  - send: { from: alice, to: bob }
---
# You’ve got **mail**

Alice writes to Bob
and presses Send.

What happens?

## Alice presses Send
*at press-send*

Her client writes a **header**
and a body. [RFC 5322 §2.1] [RFC 5321 §2.3.1, RFC 3596]

It says {reply} for <alice@blue.example>.

> Ask the room.
>
> Then wait.

> And look at [the letter].

## Who takes the mail?
*at the second MX question from smtp.blue.example*
One row only. [RFC 5321 §5.1]

**Predict:** What does DNS
answer?

- [ ] Bob’s **address**
- [x] The names
  of its servers

## The end
*at the end*

## What you now know

- **Which servers took part?** Two, smtp.blue.example
  and mx1.
- **What is MX for?** The way.

## Try this

Delete the MX record.

Press Send again.
`;

const read = (source: string): Script => {
  const parsed = parseScript(source);
  if (!parsed.ok) throw new Error(parsed.problems.map(({ line, message }) => `line ${line}: ${message}`).join('\n'));
  return parsed.script;
};

/** "12: a part needs …" */
const wrong = (source: string): readonly string[] => {
  const parsed = parseScript(source);
  return parsed.ok ? [] : parsed.problems.map(({ line, message }) => `${line}: ${message}`);
};

const GOOD = '# A story\n\n## One\n*at press-send*\n\nWords.\n';

describe('a good story', () => {
  test('is read with every word in its place', () => {
    expect(read(WHOLE)).toEqual({
      title: 'You’ve got **mail**',
      intro: 'Alice writes to Bob and presses Send.\n\nWhat happens?',
      parts: [
        {
          title: 'Alice presses Send',
          anchor: { what: { kind: 'beat', name: 'press-send' }, nth: 1, from: null, to: null },
          at: 'at press-send',
          body: 'Her client writes a **header** and a body.\n\nIt says {reply} for <alice@blue.example>.',
          references: [
            { label: 'RFC 5322 §2.1', url: 'https://www.rfc-editor.org/rfc/rfc5322#section-2.1' },
            { label: 'RFC 5321 §2.3.1', url: 'https://www.rfc-editor.org/rfc/rfc5321#section-2.3.1' },
            { label: 'RFC 3596', url: 'https://www.rfc-editor.org/rfc/rfc3596' },
          ],
          notes: 'Ask the room.\n\nThen wait.\n\nAnd look at [the letter].',
          question: null,
          line: 14,
        },
        {
          title: 'Who takes the mail?',
          anchor: { what: { kind: 'beat', name: 'mx-question' }, nth: 2, from: 'smtp.blue.example', to: null },
          at: 'at the second MX question from smtp.blue.example',
          body: 'One row only.',
          references: [{ label: 'RFC 5321 §5.1', url: 'https://www.rfc-editor.org/rfc/rfc5321#section-5.1' }],
          notes: '',
          question: {
            words: 'What does DNS answer?',
            choices: [
              { words: 'Bob’s **address**', right: false },
              { words: 'The names of its servers', right: true },
            ],
          },
          line: 28,
        },
        {
          title: 'The end',
          anchor: { what: { kind: 'end' }, nth: 1, from: null, to: null },
          at: 'at the end',
          body: '',
          references: [],
          notes: '',
          question: null,
          line: 39,
        },
      ],
      known: [
        { question: 'Which servers took part?', answer: 'Two, smtp.blue.example and mx1.' },
        { question: 'What is MX for?', answer: 'The way.' },
      ],
      tryThis: 'Delete the MX record.\n\nPress Send again.',
      onlyParts: false,
    });
  });

  test('may come from any editor: CR LF, or a byte order mark', () => {
    expect(read(WHOLE.replaceAll('\n', '\r\n'))).toEqual(read(WHOLE));
    expect(read(`\ufeff${WHOLE}`)).toEqual(read(WHOLE));
  });

  test('tells only its parts, unless its front matter says “everything”', () => {
    expect(read(GOOD).onlyParts).toBe(true);
    for (const value of ['parts', '"parts"', "'parts' # so"])
      expect(read(`---\ntell: ${value}\n---\n${GOOD}`).onlyParts).toBe(true);
    expect(read(`---\n  tell: nested\ntell: "everything"\n---\n${GOOD}`).onlyParts).toBe(false);
  });

  test('needs no closing sections, and a full stop after a reference ends its sentence', () => {
    expect(read(GOOD)).toMatchObject({ known: [], tryThis: '' });
    expect(read('# A\n## B\n*at the end*\n\nSo it is [RFC 5321].').parts[0]?.body).toBe('So it is.');
  });

  test('may say what mail is full of: angle brackets, brackets, underscores, stars it does not have', () => {
    const words = 'MAIL FROM:<> and <bob@green.example> at [203.0.113.5], _dmarc and _25._tcp, 3 < 4, a-b, #1, 100%.';
    expect(read(`# A\n## B\n*at the end*\n\n${words}`).parts[0]?.body).toBe(words);
  });
});

describe('what is wrong is named by its line', () => {
  test('all of it at once, in the order of the lines', () => {
    const source = [
      '---',
      'tell: all',
      '---',
      '# A [link](https://x.example)',
      '## One',
      'No moment.',
      '### Two',
      '## Three',
      '*at the mx answr*',
      'A {nonsense}.',
    ].join('\n');
    expect(wrong(source)).toEqual([
      '2: “tell” is either “parts”, which goes without saying, or “everything”.',
      '4: a story has no links, only references such as [RFC 5321 §5.1]: write the words alone.',
      '5: a part needs to say when it is told: a line like *at the MX answer* right below its heading.',
      '7: headings go no deeper than ##: make this a part of its own, or a paragraph.',
      '9: there is no moment “mx answr”; did you mean “mx-answer”?',
      '10: {nonsense} stands for nothing: there are {reply}, {octets}, {skipped}, {queue-id}, {wait}.',
    ]);
  });

  const part = (words: string) => `# A story\n\n## One\n*at press-send*\n\n${words}\n`;

  test.each([
    ['', '1: the title is missing'],
    ['# A story\n', '1: a story has at least one part'],
    ['---\ngroup: x\n---\n## One\n*at the end*', '4: the title is missing'],
    ['---\ngroup: x\n', '1: the front matter has no end'],
    ['Words.\n\n# A story\n\n## One\n*at the end*', '3: the title comes first'],
    ['## One\n*at the end*\n\n# A story', '4: the title comes first'],
    [`${GOOD}\n# Another`, '8: a story has one title'],
    ['# A {reply}\n\n## One\n*at the end*', '1: {reply} can stand only'],
    ['# A\n\nWords {octets}.\n\n## One\n*at the end*', '3: {octets} can stand only'],
    ['# A\n\n> A note.\n\n## One\n*at the end*', '3: a note belongs to a part'],
    ['# A\n\nWords. [RFC 5321]\n\n## One\n*at the end*', '3: a reference belongs to a part'],
    ['# A\n\n- a list\n\n## One\n*at the end*', '3: only paragraphs can stand before the first part'],
    [part('So [RFC 5321 §5.1] it is.'), '6: a reference stands at the end'],
    [part('So it is. [RFC 5321 section 5]'), '6: “[RFC 5321 section 5]” is no reference'],
    [part('A **bold term.'), '6: a **bold** term needs two'],
    [part('A ** bold ** term.'), '6: a **bold** term stands right between'],
    [part('An *italic* word.'), '6: the only markup in words is **bold**'],
    [part('An _italic_ word.'), '6: the only markup in words is **bold**'],
    [part('Some `code`.'), '6: a story has no code marks'],
    [part('A picture: ![x](x.png)'), '6: a story has no pictures'],
    [part('First row,\nsecond <b>row</b>.'), '7: a story has no HTML'],
    [part('<!-- hidden -->'), '6: a story has no HTML'],
    [part('```\nMAIL FROM:<>\n### not a heading\n```'), '6: a story has no code blocks'],
    [part('    MAIL FROM:<>'), '6: a line that begins with four spaces'],
    [part('| a | b |'), '6: a story has no tables'],
    [part('* * *'), '6: begin each item of a list with a dash'],
    [part('---'), '6: a story has no lines across'],
    [part('1. One'), '6: begin each item of a list with a dash'],
    [part('##One'), '6: put a space'],
    [part('##'), '6: this heading has no words'],
    [part('- an item'), '6: in a part, a list holds the choices'],
    [part('**Predict:** What?'), '6: a question needs its choices'],
    [part('**Predict:**\n- [ ] a\n- [x] b'), '6: this question has no words'],
    [part('**Predict:** What?\n\nWell.\n\n- [ ] a\n- [x] b'), '6: a question needs its choices'],
    [part('**Predict:** What?\n- [x] a'), '6: a question has 2 to 4 choices; this one has 1'],
    [part('**Predict:** What?\n- [x] a\n- [ ] b\n- [ ] c\n- [ ] d\n- [ ] e'), '6: a question has 2 to 4 choices'],
    [part('**Predict:** What?\n- [ ] a\n- [ ] b'), '6: exactly one choice is right and has [x]; here none has'],
    [part('**Predict:** What?\n- [x] a\n- [X] b'), '6: exactly one choice is right and has [x]; here 2 have'],
    [part('**Predict:** What?\n- [x] a\n- b'), '8: a choice is a line like'],
    [part('**Predict:** What?\n- [x] a\n- [ ] {reply}'), '8: {reply} can stand only'],
    [
      part('**Predict:** What?\n- [x] a\n- [ ] b\n\n**Predict:** And now?\n- [x] a\n- [ ] b'),
      '10: a part asks one question',
    ],
    [`${GOOD}\n## Two\n*at the beginning*`, '9: only the first part can be told at the beginning'],
    ['# A\n## One\n*at the end*\n## Two\n*at the end*', '3: only the last part can be told at the end'],
    [`${GOOD}\n## Try this\nPress.\n\n## Two\n*at the end*`, '8: “Try this” comes after the last part'],
    [`${GOOD}\n## Try this\nPress.\n\n## What you now know\n- **A?** B`, '11: “What you now know” comes before'],
    [`${GOOD}\n## Try this\nPress.\n\n## Try this\nAgain.`, '11: “Try this” stands there twice'],
    [`${GOOD}\n## What you now know`, '8: “What you now know” is a list'],
    [`${GOOD}\n## What you now know\nA lot.`, '9: “What you now know” holds nothing but'],
    [`${GOOD}\n## What you now know\n- A lot.`, '9: the question stands in bold before its answer'],
    [`${GOOD}\n## Try this\n*at the end*`, '9: only paragraphs can stand in “Try this”'],
  ])('%j', (source, problem) => {
    const found = wrong(source);
    expect(found.join('\n')).toContain(problem);
    // One mistake is one problem, or two where it leaves something else without its half.
    expect(found.length).toBeLessThanOrEqual(2);
  });

  test('a story is not longer than can be told', () => {
    const parts = Array.from({ length: 61 }, (_, index) => `## Part ${index}\n*at press-send*\n`);
    expect(wrong(['# A', ...parts].join('\n'))).toEqual(['182: a story has at most 60 parts: make two of it.']);
    expect(parseScript(['# A', ...parts.slice(1)].join('\n')).ok).toBe(true);
    expect(wrong(`${GOOD}${'é'.repeat(16_400)}`)).toEqual(['1: a story has at most 32 KiB: make two of it.']);
  });
});

describe('a hostile story', () => {
  const piece = fc.constantFrom(
    ...['# ', '## ', '- ', '- [x] ', '> ', '**', '*', '[RFC ', ']', '{', '}', '\n', '\n\n', '\r', '---\n', '```', ' '],
    ...[
      '**Predict:**',
      '*at the ',
      'MX answer*',
      'What you now know',
      'Try this',
      '<a ',
      '_',
      '\t',
      '“',
      'from ',
      '§5',
    ],
  );

  test('gives an answer whatever it holds, and every problem has a line of the file', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 8 })), { maxLength: 60 }), pieces => {
        const source = pieces.join('');
        const parsed = parseScript(source);
        const lines = source.split(/\r\n|\n|\r/).length;
        for (const { line, message } of parsed.ok ? [] : parsed.problems) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(lines);
          expect(message).not.toMatch(/undefined|null|NaN/);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('of the greatest length is answered, with no more problems than anybody reads', () => {
    for (const unit of [
      '{',
      '[RFC ',
      '[',
      '<a ',
      '_a',
      '**',
      '* ',
      '- ',
      '- [',
      '# a\n',
      '## a\n',
      '> a\n',
      '- a\n',
      ' ',
      '“',
    ])
      for (const start of ['', '# A\n## B\n*at the ', '# A\n## B\n*at the end*\n']) {
        const parsed = parseScript(`${start}${unit.repeat(32_000 / unit.length)}`);
        expect(parsed.ok ? 0 : parsed.problems.length).toBeLessThanOrEqual(100);
      }
  });
});
