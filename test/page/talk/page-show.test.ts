/** A show: the speaker's window beside the stage, a second device, and an audience that follows, wanders off and comes back. */
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../../help/browser.ts';
import {
  clockOf,
  openSite,
  openStaticSite,
  openViewer,
  type Site,
  sendAndArrive,
  type Viewer,
} from '../../help/page-site.ts';
import { readQr } from '../../help/qr-reader.ts';

let browser: Browser;
/** A server whose world has sent one letter. */
let site: Site;
let trace: string;

beforeAll(async () => {
  browser = await launchBrowser();
  site = await openSite();
  await sendAndArrive(site);
  trace = await (await fetch(`${site.url}api/trace`)).text();
});
afterAll(async () => {
  await site.close();
  await browser.close();
});

/** Steps land at once: what is asked here is where, and not how it moves there. */
const STILL = { reducedMotion: 'reduce' } as const;
/** Four or five browsers at once, on a machine that may have other things to do. */
const LONG = { timeout: 120_000 };
const PHONE = { viewport: { width: 390, height: 844 }, ...STILL } as const;

const number = (page: Page): Promise<string> => page.locator('.present-number').innerText();
/** Until `read` says so; what it says instead is what is told when it never does. */
const until = <T>(read: () => Promise<T>, wanted: T): Promise<void> =>
  expect.poll(read, { timeout: 30_000, interval: 25 }).toEqual(wanted);

/** The step that the stage stands at, once it does. */
const stageAt = (page: Page, step: number): Promise<void> =>
  until(async () => Number((await number(page)).split('/')[0]), step);
/** The step of a speaker's window. */
const notesAt = (page: Page, step: number): Promise<void> =>
  until(async () => Number(await page.locator('.speaker-step b').innerText()), step);
/** The step of which a follower's page tells, in its caption. */
const pageAt = (page: Page, step: number): Promise<void> =>
  until(async () => Number(/Step (\d+)/.exec(await page.locator('.caption-step').innerText())?.[1]), step);

/** The stage of the server's own world, before its first step. */
async function openStage(options = {}): Promise<Viewer> {
  const stage = await openViewer(browser, `${site.url}?present=1`, { ...STILL, ...options });
  await stage.page.locator('.present-number').waitFor();
  await stage.page.keyboard.press('Home');
  await stageAt(stage.page, 0);
  return stage;
}

/** Shares what is on the stage; answers the audience's link. */
async function share(stage: Page): Promise<string> {
  await stage.keyboard.press('a');
  await stage.getByRole('button', { name: 'Share this talk' }).click();
  const link = await stage.locator('.show-link a').first().innerText();
  return link;
}
async function shared(stage: Page): Promise<string> {
  const link = await share(stage);
  await stage.getByRole('button', { name: 'Close' }).click();
  return link;
}

async function speakerOf(stage: Page): Promise<Page> {
  const [window] = await Promise.all([stage.waitForEvent('popup'), stage.keyboard.press('s')]);
  window.setDefaultTimeout(20_000);
  await window.getByText('Joined to the stage').waitFor();
  return window;
}

interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string }[];
}
async function seriousIn(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const violations = await page.evaluate<readonly Violation[]>('axe.run().then(result => result.violations)');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(node => node.html).join(' ')}`);
}

describe('the speaker’s window', () => {
  test('needs no server: its notes and pictures follow the stage, and its keys drive it', LONG, async () => {
    const files = await openStaticSite();
    const { page: stage, close } = await openViewer(browser, `${files.url}?story=leave-on-server&present=1`, STILL);
    await stage.locator('.present-number').waitFor();
    const speaker = await speakerOf(stage);
    await notesAt(speaker, 0);
    await speaker.getByText('Before the first step.').waitFor();
    for (let step = 1; step <= 4; step += 1) {
      await speaker.keyboard.press(step % 2 === 0 ? 'PageDown' : 'Space');
      await stageAt(stage, step);
      await notesAt(speaker, step);
    }
    // The notes of its author, large; below them what the stage says.
    await speaker.locator('.speaker-said', { hasText: 'The server chooses these names.' }).waitFor();
    await speaker.locator('.speaker-source', { hasText: 'The number 1 holds for this session only.' }).waitFor();
    await speaker.locator('figure', { hasText: 'On the stage' }).getByText('What are they called?').waitFor();
    await speaker.locator('figure', { hasText: 'Next' }).getByText('A copy, and a note').waitFor();
    expect(await speaker.locator('.speaker-still .still').count()).toBe(2);

    await stage.keyboard.press('ArrowRight');
    await notesAt(speaker, 5);
    await speaker.keyboard.press('PageUp');
    await stageAt(stage, 4);
    await notesAt(speaker, 4);
    await speaker.keyboard.press('7');
    // What the stage says meanwhile takes no digit away.
    await stage.keyboard.press('ArrowRight');
    await notesAt(speaker, 5);
    await speaker.keyboard.press('Enter');
    await stageAt(stage, 7);
    await speaker.keyboard.press('Home');
    await stageAt(stage, 0);

    // A step without notes has the words of the stage.
    await speaker.getByRole('button', { name: 'Next' }).click();
    await stageAt(stage, 1);
    await speaker.getByText('No notes for this step').waitFor();

    await speaker.keyboard.press('.');
    await stage.locator('[data-blank]').waitFor();
    await speaker.getByText('The stage is blank').waitFor();
    await speaker.getByRole('button', { name: 'Blank' }).click();
    await stage.locator('[data-blank]').waitFor({ state: 'detached' });

    expect(files.asked.filter(address => /api|upgrade/.test(address))).toEqual([]);
    await close();
    await files.close();
  });

  test('says what the stage asks, and what is right', async () => {
    const files = await openStaticSite();
    const { page: stage, close } = await openViewer(browser, `${files.url}?story=leave-on-server&present=1`, STILL);
    await stage.locator('.present-number').waitFor();
    const speaker = await speakerOf(stage);
    await speaker.keyboard.press('8');
    await speaker.keyboard.press('Enter');
    await stageAt(stage, 8);
    await speaker.locator('figure', { hasText: 'Next, after a question' }).waitFor();
    await speaker.keyboard.press('Space');
    await speaker.getByText('THE STAGE ASKS').waitFor();
    await speaker.getByText(/^It is: /).waitFor();
    await speaker.keyboard.press('Space');
    await stageAt(stage, 9);
    await notesAt(speaker, 9);
    await close();
    await files.close();
  });

  test('shows a file that only the stage’s window was given', async () => {
    const files = await openStaticSite();
    const { page: stage, close } = await openViewer(browser, files.url, STILL);
    await stage.getByText('No server answers; trying again…').waitFor();
    await drop(stage, 'run.trace.ndjson', trace);
    await stage.getByText('Recording', { exact: true }).waitFor();
    await stage.keyboard.press('p');
    const speaker = await speakerOf(stage);
    await stage.keyboard.press('Home');
    await speaker.keyboard.press('Space');
    await stageAt(stage, 1);
    await notesAt(speaker, 1);
    await speaker.locator('figure', { hasText: 'On the stage' }).getByText('Alice presses Send').waitFor();
    await close();
    await files.close();
  });

  test('may take the whole screen from the stage, as some browsers have it, and not the talk', async () => {
    const { page: stage, close } = await openViewer(browser, site.url, STILL);
    await stage.getByText('Live on the wire').waitFor();
    await stage.keyboard.press('p');
    await stage.waitForFunction(() => document.fullscreenElement !== null);
    const speaker = await speakerOf(stage);
    expect(await stage.locator('.present-number').count()).toBe(1);
    await speaker.keyboard.press('Home');
    await speaker.keyboard.press('Space');
    await stageAt(stage, 1);
    await close();
  });

  test('waits for a stage that goes away, and keeps its notes and its time', LONG, async () => {
    const { page: stage, close } = await openStage();
    const speaker = await speakerOf(stage);
    const timer = speaker.locator('.speaker-timer b');
    await speaker.getByRole('button', { name: 'Start the timer' }).waitFor();
    expect(await timer.innerText()).toBe('0:00');
    await speaker.keyboard.press('Space');
    // It begins with the first step.
    await speaker.getByRole('button', { name: 'Pause the timer' }).waitFor();
    await notesAt(speaker, 1);
    await until(async () => (await timer.innerText()) !== '0:00', true);
    await speaker.getByRole('button', { name: 'Pause the timer' }).click();
    const spent = await timer.innerText();

    const address = stage.url();
    await stage.goto('about:blank');
    await speaker.getByText('The stage is away; waiting for it…').waitFor();
    await notesAt(speaker, 1);
    expect(await speaker.getByRole('button', { name: 'Next' }).isDisabled()).toBe(true);
    expect(await timer.innerText()).toBe(spent);
    await stage.goto(address);
    await speaker.getByText('Joined to the stage').waitFor();
    await speaker.getByRole('button', { name: 'Reset the timer' }).click();
    expect(await timer.innerText()).toBe('0:00');
    await close();
  });

  test('a browser that lets no window open is given a link', async () => {
    const { page: stage, close } = await openStage();
    await stage.evaluate(() => {
      window.open = () => null;
    });
    await stage.keyboard.press('s');
    const dialog = stage.getByRole('dialog', { name: 'Your browser kept the speaker window shut' });
    const link = await dialog.getByRole('link').innerText();
    const speaker = await stage.context().newPage();
    await speaker.goto(link);
    await speaker.getByText('Joined to the stage').waitFor();
    expect(await speaker.getByText('Joined to the stage').isVisible()).toBe(true);
    await close();
  });

  test('larger letters stay larger, and what one touches is large enough', LONG, async () => {
    const { page: stage, close } = await openStage();
    const speaker = await speakerOf(stage);
    await speaker.keyboard.press('Space');
    await notesAt(speaker, 1);
    const size = (page: Page): Promise<number> =>
      page.locator('.speaker-said').evaluate(element => Number.parseFloat(getComputedStyle(element).fontSize));
    const before = await size(speaker);
    await speaker.keyboard.press('+');
    await until(async () => (await size(speaker)) > before, true);
    const larger = await size(speaker);
    await speaker.reload();
    await speaker.locator('.speaker-said').waitFor();
    expect(await size(speaker)).toBe(larger);
    for (const viewport of [
      { width: 1280, height: 800 },
      { width: 820, height: 1180 },
      { width: 390, height: 844 },
      { width: 844, height: 390 },
    ]) {
      await speaker.setViewportSize(viewport);
      const small = await speaker.locator('button:visible').evaluateAll(buttons =>
        buttons
          .map(button => ({ name: button.ariaLabel ?? button.textContent, box: button.getBoundingClientRect() }))
          .filter(({ box }) => box.width < 44 || box.height < 44 || box.right > innerWidth || box.bottom > innerHeight)
          .map(({ name }) => name),
      );
      expect(small, `at ${viewport.width} × ${viewport.height}`).toEqual([]);
    }
    await close();
  });
});

/** A device that has never been here. */
async function follow(link: string, open: Viewer[]): Promise<Page> {
  const viewer = await openViewer(browser, link, PHONE);
  open.push(viewer);
  return viewer.page;
}

describe('the audience', () => {
  test(
    'three follow, one of them late; one wanders off and comes back to where the speaker is by then',
    LONG,
    async () => {
      const open: Viewer[] = [await openStage()];
      const stage = open[0]?.page;
      if (stage === undefined) throw new Error('there is a stage');
      const link = await shared(stage);
      const [one, other] = [await follow(link, open), await follow(link, open)];
      await Promise.all([one, other].map(page => page.getByText('The speaker is about to begin.').waitFor()));

      await stage.keyboard.press('PageDown');
      await stageAt(stage, 1);
      await Promise.all([one, other].map(page => pageAt(page, 1)));
      await one.getByText('Following the speaker').waitFor();
      for (let step = 2; step <= 4; step += 1) await stage.keyboard.press('PageDown');
      await stageAt(stage, 4);
      const late = await follow(link, open);
      await Promise.all([one, other, late].map(page => pageAt(page, 4)));
      expect(await late.locator('.follow-step').innerText()).toMatch(/^· step 4 of \d+$/);

      // Looking closer at the same moment is no wandering off.
      await other.getByRole('tab', { name: 'DNS' }).click();
      await other.getByText('Following the speaker').waitFor();
      await one.getByRole('button', { name: 'Previous step' }).click();
      await one.getByRole('button', { name: 'Back to the speaker' }).waitFor();
      await pageAt(one, 3);
      await stage.keyboard.press('PageDown');
      await stage.keyboard.press('PageDown');
      await Promise.all([other, late].map(page => pageAt(page, 6)));
      await pageAt(one, 3);
      await one.getByRole('button', { name: 'Back to the speaker' }).click();
      await pageAt(one, 6);
      await one.getByText('Following the speaker').waitFor();
      await stage.keyboard.press('PageUp');
      await Promise.all([one, other, late].map(page => pageAt(page, 5)));

      // Nothing that would change a world is within reach.
      for (const name of [/^Send( a letter)?$/, 'Hold wire', 'Check mail', 'Connect', 'World', 'Menu', 'Back to live'])
        expect(await one.getByRole('button', { name }).count(), `${name}`).toBe(0);
      for (const key of ['n', 'h', 'w', 'g', 'p', 'a', 's', 'q']) await one.keyboard.press(key);
      expect(await one.getByRole('dialog').count()).toBe(0);
      await pageAt(one, 5);

      await stage.keyboard.press('.');
      await one.getByText('the stage is blank').waitFor();
      await stage.keyboard.press('.');
      await one.getByText('the stage is blank').waitFor({ state: 'detached' });
      for (const viewer of open) expect(viewer.complaints).toEqual([]);
      for (const viewer of open.toReversed()) await viewer.close();
    },
  );

  test(
    'what plays on the stage plays on every phone by its own clock, and a latecomer’s is right too',
    LONG,
    async () => {
      const stage = await openStage({ reducedMotion: 'no-preference' });
      const link = await shared(stage.page);
      const open: Viewer[] = [];
      const phone = await follow(link, open);
      await phone.getByText('The speaker is about to begin.').waitFor();
      for (let slower = 0; slower < 2; slower += 1) await stage.page.keyboard.press('<');
      await stage.page.keyboard.press('k');
      await phone.getByRole('button', { name: 'Pause', exact: true }).waitFor();
      expect(await phone.getByRole('combobox', { name: 'Speed' }).inputValue()).toBe('0.25');
      const late = await follow(link, open);
      await late.getByRole('button', { name: 'Pause', exact: true }).waitFor();
      // It stands still where the stage does, and has never left it.
      await stage.page.keyboard.press('k');
      for (const page of [phone, late]) {
        await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
        await page.getByText('Following the speaker').waitFor();
      }
      expect(await clockOf(late)).toEqual(await clockOf(phone));
      await pageAt(phone, Number((await number(stage.page)).split('/')[0]));
      // Who stops what plays has left the speaker.
      await stage.page.keyboard.press('k');
      await phone.getByRole('button', { name: 'Pause', exact: true }).click();
      await phone.getByRole('button', { name: 'Back to the speaker' }).click();
      await phone.getByRole('button', { name: 'Pause', exact: true }).waitFor();
      for (const viewer of [...open, stage]) await viewer.close();
    },
  );

  test('a speaker who has not begun is waited for, and a talk that is over leaves what was seen', LONG, async () => {
    const begun = await fetch(`${site.url}api/shows`, {
      method: 'POST',
      headers: { origin: new URL(site.url).origin },
    });
    const { id }: { readonly id: string } = await begun.json();
    const early = await openViewer(browser, `${site.url}?follow=${id}`, PHONE);
    await early.page.getByRole('heading', { name: 'The speaker has not begun yet.' }).waitFor();
    const never = await openViewer(browser, `${site.url}?follow=nobody-ever-began`, PHONE);
    await never.page.getByRole('heading', { name: 'This talk has ended.' }).waitFor();

    const stage = await openStage();
    const link = await shared(stage.page);
    const phone = await openViewer(browser, link, PHONE);
    await stage.page.keyboard.press('Space');
    await pageAt(phone.page, 1);
    await stage.page.keyboard.press('a');
    await stage.page.getByRole('button', { name: 'Stop sharing' }).click();
    await phone.page.getByText('The talk has ended').waitFor();
    await pageAt(phone.page, 1);
    await phone.page.getByRole('button', { name: 'Next step' }).click();
    await pageAt(phone.page, 2);
    for (const viewer of [early, never, phone, stage]) await viewer.close();
  });

  test(
    'a file that the server has not is given to it; a stage that is loaded anew goes on with its show',
    LONG,
    async () => {
      const stage = await openViewer(browser, site.url, STILL);
      await stage.page.getByText('Live on the wire').waitFor();
      await drop(stage.page, 'run.trace.ndjson', trace);
      await stage.page.getByText('Recording', { exact: true }).waitFor();
      await stage.page.keyboard.press('p');
      await stage.page.keyboard.press('Home');
      const link = await shared(stage.page);
      const phone = await openViewer(browser, link, PHONE);
      await stage.page.keyboard.press('Space');
      await stageAt(stage.page, 1);
      await pageAt(phone.page, 1);
      // The show goes on where the stage is loaded anew: its file is gone, and the phone keeps it.
      await stage.page.reload();
      await stage.page.locator('.present-number').waitFor();
      await stage.page.keyboard.press('Home');
      await stage.page.keyboard.press('Space');
      await stage.page.keyboard.press('Space');
      await stageAt(stage.page, 2);
      await pageAt(phone.page, 2);
      await phone.close();
      await stage.close();
    },
  );
});

describe('sharing', () => {
  test('the code leads to the audience’s link, which has no secret in it', async () => {
    const { page: stage, close } = await openStage();
    const link = await share(stage);
    await stage.getByText('Phones cannot come here yet.').waitFor();
    await stage.getByText('--audience 0.0.0.0:4026').waitFor();
    expect(await codeIn(stage, '.dialog .qr')).toBe(link);
    await stage.getByText('Your notes on a second device').click();
    const speakers = await stage.locator('.show-elsewhere .show-link a').innerText();
    const secret = new URL(speakers).hash.slice(1);
    expect(secret.length).toBeGreaterThan(20);
    expect(link).not.toContain(secret);
    expect(new URL(speakers).search).not.toContain(secret);

    await stage.getByRole('button', { name: 'Show the code to the room' }).click();
    await stage.getByRole('heading', { name: 'Follow on your phone' }).waitFor();
    expect(await codeIn(stage, '.show-poster .qr')).toBe(link);
    const shown = await stage.locator('.show-poster .qr').boundingBox();
    expect(shown?.width).toBeCloseTo(shown?.height ?? 0, 0);
    expect(shown?.height ?? 0).toBeGreaterThan(900 * 0.5);
    expect((await stage.locator('.show-poster').innerText()).replaceAll('\n', '')).toContain(new URL(link).host);
    await stage.keyboard.press('q');
    await stage.locator('.show-poster').waitFor({ state: 'detached' });
    await close();
  });

  test('the speaker steers from a second device, through the server', LONG, async () => {
    const stage = await openStage();
    await share(stage.page);
    await stage.page.getByText('Your notes on a second device').click();
    const link = await stage.page.locator('.show-elsewhere .show-link a').innerText();
    await stage.page.getByRole('button', { name: 'Close' }).click();
    const tablet = await openViewer(browser, link, { viewport: { width: 820, height: 1180 } });
    await tablet.page.getByText('Joined to the stage').waitFor();
    await tablet.page.getByRole('button', { name: 'Next' }).click();
    await stageAt(stage.page, 1);
    await notesAt(tablet.page, 1);
    await tablet.page.getByText('follow').waitFor();
    await tablet.page.keyboard.press('ArrowRight');
    await stageAt(stage.page, 2);
    await notesAt(tablet.page, 2);

    const stranger = await openViewer(browser, link.replace(/#.*/, '#a-guess'), {});
    await stranger.page.getByRole('heading', { name: 'This is not the speaker’s link.' }).waitFor();
    await stranger.page.keyboard.press('Space');
    await tablet.page.keyboard.press('ArrowLeft');
    await stageAt(stage.page, 1);
    for (const viewer of [stranger, tablet, stage]) await viewer.close();
  });

  test('where there is no server it says so, and the notes work', async () => {
    const files = await openStaticSite();
    const { page: stage, close } = await openViewer(browser, `${files.url}?story=leave-on-server&present=1`, STILL);
    await stage.locator('.present-number').waitFor();
    await stage.keyboard.press('a');
    await stage.getByRole('button', { name: 'Share this talk' }).click();
    await stage.getByText('No mailscope server answers at this address.').waitFor();
    const [speaker] = await Promise.all([
      stage.waitForEvent('popup'),
      stage.getByRole('button', { name: 'Speaker window' }).click(),
    ]);
    await speaker.getByText('Joined to the stage').waitFor();
    expect(await speaker.getByText('Joined to the stage').isVisible()).toBe(true);
    await close();
    await files.close();
  });
});

test('axe finds nothing serious: speaker’s window, a follower’s page, the dialog and the code', LONG, async () => {
  const { page: stage, close } = await openStage();
  const speaker = await speakerOf(stage);
  const link = await share(stage);
  expect(await seriousIn(stage)).toEqual([]);
  await stage.getByRole('button', { name: 'Show the code to the room' }).click();
  expect(await seriousIn(stage)).toEqual([]);
  await stage.keyboard.press('q');
  const phone = await openViewer(browser, link, PHONE);
  await phone.page.getByText('The speaker is about to begin.').waitFor();
  expect(await seriousIn(phone.page)).toEqual([]);
  await stage.keyboard.press('Space');
  await pageAt(phone.page, 1);
  await notesAt(speaker, 1);
  for (const scheme of ['light', 'dark'] as const) {
    await phone.page.emulateMedia({ colorScheme: scheme });
    expect(await seriousIn(phone.page)).toEqual([]);
  }
  await phone.page.getByRole('button', { name: 'Next step' }).click();
  await phone.page.getByRole('button', { name: 'Back to the speaker' }).waitFor();
  expect(await seriousIn(phone.page)).toEqual([]);
  expect(await seriousIn(speaker)).toEqual([]);
  await speaker.keyboard.press('d');
  expect(await seriousIn(speaker)).toEqual([]);
  await phone.close();
  await close();
});

/** What a phone reads: each module is looked at in its middle, and there is nothing in the margin. */
async function codeIn(page: Page, selector: string): Promise<string> {
  const { modules, margin } = await page.locator(selector).evaluate(svg => {
    const path = svg.querySelector('path');
    if (!(svg instanceof SVGSVGElement) || path === null) throw new Error('no code');
    const { width, height } = svg.viewBox.baseVal;
    const rows = Array.from({ length: height }, (_, y) =>
      Array.from({ length: width }, (_dark, x) => path.isPointInFill(new DOMPoint(x + 0.5, y + 0.5))),
    );
    const quiet = 4;
    const inside = (at: number): boolean => at >= quiet && at < width - quiet;
    return {
      modules: rows.slice(quiet, -quiet).map(row => row.slice(quiet, -quiet)),
      margin: rows.flatMap((row, y) => row.filter((dark, x) => dark && !(inside(x) && inside(y)))).length,
    };
  });
  expect(margin).toBe(0);
  return readQr(modules);
}

function drop(page: Page, name: string, content: string): Promise<void> {
  return page.evaluate(
    ([file, text]) => {
      const data = new DataTransfer();
      data.items.add(new File([text], file));
      for (const kind of ['dragover', 'drop']) {
        document.body.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
      }
    },
    [name, content] as const,
  );
}
