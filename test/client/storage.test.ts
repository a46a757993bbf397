/** The browser's storage belongs to whoever opened the page: nothing of it is read or written before a page begins. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';

const client = path.join(import.meta.dirname, '../../client');
/** Where pages begin: each does at once what it is there for. */
const BEGINNINGS = /^(?:page\/main\.tsx|figure\/(?:mail-flow|all|frame\/main)\.ts|film\/film-page\.ts)$/;

/** Every module that can reach storage: by itself, or through what is remembered in place.ts. */
const modules = readdirSync(client, { recursive: true, encoding: 'utf8' })
  .filter(file => /\.tsx?$/.test(file) && !BEGINNINGS.test(file))
  .filter(file =>
    /\/place\.ts'|localStorage|sessionStorage|indexedDB/.test(readFileSync(path.join(client, file), 'utf8')),
  );

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

test('no module of the page touches storage by being imported', async () => {
  const touched: string[] = [];
  const storage = (name: string) =>
    new Proxy(
      {},
      {
        get(_, method) {
          touched.push(`${name}.${String(method)}`);
          return () => null;
        },
      },
    );
  for (const name of ['localStorage', 'sessionStorage', 'indexedDB']) vi.stubGlobal(name, storage(name));
  vi.stubGlobal('location', new URL('http://127.0.0.1/'));
  vi.stubGlobal('HTMLElement', class {});
  for (const file of modules) await import(path.join(client, file));
  expect(modules).toContain('talk/show/stage.ts');
  expect(touched).toEqual([]);
});
