/** A run that happens while it is shown: the wire is held at each beat, and a run that breaks off goes on as its recording. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Room } from '../../../server/rooms/room.ts';
import { createStoryTeller } from '../../../server/web/calls/story-teller.ts';
import { createStoryteller } from '../../../shared/reading/storyteller.ts';
import type { Story } from '../../../shared/story/story.ts';
import { launchBrowser } from '../../help/browser.ts';
import { drawn, openSite, openViewer, type Site, type Viewer } from '../../help/page-site.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** Real servers on a busy machine take their time. */
const LONG = 120_000;

async function openStage(url: string, more = ''): Promise<Viewer> {
  const viewer = await openViewer(browser, 'about:blank', { viewport: { width: 1280, height: 720 } });
  viewer.page.setDefaultTimeout(40_000);
  await viewer.page.goto(`${url}?present=1${more}`);
  return viewer;
}

async function press(page: Page, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    await page.keyboard.press(key);
    await drawn(page);
  }
}
const number = async (page: Page): Promise<number> => Number(await page.locator('.present-number b').innerText());
const title = (page: Page): Promise<string> => page.locator('.present-title').innerText();
const source = (page: Page) => page.locator('.present-source');
const held = (page: Page) =>
  source(page)
    .filter({ hasText: /^live · the wire is held$/ })
    .waitFor();
const recording = (page: Page) =>
  source(page)
    .filter({ hasText: /^recording$/ })
    .waitFor();

/** All that has crossed so far, told. */
const toldBy = (room: Room): Story => createStoryteller(room.recorder.header).append(room.recorder.events(1));

/** How many chunks have crossed that are told after beat number `beat`. */
const crossedAfter = (room: Room, beat: number): number =>
  new Set(
    toldBy(room)
      .lines.filter(line => line.beat >= beat && line.from !== 'aside')
      .map(({ seq }) => seq),
  ).size;

/** The room of a story that begins anew on a held wire. */
async function goLive(page: Page, site: Site): Promise<Room> {
  const begun = page.waitForResponse(response => response.url().endsWith('/api/stories'));
  await page.keyboard.press('h');
  const { room: id } = await (await begun).json();
  await held(page);
  const room = site.lobby.find(String(id));
  if (room === null) throw new Error('the story has a room');
  return room;
}

/** Goes on until the next beat stands at its end, and all of it has crossed. */
async function nextWhole(page: Page, number: number): Promise<void> {
  await press(page, 'PageDown');
  const shown = `.present-number b:text-is("${number}")`;
  const question = page.locator('.present-said.asked');
  // Whether it asks is only known once it begins.
  await page.locator(`.present-said.asked, ${shown}`).first().waitFor();
  if ((await question.count()) > 0) await press(page, 'PageDown');
  await page.locator(shown).waitFor();
  await press(page, 'PageDown');
  await held(page);
}

test(
  'a live story waits in the wire after each beat until Next is pressed, and comes to its end by Next alone',
  async () => {
    const site = await openSite(null, 0, createStoryTeller());
    const { page, complaints, close } = await openStage(site.url, '&story=youve-got-mail');
    await page.locator('.present-title').waitFor();
    const room = await goLive(page, site);
    await page.locator('.present-title', { hasText: 'You’ve got mail' }).waitFor();
    expect(await number(page)).toBe(0);
    const crossed = () => room.recorder.events(1).filter(({ kind }) => kind === 'wire.bytes').length;
    expect(crossed(), 'nothing crosses before the first Next').toBe(0);
    for (let beat = 1; beat <= 14; beat += 1) {
      await nextWhole(page, beat);
      expect(await number(page)).toBe(beat);
      if (beat === 14) break;
      expect(room.brake.state().on).toBe(true);
      // The first chunk of what comes next is how one knows that this is whole; nothing after it has crossed.
      expect(crossedAfter(room, beat), `held after beat ${beat}`).toBeLessThanOrEqual(1);
      const before = crossed();
      await drawn(page);
      expect(crossed()).toBe(before);
    }
    expect(await title(page)).toBe('The letter comes home');
    expect(toldBy(room).scripts[0]?.ended).toBe(true);
    await page.keyboard.press('Escape');
    await expect.poll(() => room.brake.state().on, { message: 'whoever leaves lets the wire go' }).toBe(false);
    expect(complaints).toEqual([]);
    await close();
    await site.close();
  },
  LONG,
);

test(
  'when the server goes away in the middle, a line says so, and r goes on with the recording at the same beat',
  async () => {
    const site = await openSite(null, 0, createStoryTeller());
    const { page, close } = await openStage(site.url, '&story=youve-got-mail');
    await page.locator('.present-title').waitFor();
    await goLive(page, site);
    for (let beat = 1; beat <= 5; beat += 1) await nextWhole(page, beat);
    const shown = await title(page);
    await site.close();
    await page.getByText('The live run has broken off: its server is away. r goes on with the recording.').waitFor();
    expect(await title(page), 'what was seen is kept').toBe(shown);
    await page.keyboard.press('r');
    await recording(page);
    expect(await title(page)).toBe(shown);
    expect(await number(page)).toBe(5);
    await press(page, 'PageDown', 'PageDown');
    expect(await number(page)).toBe(6);
    await press(page, 'End');
    expect(await title(page)).toBe('The letter comes home');
    await close();
  },
  LONG,
);

test(
  'a letter that is written on the stage is let go beat by beat; without a server, what was seen of it stays as a recording',
  async () => {
    const site = await openSite();
    const { page, close } = await openStage(site.url);
    await source(page)
      .filter({ hasText: /^live$/ })
      .waitFor();
    await press(page, 'h');
    await held(page);
    await press(page, 'c');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await expect.poll(() => site.room.brake.state()).toEqual({ on: true, waiting: 1 });
    expect(await number(page), 'it waits to be called').toBe(0);
    await nextWhole(page, 1);
    expect(crossedAfter(site.room, 1)).toBeLessThanOrEqual(1);
    await nextWhole(page, 2);
    await nextWhole(page, 3);
    const shown = await title(page);
    await site.close();
    await page.getByText('its server is away').waitFor();
    await page.keyboard.press('r');
    await recording(page);
    expect(await title(page)).toBe(shown);
    expect(await number(page)).toBe(3);
    await press(page, 'PageUp');
    expect(await number(page)).toBe(2);
    await close();
  },
  LONG,
);
