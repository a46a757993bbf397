/** The page in a real browser against a real room: send, watch, pause, scrub, collect, read, reload, lose the server. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../help/browser.ts';
import { clockOf, goToMoment, openSite, openViewer, type Site, sendAndArrive } from '../help/page-site.ts';
import { largestDifference } from '../help/pictures.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
});

const stage = (page: Page) => page.locator('.page-drawing');
const title = (page: Page) => page.locator('.caption h2');
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const liveAtEnd = (page: Page) => page.getByText('Live on the wire').waitFor();

describe('with nothing sent yet', () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite();
  });
  afterAll(() => site.close());

  test('one click sends; the journey plays by itself, can be paused, and ends in Bob’s inbox, readable', async () => {
    const { page, complaints, close } = await openViewer(browser, site.url);
    await title(page).getByText('Nothing has moved yet.').waitFor();
    await button(page, 'Send').click();
    await button(page, 'Pause').waitFor();
    await title(page).getByText('Alice presses Send').waitFor();
    await page.waitForFunction(() => !document.querySelector('.timeline-clock')?.textContent?.startsWith('0:00'));
    await page.keyboard.press('Space');
    await button(page, 'Play').waitFor();
    const { at } = await clockOf(page);
    expect(at).toBeLessThan(10);
    // Paused, the picture stands still although the servers go on: the story behind it grows to its end.
    await page.waitForFunction(() => document.querySelector('.timeline-labels')?.textContent?.includes('collect'));
    expect((await clockOf(page)).at).toBe(at);

    await button(page, 'Back to live').click();
    await page.getByRole('tab', { name: 'Inbox' }).click();
    await page.getByRole('button', { name: /Lunch\?/ }).click();
    await page.getByText('shall we have lunch on Friday, at one?').waitFor();
    await button(page, 'Source').click();
    const source = await page.locator('.letter-source').innerText();
    expect(source.match(/^Received:/gm)?.length).toBe(2);
    expect(source).toMatch(/^Return-Path: <alice@blue\.example>/m);
    expect(complaints).toEqual([]);
    await close();
  });

  test('Bob can answer: the reply is filled in, and its journey begins at once, wherever one was', async () => {
    const { page, complaints, close } = await openViewer(browser, site.url);
    await liveAtEnd(page);
    await page.keyboard.press('i');
    await page.getByRole('button', { name: /Lunch\?/ }).click();
    await button(page, 'Reply').click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByLabel('To').inputValue()).toBe('alice@blue.example');
    expect(await dialog.getByLabel('Subject').inputValue()).toBe('Re: Lunch?');
    await dialog.getByRole('button', { name: 'Send' }).click();
    await title(page).getByText('Bob presses Send').waitFor();
    expect(await page.getByRole('combobox', { name: 'Letter 2 of 2' }).inputValue()).toBe('1');
    expect(complaints).toEqual([]);
    await close();
  });

  test('what a server refuses is shown as refused, and what the API refuses keeps what was typed', async () => {
    const { page, close } = await openViewer(browser, site.url);
    await liveAtEnd(page);
    await page.keyboard.press('n');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('To').fill('not an address');
    await dialog.getByRole('button', { name: 'Send' }).click();
    await dialog.getByRole('alert').waitFor();
    expect(await dialog.getByLabel('To').inputValue()).toBe('not an address');
    await page.reload();
    await liveAtEnd(page);
    await page.keyboard.press('n');
    expect(await dialog.getByLabel('To').inputValue(), 'a reload keeps the draft').toBe('not an address');
    await dialog.getByLabel('To').fill('friend@gmail.com');
    await dialog.getByRole('button', { name: 'Send' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByRole('combobox', { name: /Letter 3 of 3/ }).waitFor();
    await page.keyboard.press('End');
    const refusal = page.locator('.line.failed', { hasText: '550' });
    await refusal.first().waitFor();
    expect(await refusal.first().innerText()).toMatch(/outside this world/);
    await close();
  });
});

describe('with one letter delivered', () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite();
    await sendAndArrive(site);
  });
  afterAll(() => site.close());

  test('a viewer who comes later sees its last picture, standing still, and can play it again', async () => {
    const { page, close } = await openViewer(browser, site.url);
    await button(page, 'Play again').waitFor();
    const { at, of } = await clockOf(page);
    expect(at).toBe(of);
    await button(page, 'Play again').click();
    await title(page).getByText('Alice presses Send').waitFor();
    await close();
  });

  test('a moment has one picture, come to it by link, by dragging, by stepping, from before or from behind', async () => {
    const { page, close } = await openViewer(browser, `${site.url}#t=31.5`);
    await liveAtEnd(page);
    await page.evaluate(() => document.fonts.ready);
    const moments = [3.2, 20.4, 31.5, 52.1, 60];
    const look = async (moment: number) => {
      await goToMoment(page, moment);
      return { drawing: await stage(page).innerHTML(), picture: await stage(page).screenshot() };
    };
    const forwards: Awaited<ReturnType<typeof look>>[] = [];
    for (const moment of moments) forwards.push(await look(moment));
    const slider = page.getByRole('slider', { name: 'Position in the story' });
    const box = await slider.boundingBox();
    if (box === null) throw new Error('the timeline has a place');
    await page.mouse.move(box.x + box.width * 0.9, box.y + 30);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.2, box.y + 30, { steps: 8 });
    await page.mouse.move(box.x + box.width * 0.7, box.y + 30, { steps: 8 });
    await page.mouse.up();
    for (const [index, moment] of [...moments.entries()].reverse()) {
      await page.keyboard.press('ArrowLeft');
      const now = await look(moment);
      const then = forwards[index];
      if (then === undefined) throw new Error('every moment was looked at before');
      expect(now.drawing, `what is drawn at ${moment} s`).toBe(then.drawing);
      expect(await largestDifference(page, now.picture, then.picture), `the pixels at ${moment} s`).toBeLessThan(32);
    }
    const different = new Set(forwards.map(({ picture }) => picture.toString('base64')));
    expect(different.size, 'moments that far apart do not look the same').toBe(moments.length);
    await close();
  });

  test('a reload in the middle comes back to the same place, paused or playing', async () => {
    const { page, close } = await openViewer(browser, site.url);
    await liveAtEnd(page);
    await goToMoment(page, 33);
    await page.keyboard.press('ArrowRight');
    const there = await clockOf(page);
    const words = await title(page).innerText();
    await page.reload();
    await liveAtEnd(page);
    await button(page, 'Play').waitFor();
    expect(await clockOf(page)).toEqual(there);
    expect(await title(page).innerText()).toBe(words);
    await page.keyboard.press('Space');
    await button(page, 'Pause').waitFor();
    await page.reload();
    await button(page, 'Pause').waitFor();
    expect((await clockOf(page)).at).toBeGreaterThanOrEqual(there.at);
    await close();
  });

  test('a click on a line goes to its moment and explains its very bytes', async () => {
    const { page, close } = await openViewer(browser, site.url);
    await liveAtEnd(page);
    const line = page.locator('.line.client', { hasText: 'MAIL FROM' }).first();
    await line.click();
    const explanation = page.getByRole('region', { name: 'Explanation' });
    await explanation.getByText('CR LF').first().waitFor();
    expect(await explanation.locator('.bytes-rows').innerText()).toContain('4d 41 49 4c 20 46 52 4f');
    expect(await explanation.getByRole('link').first().getAttribute('href')).toContain('rfc-editor.org');
    expect(await line.getAttribute('aria-current')).toBe('step');
    await page.keyboard.press('End');
    await page.getByRole('tab', { name: 'DNS' }).click();
    await page.getByText('MX 10 mx1.green.example').waitFor();
    await close();
  });

  test('the keyboard alone is enough, from the first Tab to the letter’s text', async () => {
    const { page, close } = await openViewer(browser, site.url);
    await liveAtEnd(page);
    await page.keyboard.press('Home');
    await page.keyboard.press('Shift+ArrowRight');
    await title(page).getByText('Who takes the mail').waitFor();
    await page.keyboard.press('k');
    await button(page, 'Pause').waitFor();
    await page.keyboard.press('k');
    await page.keyboard.press('?');
    await page.getByRole('dialog').getByText('One line on the wire forward').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('n');
    // One key opens the letter, the next would send it.
    await page.locator('dialog[open] button[type=submit]:focus').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('End');
    await page.keyboard.press('i');
    for (let tabs = 0; tabs < 80; tabs += 1) {
      await page.keyboard.press('Tab');
      if (await page.evaluate(() => document.activeElement?.closest('.inbox-list') != null)) break;
    }
    await page.keyboard.press('Enter');
    await page.getByText('shall we have lunch on Friday').waitFor();
    expect(await page.getByText('shall we have lunch on Friday').isVisible()).toBe(true);
    await close();
  });

  test('who wants little motion gets one still card a step, and nothing plays by itself', async () => {
    const { page, close } = await openViewer(browser, site.url, { reducedMotion: 'reduce' });
    await liveAtEnd(page);
    await page.keyboard.press('Home');
    for (let card = 1; card <= 3; card += 1) {
      await page.keyboard.press('ArrowRight');
      await page.getByText(`Step ${card} of`).waitFor();
      await button(page, 'Play').waitFor();
    }
    const said = await page.locator('p[role=status][aria-live=polite]').innerText();
    expect(said).toContain(await title(page).innerText());
    await close();
  });
});

test('a server that goes away and comes back is missed by name and misses nothing', async () => {
  const data = await mkdtemp(path.join(tmpdir(), 'mailscope-away-'));
  const first = await openSite(data);
  await sendAndArrive(first, 'before');
  const { page, close } = await openViewer(browser, first.url);
  await liveAtEnd(page);
  await page.locator('.top-runs option', { hasText: 'before' }).waitFor({ state: 'attached' });
  await first.close();
  await page.getByText('The server went away. What you see is kept; trying again…').waitFor();
  await page.locator('.line', { hasText: 'QUIT' }).first().waitFor();

  const second = await openSite(data, first.port);
  await sendAndArrive(second, 'after');
  await page.locator('.top-runs option', { hasText: 'after' }).waitFor({ state: 'attached' });
  await liveAtEnd(page);
  await page.getByText('The server went away').waitFor({ state: 'hidden' });
  await page.keyboard.press('End');
  const trace = await (await fetch(`${second.url}api/trace`)).text();
  const runs = trace.split('\n').filter(line => line.includes('"kind":"mail.composed"'));
  expect(runs.length).toBe(2);
  expect(await page.locator('.top-runs option').allInnerTexts()).toHaveLength(2);
  await close();
  await second.close();
  await rm(data, { recursive: true, force: true });
});
