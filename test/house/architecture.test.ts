/** What the map of the house and the README of each folder say about files and folders is so. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { RANKS } from './ranks.ts';

const root = path.join(import.meta.dirname, '../..');
const MAP = 'docs/architecture.md';
const RANKS_FILE = 'test/house/ranks.ts';
/** Files in a folder from which on it needs a README. */
const MANY_FILES = 9;
const MOST_LINES = 15;

const files: readonly string[] = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
const folders = new Set(
  files.flatMap(file => file.split('/').map((_, depth, parts) => parts.slice(0, depth).join('/'))),
);
const textOf = (file: string): string => readFileSync(path.join(root, file), 'utf8');

/** The code of a text: what stands between backticks. */
const quoted = (text: string): readonly string[] => [...text.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);

/** Paths among them: from the root, or a bare name for a file of `folder` or of the root. */
function pathsIn(text: string, folder: string): readonly string[] {
  const atRoot = new Set([...folders].filter(each => each !== '' && !each.includes('/')));
  return quoted(text).flatMap(code => {
    if (!/^[\w./-]+$/.test(code)) return [];
    if (code.includes('/')) return atRoot.has(code.split('/')[0] ?? '') ? [code.replace(/\/$/, '')] : [];
    return /\.(?:tsx?|js|css|md)$/.test(code) ? [files.includes(code) ? code : path.join(folder, code)] : [];
  });
}

const missing = (paths: readonly string[]): readonly string[] =>
  paths.filter(each => !files.includes(each) && !folders.has(each));

/** The other folders that the files of this one import from. */
const importedBy = (folder: string): readonly string[] => {
  const targets = files
    .filter(file => path.dirname(file) === folder && /\.tsx?$/.test(file))
    .flatMap(file => [...textOf(file).matchAll(/(?:from|import)\s*\(?\s*'(\.[^'\n]+)'/g)])
    .map(([, target = '']) => path.dirname(path.join(folder, target)));
  return [...new Set(targets)].filter(each => each !== folder);
};

const isCode = (folder: string): boolean =>
  /^(?:shared|server|client|test)(?:\/|$)/.test(folder) && !folder.startsWith('test/fixtures/');
const plateOf = (folder: string): string => `${folder}/README.md`;
const plates = files.filter(file => path.basename(file) === 'README.md' && isCode(path.dirname(file)));

describe('the map of the house', () => {
  test('names only files and folders that there are', () => {
    const paths = pathsIn(textOf(MAP), '');
    expect(paths.length).toBeGreaterThan(100);
    expect(missing(paths)).toEqual([]);
  });

  test('has a line for every folder that has a rank', () => {
    const lines = new Set([...textOf(MAP).matchAll(/^- `([^`]+)\/`:/gm)].map(([, folder]) => folder));
    expect(
      Object.values(RANKS)
        .flat()
        .filter(folder => !lines.has(folder)),
    ).toEqual([]);
  });
});

describe('the README of a folder', () => {
  test('stands on every floor, and in every folder with more than eight files', () => {
    const counts = new Map<string, number>();
    for (const file of files.filter(each => path.basename(each) !== 'README.md'))
      counts.set(path.dirname(file), (counts.get(path.dirname(file)) ?? 0) + 1);
    const large = [...counts].filter(([, count]) => count >= MANY_FILES).map(([folder]) => folder);
    const needed = ['shared', 'server', 'client', 'test', ...large.filter(isCode)];
    expect(missing(needed.map(plateOf))).toEqual([]);
  });

  test.each(plates)('%s is short, and names only what there is', plate => {
    const text = textOf(plate);
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(MOST_LINES);
    expect(missing(pathsIn(text, path.dirname(plate)))).toEqual([]);
  });

  test.each(Object.entries(RANKS))(
    'in %s/ says what a folder may import: what stands below it, and all that it does import',
    (floor, ranks) => {
      const wrong = plates
        .filter(plate => plate.startsWith(`${floor}/`) && path.dirname(plate) !== floor)
        .flatMap(plate => {
          const own = path.dirname(plate);
          const [, line = ''] = /^May import: (.*)$/m.exec(textOf(plate)) ?? [];
          const named = pathsIn(line, '').filter(each => folders.has(each));
          const upward = named.filter(
            each => each.startsWith(`${floor}/`) && ranks.indexOf(each) >= ranks.indexOf(own),
          );
          const isNamed = (folder: string): boolean =>
            named.includes(folder) || (floor !== 'shared' && folder.startsWith('shared/') && named.includes('shared'));
          const unnamed = pathsIn(line, '').includes(RANKS_FILE) ? [] : importedBy(own).filter(each => !isNamed(each));
          return [...upward, ...unnamed].map(each => `${plate}: ${each}`);
        });
      expect(wrong).toEqual([]);
    },
  );
});
