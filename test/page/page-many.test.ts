/** Many letters: the page draws a bounded number of things, is never far behind without saying so, and answers a click. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeTrace } from '../../shared/trace/codec.ts';
import { collected, received } from '../fixtures/many.ts';
import { header, Script } from '../fixtures/script.ts';
import { launchBrowser } from '../help/browser.ts';
import { openSite, openStaticSite, openViewer, type Site } from '../help/page-site.ts';

const LETTERS = 1_500;
/** As a busy wire brings them. */
const AT_ONCE = 500;

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
});

const count = (page: Page, selector: string): Promise<number> => page.locator(selector).count();
const tab = (page: Page, name: string) => page.getByRole('tab', { name, exact: true });
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

/** All panels in turn: what each draws stays within its bound, and each click is answered. */
async function expectBounded(page: Page): Promise<void> {
  expect(await count(page, '.timeline *')).toBeLessThan(2_000);
  expect(await count(page, '.top-runs option')).toBeLessThan(250);
  await tab(page, 'Conversation').click();
  await page.locator('.conversation .line').first().waitFor();
  expect(await count(page, '.conversation *')).toBeLessThan(1_000);
  await tab(page, 'Transcript').click();
  await page.locator('.transcript li').first().waitFor();
  expect(await count(page, '.transcript *')).toBeLessThan(2_500);
  await tab(page, 'Inbox').click();
  expect(await count(page, '.inbox-list li')).toBeLessThanOrEqual(200);
  await tab(page, 'Queue').click();
  expect(await count(page, '.queue *')).toBeLessThan(1_500);
  expect(await count(page, '*')).toBeLessThan(4_000);
}

describe('a page that watches while many letters are collected', () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite();
  });
  afterAll(() => site.close());

  test('jumps to now and says how much it left out, with a way back; whoever goes back is left there', async () => {
    const { page, complaints, close } = await openViewer(browser, site.url);
    await page.getByText('Live on the wire').waitFor();
    const events = collected(LETTERS);
    for (let at = 0; at < events.length; at += AT_ONCE) {
      for (const event of events.slice(at, at + AT_ONCE))
        if (event.kind !== 'unknown') site.room.recorder.append(event);
      await new Promise(done => setImmediate(done));
    }
    const notice = page.getByText(/^[\d,]+ things happened meanwhile; jumped to now\./);
    await notice.waitFor();
    await page.getByText('Step 1 of ').waitFor({ state: 'detached' });
    await tab(page, 'Inbox').click();
    await expect.poll(() => page.locator('.inbox-users').innerText()).toContain('1500');
    expect(await count(page, '.inbox-list li')).toBe(200);
    await page.getByRole('button', { name: '… 1,300 earlier, show more' }).click();
    expect(await count(page, '.inbox-list li')).toBe(400);
    await expectBounded(page);

    await button(page, 'Back to where you were').click();
    await page.getByText('Step 1 of ').waitFor();
    await button(page, 'Pause').waitFor();
    // What comes now is no reason to take them away again.
    site.room.recorder.append({ kind: 'marker', label: 'one more' });
    await button(page, 'Back to live').waitFor();
    expect(await notice.count()).toBe(0);
    await page.getByText('Step 1 of ').waitFor();
    expect(complaints).toEqual([]);
    await close();
  });

  test('a viewer who comes afterwards sees the newest at once, and as little of the rest', async () => {
    const { page, complaints, close } = await openViewer(browser, site.url);
    await page.locator('.timeline-clock').waitFor();
    await expectBounded(page);
    expect(complaints).toEqual([]);
    await close();
  });
});

test('what turns or hides is shown on the page by its number, and right-to-left text stays as it is', async () => {
  const script = new Script();
  script
    .called('a', 'mx1.green.example', 'your-computer.example')
    .dialogue('a', 'C: MAIL FROM:<a\u202eb@blue.example>', 'S: 550 5.7.1 שלום \u2066no');
  const site = await openStaticSite({ '/turned.trace.ndjson': encodeTrace(header, script.events) });
  const { page, close } = await openViewer(browser, `${site.url}?trace=turned.trace.ndjson`);
  await page.locator('.timeline-clock').waitFor();
  await page.keyboard.press('End');
  await page.locator('.conversation').getByText('a\\u202eb@blue.example').waitFor();
  await page.locator('.conversation').getByText('שלום \\u2066no').waitFor();
  expect(await page.locator('body').innerText()).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
  await site.close();
  await close();
});

test('a recording of many letters opens while the page answers, and its journeys and steps are all to be reached', async () => {
  const text = encodeTrace(header, received(LETTERS));
  const site = await openStaticSite({ '/many.trace.ndjson': text });
  const { page, complaints, close } = await openViewer(browser, `${site.url}?trace=many.trace.ndjson`);
  await page.getByRole('combobox', { name: `Letter 1 of ${LETTERS}` }).waitFor();
  await expectBounded(page);
  await page.getByRole('combobox', { name: /^Letter / }).selectOption({ label: '… 1,425 later' });
  await page.getByRole('combobox', { name: `Letter 76 of ${LETTERS}` }).waitFor();
  await expectBounded(page);
  await page.evaluate(() => {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  });
  await page.keyboard.press('p');
  await page.keyboard.press('o');
  await page.locator('.overview-tile.marked').waitFor();
  expect(await count(page, '.overview-tile')).toBeLessThan(200);
  await page.keyboard.press('End');
  await page.getByRole('button', { name: /^… [\d,]+ earlier$/ }).waitFor();
  expect(await count(page, '.overview-tile')).toBeLessThan(200);
  expect(complaints).toEqual([]);
  await site.close();
  await close();
});
