/** Before the first test of the page: it and the server are built once for all tests that show or start them, and a Chromium is unpacked once. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { ensurePage } from '../../server/web/page.ts';
import { launchBrowser, quitBrowser } from './browser.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the built page. */
    readonly page: string;
    /** The folder of the built figure: mail-flow.js and what it loads. */
    readonly embed: string;
  }
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export default async function setup(project: TestProject): Promise<void> {
  const said: string[] = [];
  const [page] = await Promise.all([
    ensurePage(ROOT, sentence => said.push(sentence)),
    // Whoever starts it finds it built: two that build it at the same time would do it twice.
    promisify(execFile)(process.execPath, [path.join(ROOT, 'bin', 'mailscope.js'), '--version']),
    // Workers that unpacked it at the same time would find each other's half.
    launchBrowser().then(quitBrowser),
  ]);
  // It says that it builds, and why it could not: an old page is no answer here.
  if (page === null || said.length > 1) throw new Error(said.join(' '));
  project.provide('page', page);
  project.provide('embed', path.join(page, 'embed'));
}
