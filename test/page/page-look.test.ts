/** What the page looks like at five widths, in both themes: no text on text, nothing a screen reader stumbles over, no complaint. */
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../help/browser.ts';
import { overlapsIn } from '../help/overlaps.ts';
import { drawn, openSite, openViewer, type Site, sendAndArrive } from '../help/page-site.ts';

let browser: Browser;
let site: Site;

beforeAll(async () => {
  browser = await launchBrowser();
  site = await openSite();
  await sendAndArrive(site);
});
afterAll(async () => {
  await browser.close();
  await site.close();
});

const SIZES = [
  { width: 390, height: 844 },
  { width: 844, height: 390 },
  { width: 768, height: 1024 },
  { width: 1280, height: 800 },
  { width: 1440, height: 900 },
  { width: 1920, height: 1080 },
];

/** Steps through the whole letter; `look` is called at the start of each step. */
async function everyStep(page: Page, look: (step: string) => Promise<void>): Promise<void> {
  await page.getByText('Live on the wire').waitFor({ state: 'attached' });
  await page.evaluate(() => document.fonts.ready);
  await page.keyboard.press('Home');
  for (let step = 1; step < 60; step += 1) {
    await drawn(page);
    await look(await page.locator('.caption h2').innerText());
    if ((await page.getByRole('button', { name: 'Play again' }).count()) > 0) return;
    await page.keyboard.press('ArrowRight');
  }
  throw new Error('the letter never arrives');
}

describe.each(SIZES)('at $width x $height', viewport => {
  test('no text lies on text, nothing is wider than the page, and the browser has nothing to complain about', async () => {
    const { page, complaints, close } = await openViewer(browser, site.url, { viewport });
    const found = new Set<string>();
    await everyStep(page, async step => {
      for (const overlap of await overlapsIn(page)) found.add(`${step}: ${overlap}`);
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (wider > 0) found.add(`${step}: the page is ${wider} px too wide`);
    });
    for (const tab of ['Message', 'DNS', 'Queue', 'Inbox', 'Transcript']) {
      await page.getByRole('tab', { name: tab }).click();
      await drawn(page);
      for (const overlap of await overlapsIn(page, '.panels')) found.add(`${tab}: ${overlap}`);
    }
    await page.keyboard.press('?');
    await page.locator('.help-keys').waitFor();
    for (const overlap of await overlapsIn(page, 'dialog[open]')) found.add(`keys: ${overlap}`);
    expect([...found]).toEqual([]);
    expect(complaints).toEqual([]);
    await close();
  });
});

interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

describe.each(['light', 'dark'] as const)('in the %s theme', colorScheme => {
  test('axe finds nothing serious, on the page, in its panels and its dialogs', async () => {
    const { page, close } = await openViewer(browser, site.url, { colorScheme });
    await page.getByText('Live on the wire').waitFor();
    // Evaluated by the debugger, so that the page's own policy stays as strict as it is.
    await page.evaluate(axe.source);
    const serious = async (where: string): Promise<readonly string[]> => {
      await drawn(page);
      const violations = await page.evaluate<readonly Violation[]>('axe.run().then(result => result.violations)');
      return (
        violations
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .flatMap(({ id, nodes }) => nodes.map(({ html }) => ({ id, html })))
          // In a drawing axe takes texts that stand apart for one word, so that no name could hold them.
          .filter(({ id, html }) => id !== 'label-content-name-mismatch' || !html.startsWith('<g '))
          .map(({ id, html }) => `${where}: ${id} ${html.slice(0, 120)}`)
      );
    };
    const found: string[] = [];
    await page.keyboard.press('Home');
    await page.keyboard.press('5');
    for (const tab of ['Conversation', 'Message', 'DNS', 'Queue', 'Inbox', 'Transcript']) {
      await page.getByRole('tab', { name: tab }).click();
      found.push(...(await serious(tab)));
    }
    await page.keyboard.press('n');
    found.push(...(await serious('a new letter')));
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    found.push(...(await serious('keys')));
    expect(found).toEqual([]);
    await close();
  });
});
