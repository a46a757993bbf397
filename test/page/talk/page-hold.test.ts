/** The wire held from the page: nothing crosses until the viewer lets it, and everybody who watches is told. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../../help/browser.ts';
import { openSite, openViewer, type Site, sendAndArrive } from '../../help/page-site.ts';

let browser: Browser;
let site: Site;

beforeAll(async () => {
  browser = await launchBrowser();
  site = await openSite();
});
afterAll(async () => {
  await browser.close();
  await site.close();
});

const hold = (page: Page) => page.getByRole('button', { name: 'Hold wire' });
const stepper = (page: Page) => page.locator('.timeline-held').getByRole('button', { name: 'Step' });

/** The story tells at a reader's pace; who is in a hurry presses End until it is there. */
const told = (page: Page, text: string) =>
  expect
    .poll(
      async () => {
        await page.keyboard.press('End');
        return page.locator('.line:not(.ghost)', { hasText: text }).count();
      },
      { timeout: 30_000 },
    )
    .toBe(1);

test('a held wire carries nothing but what each step lets go, says so to all, and runs on when it is released', async () => {
  const first = await openViewer(browser, site.url);
  const second = await openViewer(browser, site.url, { viewport: { width: 390, height: 844 } });
  await hold(first.page).click();
  for (const { page } of [first, second]) {
    await page.getByText('The wire is held: whatever is said next will wait in it.').waitFor();
    expect(await hold(page).getAttribute('aria-pressed')).toBe('true');
    expect(await stepper(page).isDisabled()).toBe(true);
  }
  const { page } = first;
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await page.getByText('1 waiting').waitFor();
  await second.page.getByText('1 waiting').waitFor();
  const crossed = () => site.room.recorder.events(1).filter(event => event.kind === 'wire.bytes').length;
  expect(crossed()).toBe(0);
  await stepper(page).click();
  await told(page, '220 smtp.blue.example');
  await page.getByText('1 waiting').waitFor();
  expect(crossed(), 'one step is one chunk: the greeting').toBe(1);
  await page.keyboard.press('r');
  await told(page, 'EHLO');
  expect(crossed()).toBe(2);

  await page.keyboard.press('h');
  await page.getByText('The wire is held').first().waitFor({ state: 'hidden' });
  await page.getByText('Live on the wire').waitFor();
  await page.waitForFunction(() => document.querySelector('.timeline-labels')?.textContent?.includes('collect'));
  expect(site.room.brake.state()).toEqual({ on: false, waiting: 0 });
  expect(first.complaints).toEqual([]);
  await first.close();
  await second.close();
});

test('who comes while the wire is held is told at once; a recording has no wire to hold', async () => {
  await sendAndArrive(site);
  site.room.brake.hold(true);
  const { page, close } = await openViewer(browser, site.url);
  await page.locator('.top-source', { hasText: 'The wire is held' }).waitFor();
  const trace = await (await fetch(`${site.url}api/trace`)).text();
  await page.locator('input[type=file]').setInputFiles({
    name: 'run.trace.ndjson',
    mimeType: 'application/x-ndjson',
    buffer: Buffer.from(trace),
  });
  await page.locator('.top-source', { hasText: 'Recording' }).waitFor();
  expect(await hold(page).count()).toBe(0);
  await page.getByRole('button', { name: 'Back to the live world' }).click();
  await page.locator('.top-source', { hasText: 'The wire is held' }).waitFor();
  site.room.brake.hold(false);
  await page.getByText('Live on the wire').waitFor();
  await close();
});
