/** The deck in Slidev, built by Slidev and shown in a browser. Slidev is larger than mailscope with all its tests: where it is not installed, this is passed over. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Browser, Locator } from 'playwright-core';
import sirv from 'sirv';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { launchBrowser } from '../../help/browser.ts';
import { openViewer } from '../../help/page-site.ts';

const DECK = path.join(import.meta.dirname, '../../..', 'examples', 'slidev');
const BUILDING = 300_000;

interface Flow extends HTMLElement {
  getState(): { readonly name: string; readonly playing: boolean };
  setSpeed(speed: number): void;
}

const standsAt = (figure: Locator, step: string): Promise<void> =>
  expect
    .poll(
      () => figure.evaluate((flow: Flow) => `${flow.getState().name} ${flow.getState().playing ? 'moves' : 'stands'}`),
      { timeout: 30_000 },
    )
    .toBe(`${step} stands`);

describe.runIf(existsSync(path.join(DECK, 'node_modules', '@slidev', 'cli')))('a talk in Slidev', () => {
  let browser: Browser;
  const server = createServer();
  let url = '';

  beforeAll(async () => {
    // The figures come from the build that is under test.
    const env = { ...process.env, MAILSCOPE_PAGE: inject('page') };
    await promisify(execFile)('npm', ['run', 'build'], { cwd: DECK, env });
    server.on('request', sirv(path.join(DECK, 'dist')));
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`;
    browser = await launchBrowser();
  }, BUILDING);
  afterAll(async () => {
    await browser.close();
    server.closeAllConnections();
    await new Promise<void>(resolve => server.close(() => resolve()));
  });

  test('clicks drive the figure step by step, and back is exact', async () => {
    const viewer = await openViewer(browser, `${url}#/2`, { viewport: { width: 1280, height: 720 } });
    const { page } = viewer;
    const figure = page.locator('mail-flow');
    await standsAt(figure, 'press-send');
    await figure.evaluate((flow: Flow) => flow.setSpeed(16));
    for (const step of ['submission.accepted', 'mx-question', 'mx-answer', 'hand-over.hello']) {
      await page.keyboard.press('ArrowRight');
      await standsAt(figure, step);
    }
    await page.keyboard.press('ArrowLeft');
    await standsAt(figure, 'mx-answer');
    await viewer.close();
  });
});
