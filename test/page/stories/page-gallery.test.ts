/** The gallery of stories, the end of one, and its source made one's own: with a server and without. */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeTrace, encodeTrace } from '../../../shared/trace/codec.ts';
import { launchBrowser } from '../../help/browser.ts';
import { overlapsIn } from '../../help/overlaps.ts';
import { drawn, openSite, openStaticSite, openViewer, type Site } from '../../help/page-site.ts';

const ROOT = path.join(import.meta.dirname, '../../..');

/** Every question it asks is about the end of a story; its last part waits for what never comes. */
const SOURCE = `---
group: the journey
next: too-big
do:
  - send: { from: alice, to: bob, subject: Lunch?, text: Are you free at noon? }
---
# The way of a letter

Alice writes to Bob.

## Alice presses Send
*at press-send*

Her mail client writes the letter. [RFC 5322 §2.1]

## Who takes the mail for green.example?
*at the MX question*

The outgoing server asks DNS.

## What nobody says
*at the 599*

It never comes.

## What you now know

- **What is MX for?** It names the servers that take a domain’s mail.
- **Who was called first?** The outgoing server.

## Try this

Delete the MX record and press Send again.
`;

function recordingOf(name: string): string {
  return readFileSync(path.join(ROOT, `test/fixtures/traces/${name}.trace.ndjson`), 'utf8');
}

/** A recording as it would be, had it been told by SOURCE. */
function told(trace: string): string {
  const read = decodeTrace(recordingOf(trace));
  if (!read.ok) throw new Error(read.message);
  const { header, events } = read;
  const last = events.at(-1);
  if (last === undefined) throw new Error(`${trace} is empty`);
  return encodeTrace(header, [
    { seq: 1, at: events[0]?.at ?? last.at, kind: 'story.begun', name: 'the-way', source: SOURCE },
    ...events.map(event => ({ ...event, seq: event.seq + 1 })),
    { seq: last.seq + 2, at: last.at, kind: 'story.ended', name: 'the-way' },
  ]);
}

const entry = (name: string, title: string, group: string, still: number) => ({
  name,
  title,
  intro: 'What happens, in one sentence or two, so that one knows whether to watch it.',
  group,
  next: null,
  beats: 12,
  questions: group === 'the journey' ? 2 : 0,
  duration: 88_000,
  still,
});

const STORIES = [
  { ...entry('the-way', 'The way of a letter', 'the journey', 12_000), next: 'too-big' },
  entry('bob-replies', 'Bob replies', 'the journey', 49_510),
  entry('dns-silence', 'DNS says nothing', 'finding the way', 34_910),
  entry('greylisted', 'Try again later', 'it fails and recovers', 49_510),
  entry('two-domains-one-down', 'Two domains, one down', 'it fails and recovers', 59_410),
  entry('unknown-recipient', 'No such user here', 'it fails for good', 49_510),
  entry('too-big', 'Too big', 'it fails for good', 17_000),
  entry('wrong-password', 'Wrong password', 'who are you', 8_810),
  entry('line-drops-before-quit', 'Without a goodbye', 'collecting', 70_000),
  entry('list-with-a-bounce', 'A list with a bounce', 'many readers', 58_310),
];
const GROUPS = [...new Set(STORIES.map(({ group }) => group)), 'your own'];

const LIST = '/stories/index.json';
const FILES: Record<string, string> = {
  [LIST]: JSON.stringify({ groups: GROUPS, stories: STORIES }),
  '/stories/the-way.trace.ndjson': told('youve-got-mail'),
  ...Object.fromEntries(
    STORIES.slice(1).map(({ name }) => [`/stories/${name}.trace.ndjson`, recordingOf(name)] as const),
  ),
};

let browser: Browser;
let quiet: Awaited<ReturnType<typeof openStaticSite>>;
beforeAll(async () => {
  browser = await launchBrowser();
  quiet = await openStaticSite(FILES);
});
afterAll(async () => {
  await browser.close();
  await quiet.close();
});

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const caption = (page: Page) => page.locator('.caption h2');
const cards = (page: Page) => page.locator('article.story-card');
const end = (page: Page) => page.getByRole('region', { name: 'The way of a letter' });
const address = (page: Page): string => new URL(page.url()).search;

/** Where no server is, the page says so; nothing else may be complained about. */
const besidesTheSocket = (complaints: readonly string[]): readonly string[] =>
  complaints.filter(text => !/WebSocket|status of 404/.test(text));

/** Looks at every card in turn, as who scrolls down does. */
async function everyStill(page: Page): Promise<void> {
  for (const card of await cards(page).all()) {
    await card.scrollIntoViewIfNeeded();
    await card.locator('.story-still svg').waitFor();
  }
}

async function serious(page: Page, where: string): Promise<readonly string[]> {
  await drawn(page);
  interface Violation {
    readonly id: string;
    readonly impact: string | null;
    readonly nodes: readonly { readonly html: string }[];
  }
  // Evaluated by the debugger, so that the page's own policy stays as strict as it is.
  await page.evaluate(axe.source);
  const violations = await page.evaluate<readonly Violation[]>('axe.run().then(result => result.violations)');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => ({ id, html })))
    .filter(({ id, html }) => id !== 'label-content-name-mismatch' || !html.startsWith('<g '))
    .map(({ id, html }) => `${where}: ${id} ${html.slice(0, 120)}`);
}

const SIZES = [
  { width: 1440, height: 900 },
  { width: 1280, height: 720 },
  { width: 390, height: 844 },
];

describe('the gallery', () => {
  test('shows every story in its group, the first one first, each with what it takes and a way to read it', async () => {
    const { page, complaints, close } = await openViewer(browser, `${quiet.url}?stories`);
    await cards(page).first().waitFor();
    expect(await cards(page).locator('h3, h4').allInnerTexts()).toEqual(STORIES.map(({ title }) => title));
    const groups = GROUPS.slice(0, -1).map(group => group.charAt(0).toUpperCase() + group.slice(1));
    expect(await page.locator('.gallery-group > h3').allInnerTexts()).toEqual(groups);
    expect(await cards(page).first().innerText()).toContain('Start here');
    expect(await cards(page).first().locator('.story-facts').innerText()).toContain('12 steps · 1½ min · 2 questions');
    const text = page.getByRole('link', { name: /^Read as text \(Bob replies\)$/ });
    expect(await text.getAttribute('href')).toBe('stories/bob-replies/');
    expect(await page.getByRole('link', { name: 'Read them as text' }).getAttribute('href')).toBe('stories/');
    expect(besidesTheSocket(complaints)).toEqual([]);
    await close();
  });

  test.each(SIZES)('at $width x $height no text lies on text, none is too small, and nothing jumps', async viewport => {
    const { page, close } = await openViewer(browser, `${quiet.url}?stories`, { viewport });
    await cards(page).first().waitFor();
    await page.evaluate(() => document.fonts.ready);
    const before = await page.evaluate(() => document.documentElement.scrollHeight);
    await everyStill(page);
    expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBe(before);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    const small = await page.evaluate(() =>
      [...document.querySelectorAll<SVGTextElement>('.still text')]
        .map(text => ({
          words: text.textContent,
          px: Number.parseFloat(getComputedStyle(text).fontSize) * (text.getScreenCTM()?.d ?? 0),
        }))
        // What is turned, such as a postcard, has a smaller upright part of the same size.
        .filter(({ px }) => px < 10.9),
    );
    expect(small).toEqual([]);
    const found: string[] = [];
    for (const card of await cards(page).all()) {
      await card.scrollIntoViewIfNeeded();
      for (const overlap of await overlapsIn(page, '.gallery-main')) found.push(overlap);
    }
    expect([...new Set(found)]).toEqual([]);
    await close();
  });

  test('is opened by g, walked by Tab, begun by Enter; the keys of the player are silent in it', async () => {
    const { page, close } = await openViewer(browser, `${quiet.url}?trace=stories/greylisted.trace.ndjson`);
    await button(page, 'Pause').waitFor();
    await page.keyboard.press('k');
    await page.keyboard.press('g');
    await page.getByRole('heading', { name: 'Stories' }).waitFor();
    expect(address(page)).toContain('stories');
    await page.keyboard.press('w');
    await page.keyboard.press('n');
    expect(await page.getByRole('dialog').count()).toBe(0);
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await cards(page).count()).toBe(STORIES.length);

    await page.keyboard.press('Tab');
    const focused = () => page.evaluate(() => document.activeElement?.textContent);
    expect(await focused()).toBe('The way of a letter');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Read as text (The way of a letter)');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Bob replies');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await caption(page).getByText('Alice presses Send').waitFor();
    expect(address(page)).toBe('?story=the-way');
    await close();
  });

  test('Escape goes back to where one was, and so does the browser', async () => {
    const { page, close } = await openViewer(browser, `${quiet.url}?trace=stories/greylisted.trace.ndjson`);
    await button(page, 'Pause').waitFor();
    await page.keyboard.press('k');
    const before = address(page);
    await button(page, 'Stories').click();
    await cards(page).first().waitFor();
    await page.keyboard.press('Escape');
    await caption(page).waitFor();
    expect(address(page)).toBe(before);
    await page.waitForFunction(() => document.activeElement?.textContent === 'Stories');
    await button(page, 'Stories').click();
    await cards(page).first().waitFor();
    await page.goBack();
    await caption(page).waitFor();
    expect(address(page)).toBe(before);
    await close();
  });

  test('a list that cannot be had is said in a sentence, and tried again', async () => {
    const { page, close } = await openViewer(browser, quiet.url);
    let broken = true;
    await page.route(`**${LIST}`, route => (broken ? route.fulfill({ status: 503 }) : route.continue()));
    await button(page, 'Watch a story').click();
    const trouble = page.getByRole('alert');
    await trouble.waitFor();
    expect(await trouble.innerText()).toContain('answered 503');
    broken = false;
    await button(page, 'Try again').click();
    await cards(page).first().waitFor();
    await close();
  });

  test('a recording that is not there leaves its card to be read', async () => {
    const { page, close } = await openViewer(browser, `${quiet.url}?stories`);
    await page.route('**/bob-replies.trace.ndjson', route => route.fulfill({ status: 404 }));
    const card = cards(page).filter({ hasText: 'Bob replies' });
    await card.scrollIntoViewIfNeeded();
    await card.locator('.story-still .icon').waitFor();
    expect(await card.getByRole('link', { name: 'Bob replies', exact: true }).count()).toBe(1);
    await close();
  });
});

/** Where the story is over, standing still. */
async function comeToTheEnd(page: Page): Promise<void> {
  await caption(page).waitFor();
  await page.keyboard.press('End');
  await end(page).waitFor();
}

describe('the end of a story', () => {
  test('says what one knows, what did not come, and how to go on; it is seen from then on', async () => {
    const { page, close } = await openViewer(browser, `${quiet.url}?story=the-way`);
    await comeToTheEnd(page);
    expect(await end(page).innerText()).toContain('One moment of this story did not come: “What nobody says”.');
    const answer = end(page).getByText('It names the servers that take a domain’s mail.');
    expect(await answer.isVisible()).toBe(false);
    await end(page).getByText('What is MX for?').click();
    expect(await answer.isVisible()).toBe(true);
    expect(await end(page).innerText()).toContain('Delete the MX record and press Send again.');
    await end(page).getByText('This was a recording.').waitFor();

    await button(page, 'Back to the last step').click();
    await caption(page).getByText('Who takes the mail for green.example?').waitFor();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('End');
    await end(page).waitFor();
    await button(page, 'Watch again').click();
    await caption(page).getByText('Alice presses Send').waitFor();

    await page.keyboard.press('End');
    await button(page, 'Next story: Too big').click();
    await page.waitForFunction(() => location.search === '?story=too-big');
    await caption(page).waitFor();
    await page.keyboard.press('g');
    expect(await page.locator('.story-card.first').innerText()).toContain('✓ Seen');
    await close();
  });

  test.each(SIZES)('at $width x $height it covers neither the head nor the timeline', async viewport => {
    const { page, close } = await openViewer(browser, `${quiet.url}?story=the-way`, { viewport });
    await comeToTheEnd(page);
    for (const question of await end(page).locator('summary').all()) await question.click();
    await drawn(page);
    expect(await overlapsIn(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    await button(page, 'Make it yours').scrollIntoViewIfNeeded();
    const [sheet, foot] = [await end(page).boundingBox(), await page.locator('.timeline').boundingBox()];
    if (sheet === null || foot === null) throw new Error('both are on the page');
    if (viewport.width > 1119) {
      expect(sheet.y).toBeGreaterThanOrEqual(56);
      expect(sheet.y + sheet.height).toBeLessThanOrEqual(foot.y);
    } else {
      const last = await button(page, 'Make it yours').boundingBox();
      expect((last?.y ?? 0) + (last?.height ?? 0)).toBeLessThanOrEqual(foot.y);
    }
    await close();
  });
});

describe('make it yours, without a server', () => {
  test('the source is there to be changed, checked and saved; what was changed stays until it is undone', async () => {
    const { page, close } = await openViewer(browser, `${quiet.url}?story=the-way`);
    await comeToTheEnd(page);
    await button(page, 'Make it yours').click();
    const dialog = page.getByRole('dialog', { name: 'Make it yours: The way of a letter' });
    const field = dialog.getByRole('textbox');
    expect(await field.inputValue()).toBe(SOURCE);
    await dialog.getByText('mailscope send --story the-way.md').waitFor();

    await field.fill(SOURCE.replace('*at the 599*', '*at the moon*'));
    await dialog.getByRole('button', { name: 'Check its words' }).click();
    const line = SOURCE.split('\n').indexOf('*at the 599*') + 1;
    await dialog.getByRole('alert').getByText('there is no moment “moon”').waitFor();
    await dialog.getByRole('button', { name: `Line ${line}` }).click();
    const chosen = await field.evaluate(element =>
      element instanceof HTMLTextAreaElement ? element.value.slice(element.selectionStart, element.selectionEnd) : null,
    );
    expect(chosen).toBe('*at the moon*');

    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await button(page, 'Make it yours').click();
    expect(await field.inputValue()).toContain('*at the moon*');
    await dialog.getByRole('button', { name: 'Undo all my changes' }).click();
    expect(await field.inputValue()).toBe(SOURCE);
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      dialog.getByRole('button', { name: 'Save as the-way.md' }).click(),
    ]);
    expect(saved.suggestedFilename()).toBe('the-way.md');
    expect(await readFile(await saved.path(), 'utf8')).toBe(SOURCE);
    await close();
  });
});

describe('with a server', () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite();
  });
  afterAll(() => site.close());

  test('who has nothing to write yet begins with the first story; at its end it becomes theirs', async () => {
    const { page, close } = await openViewer(browser, site.url);
    await page.getByRole('button', { name: /^Watch the first story: / }).click();
    await caption(page).waitFor();
    await page.locator('.top-story').waitFor();
    const title = (await page.locator('.top-story b').innerText()).trim();
    const sheet = page.getByRole('region', { name: title });
    // The servers need a moment for all of it; what is told by then is shown at once.
    await page.waitForFunction(() => {
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'End', bubbles: true }));
      return document.querySelector('.the-end') !== null;
    });
    expect(await sheet.getByRole('button', { name: 'Send a letter' }).isEnabled()).toBe(true);
    await sheet.getByRole('button', { name: 'Edit the world' }).click();
    await page.getByRole('dialog', { name: 'The world' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });

    await button(page, 'Make it yours').click();
    const field = page.getByRole('dialog').getByRole('textbox');
    const source = await field.inputValue();
    await field.fill(source.replace('collect bob', 'juggle bob'));
    await button(page, 'Run it').click();
    await page.getByRole('alert').getByText('nobody knows how to').waitFor();
    await field.fill(source.replace(/^# .*$/m, '# A story of my own'));
    await button(page, 'Run it').click();
    await page.locator('.top-story b').getByText('A story of my own').waitFor();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(site.room.recorder.events(1).some(({ kind }) => kind === 'story.begun')).toBe(false);
    await close();
  });
});

describe.each(['light', 'dark'] as const)('in the %s theme', colorScheme => {
  test('axe finds nothing serious in the gallery', async () => {
    const { page, close } = await openViewer(browser, `${quiet.url}?stories`, { colorScheme });
    await cards(page).first().locator('.story-still svg').waitFor();
    expect(await serious(page, 'the gallery')).toEqual([]);
    await close();
  });

  test('axe finds nothing serious at the end of a story and in its source', async () => {
    const { page, close } = await openViewer(browser, `${quiet.url}?story=the-way`, { colorScheme });
    await comeToTheEnd(page);
    for (const question of await end(page).locator('summary').all()) await question.click();
    const found = [...(await serious(page, 'the end'))];
    await button(page, 'Make it yours').click();
    await page.getByText('How a story is written').click();
    await button(page, 'Check its words').click();
    found.push(...(await serious(page, 'its source')));
    expect(found).toEqual([]);
    await close();
  });
});
