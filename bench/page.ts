/** Many letters in front of the page: the longest task of its main thread while they come, while it is used, and how much it draws. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { createLobby } from '../server/rooms/lobby.ts';
import { openRoom } from '../server/rooms/room.ts';
import { startWebServer } from '../server/web/http.ts';
import { eachService } from '../shared/protocols.ts';
import { encodeTrace } from '../shared/trace/codec.ts';
import { blueAndGreen } from '../shared/world/presets.ts';
import { collected, received } from '../test/fixtures/many.ts';
import { header } from '../test/fixtures/script.ts';
import { launchBrowser } from '../test/help/browser.ts';
import { longestTask, served } from './stage.ts';

/** Events that come at once, as from a server that is busy. */
const AT_ONCE = 40;
const SIZE = { width: 1440, height: 900 };

interface Phase {
  readonly what: string;
  /** Milliseconds of the processor that the longest task of the main thread took. */
  readonly longest: number;
  /** Milliseconds until the frame that shows it. */
  readonly took: number;
  /** Elements of the document afterwards. */
  readonly nodes: number;
}

/** Runs it, waits for the frame after the next, and asks what it cost. */
async function phase(page: Page, what: string, act: () => Promise<unknown>): Promise<Phase> {
  const browser = page.context().browser();
  if (browser === null) throw new Error('the page is in no browser');
  let took = 0;
  const longest = await longestTask(browser, page, async () => {
    const began = performance.now();
    await act();
    await page.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))));
    took = performance.now() - began;
    // What it leaves to be done belongs to it.
    await page.waitForTimeout(600);
  });
  return { what, longest, took, nodes: await page.locator('*').count() };
}

async function opened(browser: Browser): Promise<Page> {
  const page = await browser.newPage({ viewport: SIZE });
  page.setDefaultTimeout(300_000);
  return page;
}

async function usage(page: Page): Promise<readonly Phase[]> {
  const phases: Phase[] = [];
  const note = async (what: string, act: () => Promise<unknown>): Promise<void> => {
    phases.push(await phase(page, what, act));
  };
  for (const tab of ['Transcript', 'Inbox', 'Queue', 'DNS', 'Message', 'Conversation'])
    await note(`click ${tab}`, () => page.getByRole('tab', { name: tab, exact: true }).click());
  await page.evaluate(() => {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  });
  await note('one step back', () => page.keyboard.press('ArrowLeft'));
  await note('to the start of the journey', () => page.keyboard.press('Home'));
  await note('play two seconds', async () => {
    await page.keyboard.press('Space');
    await page.waitForTimeout(2000);
    await page.keyboard.press('Space');
  });
  await note('to its end', () => page.keyboard.press('End'));
  await note('present', () => page.keyboard.press('p'));
  await note('overview', () => page.keyboard.press('o'));
  await note('leave', async () => {
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
  });
  return phases;
}

/** A page that watches while `letters` are collected. */
async function live(browser: Browser, pageFolder: string, letters: number): Promise<readonly Phase[]> {
  const room = await openRoom({ world: blueAndGreen, data: null, ports: null });
  const nowhere = { host: '127.0.0.1', port: 1 };
  const web = await startWebServer({
    lobby: createLobby({ main: room }),
    published: eachService(() => nowhere),
    host: '127.0.0.1',
    port: 0,
    page: pageFolder,
    onTrouble: console.error,
  });
  const page = await opened(browser);
  await page.goto(web.url);
  await page.getByText('Live on the wire').waitFor();
  const events = collected(letters);
  const coming = await phase(page, `${letters} letters are collected, and a click`, async () => {
    for (let at = 0; at < events.length; at += AT_ONCE) {
      for (const event of events.slice(at, at + AT_ONCE)) if (event.kind !== 'unknown') room.recorder.append(event);
      await pause(10);
    }
    await page.getByRole('tab', { name: 'Inbox' }).click();
  });
  await page.getByRole('button', { name: 'Next step' }).waitFor();
  const reading = await phase(page, 'loaded anew', async () => {
    await page.reload();
    await page.getByText('Live on the wire').waitFor();
    await page.locator('.timeline-clock').waitFor();
  });
  const phases = [coming, reading, ...(await usage(page))];
  await page.close();
  await web.close();
  await room.close();
  return phases;
}

/** A recording of `letters` that came in, opened from an address. */
async function recorded(browser: Browser, pageFolder: string, letters: number): Promise<readonly Phase[]> {
  const text = encodeTrace(header, received(letters));
  return served(pageFolder, { '/many.trace.ndjson': text }, async url => {
    const page = await opened(browser);
    const opening = await phase(page, `a recording of ${letters} letters is opened`, async () => {
      await page.goto(`${url}?trace=many.trace.ndjson`);
      await page.locator('.timeline-clock').waitFor();
    });
    const phases = [opening, ...(await usage(page))];
    await page.close();
    return phases;
  });
}

/** Prints what many letters cost the page, phase by phase. */
export async function benchPage(pageFolder: string, counts: readonly number[]): Promise<void> {
  const browser = await launchBrowser();
  try {
    for (const letters of counts)
      for (const [kind, run] of [['live', live] as const, ['recording', recorded] as const]) {
        console.log(`\n${letters} letters, ${kind}: longest task / took / elements`);
        for (const { what, longest, took, nodes } of await run(browser, pageFolder, letters))
          console.log(
            `${what.padEnd(48)} ${longest.toFixed(0).padStart(7)} ms ${took.toFixed(0).padStart(7)} ms ${`${nodes}`.padStart(7)}`,
          );
      }
  } finally {
    await browser.close();
  }
}
