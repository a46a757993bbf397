/** What goes wrong by a click: set on the stage with mouse, keyboard or thumb, always in sight, struck for real, cleared with one click. */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../help/browser.ts';
import { overlapsIn } from '../help/overlaps.ts';
import {
  drawn,
  openSite,
  openStaticSite,
  openViewer,
  type Site,
  sendAndArrive,
  type Viewer,
} from '../help/page-site.ts';

let browser: Browser;
let site: Site;
let viewer: Viewer | null = null;

beforeAll(async () => {
  browser = await launchBrowser();
  site = await openSite();
});
afterEach(async () => {
  await viewer?.close();
  viewer = null;
  await fetch(`${site.url}api/faults`, { method: 'DELETE' });
});
afterAll(async () => {
  await site.close();
  await browser.close();
});

async function look(options: Parameters<typeof openViewer>[2] = {}): Promise<Page> {
  viewer = await openViewer(browser, site.url, options);
  await viewer.page.getByText('Live on the wire').waitFor({ state: 'attached' });
  // The world can be changed once the page knows it.
  await viewer.page
    .locator('.top-world:not([disabled]), .top-world-entry:not([disabled])')
    .first()
    .waitFor({ state: 'attached' });
  return viewer.page;
}

const host = (page: Page, name: string) => page.locator(`.stage [role=button][aria-label^="${name}"]`).first();
const offer = (page: Page, words: string) => page.locator('.offer', { hasText: words }).first();
const strip = (page: Page) => page.getByRole('region', { name: 'Faults in force' });
const faults = () => site.room.world.faults;
const toTheEnd = async (page: Page): Promise<void> => {
  await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
  await page.keyboard.press('End');
};

describe('on a laptop', () => {
  test('two clicks switch a server off for the next call; it strikes for real, the letter goes elsewhere, and the list is empty', async () => {
    const page = await look();
    await host(page, 'Incoming server').click();
    await offer(page, 'It is off').getByRole('button', { name: 'Next time' }).click();
    await strip(page).getByText('Incoming server').waitFor();
    await strip(page).getByText('next time').waitFor();
    expect(faults()).toMatchObject([{ kind: 'host-off', host: 'mx1.green.example', times: 'next' }]);
    await sendAndArrive(site);
    await expect
      .poll(async () => {
        await toTheEnd(page);
        return strip(page).count();
      })
      .toBe(0);
    await page.getByRole('tab', { name: 'Conversation' }).click();
    await page.getByText('mx2.green.example:25').first().waitFor();
    expect(viewer?.complaints).toEqual([]);
  });

  test('what is set for always stays until one click clears it, and one click clears all', async () => {
    const page = await look();
    await host(page, 'Incoming server').click();
    const answers = offer(page, 'When asked');
    await answers.getByLabel('Reply code').fill('550');
    await answers.getByLabel('Text of the reply').fill('5.7.1 Not you');
    await answers.getByRole('button', { name: 'Always' }).click();
    await strip(page).getByText('Answers 550').waitFor();
    expect(faults()[0]).toMatchObject({
      kind: 'answer',
      at: { server: 'mx1.green.example', port: 25, verb: 'RCPT' },
      code: 550,
      text: '5.7.1 Not you',
      times: 'always',
    });
    await offer(page, 'disk is full').getByRole('button', { name: 'Always' }).click();
    await strip(page).getByText('Disk full').waitFor();
    await strip(page)
      .getByRole('button', { name: /^Clear: .*550/ })
      .click();
    await expect.poll(() => strip(page).locator('li').count()).toBe(1);
    expect(faults()).toMatchObject([{ kind: 'disk-full' }]);
    await strip(page).getByRole('button', { name: 'Clear all' }).click();
    await expect.poll(() => strip(page).count()).toBe(0);
    expect(faults()).toEqual([]);
  });

  test('a blank that is not filled in as it must be cannot be pressed, and says so', async () => {
    const page = await look();
    await host(page, 'Incoming server').click();
    const answers = offer(page, 'When asked');
    await answers.getByLabel('Reply code').fill('250');
    await answers.getByText('A blank is not filled in').waitFor();
    expect(await answers.getByRole('button', { name: 'Next time' }).isDisabled()).toBe(true);
  });

  test('what the server refuses is said to be refused, and not that it is set', async () => {
    const page = await look();
    await page.route('**/api/faults', route =>
      route.fulfill({ status: 429, json: { error: { code: 'too-many-requests', message: 'Too many changes.' } } }),
    );
    await host(page, 'Incoming server').click();
    const off = offer(page, 'It is off');
    await off.getByRole('button', { name: 'Next time' }).click();
    await page.getByText('Too many changes.').waitFor();
    await drawn(page);
    expect(await off.getByRole('status').textContent()).toBe('');
    await page.unroute('**/api/faults');
    await off.getByRole('button', { name: 'Next time' }).click();
    await off.getByText('Set for the next time.').waitFor({ state: 'attached' });
  });

  test('a line that was said offers another answer to the same command of the same caller', async () => {
    await sendAndArrive(site);
    const page = await look();
    await toTheEnd(page);
    await page
      .locator('.line.server', { hasText: /2\.1\.5/ })
      .last()
      .click();
    await page.getByText('Answer this differently next time').waitFor();
    const answers = offer(page, 'When asked');
    expect(await answers.getByLabel('Command').inputValue()).toBe('RCPT');
    await answers.getByRole('button', { name: 'Next time' }).click();
    await expect.poll(() => faults().length).toBe(1);
    expect(faults()[0]).toMatchObject({
      kind: 'answer',
      at: { verb: 'RCPT', client: 'smtp.blue.example' },
      times: 'next',
    });
  });

  test('every kind of host offers what fits it: a mail client its password, DNS its answers, a mailbox its -ERR', async () => {
    const page = await look();
    await host(page, 'Alice’s mail client').click();
    await offer(page, 'password is set wrong').getByRole('button', { name: 'Next time' }).click();
    await expect.poll(() => faults().at(-1)).toMatchObject({ kind: 'wrong-password', user: 'alice@blue.example' });
    await host(page, 'DNS').click();
    await offer(page, 'silence').getByLabel('Type').selectOption('A');
    await offer(page, 'silence').getByRole('button', { name: 'Next time' }).click();
    await expect.poll(() => faults().at(-1)).toMatchObject({ kind: 'dns-silence', name: 'green.example', type: 'A' });
    await host(page, 'Mailbox').click();
    await offer(page, '-ERR').getByRole('button', { name: 'Always' }).click();
    await expect.poll(() => faults().at(-1)).toMatchObject({ kind: 'answer', at: { port: 110, verb: 'PASS' } });
    await offer(page, 'The cable to').getByRole('button', { name: 'Always' }).click();
    await expect.poll(() => faults().at(-1)).toMatchObject({ kind: 'slow-cable', latency: 200 });
  });

  test('a fault is explained where its mark is pressed, and cleared there', async () => {
    const page = await look();
    await host(page, 'Incoming server').click();
    await offer(page, 'It is silent').getByRole('button', { name: 'Always' }).click();
    await strip(page).locator('.fault-name').click();
    await page.getByRole('region', { name: 'Explanation' }).getByText('until somebody clears it').waitFor();
    await page.getByRole('button', { name: 'Clear this fault' }).click();
    await expect.poll(() => strip(page).count()).toBe(0);
  });

  test('without a mouse: to the host, to the fault, set and cleared', async () => {
    const page = await look();
    await host(page, 'Backup MX').focus();
    await page.keyboard.press('Enter');
    await offer(page, 'It is off').getByRole('button', { name: 'Always' }).focus();
    await page.keyboard.press('Enter');
    await strip(page).waitFor();
    await strip(page)
      .getByRole('button', { name: /^Clear: / })
      .focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => faults()).toEqual([]);
  });
});

test('a letter that waits says why and counts down; one click skips to its next attempt, and world time is ahead then', async () => {
  const page = await look();
  await fetch(`${site.url}api/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ kind: 'host-off', host: 'mx1.green.example', times: 'next' }),
  });
  await fetch(`${site.url}api/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ kind: 'host-off', host: 'mx2.green.example', times: 'next' }),
  });
  await page.locator('.page-stage').click({ position: { x: 5, y: 5 } });
  await page.keyboard.press('n');
  await page.getByRole('dialog').getByRole('button', { name: 'Send' }).click();
  await page.getByRole('tab', { name: 'Queue' }).click();
  await expect
    .poll(
      async () => {
        await toTheEnd(page);
        return page
          .locator('.queue-list')
          .innerText({ timeout: 500 })
          .catch(() => '');
      },
      { timeout: 30_000 },
    )
    .toMatch(/One attempt so far\. Next try in \d+ s/);
  await page
    .getByRole('button', { name: /^Skip to the next attempt/ })
    .first()
    .click();
  await expect
    .poll(
      async () => {
        await toTheEnd(page);
        return page.locator('.queue-list').count();
      },
      { timeout: 30_000 },
    )
    .toBe(0);
  await page.locator('.clock-ahead').first().getByText(/ahead/).waitFor();
  await page.getByRole('button', { name: 'Move world time on by + 4 hours' }).click();
  await expect
    .poll(async () => {
      await toTheEnd(page);
      return page.locator('.clock-ahead').first().innerText();
    })
    .toMatch(/4 h/);
});

describe('on a phone', () => {
  test('a fault is set and cleared by thumb, nothing lies on anything, nothing is too wide', async () => {
    const page = await look({ viewport: { width: 390, height: 844 }, hasTouch: true, colorScheme: 'dark' });
    await host(page, 'Incoming server').tap();
    await offer(page, 'It is slow').getByRole('button', { name: 'Always' }).tap();
    await offer(page, 'It greylists').getByRole('button', { name: 'Always' }).tap();
    await expect.poll(() => strip(page).locator('li').count()).toBe(2);
    await drawn(page);
    expect(await overlapsIn(page, '.inspector')).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
    const box = await strip(page).boundingBox();
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(844);
    await strip(page).getByRole('button', { name: 'Clear all' }).tap();
    await expect.poll(() => strip(page).count()).toBe(0);
  });
});

test('in a recording nothing can be set, moved on or edited, and the page says why', async () => {
  const trace = readFileSync(path.join(import.meta.dirname, '../fixtures/traces/bob-replies.trace.ndjson'));
  const static_ = await openStaticSite({ '/x.trace.ndjson': trace });
  viewer = await openViewer(browser, `${static_.url}?trace=/x.trace.ndjson`);
  const { page } = viewer;
  await page.getByText('Recording', { exact: true }).waitFor();
  await page.getByText('Opening the recording…').waitFor({ state: 'detached' });
  await page.keyboard.press('Home');
  await host(page, 'Incoming server').click();
  await page.getByRole('region', { name: 'Explanation' }).waitFor();
  expect(await page.locator('.offer').count()).toBe(0);
  expect(await page.locator('.top-world').getAttribute('title')).toMatch(/recording.*not changed/);
  expect(await page.locator('.top-world').isDisabled()).toBe(true);
  await page.keyboard.press('z');
  await page.getByText('can be changed in a live world only').waitFor();
  expect(await page.getByRole('button', { name: /^(Delete|Change|Undo|Add a record)/ }).count()).toBe(0);
  await page.getByRole('tab', { name: 'Queue' }).click();
  expect(await page.getByRole('button', { name: /Skip to|Try now/ }).count()).toBe(0);
  expect(static_.asked.filter(name => name.startsWith('/api'))).toEqual([]);
  await static_.close();
});
