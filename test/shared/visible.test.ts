/** Nothing that leaves the page or the command line hides, turns or commands what stands around it; and what is only foreign stays readable. */
import { describe, expect, test } from 'vitest';
import { readTold, writeTold } from '../../shared/compact/told.ts';
import { ladderMermaid } from '../../shared/export/ladder-mermaid.ts';
import { ladderSvg } from '../../shared/export/ladder-svg.ts';
import { createTranscript } from '../../shared/export/terminal.ts';
import { transcriptMarkdown, transcriptText } from '../../shared/export/transcript.ts';
import { transcriptHtml } from '../../shared/export/transcript-html.ts';
import { createStoryteller } from '../../shared/reading/storyteller.ts';
import type { Story } from '../../shared/story/story.ts';
import { visible } from '../../shared/visible.ts';
import { header, Script } from '../fixtures/script.ts';

const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, at) => from + at);

/** As the promise in docs/security.md has it; written down apart from the code that keeps it. */
const CONTROLS = [...range(0, 0x1f), ...range(0x7f, 0x9f)].filter(code => code !== 9 && code !== 10);
const TURNS = [0x61c, 0x200e, 0x200f, ...range(0x202a, 0x202e), ...range(0x2066, 0x2069)];
const UNSEEN = [0xad, 0x200b, 0x2028, 0x2029, ...range(0x2060, 0x2064), 0xfeff, ...range(0xe0020, 0xe007f)];
const HOSTILE = [...CONTROLS, ...TURNS, ...UNSEEN].map(code => String.fromCodePoint(code));

const HEBREW = 'שלום עולם';
const ARABIC = 'مرحبا بالعالم';
const PERSIAN = 'می\u200cخواهم';
const FAMILY = '👨\u200d👩\u200d👧';

/** A letter whose words, reply and Subject are full of them. */
function hostileStory(): Story {
  const told = HOSTILE.filter(each => each !== '\r').join('');
  const script = new Script();
  script
    .called('a', 'mx1.green.example')
    .envelope('a', { reversePath: `a${told}@blue.example`, recipients: ['bob@green.example'] })
    .dialogue(
      'a',
      'C: DATA',
      'S: 354 Go on',
      `C: ${['From: a@blue.example', `Subject: ${HEBREW} ${told}`, '', `${ARABIC} ${told}`, '.'].join('|')}`,
      `S: 550 5.7.1 no ${told} ${PERSIAN}`,
    )
    .close('a');
  const teller = createStoryteller({ ...header, title: `by ${told} hand` });
  teller.append(script.events);
  return teller.finish();
}

const terminalOf = (story: Story): string => {
  const rows: string[] = [];
  createTranscript(row => rows.push(row))(story);
  return rows.join('\n');
};

const EXPORTS: Readonly<Record<string, (story: Story) => string>> = {
  text: story => transcriptText(story),
  markdown: story => transcriptMarkdown(story),
  mermaid: story => ladderMermaid(story),
  ladder: story => ladderSvg(story),
  html: story => transcriptHtml(story),
  'told run': story => writeTold(story),
  terminal: terminalOf,
};

const codesIn = (text: string): readonly string[] =>
  HOSTILE.filter(each => text.includes(each)).map(each => (each.codePointAt(0) ?? 0).toString(16));

describe.each(Object.entries(EXPORTS))('%s', (_, written) => {
  test('no control, no turn of direction and nothing unseen goes out raw', () => {
    expect(codesIn(written(hostileStory()))).toEqual([]);
  });
});

test.each(['text', 'markdown', 'html', 'terminal'])('%s: what was there is shown by its number', name => {
  const text = (EXPORTS[name] ?? String)(hostileStory()).replaceAll('\\\\', '\\');
  for (const shown of ['\\x1b', '\\x9b', '\\x07', '\\u202e', '\\u2066', '\\u200e', '\\u061c'])
    expect(text, shown).toContain(shown);
  for (const foreign of [HEBREW, PERSIAN]) expect(text, foreign).toContain(foreign);
});

test('a right-to-left text, a joiner and a picture made of several stay as they are', () => {
  for (const text of [HEBREW, ARABIC, PERSIAN, FAMILY, 'e\u0301', 'a\tb\nc']) expect(visible(text)).toBe(text);
});

test('all that is hidden is shown, each by a number of its own', () => {
  expect(HOSTILE.map(visible).filter((shown, at) => shown === HOSTILE[at])).toEqual([]);
  expect(new Set(HOSTILE.map(visible)).size).toBe(HOSTILE.length);
  expect(visible('\ud800')).toBe('\\ud800');
});

test('a told run that was written so is read back to the letter', () => {
  const story = hostileStory();
  const read = readTold(writeTold(story));
  expect(read.ok && read.story.lines.map(line => line.text)).toEqual(story.lines.map(line => line.text));
});
