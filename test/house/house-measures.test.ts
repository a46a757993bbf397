/** The measures of the house: no product file over 300 lines, no function over 120, no two files that import each other in a circle. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseSync } from 'vite';
import { describe, expect, test } from 'vitest';

const root = path.join(import.meta.dirname, '../..');
const LONGEST_FILE = 300;
const LONGEST_FUNCTION = 120;
const FLOORS = ['shared', 'server', 'client', 'bench', 'tools'];

interface Source {
  readonly file: string;
  readonly text: string;
}
const SOURCES: readonly Source[] = FLOORS.flatMap(floor =>
  readdirSync(path.join(root, floor), { recursive: true, encoding: 'utf8' })
    .filter(file => /\.tsx?$/.test(file))
    .map(file => ({ file: path.join(floor, file), text: readFileSync(path.join(root, floor, file), 'utf8') })),
);

const linesOf = (text: string): number => text.split('\n').length - 1;

/** From 1. */
const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);

/** Calls `visit` with each function in a syntax tree, outer ones first: where it begins and ends in the text. */
function eachFunction(node: unknown, visit: (start: number, end: number) => void): void {
  if (typeof node !== 'object' || node === null) return;
  if (
    'type' in node &&
    FUNCTIONS.has(String(node.type)) &&
    'start' in node &&
    'end' in node &&
    typeof node.start === 'number' &&
    typeof node.end === 'number'
  )
    visit(node.start, node.end);
  for (const child of Object.values(node)) eachFunction(child, visit);
}

/** "server/rooms/room.ts:40 of 130 lines", for each function that is too long. */
function longFunctions({ file, text }: Source): string[] {
  // A function is in no file that is not longer than it.
  if (linesOf(text) <= LONGEST_FUNCTION) return [];
  const found: string[] = [];
  eachFunction(parseSync(file, text).program, (start, end) => {
    const lines = lineAt(text, end) - lineAt(text, start) + 1;
    if (lines > LONGEST_FUNCTION) found.push(`${file}:${lineAt(text, start)} of ${lines} lines`);
  });
  return found;
}

/** The groups of names that lead to each other in a circle (Tarjan's strongly connected components). */
function circlesIn(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>();
  const trail: string[] = [];
  const circles: string[][] = [];
  const visit = (name: string): number => {
    const own = order.size;
    order.set(name, own);
    let low = own;
    trail.push(name);
    for (const next of graph.get(name) ?? []) {
      if (!graph.has(next)) continue;
      const reached = order.has(next) ? (trail.includes(next) ? (order.get(next) ?? own) : own) : visit(next);
      low = Math.min(low, reached);
    }
    if (low !== own) return low;
    const circle = trail.splice(trail.indexOf(name));
    if (circle.length > 1) circles.push(circle.toSorted());
    return low;
  };
  for (const name of graph.keys()) if (!order.has(name)) visit(name);
  return circles;
}

const IMPORTS = new Map(
  SOURCES.map(({ file, text }) => [
    file,
    [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^'\n]+)'/g)].map(([, target = '']) =>
      path.normalize(path.join(path.dirname(file), target)),
    ),
  ]),
);

describe('the measures of the house', () => {
  test('a function is measured with its first and last line', () => {
    const body = (lines: number) => `${'\n'.repeat(200)}const f = () => {\n${'  void 0;\n'.repeat(lines - 2)}};\n`;
    expect(longFunctions({ file: 'a.ts', text: body(120) })).toEqual([]);
    expect(longFunctions({ file: 'a.ts', text: body(121) })).toEqual(['a.ts:201 of 121 lines']);
  });

  test('a circle is found, and a way that only meets again is none', () => {
    const graph = { a: ['b', 'c'], b: ['d'], c: ['d'], d: [], e: ['f'], f: ['g', 'a'], g: ['e'] };
    expect(circlesIn(new Map(Object.entries(graph)))).toEqual([['e', 'f', 'g']]);
  });

  test(`no file has more than ${LONGEST_FILE} lines`, () => {
    const long = SOURCES.filter(({ text }) => linesOf(text) > LONGEST_FILE).map(
      ({ file, text }) => `${file} of ${linesOf(text)} lines`,
    );
    expect(long).toEqual([]);
  });

  test(`no function has more than ${LONGEST_FUNCTION} lines`, () => {
    expect(SOURCES.flatMap(longFunctions)).toEqual([]);
  });

  test('no files import each other in a circle, types included', () => {
    const circles = circlesIn(IMPORTS);
    expect(circles).toEqual([]);
  });
});
