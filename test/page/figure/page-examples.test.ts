/** The examples, used as a reader, a speaker or a blog would: served as static files, with the real reveal.js and the built figures. */
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { serveExamples } from '../../../examples/serve.ts';
import { launchBrowser } from '../../help/browser.ts';
import { openViewer, type Viewer } from '../../help/page-site.ts';

let browser: Browser;
let site: Awaited<ReturnType<typeof serveExamples>>;
let viewer: Viewer;

beforeAll(async () => {
  [browser, site] = await Promise.all([
    launchBrowser(),
    serveExamples({ page: inject('page'), embed: inject('embed') }, 0),
  ]);
});
afterAll(async () => {
  await Promise.all([browser.close(), site.close()]);
});
afterEach(() => viewer.close());

interface Flow extends HTMLElement {
  readonly steps: readonly { readonly name: string }[];
  getState(): { readonly name: string; readonly playing: boolean };
  setSpeed(speed: number): void;
}

/** Which steps a figure has, once it has been loaded. */
const stepsOf = (figure: Locator): Promise<string> =>
  figure.evaluate((flow: Flow) => flow.steps.map(({ name }) => name).join(' '));

/** Until a figure stands still at that step. */
const standsAt = (figure: Locator, step: string): Promise<void> =>
  expect
    .poll(() =>
      figure.evaluate((flow: Flow) => `${flow.getState().name} ${flow.getState().playing ? 'moves' : 'stands'}`),
    )
    .toBe(`${step} stands`);

/** Nothing is played for longer than a test may take: a figure's pace is its own, and what is promised here is where it stands. */
const hurry = (page: Page): Promise<void> =>
  page.locator('mail-flow').evaluateAll((flows: Flow[]) => {
    for (const flow of flows) flow.setSpeed(16);
  });

describe('a talk in reveal.js', () => {
  beforeEach(async () => {
    viewer = await openViewer(browser, `${site.url}reveal/`, { viewport: { width: 1280, height: 720 } });
    await viewer.page.locator('.reveal.ready').waitFor();
  });

  test('fragments drive the figure step by step, and back is exact', async () => {
    const { page } = viewer;
    await page.keyboard.press('PageDown');
    const figure = page.locator('section.present mail-flow');
    await standsAt(figure, 'submission.accepted');
    await hurry(page);
    for (const step of ['mx-question', 'mx-answer', 'hand-over.hello']) {
      await page.keyboard.press('PageDown');
      await standsAt(figure, step);
    }
    await page.keyboard.press('PageUp');
    await standsAt(figure, 'mx-answer');
    await page.keyboard.press('PageUp');
    await page.keyboard.press('PageUp');
    await standsAt(figure, 'submission.accepted');
    expect(viewer.complaints).toEqual([]);
  });

  test('a frame plays while its slide is shown, and stands while it is not', async () => {
    const { page } = viewer;
    await page.evaluate(() => {
      location.hash = '#/2';
    });
    const frame = page.frameLocator('section.present iframe');
    await frame.getByRole('button', { name: 'Pause' }).waitFor();
    await page.keyboard.press('PageUp');
    await page
      .frameLocator('iframe')
      .getByRole('button', { name: 'Play', includeHidden: true })
      .waitFor({ state: 'attached' });
    expect(viewer.complaints).toEqual([]);
  });
});

describe('a blog', () => {
  test('five figures of one run each show their own part, and the recording is fetched from this site alone', async () => {
    viewer = await openViewer(browser, `${site.url}blog/`);
    const { page } = viewer;
    const elsewhere: string[] = [];
    page.on('request', request => {
      if (!request.url().startsWith(site.url)) elsewhere.push(request.url());
    });
    const figures = page.locator('mail-flow');
    expect(await figures.count()).toBe(5);
    const parts: string[] = [];
    for (const figure of await figures.all()) {
      await figure.scrollIntoViewIfNeeded();
      await expect.poll(() => stepsOf(figure)).not.toBe('');
      parts.push(await stepsOf(figure));
    }
    expect(parts).toEqual([
      'press-send submission.hello submission.auth submission.envelope submission.letter submission.accepted',
      'mx-question mx-answer',
      'address',
      'hand-over.hello hand-over.letter deliver.store',
      'collect.check-mail collect.retrieve',
    ]);
    expect(elsewhere).toEqual([]);
    expect(viewer.complaints).toEqual([]);
  });

  test('what WordPress leaves of an embed plays: a frame without an origin', async () => {
    viewer = await openViewer(browser, `${site.url}blog/wordpress.html`);
    const { page } = viewer;
    const frame = page.frameLocator('iframe');
    await frame.getByRole('button', { name: 'Play' }).click();
    await frame.getByRole('button', { name: 'Pause' }).waitFor();
    expect(await page.locator('iframe').evaluate(element => (element as HTMLIFrameElement).contentDocument)).toBeNull();
    expect(viewer.complaints).toEqual([]);
  });

  test('an article in MDX has its figures where it says', async () => {
    viewer = await openViewer(browser, `${site.url}blog/post.html`);
    const first = viewer.page.locator('mail-flow').first();
    await expect
      .poll(() => stepsOf(first))
      .toBe('press-send hand-over.hello hand-over.envelope hand-over.refused queue.deferred clock.jumped');
    expect(viewer.complaints).toEqual([]);
  });
});
