/** The ladder: Mermaid that Mermaid takes whatever was said, and a drawing that is well-formed, readable and in the page's colours. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ladderMermaid } from '../../../shared/export/ladder-mermaid.ts';
import { ladderSvg } from '../../../shared/export/ladder-svg.ts';
import { COLOURS } from '../../../shared/export/palette.ts';
import type { Story } from '../../../shared/story/story.ts';
import { storyOf, toldFrom, withSubject } from '../../fixtures/recordings.ts';

const RUNS = [
  'youve-got-mail',
  'unknown-recipient',
  'dns-silence',
  'dig',
  'three-letters-at-once',
  'stories/five-days',
];

interface Drawn {
  readonly posts: ReadonlyMap<string, string>;
  /** Arrows and notes, as they are read. */
  readonly said: readonly string[];
}

/** As Mermaid does it before it parses (utils.ts, encodeEntities): first its two quirks, then entities become what its grammar has no rule for. */
const encoded = (text: string): string =>
  text
    .replace(/style.*:\S*#.*;/g, all => all.slice(0, -1))
    .replace(/classDef.*:\S*#.*;/g, all => all.slice(0, -1))
    .replace(/#(\w+);/g, (_all, name: string) => (/^\d+$/.test(name) ? `ﬂ°°${name}¶ß` : `ﬂ°${name}¶ß`));
const decoded = (text: string): string =>
  text.replace(/ﬂ°°(\d+)¶ß/g, (_all, code: string) => String.fromCodePoint(Number(code)));

/**
 * The part of sequenceDiagram.jison that is used, and nothing else of it: throws where Mermaid would. What stands after a colon, or
 * after "as", is text up to the end of the line, in which # and ; end it, and no word and no character is anybody's syntax.
 */
function parse(source: string): Drawn {
  expect(source.length).toBeLessThanOrEqual(50_000);
  expect(source).not.toMatch(/%%\{/);
  const rows = encoded(source)
    .replace(/^\s*%%(?!\{)[^\n]+\n/gm, '')
    .split('\n');
  if (rows.shift() !== 'sequenceDiagram') throw new Error('not a sequence diagram');
  if (rows.pop() !== '') throw new Error('the last line does not end');
  const posts = new Map<string, string>();
  const said: string[] = [];
  const text = (raw: string): string => {
    if (!/^[^#;\n]+$/.test(raw)) throw new Error(`text ends early: ${raw}`);
    if (/\bend\b|style|classdef/i.test(raw) || /^(?:no)?wrap:/i.test(raw))
      throw new Error(`a word of Mermaid’s: ${raw}`);
    if (/[<>&"'`%$\\{}[\]|]/.test(raw)) throw new Error(`a character of Mermaid’s: ${raw}`);
    return decoded(raw);
  };
  const known = (post: string | undefined): void => {
    if (post !== undefined && !posts.has(post)) throw new Error(`nobody is called ${post}`);
  };
  for (const row of rows) {
    const title = /^ {4}title: (.+)$/.exec(row);
    const participant = /^ {4}participant (h\d+) as (.+)$/.exec(row);
    const note = /^ {4}Note over (h\d+)(?:,(h\d+))?: (.+)$/.exec(row);
    const arrow = /^ {4}(h\d+)(?:->>|-->>|--x)(h\d+): (.+)$/.exec(row);
    if (title) text(title[1] ?? '');
    else if (participant) posts.set(participant[1] ?? '', text(participant[2] ?? ''));
    else if (note ?? arrow) {
      const [, one, other, words = ''] = note ?? arrow ?? [];
      known(one);
      known(other);
      said.push(text(words));
    } else throw new Error(`no statement: ${row}`);
  }
  return { posts, said };
}

/** The story with another first line. */
const saying = (story: Story, text: string): Story => ({
  ...story,
  lines: story.lines.map((line, at) => (at === 1 ? { ...line, text } : line)),
});

describe('as Mermaid', () => {
  test.each(RUNS)('%s: hosts are participants, and every step and line is there', name => {
    const story = storyOf(name);
    const { posts, said } = parse(ladderMermaid(story));
    expect(said.length).toBe(story.beats.length + story.lines.length);
    expect([...posts.values()].every(label => !/:\d+$/.test(label))).toBe(true);
  });

  test('whatever is said, it is said and not obeyed', () => {
    const story = storyOf('youve-got-mail');
    const words = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 80 }),
      fc
        .array(
          fc.constantFrom(
            'end',
            ';',
            '#',
            '#59;',
            'style',
            ':',
            'classDef',
            '%%{init}%%',
            'wrap:',
            '<b>',
            '"',
            '\n',
            '&amp;',
            '-->>',
            'ﬂ°',
            '¶ß',
            '$$',
            ' ',
          ),
          { maxLength: 14 },
        )
        .map(parts => parts.join('')),
    );
    fc.assert(
      fc.property(words, text => {
        const { said } = parse(ladderMermaid(saying(story, text)));
        expect(said).toHaveLength(story.beats.length + story.lines.length);
        const [one = ''] = text.split('\n');
        if (/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !/ {2}/.test(text) && text.length <= 60)
          expect(said.map(each => each.replace(/^[✕◷] /u, ''))).toContain(one);
      }),
      { numRuns: 400 },
    );
  });

  test('a title that would end the diagram does not', () => {
    const story = toldFrom(withSubject('youve-got-mail', 'end; participant h99 as #x %%{init: {}}%%'));
    expect(parse(ladderMermaid(story)).posts.has('h99')).toBe(false);
  });

  test('what is too much for Mermaid is left to the recording, and said to be', () => {
    const story = storyOf('youve-got-mail');
    const lines = Array.from({ length: 3000 }, (_, at) => {
      const line = story.lines[at % story.lines.length];
      if (line === undefined) throw new Error('nobody speaks');
      return { ...line, index: at, beat: 0, text: 'x'.repeat(200) };
    });
    const { said } = parse(ladderMermaid({ ...story, lines }));
    const left = Number(/^(\d+) more lines/.exec(said.at(-1) ?? '')?.[1]);
    const shown = said.filter(text => text.startsWith('xxx')).length;
    expect(shown + left).toBe(3000);
  });

  test('a story in which nothing happens is a diagram too', () => {
    const { header, start } = storyOf('youve-got-mail');
    const empty = {
      ...storyOf('youve-got-mail'),
      header,
      start,
      beats: [],
      steps: [],
      lines: [],
      runs: [],
      chapters: [],
    };
    expect(parse(ladderMermaid(empty)).said).toEqual([]);
    expect(ladderSvg(empty)).toContain('</svg>');
  });
});

/** Throws where the document is not well-formed: every tag is closed in order, and text has neither < nor a bare &. */
function wellFormed(xml: string): void {
  const open: string[] = [];
  const rest = xml.replace(
    /<(\/?)([a-z]+)((?: [a-zA-Z:-]+="[^"<&]*(?:&[a-z#0-9]+;[^"<&]*)*")*)(\/?)>/g,
    (_all, closes: string, name: string, _attributes: string, empty: string) => {
      if (closes !== '') expect(open.pop()).toBe(name);
      else if (empty === '') open.push(name);
      return '';
    },
  );
  expect(open).toEqual([]);
  expect(rest).not.toMatch(/<|&(?!(?:amp|lt|gt|quot|#39);)/);
}

describe('as a drawing', () => {
  test.each(RUNS)('%s: well-formed, no type below 11 px, nothing beyond its edge, and nothing loaded', name => {
    const story = storyOf(name);
    for (const ink of ['light', 'dark'] as const) {
      const svg = ladderSvg(story, null, ink);
      wellFormed(svg);
      const sizes = [...svg.matchAll(/font-size="([\d.]+)"/g)].map(([, size]) => Number(size));
      expect(Math.min(...sizes)).toBeGreaterThanOrEqual(11);
      const width = Number(/ width="(\d+)"/.exec(svg)?.[1]);
      for (const [, x] of svg.matchAll(/ c?x="(-?[\d.]+)"/g)) expect(Number(x)).toBeLessThanOrEqual(width);
      for (const [, x] of svg.matchAll(/ c?x="(-?[\d.]+)"/g)) expect(Number(x)).toBeGreaterThanOrEqual(0);
      expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|url\(|@import|<script|<image/);
      expect(svg).toMatch(/<title id="ladder-title">[^<]+<\/title>\s*<desc id="ladder-desc">[^<]+<\/desc>/);
    }
  });

  test('what a stranger wrote stays text', () => {
    for (const subject of ['</text><script>alert(1)</script>', '&<>"\'', '\u0000\ufffe\u0007', ']]>']) {
      const svg = ladderSvg(toldFrom(withSubject('youve-got-mail', subject)));
      wellFormed(svg);
      expect(svg).not.toContain('<script');
    }
  });

  test('what failed has a sign, not only a colour', () => {
    expect(ladderSvg(storyOf('unknown-recipient'))).toContain('✕ 550 5.1.1');
    expect(ladderMermaid(storyOf('unknown-recipient'))).toMatch(/--xh\d+: ✕ 550 5\.1\.1/);
  });

  test('its colours are those of the page', () => {
    const tokens = readFileSync(path.join(import.meta.dirname, '../../../client/design/tokens.css'), 'utf8');
    for (const [name, [light, dark]] of Object.entries(COLOURS))
      expect(tokens).toContain(`--${name}: light-dark(${light}, ${dark});`);
  });
});
