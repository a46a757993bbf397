/** Before the first test of the page: it is built once for all tests that show it, and a Chromium is unpacked once. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import type { TestProject } from 'vitest/node';
import { launchBrowser } from './browser.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the built page. */
    readonly page: string;
    /** The folder of the built figure: mail-flow.js and what it loads. */
    readonly embed: string;
  }
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mailscope-page-'));
  project.provide('page', folder);
  project.provide('embed', path.join(folder, 'embed'));
  await Promise.all([
    build({ root: ROOT, logLevel: 'error', build: { outDir: folder, emptyOutDir: true } }),
    // Workers that unpacked it at the same time would find each other's half.
    launchBrowser().then(browser => browser.close()),
  ]);
  return () => rm(folder, { recursive: true, force: true });
}
