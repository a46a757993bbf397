/** Letters as they really are, on the page: read rightly, from right to left too, with their own styles and images, and nothing leaves them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../help/browser.ts';
import { openSite, openStaticSite, openViewer, type Site } from '../help/page-site.ts';

const CORPUS = path.join(import.meta.dirname, '../fixtures', 'letters');
const LETTERS = [
  'c06-latin1-c1',
  'c11-two-replyto',
  'c12-rfc2231',
  'c15b-midline',
  'c18b-dsn-qp',
  'c19-cid',
  'c20-preconnect',
  'c22-rtl',
  'c34-long',
  'address-quoted-comma',
  'charset-unknown',
  'cid-mixed-case',
  'html-styles',
];

let browser: Browser;
let site: Site;
/** The sender's own server: whether a request reaches it is what counts. */
let spy: Awaited<ReturnType<typeof openStaticSite>>;
beforeAll(async () => {
  browser = await launchBrowser();
  spy = await openStaticSite();
  site = await openSite();
  for (const name of LETTERS) {
    const data = readFileSync(path.join(CORPUS, `${name}.eml`), 'utf8').replaceAll(/@PORT\d@/g, new URL(spy.url).port);
    await site.room.call('mx1.green.example', 25, {
      mailFrom: 'alice@blue.example',
      rcptTo: ['bob@green.example'],
      data,
    });
  }
  await site.room.collect('bob@green.example');
});
afterAll(async () => {
  await browser.close();
  await site.close();
  await spy.close();
});

async function openLetter(subject: string | RegExp, options: Parameters<typeof openViewer>[2] = {}) {
  const viewer = await openViewer(browser, site.url, options);
  const { page } = viewer;
  await page.getByText('Live on the wire').waitFor();
  await page.keyboard.press('End');
  await page.getByRole('tab', { name: 'Inbox' }).click();
  await page.locator('.inbox-list button', { hasText: subject }).first().click();
  await page.locator('article.letter').waitFor();
  return viewer;
}
const showAs = (page: Page, view: 'Text' | 'HTML' | 'Source') =>
  page.getByRole('button', { name: view, exact: true }).click();
const inFrame = (page: Page) => page.frameLocator('article.letter iframe');

test('a label of ISO-8859-1 means windows-1252, in the list and in the heading', async () => {
  const { page, close } = await openLetter('We’ll meet – Friday');
  expect(await page.locator('.inbox h2').innerText()).toBe('We’ll meet – Friday');
  await close();
});

test('an answer goes to everybody that Reply-To names', async () => {
  const { page, close } = await openLetter('Two reply-to');
  await page.getByRole('button', { name: 'Reply' }).click();
  await expect
    .poll(() => page.getByLabel('To', { exact: true }).inputValue())
    .toBe('alice@blue.example, bob@green.example');
  await close();
});

test('a name in quotes is a name, whatever it contains', async () => {
  const { page, close } = await openLetter('Quoted names');
  const shown = page.getByText('"alice@evil.example" <alice@blue.example>, carol@blue.example');
  await shown.waitFor();
  expect(await shown.isVisible()).toBe(true);
  await close();
});

test('a file has its name in sections and charset, in the list of parts too', async () => {
  const { page, close } = await openLetter('RFC 2231 names');
  await page.getByText('Attached: Speisekarte für März.pdf').waitFor();
  await page.getByText('Its parts').click();
  const shown = page.getByText('“Speisekarte für März.pdf”');
  await shown.waitFor();
  expect(await shown.isVisible()).toBe(true);
  await close();
});

test('malformed lines stay visible where they stand', async () => {
  const { page, close } = await openLetter('Line without colon in the middle');
  await page.getByText('Body after a broken header line.').waitFor();
  await showAs(page, 'Source');
  const source = (await page.locator('.letter-source').textContent()) ?? '';
  expect(source).toContain('\nX-Note this line has no colon at all\nTo: bob@green.example\n');
  expect(source).toMatch(/\nX-Odd\u00a0Name: value\n\nBody after/);
  await close();
});

test('the words of a report are decoded', async () => {
  const { page, close } = await openLetter('Undelivered mail');
  const shown = page.getByText('Empfängerin unbekannt. Preis = 0.');
  await shown.waitFor();
  expect(await shown.isVisible()).toBe(true);
  await close();
});

test('an unknown charset is shown as it stands, and said to be unknown', async () => {
  const { page, close } = await openLetter('=?x-klingon?Q?nuqneH?= and ü');
  const shown = page.getByText('“x-klingon” is not known here');
  await shown.waitFor();
  expect(await shown.isVisible()).toBe(true);
  await close();
});

describe('an HTML letter', () => {
  test('shows an image of its own, and no request leaves', async () => {
    const { page, close } = await openLetter('Inline image');
    await showAs(page, 'HTML');
    const image = inFrame(page).locator('#pic');
    await expect
      .poll(() => image.evaluate(element => element instanceof HTMLImageElement && element.naturalWidth))
      .toBe(10);
    await close();
    const two = await openLetter('Two images');
    await showAs(two.page, 'HTML');
    for (const id of ['#one', '#two'])
      await expect
        .poll(() =>
          inFrame(two.page)
            .locator(id)
            .evaluate(element => element instanceof HTMLImageElement && element.naturalWidth),
        )
        .toBe(10);
    expect(await inFrame(two.page).locator('#far').getAttribute('src')).toBeNull();
    await two.close();
  });

  test.each(['light', 'dark'] as const)(
    'keeps its own styles and is readable where the page is %s',
    async colorScheme => {
      const { page, close } = await openLetter('Styles', { colorScheme });
      await showAs(page, 'HTML');
      const frame = inFrame(page);
      const colour = (id: string) => frame.locator(id).evaluate(element => getComputedStyle(element).color);
      await expect.poll(() => colour('#inline')).toBe('rgb(200, 0, 0)');
      expect(await colour('#sheet')).toBe('rgb(0, 128, 0)');
      expect(await colour('#plain')).toBe('rgb(26, 26, 26)');
      expect(await frame.locator('html').evaluate(element => getComputedStyle(element).backgroundColor)).toBe(
        'rgb(255, 255, 255)',
      );
      await close();
    },
  );

  test('neither connects nor looks a name up nor goes anywhere: what could is taken out of its text', async () => {
    const { page, close } = await openLetter('Hints');
    await showAs(page, 'HTML');
    const frame = inFrame(page);
    await frame.getByText('Hello from the hints letter').waitFor();
    expect(await frame.locator('link, meta[http-equiv], base, script, form').count()).toBe(0);
    expect(await frame.locator('html').evaluate(element => element.outerHTML)).not.toContain(new URL(spy.url).port);
    expect(spy.asked).toEqual([]);
    await close();
  });

  test('is still readable when the server that its frame comes from has gone', async () => {
    const { page, close } = await openLetter('Styles');
    await page.route('**/letter-frame.html', route => route.abort());
    await showAs(page, 'HTML');
    const shown = inFrame(page).locator('#plain');
    await shown.waitFor();
    expect(await shown.isVisible()).toBe(true);
    await close();
  });
});

test('a letter from right to left runs so in list, heading, header and body', async () => {
  const { page, close } = await openLetter('מה שלומך היום?');
  const direction = (selector: string) =>
    page
      .locator(selector)
      .first()
      .evaluate(element => getComputedStyle(element).direction);
  for (const selector of ['.inbox h2', '.letter-head div:has(dt:text("Subject")) dd', '.letter-text'])
    expect(await direction(selector), selector).toBe('rtl');
  await page.getByRole('button', { name: '‹ All letters' }).click();
  expect(await direction('.inbox-list b:text("מה")')).toBe('rtl');
  await close();
});

test.each([1280, 390])(
  'a subject of 900 letters without a space wraps, and nothing scrolls sideways %i px wide',
  async width => {
    const { page, close } = await openLetter(/^W{50}/, { viewport: { width, height: 844 } });
    await page.locator('.letter-text').waitFor();
    const wide = await page.evaluate(() =>
      [document.documentElement, ...document.querySelectorAll('.panel-scroll, .page, .inbox')].map(
        element => element.scrollWidth - element.clientWidth,
      ),
    );
    expect(Math.max(...wide)).toBeLessThanOrEqual(0);
    await close();
  },
);
