/** What a figure reads traces with says the same of every value as zod does, which reads them everywhere else. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { upgraded } from '../../shared/trace/upgrade.ts';

const stories = path.join(import.meta.dirname, '../../stories');

/** The shapes of a trace, made with zod or with what stands for it. */
async function shapes() {
  vi.resetModules();
  const [{ FACTS }, { publicWorld, privateWorld }] = await Promise.all([
    import('../../shared/trace/schema.ts'),
    import('../../shared/world/shape.ts'),
  ]);
  return new Map<string, { safeParse(value: unknown): ReturnType<typeof publicWorld.safeParse> | object }>([
    ...Object.entries(FACTS),
    ['world', publicWorld],
    ['private world', privateWorld],
  ]);
}
const full = await shapes();
vi.doMock('zod/mini', () => import('../../client/figure/lean/zod.ts'));
const lean = await shapes();
vi.doUnmock('zod/mini');

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** The value that came out, or the first issue: all that is ever shown. */
function answer(result: object): unknown {
  if ('data' in result) return { data: result.data };
  const issues = 'error' in result && isObject(result.error) ? result.error.issues : null;
  const [issue] = Array.isArray(issues) ? issues : [];
  if (!isObject(issue)) return null;
  const { code, path: place, message, expected, values, origin, maximum, minimum } = issue;
  // A text that does not fit a pattern has an origin too, of which nothing is said.
  return { code, place, message, expected, values, maximum, minimum, ...(code !== 'invalid_format' && { origin }) };
}

function same(shape: string, value: unknown): void {
  const [one, other] = [full, lean].map(each => answer(each.get(shape)?.safeParse(structuredClone(value)) ?? {}));
  expect(other, `${shape}: ${(JSON.stringify(value) ?? 'undefined').slice(0, 500)}`).toEqual(one);
}

/** One value of each shape that the recordings have, and of each kind of its members. */
const samples: [string, unknown][] = [];
const seen = new Set<string>();
for (const file of readdirSync(stories).filter(name => name.endsWith('.trace.ndjson'))) {
  for (const line of readFileSync(path.join(stories, file), 'utf8').split('\n')) {
    if (line === '') continue;
    const written: unknown = JSON.parse(line);
    if (!isObject(written)) continue;
    const value: Record<string, unknown> = upgraded(written);
    const shape = typeof value.kind === 'string' ? value.kind : 'world';
    const key = `${shape} ${Object.keys(value).sort()} ${isObject(value.edit) ? String(value.edit.code) : ''} ${isObject(value.fault) ? String(value.fault.kind) : ''}`;
    if (seen.has(key) && shape !== 'world') continue;
    seen.add(key);
    samples.push([shape, shape === 'world' ? value.world : value]);
  }
}

const ODD = [
  undefined,
  null,
  '',
  'x',
  '.',
  'A b',
  '😀'.repeat(24),
  '😀'.repeat(25),
  'x'.repeat(70_000),
  'line\nline',
  -1,
  0,
  1,
  0.5,
  65_536,
  2 ** 53,
  -(2 ** 60),
  true,
  {},
  { code: 'words' },
  { code: 'undone', edit: { code: 'nothing' } },
  [],
  ['a.example'],
  ['', 1],
  Array.from({ length: 20 }, () => 'a.example'),
  Array.from({ length: 20 }, () => 1),
];

/** Every place inside a value, as a list of names. */
function placesIn(value: unknown, at: readonly string[] = []): (readonly string[])[] {
  if (!isObject(value)) return [at];
  return [at, ...Object.entries(value).flatMap(([name, inner]) => placesIn(inner, [...at, name]))];
}

/** The value with another one at a place, or with nothing there where it is `undefined` and `absent`. */
function changed(value: unknown, [name, ...rest]: readonly string[], odd: unknown, absent: boolean): unknown {
  if (name === undefined) return odd;
  if (!isObject(value)) return value;
  const inner = changed(value[name], rest, odd, absent);
  if (Array.isArray(value)) return value.map((each, at) => (String(at) === name ? inner : each));
  const { [name]: _, ...others } = value;
  return rest.length === 0 && absent ? others : { ...value, [name]: inner };
}

describe('the lean shapes of a figure', () => {
  test('let in what the recordings hold, and make the same of it', () => {
    expect(samples.length).toBeGreaterThan(50);
    for (const [shape, value] of samples) same(shape, value);
  });

  test('say of a value with anything wrong in it what zod says', () => {
    const cases = fc
      .tuple(fc.nat(samples.length - 1), fc.nat(), fc.nat(ODD.length - 1), fc.boolean())
      .map(([which, where, odd, absent]) => {
        const [shape, value] = samples[which] ?? ['world', null];
        const places = placesIn(value);
        return [shape, changed(value, places[where % places.length] ?? [], ODD[odd], absent)] as const;
      });
    fc.assert(
      fc.property(cases, ([shape, value]) => same(shape, value)),
      { numRuns: 1500 },
    );
  });

  test('say of any other value what zod says', () => {
    for (const shape of full.keys())
      for (const odd of ODD) for (const value of [odd, { kind: shape, cause: odd, edit: odd }]) same(shape, value);
  });

  test('know a private world, with its passwords', () => {
    for (const [shape, value] of samples) {
      if (shape !== 'world' || !isObject(value) || !Array.isArray(value.users)) continue;
      for (const password of ['secret', '', undefined])
        same('private world', { ...value, users: value.users.map(user => ({ ...user, password })) });
    }
  });
});
