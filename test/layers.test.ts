/** The house has two floors: shared/ imports nothing above it, server/ and client/ stand on it and never meet. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const root = path.join(import.meta.dirname, '..');

const filesOf = (folder: string): string[] =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(file => /\.tsx?$/.test(file))
    .map(file => path.join(folder, file));

/** What a file imports: paths from the root for our own files, names for packages and for Node's modules. */
const importsOf = (file: string): string[] =>
  [...readFileSync(path.join(root, file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^'\n]+)'/g)].map(
    ([, target = '']) => (target.startsWith('.') ? path.normalize(path.join(path.dirname(file), target)) : target),
  );

const imports = (folder: string) => filesOf(folder).flatMap(file => importsOf(file).map(target => ({ file, target })));

/** Rooms from the ground up: a file imports only from its own room and from the rooms before it. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  shared: [
    'bytes.ts|fifo.ts|visible.ts|address.ts|name-shape.ts|protocols.ts',
    'faults',
    'world',
    'trace',
    'decode',
    'letter',
    'story|explain|script',
    'told|export|api|socket.ts|show.ts|figure.ts',
  ],
  server: [
    'root.ts|built.js|vite.config.ts',
    'open-things.ts',
    'disk',
    'record',
    'crlf.ts|sasl.ts|passing.ts|octet-budget.ts|opened-once.ts|troubles.ts|recorder.ts|silent-recorder.ts|mask.ts|clock.ts|faults.ts|chance.ts',
    'network',
    'dns',
    'smtp',
    'queue',
    'mailbox',
    'pop3',
    'mail-client',
    'rooms',
    'stories|shows',
    'cards',
    'web',
    'cli|cli.ts',
  ],
  client: [
    'design|url.ts',
    'stage|caption',
    'source/source.ts|source/api.ts|source/live.ts|source/slices.ts|source/text-at.ts|source/recorded.ts',
    'player|source',
    'timeline|panels|compose|connect|world|stories|embed',
    'picture|film|share|present|show|embed-page',
    'App.tsx|Audience.tsx|TopBar.tsx|main.tsx|stage-in-sight.ts',
  ],
};

describe('the directions of the house', () => {
  test('shared/ is pure: it imports only itself, zod, and where encoded words and letters are read postal-mime', () => {
    const outside = imports('shared').filter(
      ({ file, target }) =>
        !target.startsWith('shared/') &&
        target !== 'zod/mini' &&
        !(/^shared\/(letter\/|decode\/encoded-words\.ts)/.test(file) && target === 'postal-mime'),
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

  test.each(Object.entries(ROOMS))('%s/: each room imports only itself and what stands below it', (floor, rooms) => {
    const ranked = rooms.flatMap((room, rank) =>
      room.split('|').map(prefix => ({ prefix: `${floor}/${prefix}`, rank })),
    );
    const rankOf = (file: string) =>
      ranked
        .filter(({ prefix }) => file === prefix || file.startsWith(`${prefix}/`))
        .toSorted((one, other) => other.prefix.length - one.prefix.length)[0]?.rank;
    const upward = imports(floor).filter(({ file, target }) => {
      const [from, to] = [rankOf(file), rankOf(target)];
      return (
        target.startsWith(`${floor}/`) &&
        /\.tsx?$/.test(target) &&
        (from === undefined || to === undefined || to > from)
      );
    });
    expect(upward).toEqual([]);
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
        /^client\/(url|embed-page\/address)\.ts$/,
      ),
    ).toEqual([]);
  });
});
