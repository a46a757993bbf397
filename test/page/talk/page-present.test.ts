/** A story before a room: by a clicker's keys it is told beat by beat, and what is seen can be read from the last row. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createStoryteller } from '../../../shared/reading/storyteller.ts';
import type { Story } from '../../../shared/story/story.ts';
import { decodeTrace } from '../../../shared/trace/codec.ts';
import { launchBrowser } from '../../help/browser.ts';
import { drawn, openStaticSite, openViewer } from '../../help/page-site.ts';

let browser: Browser;
let site: Awaited<ReturnType<typeof openStaticSite>>;

const traceOf = (folder: string, name: string): string =>
  readFileSync(path.join(import.meta.dirname, folder, `${name}.trace.ndjson`), 'utf8');

function storyIn(text: string): Story {
  const decoded = decodeTrace(text);
  if (!decoded.ok) throw new Error(decoded.message);
  const teller = createStoryteller(decoded.header);
  teller.append(decoded.events);
  return teller.finish();
}
const told = (name: string): Story => storyIn(traceOf('../../../stories', name));

const LONG = ['hundred-recipients', 'two-domains-one-down', 'greylisted'];

beforeAll(async () => {
  browser = await launchBrowser();
  site = await openStaticSite(
    Object.fromEntries(LONG.map(name => [`/${name}.trace.ndjson`, traceOf('../../fixtures/traces', name)])),
  );
});
afterAll(async () => {
  await browser.close();
  await site.close();
});

const PROJECTOR = { width: 1280, height: 720 };

async function openPresent(search: string, options: BrowserContextOptions = {}) {
  const viewer = await openViewer(browser, `${site.url}?${search}&present=1`, { viewport: PROJECTOR, ...options });
  await viewer.page.locator('.present-title').waitFor();
  await viewer.page.evaluate(() => document.fonts.ready);
  return viewer;
}

async function press(page: Page, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    await page.keyboard.press(key);
    await drawn(page);
  }
}
const area = (page: Page) => page.locator('.present-area');
const picture = (page: Page): Promise<string> => area(page).innerHTML();
const title = (page: Page) => page.locator('.present-title');
const number = async (page: Page): Promise<number> => Number(await page.locator('.present-number b').innerText());
const asked = async (page: Page): Promise<boolean> => (await page.locator('.present-said.asked').count()) > 0;
const blank = (page: Page) => page.locator('.present-blank');
const overview = (page: Page) => page.getByRole('region', { name: 'Overview of the steps' });
const search = (page: Page): string => new URL(page.url()).search;

/** Goes on until the next beat stands at its end, past its question. */
async function nextStanding(page: Page): Promise<void> {
  await press(page, 'PageDown');
  if (await asked(page)) await press(page, 'PageDown');
  await press(page, 'PageDown');
}

/** That no server answers is nothing new here. */
const serious = (complaints: readonly string[]) => complaints.filter(complaint => !complaint.includes('404'));

const plain = (words: string): string => words.replaceAll('**', '');

describe('by Next alone', () => {
  test('every beat is met once and in order, each shown at once to its end by a Next in the middle; and back, each picture is the same', async () => {
    const story = told('youve-got-mail');
    const { page, complaints, close } = await openPresent('story=youve-got-mail');
    expect(await number(page)).toBe(0);
    expect(await title(page).innerText()).toBe('You’ve got mail');
    const opening = await picture(page);
    const pictures: string[] = [];
    let questions = 0;
    for (const beat of story.beats) {
      await press(page, 'PageDown');
      if (await asked(page)) {
        questions += 1;
        expect(await number(page), 'a question comes before its beat').toBe(beat.index);
        await press(page, 'PageDown');
      }
      expect(await number(page)).toBe(beat.index + 1);
      await press(page, 'PageDown');
      expect(await number(page), 'the end of the same beat').toBe(beat.index + 1);
      expect(await title(page).innerText()).toBe(plain(beat.caption.title));
      pictures.push(await picture(page));
    }
    expect(questions).toBe(2);
    await press(page, 'PageDown');
    expect(await picture(page), 'after the last there is nothing').toBe(pictures.at(-1));
    for (const expected of pictures.slice(0, -1).reverse()) {
      await press(page, 'PageUp');
      expect(await picture(page)).toBe(expected);
    }
    await press(page, 'PageUp');
    expect(await picture(page)).toBe(opening);
    expect(serious(complaints)).toEqual([]);
    await close();
  });

  test('a beat that is left to itself plays to its end and stands there; Back in the middle leads to the end of the one before', async () => {
    const { page, close } = await openPresent('story=youve-got-mail');
    await press(page, '3', 'Enter');
    const third = await picture(page);
    await press(page, '2', 'Enter');
    const second = await picture(page);
    await press(page, '>', '>', '>', 'ArrowRight');
    expect(await picture(page)).not.toBe(third);
    // As fast as it is shown, it is not slowed down as much.
    const still = (html: string) => html.replaceAll(/slowed down [\d,]+×/g, '');
    await page.waitForFunction(
      html => document.querySelector('.present-area')?.innerHTML.replaceAll(/slowed down [\d,]+×/g, '') === html,
      still(third),
    );
    await press(page, '<', '<', '<');
    expect(await picture(page)).toBe(third);
    await press(page, 'PageUp', 'ArrowRight', 'PageUp');
    expect(await picture(page)).toBe(second);
    await close();
  });

  test('a click on the stage, Space, arrows, n and Enter are Next as well; what a question asks can be answered by a click', async () => {
    const { page, close } = await openPresent('story=youve-got-mail');
    await page.mouse.click(300, 300);
    await drawn(page);
    expect(await number(page)).toBe(1);
    await press(page, 'Space', 'ArrowDown', 'n', 'Enter', 'l');
    expect(await number(page)).toBe(3);
    await press(page, '6', 'Enter', 'PageDown');
    expect(await asked(page)).toBe(true);
    await page.getByRole('button', { name: 'It asks DNS who takes mail' }).click();
    await drawn(page);
    expect(await number(page)).toBe(7);
    expect(await asked(page)).toBe(false);
    await press(page, 'PageDown', 'ArrowLeft');
    expect(await number(page)).toBe(6);
    await press(page, 'PageDown');
    expect(await asked(page), 'what was answered is not asked again').toBe(false);
    await close();
  });

  test('k plays on past the end of a beat', async () => {
    const { page, close } = await openPresent('story=youve-got-mail');
    await press(page, '>', '>', '>', 'k');
    await page.waitForFunction(() => document.querySelector('.present-number b')?.textContent === '3');
    await press(page, 'k');
    const stopped = await number(page);
    await press(page, 'PageDown');
    expect(await number(page), 'a beat that was stopped in the middle is finished first').toBe(stopped);
    await close();
  });

  test('who wants little motion sees each beat as it is in the end', async () => {
    const { page, close } = await openPresent('story=youve-got-mail', { reducedMotion: 'reduce' });
    await press(page, 'PageDown', 'PageDown', 'PageDown');
    expect(await number(page)).toBe(3);
    const third = await picture(page);
    await press(page, '3', 'Enter');
    expect(await picture(page)).toBe(third);
    await close();
  });
});

describe('a speaker', () => {
  test('blanks the stage with “.”, b or w, and goes on where it was: Next lifts the blank and no more', async () => {
    const { page, close } = await openPresent('story=youve-got-mail');
    await press(page, '4', 'Enter');
    const fourth = await picture(page);
    for (const key of ['.', 'b', 'w']) {
      await press(page, key);
      expect(await blank(page).getAttribute('data-blank')).toBe(key === 'w' ? 'white' : 'black');
      await press(page, key);
      expect(await blank(page).count()).toBe(0);
    }
    await press(page, 'b', 'PageDown');
    expect(await blank(page).count()).toBe(0);
    expect(await picture(page)).toBe(fourth);
    await close();
  });

  test('types the number of a step, sees it, and goes there by Enter; Escape forgets it', async () => {
    const { page, close } = await openPresent('story=youve-got-mail');
    await press(page, '1', '2');
    await page.getByText('Step 12').waitFor();
    await press(page, 'Escape');
    expect(await page.locator('.present-typed').innerText()).toBe('');
    expect(await number(page)).toBe(0);
    await press(page, '1', '3', 'Backspace', '1', 'Enter');
    expect(await number(page)).toBe(11);
    await press(page, '9', '9', 'Enter');
    await page.getByText('There is no step 99.').waitFor();
    expect(await number(page)).toBe(11);
    await press(page, 'Home');
    expect(await number(page)).toBe(0);
    await press(page, 'End');
    expect(await number(page)).toBe(14);
    await close();
  });

  test('sees all steps in the overview but those behind a question, and goes to one by arrows and Enter, or by a click', async () => {
    const { page, close } = await openPresent('story=youve-got-mail');
    await press(page, '2', 'Enter', 'o');
    const tiles = overview(page).getByRole('button');
    expect(await tiles.count()).toBe(14);
    expect(await tiles.nth(6).innerText()).toMatch(/^\?\s*7\s*After a question$/);
    expect(await overview(page).locator('[aria-current]').innerText()).toContain('The client calls');
    await press(page, 'ArrowDown', 'ArrowLeft', 'ArrowLeft', 'ArrowUp');
    expect(await overview(page).locator('[aria-current] .overview-words').innerText()).toMatch(/^5/);
    await press(page, 'Enter');
    expect(await overview(page).count()).toBe(0);
    expect(await number(page)).toBe(5);
    await press(page, 'o');
    await tiles.nth(2).click();
    expect(await number(page)).toBe(3);
    await close();
  });

  test('leaves what is innermost by Escape: what is typed, the overview, the blank, present mode', async () => {
    const { page, close } = await openPresent('story=youve-got-mail');
    await press(page, 'b', 'o', '3', 'Escape');
    expect(await overview(page).count()).toBe(1);
    await press(page, 'Escape');
    expect(await overview(page).count()).toBe(0);
    expect(await blank(page).count()).toBe(1);
    await press(page, 'Escape');
    expect(await blank(page).count()).toBe(0);
    await press(page, '?', 'Escape');
    expect(await area(page).count()).toBe(1);
    await press(page, 'Escape');
    expect(await area(page).count()).toBe(0);
    expect(search(page)).toBe('?story=youve-got-mail');
    await close();
  });

  test('comes by p or a button, as the address then says, and leaves by the browser’s way back; the page stands where they were', async () => {
    const { page, complaints, close } = await openViewer(browser, `${site.url}?story=youve-got-mail`);
    await page.locator('.caption h2').waitFor();
    await press(page, 'p');
    await title(page).waitFor();
    expect(search(page)).toBe('?story=youve-got-mail&present=1');
    await press(page, '5', 'Enter');
    const shown = await title(page).innerText();
    await page.goBack();
    await page.locator('.caption h2', { hasText: shown }).waitFor();
    expect(search(page)).toBe('?story=youve-got-mail');
    await page.getByRole('button', { name: 'Present' }).click();
    await title(page).filter({ hasText: shown }).waitFor();
    await page.mouse.move(400, 200);
    await page.getByRole('button', { name: 'Leave' }).click();
    await page.locator('.caption h2', { hasText: shown }).waitFor();
    expect(serious(complaints)).toEqual([]);
    await close();
  });

  test('reloads, as the play key of some clickers does, and stands where they were', async () => {
    const { page, close } = await openPresent('story=youve-got-mail');
    await press(page, '9', 'Enter');
    const before = await picture(page);
    await page.reload();
    await title(page).waitFor();
    await expect.poll(() => picture(page)).toBe(before);
    await close();
  });

  test('points with the mouse; the ring is where it is, and goes when it rests', async () => {
    const { page, close } = await openPresent('story=youve-got-mail');
    const ring = page.locator('.present-ring');
    expect(await ring.isVisible()).toBe(false);
    await page.mouse.move(500, 200);
    await page.mouse.move(640, 240);
    await ring.waitFor();
    const box = await ring.boundingBox();
    expect((box?.x ?? 0) + (box?.width ?? 0) / 2).toBeCloseTo(640, 0);
    expect((box?.y ?? 0) + (box?.height ?? 0) / 2).toBeCloseTo(240, 0);
    await ring.waitFor({ state: 'hidden' });
    await close();
  });
});

/** What of the words is too small for the last row, cut, or out of its place. */
const unreadable = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() => {
    const shown = document.querySelector('.present-area');
    const said = document.querySelector('.present-said');
    if (!(shown instanceof HTMLElement) || !(said instanceof HTMLElement)) return ['nothing is shown'];
    const scale = shown.getBoundingClientRect().width / shown.offsetWidth;
    const height = shown.getBoundingClientRect().height;
    const found: string[] = [];
    const texts = [...said.querySelectorAll('.present-title, .present-body, .present-choices span')];
    if (texts.length === 0) found.push('no words');
    for (const text of texts) {
      const words = (text.textContent ?? '').slice(0, 60);
      const size = Number.parseFloat(getComputedStyle(text).fontSize) * scale;
      if (size < height / 22) found.push(`too small, ${size.toFixed(1)} px: ${words}`);
      const box = text.getBoundingClientRect();
      const marks = document.querySelector('.present-marks')?.getBoundingClientRect();
      if (text.scrollWidth > text.clientWidth + 1 && text.clientWidth > 0) found.push(`too wide: ${words}`);
      if (marks && box.bottom > marks.top + 1) found.push(`down into the marks: ${words}`);
      if (text.matches('.present-body') && !/[.!?…:][”’"')\]]?$/u.test((text.textContent ?? '').trim()))
        found.push(`cut: ${text.textContent}`);
    }
    if (said.scrollHeight > said.clientHeight + 1) found.push(`over: ${said.scrollHeight} in ${said.clientHeight}`);
    if (document.documentElement.scrollWidth > innerWidth) found.push('the page is too wide');
    return found;
  });

const TOLD = ['story=youve-got-mail', 'story=nobody-by-that-name', 'story=two-of-the-same'];
const UNTOLD = LONG.map(name => `trace=/${name}.trace.ndjson`);

describe.each([
  { viewport: { width: 1280, height: 720 }, addresses: [...TOLD, ...UNTOLD] },
  { viewport: { width: 1024, height: 768 }, addresses: [TOLD[0], UNTOLD[0]] },
])('at $viewport.width x $viewport.height', ({ viewport, addresses }) => {
  test.each(addresses)('all words of %s are large, whole and in their place', async (address = '') => {
    const { page, close } = await openPresent(address, { viewport, reducedMotion: 'reduce' });
    const found: string[] = [];
    let at = await number(page);
    for (let step = 0; step < 200; step += 1) {
      for (const flaw of await unreadable(page)) found.push(`${await title(page).innerText()}: ${flaw}`);
      const before = await picture(page);
      await press(page, 'PageDown');
      if ((await picture(page)) === before) break;
      at = await number(page);
    }
    expect(found).toEqual([]);
    expect(at).toBe(Number((await page.locator('.present-number').innerText()).split('/')[1]));
    await close();
  });
});

interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string }[];
}

test('axe finds nothing serious: at the start, at a beat, a question, in the overview, on light, with the bar and the keys', async () => {
  const { page, close } = await openPresent('story=nobody-by-that-name');
  await page.evaluate(axe.source);
  const found: string[] = [];
  const look = async (where: string): Promise<void> => {
    const violations = await page.evaluate<readonly Violation[]>('axe.run().then(result => result.violations)');
    for (const { id, impact, nodes } of violations)
      if (impact === 'serious' || impact === 'critical')
        found.push(...nodes.map(({ html }) => `${where}: ${id} ${html.slice(0, 140)}`));
  };
  await look('the start');
  await nextStanding(page);
  await look('a beat');
  for (let step = 0; step < 20 && !(await asked(page)); step += 1) await press(page, 'PageDown');
  await look('a question');
  await press(page, 'o');
  await look('the overview');
  await press(page, 'o', 'd');
  await page.mouse.move(300, 200);
  await look('light');
  await press(page, '?');
  await look('keys');
  expect(found).toEqual([]);
  await close();
});
