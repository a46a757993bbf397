/** A story on the page: performed in a room of its own where there is a server, played from its recording where there is none. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRoom } from '../../../server/rooms/room.ts';
import { encodeHeader } from '../../../shared/trace/codec.ts';
import { teller } from '../../fixtures/teller.ts';
import { launchBrowser } from '../../help/browser.ts';
import { clockOf, openSite, openStaticSite, openViewer, type Site, sendAndArrive } from '../../help/page-site.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
});

const title = (page: Page) => page.locator('.caption h2');
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const notice = (page: Page) => page.locator('.notice');
const isLive = (page: Page) => page.getByText('Live on the wire').waitFor();
/** The room that is shown, as "Save trace" of the menu names it. */
const roomOf = async (page: Page): Promise<string | null> => {
  const saved = await page.locator('a[download]', { hasText: 'Save trace' }).getAttribute('href');
  return new URLSearchParams(saved?.split('?')[1]).get('room');
};
const address = (page: Page): string => new URL(page.url()).search;
const FIRST = 'Alice presses Send';

/** A viewer whose page notes each title that it shows, with the clock of that moment: however slow we are, none is missed. */
async function openWitness(url: string, options: BrowserContextOptions = {}) {
  const viewer = await openViewer(browser, 'about:blank', options);
  viewer.page.setDefaultTimeout(25_000);
  await viewer.page.addInitScript(() => {
    const shown: string[] = [];
    const look = (): void => {
      const words = document.querySelector('.caption h2')?.textContent ?? '';
      const clock = document.querySelector('.timeline-clock b')?.textContent ?? '';
      if (words === '' || shown.at(-1)?.endsWith(words)) return;
      shown.push(`${clock} ${words}`);
      document.documentElement.dataset.shown = shown.join('\n');
    };
    new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
  });
  await viewer.page.goto(url);
  return viewer;
}
/** All titles so far, each as "0:00 Alice presses Send". */
const shown = async (page: Page): Promise<readonly string[]> =>
  (await page.locator('html').getAttribute('data-shown'))?.split('\n') ?? [];
/** Until the story's first title has been shown, at its start, so often. */
const untilItBegan = async (page: Page, times = 1): Promise<void> => {
  await page.waitForFunction(
    ([start, count]) => (document.documentElement.dataset.shown ?? '').split(start).length > count,
    [`0:00 ${FIRST}`, times] as const,
  );
};

/** Without leaving the page, as a link of the gallery does. */
const goByHistory = (page: Page, search: string): Promise<void> =>
  page.evaluate(query => {
    history.pushState(null, '', query === '' ? location.pathname : query);
    dispatchEvent(new PopStateEvent('popstate'));
  }, search);

describe('with a server', () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite(null, 0, teller);
    await sendAndArrive(site, 'My own letter');
  });
  afterAll(() => site.close());

  test('it runs in its own room, from its start, playing; one’s own world is untouched', async () => {
    const before = site.room.recorder.length;
    const { page, complaints, close } = await openWitness(`${site.url}?story=lunch`);
    await button(page, 'Pause').waitFor();
    expect((await shown(page))[0]).toBe(`0:00 ${FIRST}`);
    await isLive(page);
    await page.keyboard.press('k');
    const room = await roomOf(page);
    expect(site.lobby.find(room ?? '')).not.toBe(null);
    const saved = await (await fetch(`${site.url}api/trace?room=${room}`)).text();
    expect(saved).toContain('"kind":"story.begun","name":"lunch"');

    // What one does there is done there.
    await page.keyboard.press('n');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Subject').fill('In the story');
    await dialog.getByRole('button', { name: 'Send' }).click();
    await page.locator('.top-runs option', { hasText: 'In the story' }).waitFor({ state: 'attached' });
    expect(site.room.recorder.length).toBe(before);
    expect(complaints).toEqual([]);
    await close();
  });

  test('a reload comes back to the same room and the same moment', async () => {
    const { page, close } = await openViewer(browser, `${site.url}?story=lunch`);
    await button(page, 'Pause').waitFor();
    await page.keyboard.press('k');
    await page.keyboard.press('Shift+ArrowRight');
    const there = await clockOf(page);
    const room = await roomOf(page);
    await page.reload();
    await button(page, 'Play').waitFor();
    expect(await clockOf(page)).toMatchObject({ at: there.at });
    expect(await roomOf(page)).toBe(room);
    await close();
  });

  test('a reload starts anew once its room is gone', async () => {
    const { page, close } = await openWitness(site.url);
    await page.evaluate(() => sessionStorage.setItem('mailscope.room.lunch', 'one-that-has-ended'));
    await page.goto(`${site.url}?story=lunch`);
    await untilItBegan(page);
    await isLive(page);
    expect(site.lobby.find((await roomOf(page)) ?? '')).not.toBe(null);
    await close();
  });

  test('the browser’s way back leaves it, and the button does; the way forward comes back to its room', async () => {
    const { page, complaints, close } = await openWitness(site.url);
    await page.locator('.top-runs option', { hasText: 'My own letter' }).waitFor({ state: 'attached' });
    await goByHistory(page, '?story=lunch');
    await button(page, 'Back to your own world').waitFor();
    await untilItBegan(page);
    await isLive(page);
    const room = await roomOf(page);
    expect(room).not.toBe(null);

    await page.goBack();
    await page.locator('.top-runs option', { hasText: 'My own letter' }).waitFor({ state: 'attached' });
    await button(page, 'Connect a mail client').waitFor();
    expect(address(page)).toBe('');
    expect(await roomOf(page)).toBe(null);

    await page.goForward();
    await button(page, 'Back to your own world').click();
    await button(page, 'Connect a mail client').waitFor();
    expect(address(page)).toBe('');
    await page.goBack();
    await button(page, 'Back to your own world').waitFor();
    await isLive(page);
    expect(await roomOf(page)).toBe(room);
    expect(complaints).toEqual([]);
    await close();
  });

  test('who wants little motion gets the still card of its first step', async () => {
    const { page, close } = await openViewer(browser, `${site.url}?story=lunch`, { reducedMotion: 'reduce' });
    await title(page).getByText(FIRST).waitFor();
    await button(page, 'Play').waitFor();
    await page.getByText('Step 1 of').waitFor();
    expect(await button(page, 'Play').isVisible()).toBe(true);
    await close();
  });

  test('a moment in the address is gone to as soon as the story has it', async () => {
    const { page, close } = await openViewer(browser, `${site.url}?story=lunch#t=12.5`);
    await button(page, 'Play').waitFor();
    expect((await clockOf(page)).at).toBe(12);
    await close();
  });

  test('one that nobody knows is said to be unknown, and one’s own world is there', async () => {
    const { page, close } = await openViewer(browser, `${site.url}?story=moon`);
    await notice(page).getByText('There is no story called “moon” here.').waitFor();
    await page.locator('.top-runs option', { hasText: 'My own letter' }).waitFor({ state: 'attached' });
    expect(address(page)).toBe('');
    await close();
  });

  test('one that breaks off says why, and what was performed is shown', async () => {
    const { page, close } = await openViewer(browser, `${site.url}?story=broken`);
    await notice(page).getByText('The story broke off: the author asked for too much').waitFor();
    await page.getByRole('button', { name: 'Dismiss this message' }).click();
    expect(await notice(page).count()).toBe(0);
    await close();
    site.troubles.length = 0;
  });

  test('storage that is denied spoils nothing', async () => {
    const context = await browser.newContext();
    await context.addInitScript(() => {
      Object.defineProperty(window, 'sessionStorage', {
        get: () => {
          throw new DOMException('denied', 'SecurityError');
        },
      });
    });
    const page = await context.newPage();
    await page.goto(`${site.url}?story=lunch`);
    await button(page, 'Pause').waitFor();
    await page.reload();
    await button(page, 'Pause').waitFor();
    expect(await button(page, 'Pause').isVisible()).toBe(true);
    await context.close();
  });

  test('when its world ends, what was seen stays and it can be started again', async () => {
    const other = await openSite(null, 0, teller);
    const { page, close } = await openWitness(`${other.url}?story=lunch`);
    await untilItBegan(page);
    await page.keyboard.press('k');
    await page.keyboard.press('Shift+ArrowRight');
    await title(page).getByText(FIRST).waitFor({ state: 'hidden' });
    const room = await roomOf(page);
    const words = await title(page).innerText();
    await other.close();
    await notice(page).getByText('The server went away. What you see is kept').waitFor();
    const again = await openSite(null, other.port, teller);
    await notice(page).getByText('This story’s world has ended. What you see is kept.').waitFor();
    expect(await title(page).innerText()).toBe(words);
    await button(page, 'Start the story again').click();
    await untilItBegan(page, 2);
    await isLive(page);
    expect(await roomOf(page)).not.toBe(room);
    await close();
    await again.close();
  });
});

describe('without a server', () => {
  let trace: string;
  beforeAll(async () => {
    const read = await teller.read('lunch');
    if (!read?.ok) throw new Error('lunch is a story');
    const room = await openRoom({ ...read.story.room, data: null, ports: null });
    await read.story.perform(room, new AbortController().signal);
    const { recorder } = room;
    trace = [JSON.stringify(encodeHeader(recorder.header)), ...recorder.lines(1), ''].join('\n');
    await room.close();
  });

  test('its recording plays from its start, and a reload comes back to the same moment', async () => {
    const site = await openStaticSite({ '/stories/lunch.trace.ndjson': trace });
    const { page, close } = await openWitness(`${site.url}?story=lunch`);
    await button(page, 'Pause').waitFor();
    await page.getByText('Recording', { exact: true }).waitFor();
    expect((await shown(page))[0]).toBe(`0:00 ${FIRST}`);
    await page.keyboard.press('k');
    await page.keyboard.press('Shift+ArrowRight');
    const there = await clockOf(page);
    await page.reload();
    await button(page, 'Play').waitFor();
    expect(await clockOf(page)).toEqual(there);
    await button(page, 'Back to your own world').click();
    await notice(page).getByText('No mailscope server answers').waitFor();
    expect(address(page)).toBe('?story=lunch');
    await close();
    await site.close();
  });

  test('one that is not there is said to be unknown', async () => {
    const site = await openStaticSite();
    const { page, close } = await openViewer(browser, `${site.url}?story=moon`);
    await notice(page).getByText('There is no story called “moon” here.').waitFor();
    await page.getByText('No recording is open.').waitFor();
    expect(await page.getByText('No recording is open.').isVisible()).toBe(true);
    await close();
    await site.close();
  });
});
