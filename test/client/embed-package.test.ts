/** The package of a figure is what npm and an article expect: complete, typed, light, and silent towards everybody else. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { mailFlowElement } from '../../client/figure/element.ts';
import { buildEmbed } from '../../embed/build.ts';
import type { HTMLMailFlowElement } from '../../embed/mail-flow.d.ts';

const root = path.join(import.meta.dirname, '../..');
const folder = mkdtempSync(path.join(tmpdir(), 'mail-flow-'));
const built = (file: string): string => readFileSync(path.join(folder, file), 'utf8');
const manifest = (file: string): { readonly version: string; readonly license: string } =>
  JSON.parse(readFileSync(file, 'utf8'));

const SCRIPTS = ['mail-flow.js', 'mail-flow-all.js', 'mail-flow-teller.js'];

/** Most bytes that an article's reader may be asked to load for the first figure, script and style, as a web server sends them. */
const MOST = 60_000;

beforeAll(() => buildEmbed(folder));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the package', () => {
  test('holds what its manifest promises, and npm would publish just that', () => {
    const packed = spawnSync('npm', ['pack', '--dry-run', '--json', '--offline'], { cwd: folder, encoding: 'utf8' });
    const [{ files }] = JSON.parse(packed.stdout);
    const names = files.map((file: { path: string }) => file.path).toSorted();
    expect(names).toEqual(
      [...SCRIPTS, 'LICENSE', 'README.md', 'mail-flow.d.ts', 'mail-flow-teller.d.ts', 'package.json'].toSorted(),
    );
    expect(readdirSync(folder).toSorted()).toEqual(names);
  });

  test('publint finds nothing to say', async () => {
    const { messages, pkg } = await publint({ pkgDir: folder, strict: true, pack: false });
    expect(messages.map(message => formatMessage(message, pkg ?? {}))).toEqual([]);
  });

  test('has the version and the licence of the rest', () => {
    const [own, whole] = [manifest(path.join(folder, 'package.json')), manifest(path.join(root, 'package.json'))];
    expect(own).toMatchObject({ version: whole.version, license: whole.license, type: 'module' });
    expect(own).not.toHaveProperty('private');
    expect(own).not.toHaveProperty('dependencies');
  });

  test('its types are those of the element', () => {
    // Checked by the compiler: what is written for others is what the element has.
    const asPromised = (element: InstanceType<ReturnType<typeof mailFlowElement>>): HTMLMailFlowElement => element;
    expect(asPromised).toBeTypeOf('function');
  });

  test('where there are no elements, as on a server, loading it does no harm', async () => {
    const before = Object.keys(globalThis);
    await import(path.join(folder, 'mail-flow.js'));
    await import(path.join(folder, 'mail-flow-all.js'));
    expect(Object.keys(globalThis)).toEqual(before);
  });

  test('the teller tells recordings and reads told runs, and names what is neither', async () => {
    const { tell } = await import(path.join(folder, 'mail-flow-teller.js'));
    const trace = readFileSync(path.join(root, 'stories/youve-got-mail.trace.ndjson'), 'utf8');
    expect(tell(trace)).toMatchObject({ ok: true, story: { beats: { length: 14 } } });
    expect(tell(readFileSync(path.join(root, 'test/fixtures/told/version-1.told.json'), 'utf8'))).toMatchObject({
      ok: true,
    });
    expect(tell('Dear Bob')).toMatchObject({ ok: false });
  });
});

describe('the scripts', () => {
  test('the element with its style is light enough for an article', () => {
    expect(gzipSync(built('mail-flow.js'), { level: 9 }).length).toBeLessThanOrEqual(MOST);
  });

  test('the element carries neither the teller, nor React, nor a schema', () => {
    const script = built('mail-flow.js');
    expect(script).toContain('import(`./mail-flow-teller.js`)');
    for (const foreign of ['createStoryteller', 'ZodError', 'react.element', 'invalid_type', 'Minified React error'])
      expect(script).not.toContain(foreign);
  });

  test.each(SCRIPTS)('%s makes no code from text, and styles nothing in a way that a strict policy refuses', script => {
    expect(built(script)).not.toMatch(/\beval\(|\bnew Function\b|\bFunction\(|createElement\(.style.\)/);
  });

  test.each(SCRIPTS)('%s knows no address but those of the rules, and names of no place', script => {
    const addresses = built(script).match(/(?:https?:)?\/\/[a-z0-9][\w.-]*\.[a-z]+[^\s`'"),]*/gi) ?? [];
    const known = /^(?:https:\/\/www\.rfc-editor\.org\/|http:\/\/www\.w3\.org\/|http:\/\/[\w.]+\.invalid$)/;
    expect(addresses.filter(address => !known.test(address))).toEqual([]);
  });
});
