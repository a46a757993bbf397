/** Stylesheets: a layout changes at the breakpoints of one list, and a sheet dresses the markup of its own room. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseSync } from 'vite';
import { describe, expect, test } from 'vitest';
import { HEIGHTS, WIDTHS } from '../../client/design/breakpoints.ts';

const root = path.join(import.meta.dirname, '../..');

interface Source {
  readonly file: string;
  readonly text: string;
}
const sources = (folder: string, ending: RegExp): readonly Source[] =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(file => ending.test(file))
    .map(file => path.posix.join(folder, file))
    .map(file => ({ file, text: readFileSync(path.join(root, file), 'utf8') }));

const SHEETS = sources('client', /\.css$/).map(({ file, text }) => ({
  file,
  text: text.replaceAll(/\/\*.*?\*\/|"[^"\n]*"/gs, ''),
}));
const SCRIPTS = sources('client', /(?<!\.d)\.tsx?$/);

/** What stands before each `{` of a sheet. */
const preludesOf = (text: string): readonly string[] =>
  [...text.matchAll(/([^{};]+)\{/g)].map(([, prelude = '']) => prelude.trim());

const QUERY = /^@(?:media|container)\b/;
const RANGE = /(?<end>min|max)-(?<side>width|height):\s*(?<value>\d+)px/;

/** The breakpoint that one part of a query asks for; null where its form is not one that the house uses. */
function breakpointIn(part: string): { readonly side: string; readonly value: number } | null {
  const { end, side, value } = RANGE.exec(part)?.groups ?? {};
  if (side === undefined || value === undefined) return null;
  // Below a width, from a width on; up to a height, above a height.
  const off = side === 'width' ? (end === 'max' ? 1 : 0) : end === 'min' ? -1 : 0;
  return { side, value: Number(value) + off };
}

const asked = SHEETS.flatMap(({ file, text }) =>
  preludesOf(text)
    .filter(prelude => QUERY.test(prelude))
    .flatMap(query => [...query.matchAll(/\([^()]*(?:width|height)[^()]*\)/g)].map(([part]) => ({ file, part }))),
).map(({ file, part }) => ({ file, part, at: breakpointIn(part) }));

describe('breakpoints', () => {
  test('a sheet asks for the widths and heights of the list, and for no other', () => {
    const listed = { width: new Set<number>(WIDTHS), height: new Set<number>(HEIGHTS) };
    const strangers = asked.filter(
      ({ at }) => at === null || !(at.side === 'width' ? listed.width : listed.height).has(at.value),
    );
    expect(strangers).toEqual([]);
  });

  test('no width or height stays on the list that no sheet asks for', () => {
    const values = (side: string): readonly number[] =>
      [...new Set(asked.flatMap(({ at }) => (at?.side === side ? [at.value] : [])))].toSorted((a, b) => a - b);
    expect({ widths: values('width'), heights: values('height') }).toEqual({ widths: WIDTHS, heights: HEIGHTS });
  });

  test('a script asks by the names on the list', () => {
    const own = SCRIPTS.filter(({ file }) => file !== 'client/design/breakpoints.ts').flatMap(({ file, text }) =>
      [...text.matchAll(/\((?:min|max)-(?:width|height)\b[^)]*\)/g)].map(([query]) => `${file}: ${query}`),
    );
    expect(own).toEqual([]);
  });
});

/** The room that a file is in: the folder of its floor, with all folders in that. */
const roomOf = (file: string): string => path.posix.dirname(file).split('/').slice(0, 2).join('/');

/** Parts that all rooms are made of: any sheet may name their classes, and theirs may name anybody's. */
const PARTS = 'client/design';

/** Sheets, by how their paths begin, that dress what another folder draws: the stage in a frame of their own, pages that no component draws. */
const DRESSES: Readonly<Record<string, readonly string[]>> = {
  'client/figure/': ['client/stage', '.'],
  'client/picture/': ['client/stage'],
  'client/talk/': ['client/stage'],
  'client/stories/reading': ['server/stories', 'shared/export'],
};

/** Boxes of other rooms that the page lays out: it says where they stand, not how they look. */
const LAID_OUT: Readonly<Record<string, readonly string[]>> = {
  'client/page/app.css': ['caption', 'clock-bar', 'empty', 'panels', 'the-end', 'timeline'],
};

/** What a folder's scripts and pages may use as a class: every word of their strings, and how a made-up one begins. */
interface Vocabulary {
  readonly words: Set<string>;
  readonly beginnings: Set<string>;
}

/** Adds what the strings in a syntax tree may name. */
function addStrings(node: unknown, { words, beginnings }: Vocabulary): void {
  if (typeof node !== 'object' || node === null || ('type' in node && node.type === 'ImportDeclaration')) return;
  const text = 'value' in node ? node.value : null;
  const piece = typeof text === 'object' && text !== null && 'cooked' in text ? text.cooked : text;
  if (typeof piece === 'string') {
    const found = piece.split(/[^\w-]+/);
    for (const word of found) words.add(word);
    const last = found.at(-1) ?? '';
    // `columns-${count}`
    if (piece !== text && last.length > 1 && last.endsWith('-')) beginnings.add(last);
  }
  for (const child of Object.values(node)) addStrings(child, { words, beginnings });
}

const vocabularies = new Map<string, Vocabulary>();
for (const { file, text } of [
  ...SCRIPTS,
  ...sources('server/stories', /\.ts$/),
  ...sources('shared/export', /\.ts$/),
  { file: 'embed.html', text: '' },
]) {
  const folder = roomOf(file);
  const known = vocabularies.get(folder) ?? { words: new Set(), beginnings: new Set() };
  vocabularies.set(folder, known);
  if (file.endsWith('.html')) {
    const page = readFileSync(path.join(root, file), 'utf8');
    for (const [, names = ''] of page.matchAll(/class="([^"]*)"/g))
      for (const name of names.split(' ')) known.words.add(name);
  } else addStrings(parseSync(file, text).program, known);
}

const uses = (folder: string, name: string): boolean => {
  const known = vocabularies.get(folder);
  return known !== undefined && (known.words.has(name) || [...known.beginnings].some(each => name.startsWith(each)));
};

const classesIn = (selector: string): readonly string[] =>
  [...selector.matchAll(/\.([a-z][\w-]*)/gi)].map(([, name = '']) => name);

describe('rooms', () => {
  test('a sheet dresses what its own room draws', () => {
    const strangers = SHEETS.flatMap(({ file, text }) => {
      const folder = roomOf(file);
      const also = Object.entries(DRESSES).flatMap(([start, folders]) => (file.startsWith(start) ? folders : []));
      const folders = folder === PARTS ? [...vocabularies.keys()] : [folder, PARTS, ...also];
      return preludesOf(text)
        .filter(prelude => !prelude.startsWith('@'))
        .flatMap(selector => classesIn(selector).map(name => ({ name, selector })))
        .filter(({ name }) => !LAID_OUT[file]?.includes(name) && !folders.some(each => uses(each, name)))
        .map(({ name, selector }) => `${file}: .${name} in “${selector}”`);
    });
    expect(strangers).toEqual([]);
  });

  test('what may be dressed or laid out from elsewhere is', () => {
    const files = SHEETS.map(({ file }) => file);
    const idle = [
      ...Object.keys(DRESSES).filter(start => !files.some(file => file.startsWith(start))),
      ...Object.entries(LAID_OUT).flatMap(([file, names]) => {
        const named = new Set(
          SHEETS.filter(each => each.file === file).flatMap(({ text }) => preludesOf(text).flatMap(classesIn)),
        );
        return names.filter(name => !named.has(name));
      }),
    ];
    expect(idle).toEqual([]);
  });
});
