/** A figure in a page that is written from right to left, one whose recording comes only at the second try, and one with a key held down. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../../help/browser.ts';
import { type Articles, article, openArticles, opened, stateOf } from '../../help/embed-site.ts';
import { drawn, openViewer } from '../../help/page-site.ts';

const FIGURE = '<mail-flow src="run.told.json" view="split" step="mx-question"></mail-flow>';
const inRtl = (page: string): string => page.replace('<html lang="en">', '<html lang="ar" dir="rtl">');

let browser: Browser;
let site: Articles;
beforeAll(async () => {
  browser = await launchBrowser();
  site = await openArticles({
    '/ltr': article(FIGURE),
    '/rtl': inRtl(article(FIGURE)),
    '/later': article('<mail-flow src="later.told.json"></mail-flow>'),
  });
});
afterAll(async () => {
  await browser.close();
  await site.close();
});

describe('in a page from right to left', () => {
  const draw = async (path: string, width: number) => {
    const { page, close } = await openViewer(browser, site.url + path, { viewport: { width, height: 900 } });
    await opened(page);
    await drawn(page);
    const boxes = await page.evaluate(() => {
      const host = document.querySelector('mail-flow');
      const around = host?.getBoundingClientRect();
      if (!host?.shadowRoot || !around) throw new Error('there is no figure');
      const parts = host.shadowRoot.querySelectorAll(
        '.figure button, .figure-title, .station, .figure-place, .figure text',
      );
      return {
        scrolls: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        places: [...parts].map(part => {
          const { left, width: wide } = part.getBoundingClientRect();
          return [part.className.toString(), Math.round(left - around.left), Math.round(wide)] as const;
        }),
        width: around.width,
      };
    });
    await close();
    return boxes;
  };
  test.each([720, 390])('nothing is mirrored and nothing leaves its box, %i px wide', async width => {
    const [left, right] = [await draw('/ltr', width), await draw('/rtl', width)];
    expect(right.places.length).toBeGreaterThan(6);
    expect(right.places).toEqual(left.places);
    expect(right.scrolls).toBe(0);
    for (const [name, from, wide] of right.places) {
      expect(from, name).toBeGreaterThanOrEqual(-1);
      expect(from + wide, name).toBeLessThanOrEqual(right.width + 1);
    }
  });
});

test('an address that failed is tried again when it is given again', async () => {
  const { page, close } = await openViewer(browser, `${site.url}/later`, { viewport: { width: 720, height: 800 } });
  await opened(page);
  expect(await stateOf(page)).toMatchObject({ loaded: false, error: expect.stringContaining('later.told.json') });
  await page.route('**/later.told.json', async route =>
    route.fulfill({ response: await route.fetch({ url: `${site.url}/run.told.json` }) }),
  );
  await page.evaluate(() => document.querySelector('mail-flow')?.setAttribute('src', 'later.told.json'));
  await page.waitForFunction(() => document.querySelector('mail-flow')?.getState().loaded === true);
  expect(await stateOf(page)).toMatchObject({ loaded: true, error: null });
  await close();
});

test('a key held down toggles once, and moves as long as it is held', async () => {
  const { page, close } = await openViewer(browser, `${site.url}/ltr`, { viewport: { width: 720, height: 800 } });
  await opened(page);
  await page.evaluate(() => document.querySelector('mail-flow')?.focus());
  for (let held = 0; held < 4; held += 1) await page.keyboard.down('k');
  expect(await stateOf(page)).toMatchObject({ playing: true });
  await page.keyboard.up('k');
  await page.keyboard.press('k');
  const { step } = await stateOf(page);
  for (let held = 0; held < 4; held += 1) await page.keyboard.down('ArrowRight');
  expect((await stateOf(page)).step).toBe(step + 4);
  await close();
});
