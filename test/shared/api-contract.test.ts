/** The API is written down once: what shared/api/ has, the server answers and docs/api.md lists, no more and no less. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ERRORS } from '../../shared/api/errors.ts';
import { type Call, inRoom, pathReader, pathTo, ROOM_CALLS, SITE_CALLS, SOCKETS } from '../../shared/api/routes.ts';

const docs = readFileSync(path.join(import.meta.dirname, '../../docs/api.md'), 'utf8');
const calls: readonly Call[] = [...Object.values(SITE_CALLS), ...Object.values(ROOM_CALLS)];

/** `/api/outbox/{user}` as the page has it: `/api/outbox/USER`. */
const written = (path: string): string => path.replace(/\{(\w+)\}/g, (_, name: string) => name.toUpperCase());

describe('docs/api.md', () => {
  const tables = docs.split('\n').filter(line => line.startsWith('|'));
  const listed = (pattern: RegExp) =>
    tables.flatMap(line => [...(line.split('|')[1] ?? '').matchAll(pattern)].map(([, found = '']) => found));

  test('lists every call, and no other', () => {
    const inDocs = listed(/`((?:GET|POST|PUT|DELETE) \/[^`]*)`/g);
    expect(inDocs.toSorted()).toEqual(calls.map(({ method, path }) => `${method} ${written(path)}`).toSorted());
  });

  test('lists every WebSocket, and no other', () => {
    const inDocs = listed(/WebSocket `(\/[^`?]*)/g);
    expect(inDocs.toSorted()).toEqual(Object.values(SOCKETS).toSorted());
  });

  test('lists every error code with its status, and no other', () => {
    const rows = tables.flatMap(line => {
      const [, status = '', codes = ''] = line.split('|');
      return /^ \d{3} $/.test(status)
        ? [...codes.matchAll(/`([\w-]+)`/g)].map(([, code]) => [code, Number(status)])
        : [];
    });
    expect(Object.fromEntries(rows)).toEqual(ERRORS);
    expect(rows).toHaveLength(Object.keys(ERRORS).length);
  });

  test('names no code anywhere that there is not', () => {
    const named = [...docs.matchAll(/\b[45]\d\d `([a-z][\w-]+)`/g)].map(([, code]) => code);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter(code => code === undefined || !Object.hasOwn(ERRORS, code))).toEqual([]);
  });
});

describe('a path', () => {
  const word = fc.string({ minLength: 1, unit: 'binary' });

  test('is read as it was written, whatever is in its parameters', () => {
    fc.assert(
      fc.property(word, word, (id, name) => {
        const parameter = pathReader(SITE_CALLS.recording)(pathTo(SITE_CALLS.recording, { id, name }));
        expect(parameter?.('id')).toBe(id);
        expect(parameter?.('name')).toBe(name);
      }),
    );
  });

  test('means one call of a method at most', () => {
    const example = (call: Call): string => written(call.path);
    for (const call of calls) {
      const meant = calls.filter(
        other => other.method === call.method && pathReader<string>(other)(example(call)) !== null,
      );
      expect(meant).toEqual([call]);
    }
  });

  test('has no empty part, and no part more', () => {
    const read = pathReader(ROOM_CALLS.clearFault);
    expect(read('/api/faults/')).toBeNull();
    expect(read('/api/faults/f1/x')).toBeNull();
    expect(read('/api/faults/f1')?.('id')).toBe('f1');
    // What cannot be decoded stands as it is.
    expect(read('/api/faults/%zz')?.('id')).toBe('%zz');
  });

  test('about a room names it, and one about the main one does not', () => {
    expect(inRoom(ROOM_CALLS.world.path, null)).toBe('/api/world');
    expect(inRoom(ROOM_CALLS.world.path, 'a&b')).toBe('/api/world?room=a%26b');
  });
});
