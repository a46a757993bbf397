/** The house has two floors: shared/ imports nothing above it, server/ and client/ stand on it and never meet. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { RANKS } from './ranks.ts';

const root = path.join(import.meta.dirname, '../..');

const filesOf = (folder: string): string[] =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(file => /\.tsx?$/.test(file))
    .map(file => path.join(folder, file));

/** Files of the project, as they are kept. */
const tracked = (): readonly string[] =>
  execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
const MOST_FILES = 16;

/** What a file imports: paths from the root for our own files, names for packages and for Node's modules. */
const importsOf = (file: string): string[] =>
  [...readFileSync(path.join(root, file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^'\n]+)'/g)].map(
    ([, target = '']) => (target.startsWith('.') ? path.normalize(path.join(path.dirname(file), target)) : target),
  );

const imports = (folder: string) => filesOf(folder).flatMap(file => importsOf(file).map(target => ({ file, target })));

describe('the directions of the house', () => {
  test('shared/ is pure: it imports only itself, zod, and where letters are read postal-mime', () => {
    const outside = imports('shared').filter(
      ({ file, target }) =>
        !target.startsWith('shared/') &&
        target !== 'zod/mini' &&
        !(/^shared\/(?:letter\/|decode\/encoded-words)/.test(file) && target === 'postal-mime'),
    );
    expect(outside).toEqual([]);
  });

  test('server/ and client/ never meet', () => {
    const crossing = [
      ...imports('server').filter(({ target }) => target.startsWith('client/')),
      ...imports('client').filter(({ target }) => target.startsWith('server/') || target.startsWith('node:')),
    ];
    expect(crossing).toEqual([]);
  });

  test('nothing that ships imports a test', () => {
    const tests = ['shared', 'server', 'client'].flatMap(imports).filter(({ target }) => target.startsWith('test/'));
    expect(tests).toEqual([]);
  });

  test.each(Object.entries(RANKS))('%s/: every folder has one rank', (floor, ranks) => {
    const folders = new Set(filesOf(floor).map(file => path.dirname(file)));
    expect([...ranks].toSorted()).toEqual([...folders].toSorted());
  });

  test.each(Object.entries(RANKS))('%s/: each folder imports only itself and what stands below it', (floor, ranks) => {
    const upward = imports(floor).filter(({ file, target }) => {
      const [from, to] = [ranks.indexOf(path.dirname(file)), ranks.indexOf(path.dirname(target))];
      return to > from;
    });
    expect(upward).toEqual([]);
  });

  test('no folder but stories/ and what tests read holds more than 16 files, its README.md not counted', () => {
    const counts = new Map<string, number>();
    for (const file of tracked().filter(each => !/^(?:stories|test\/fixtures)\/|\/README\.md$/.test(each)))
      counts.set(path.dirname(file), (counts.get(path.dirname(file)) ?? 0) + 1);
    expect([...counts].filter(([, count]) => count > MOST_FILES)).toEqual([]);
  });

  test('only the command line reads arguments and environment, only url.ts reads the address bar, and in a frame its own address.ts', () => {
    const using = (folder: string, pattern: RegExp, allowed: RegExp) =>
      filesOf(folder).filter(
        file =>
          !allowed.test(file) &&
          pattern.test(readFileSync(path.join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')),
      );
    expect(using('server', /process\.(argv|env)\b/, /^server\/cli/)).toEqual([]);
    expect(
      using(
        'client',
        /\b(window\.)?location\.(hash|search|href|host|origin|protocol)/,
        /^client\/(url|figure\/frame\/address)\.ts$/,
      ),
    ).toEqual([]);
  });
});
