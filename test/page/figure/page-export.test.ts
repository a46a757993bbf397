/** What leaves the page: a file that plays from a disk with the network cut, and a dialog that makes links, lines to paste and files. */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { selfContainedPage } from '../../../shared/export/page.ts';
import { decodeTrace } from '../../../shared/trace/codec.ts';
import { toldFrom, traceOf, withSubject } from '../../fixtures/recordings.ts';
import { launchBrowser } from '../../help/browser.ts';
import { drawn, openSite, openStaticSite, openViewer, sendAndArrive } from '../../help/page-site.ts';

let browser: Browser;
let folder: string;
let script: string;
beforeAll(async () => {
  browser = await launchBrowser();
  folder = await mkdtemp(path.join(tmpdir(), 'mailscope-file-'));
  script = await readFile(path.join(inject('embed'), 'mail-flow-all.js'), 'utf8');
});
afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
});

async function fileOf(trace: string, name: string): Promise<string> {
  const html = await selfContainedPage({
    story: toldFrom(trace),
    trace,
    script,
    span: null,
    from: null,
    to: null,
    theme: 'auto',
    autoplay: false,
    hash: async text => createHash('sha256').update(text, 'utf8').digest('base64'),
  });
  const file = path.join(folder, name);
  await writeFile(file, html);
  return file;
}

interface Reader {
  readonly page: Page;
  readonly complaints: readonly string[];
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/** Somebody who opens a file, without any network. */
async function openFile(file: string, options: BrowserContextOptions = {}): Promise<Reader> {
  const context = await browser.newContext({ viewport: { width: 900, height: 900 }, ...options });
  context.setDefaultTimeout(20_000);
  await context.setOffline(true);
  const [complaints, asked]: [string[], string[]] = [[], []];
  await context.route(/^(?!file:)/, route => route.abort());
  const page = await context.newPage();
  page.on('request', request => asked.push(request.url()));
  page.on('console', message => complaints.push(message.text()));
  page.on('pageerror', error => complaints.push(error.message));
  page.on('dialog', dialog => {
    complaints.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(pathToFileURL(file).href);
  return { page, complaints, asked, close: () => context.close() };
}

interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string }[];
}

/** `only`: the part that is looked at. */
async function serious(page: Page, only = 'body'): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const violations = await page.evaluate<readonly Violation[]>(
    `axe.run(${JSON.stringify(only)}).then(result => result.violations)`,
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id} ${html.slice(0, 120)}`))
    .filter(each => !each.startsWith('label-content-name-mismatch <g '));
}

const plays = (page: Page): Promise<unknown> =>
  page.waitForFunction('document.querySelector("mail-flow").getState().currentTime > 0');

describe('the page that needs nothing', () => {
  test.each(['light', 'dark'] as const)(
    'plays from a disk without a network, asks for nothing, and reads well: %s',
    async colorScheme => {
      const file = await fileOf(traceOf('youve-got-mail'), 'run.html');
      const { page, complaints, asked, close } = await openFile(file, { colorScheme });
      await page.locator('mail-flow').getByRole('button', { name: 'Play' }).click();
      await plays(page);
      expect(await serious(page)).toEqual([]);
      await page.getByText('Read it: every step in words').click();
      await page.getByRole('heading', { name: 'Alice presses Send' }).waitFor();
      expect(await serious(page)).toEqual([]);
      expect(asked).toEqual([pathToFileURL(file).href]);
      expect(complaints).toEqual([]);
      await close();
    },
  );

  test('gives its recording back', async () => {
    const trace = withSubject('youve-got-mail', '</script><script>alert(1)</script><!--');
    const { page, complaints, close } = await openFile(await fileOf(trace, 'hostile.html'));
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Save the recording' }).click();
    const saved = await (await download).path();
    expect(decodeTrace(await readFile(saved, 'utf8'))).toEqual(decodeTrace(trace));
    await page.locator('mail-flow').getByRole('button', { name: 'Play' }).click();
    await plays(page);
    expect(complaints).toEqual([]);
    await close();
  });

  test('is read where scripts are off', async () => {
    const file = await fileOf(traceOf('unknown-recipient'), 'read.html');
    const { page, close } = await openFile(file, { javaScriptEnabled: false });
    expect(await page.getByText('550 5.1.1 <nobody@green.example>: user unknown').first().isVisible()).toBe(true);
    expect(await page.getByText('This figure plays where scripts may run').isVisible()).toBe(true);
    await close();
  });

  test('is nothing but the figure in somebody’s frame, also one that takes its origin away', async () => {
    await fileOf(traceOf('youve-got-mail'), 'framed.html');
    const article = path.join(folder, 'article.html');
    await writeFile(
      article,
      '<!doctype html><title>An article</title><iframe src="framed.html" sandbox="allow-scripts" title="A figure" width="680" height="492"></iframe>',
    );
    const { page, complaints, close } = await openFile(article);
    const frame = page.frameLocator('iframe');
    await frame.locator('mail-flow').getByRole('button', { name: 'Play' }).waitFor();
    expect(await frame.getByRole('heading', { name: 'Lunch?' }).isVisible()).toBe(false);
    expect(await frame.getByText('Nothing here is made up').isVisible()).toBe(false);
    expect(complaints).toEqual([]);
    await close();
  });
});

const STORY = '?story=youve-got-mail';
const dialogOf = (page: Page) => page.getByRole('dialog', { name: 'Share & embed' });

/** The story's recording on a site without a server, standing at a moment, and the dialog over it. */
async function openShare(options: BrowserContextOptions = {}) {
  const site = await openStaticSite();
  const viewer = await openViewer(browser, `${site.url}${STORY}#t=20`, {
    permissions: ['clipboard-read', 'clipboard-write'],
    ...options,
  });
  const { page } = viewer;
  await page.locator('.caption h2').waitFor();
  await page.keyboard.press('e');
  await dialogOf(page).waitFor();
  return {
    site,
    page,
    dialog: dialogOf(page),
    async close(): Promise<void> {
      await viewer.close();
      await site.close();
    },
  };
}

const choice = (dialog: Locator, label: string): Locator =>
  dialog.locator('label', { hasText: new RegExp(`^${label}`) }).locator('select');

/** What a button saves: its name and its octets. */
async function savedBy(page: Page, name: string | RegExp): Promise<{ readonly name: string; readonly bytes: Buffer }> {
  const download = page.waitForEvent('download');
  await dialogOf(page).getByRole('button', { name }).click();
  const got = await download;
  return { name: got.suggestedFilename(), bytes: await readFile(await got.path()) };
}

describe('Share & embed', () => {
  test('the link leads to the moment or to the start, and is copied', async () => {
    const { site, page, dialog, close } = await openShare();
    await dialog.getByRole('button', { name: 'Copy: Link' }).click();
    await dialog.getByText('Copied').waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`${site.url}${STORY}#t=20`);
    await dialog.getByRole('checkbox').uncheck();
    await dialog.getByText(`${site.url}${STORY}`, { exact: true }).waitFor();
    // What was copied is another text by now.
    expect(await dialog.getByText('Copied').count()).toBe(0);
    await close();
  });

  test('the lines to paste name the part, the colours and where the files are', async () => {
    const { site, page, dialog, close } = await openShare();
    await dialog.getByRole('tab', { name: 'Embed' }).click();
    await choice(dialog, 'From').selectOption({ index: 6 });
    await choice(dialog, 'To').selectOption({ index: 1 });
    await choice(dialog, 'Colours').selectOption('dark');
    const lines = async (of: string): Promise<string> =>
      dialog.getByRole('region', { name: of }).locator('code').innerText();
    const own = await lines('The element');
    expect(own).toContain('<script type="module" src="mail-flow.js"></script>');
    expect(own).toContain(
      '<mail-flow src="youve-got-mail.told.json" from="mx-question" to="mx-answer" theme="dark" title="You’ve got mail">',
    );
    expect(await lines('A frame')).toContain(
      '<iframe src="youve-got-mail.html" title="You’ve got mail" loading="lazy" allow="fullscreen',
    );
    await dialog.getByRole('button', { name: 'On this site' }).click();
    expect(await lines('The element')).toContain(
      `src="${site.url}stories/youve-got-mail.told.json" from="mx-question"`,
    );
    expect(await lines('A frame')).toContain(
      `<iframe src="${site.url}embed?story=youve-got-mail&amp;from=mx-question&amp;to=mx-answer&amp;theme=dark"`,
    );
    await dialog.getByText('This site is on your own machine').waitFor();
    await dialog.locator('mail-flow').getByText('Who takes the mail for green.example?').first().waitFor();
    await drawn(page);
    await close();
  });

  test('what is pasted on one’s own site is a figure there', async () => {
    const { page, dialog, close } = await openShare();
    await dialog.getByRole('tab', { name: 'Embed' }).click();
    await choice(dialog, 'From').selectOption({ index: 6 });
    const snippet = await dialog.getByRole('region', { name: 'The element' }).locator('code').innerText();
    const player = await savedBy(page, 'Save the player: mail-flow.js');
    const run = await savedBy(page, 'Save the run: youve-got-mail.told.json');
    await close();
    const own = await openStaticSite({ [`/${run.name}`]: run.bytes });
    const reader = await openViewer(browser, 'about:blank');
    const answers: Readonly<Record<string, readonly [type: string, body: string | Buffer]>> = {
      article: ['text/html; charset=utf-8', `<!doctype html><title>Mine</title>${snippet}`],
      'mail-flow.js': ['text/javascript', player.bytes],
    };
    for (const [name, [contentType, body]] of Object.entries(answers))
      await reader.page.route(`${own.url}${name}`, route => route.fulfill({ contentType, body }));
    await reader.page.goto(`${own.url}article`);
    const figure = reader.page.locator('mail-flow').getByText('8 steps');
    await figure.waitFor();
    expect(await figure.isVisible()).toBe(true);
    await reader.close();
    await own.close();
  });

  test('everything that is offered is saved, and says so', async () => {
    const { page, dialog, close } = await openShare();
    await dialog.getByRole('tab', { name: 'Save' }).click();
    const begins: readonly (readonly [string, string, RegExp])[] = [
      ['Save the recording', 'youve-got-mail.trace.ndjson', /^\{"mailscope":1/],
      ['Save the told run', 'youve-got-mail.told.json', /^\{"told":/],
      ['Save the transcript: HTML', 'youve-got-mail-transcript.html', /^<!doctype html>/],
      ['Save the transcript: Markdown', 'youve-got-mail.md', /^# You’ve got mail/],
      ['Save the transcript: Text', 'youve-got-mail.txt', /^You’ve got mail/],
      ['Save the ladder: SVG', 'youve-got-mail-ladder.svg', /^<svg /],
      ['Save the ladder: Mermaid', 'youve-got-mail.mmd', /\nsequenceDiagram\n/],
      ['Save 3-from-pop.green.example-to-bob.eml', '3-from-pop.green.example-to-bob.eml', /^Return-Path: /],
    ];
    for (const [button, name, beginning] of begins) {
      const saved = await savedBy(page, button);
      expect(saved.name).toBe(name);
      expect(saved.bytes.toString('utf8')).toMatch(beginning);
      await dialog.getByText(`Saved ${name}`).waitFor();
    }
    const recorded = await savedBy(page, 'Save the recording');
    const original = decodeTrace(traceOf('stories/youve-got-mail'));
    expect(decodeTrace(recorded.bytes.toString('utf8'))).toEqual(original);
    await close();
  });

  test('the page that it saves plays without a network', async () => {
    const { page, dialog, close } = await openShare();
    await dialog.getByRole('tab', { name: 'Save' }).click();
    const { name, bytes } = await savedBy(page, 'Save the page that needs nothing');
    expect(name).toBe('youve-got-mail.html');
    const file = path.join(folder, 'saved.html');
    await writeFile(file, bytes);
    const reader = await openFile(file);
    await reader.page.locator('mail-flow').getByRole('button', { name: 'Play' }).click();
    await plays(reader.page);
    expect(reader.complaints).toEqual([]);
    await reader.close();
    await close();
  });

  test('a part that is chosen is what is saved', async () => {
    const { page, dialog, close } = await openShare();
    await dialog.getByRole('tab', { name: 'Save' }).click();
    await choice(dialog, 'From').selectOption({ index: 6 });
    await choice(dialog, 'To').selectOption({ index: 1 });
    const { bytes } = await savedBy(page, 'Save the transcript: Text');
    expect(bytes.toString('utf8').match(/\n\n\d+\. /g)).toHaveLength(2);
    await dialog.getByText('No letter crosses as a whole in this part.').waitFor();
    await close();
  });

  test('the keyboard is kept inside, and comes back to where it was', async () => {
    const { page, dialog, close } = await openShare();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    const button = page.getByRole('banner').getByRole('button', { name: 'Share', exact: true });
    await button.focus();
    await page.keyboard.press('Enter');
    await dialog.getByRole('checkbox').and(page.locator(':focus')).waitFor();
    for (let press = 0; press < 12; press += 1) {
      await page.keyboard.press('Tab');
      // Past its last element the focus may be the browser's own, but never the page's behind it.
      const inside = await page.evaluate(
        () => document.activeElement === document.body || document.activeElement?.closest('dialog[open]') !== null,
      );
      expect(inside).toBe(true);
    }
    await page.keyboard.press('Escape');
    await button.and(page.locator(':focus')).waitFor();
    await close();
  });

  test.each(['light', 'dark'] as const)('axe finds nothing serious in its tabs: %s', async colorScheme => {
    const { page, dialog, close } = await openShare({ colorScheme });
    for (const tab of ['Link', 'Embed', 'Save']) {
      await dialog.getByRole('tab', { name: tab, exact: true }).click();
      if (tab === 'Embed') await dialog.locator('mail-flow').getByText('14 steps').waitFor();
      await drawn(page);
      expect(await serious(page, 'dialog[open]'), tab).toEqual([]);
    }
    await close();
  });

  test('on a phone it is in the menu, and nothing is wider than the screen', async () => {
    const site = await openStaticSite();
    const { page, close } = await openViewer(browser, `${site.url}${STORY}#t=20`, {
      viewport: { width: 390, height: 844 },
    });
    await page.locator('.caption h2').waitFor();
    await page.getByRole('button', { name: 'Menu' }).click();
    await page.getByRole('button', { name: 'Share & embed' }).click();
    const dialog = dialogOf(page);
    for (const tab of ['Link', 'Embed', 'Save']) {
      await dialog.getByRole('tab', { name: tab, exact: true }).click();
      await drawn(page);
      const wider = await dialog.evaluate(element => element.scrollWidth - element.clientWidth);
      expect(wider, tab).toBeLessThanOrEqual(0);
    }
    await close();
    await site.close();
  });

  test('of a world that runs, its recording so far; and no line promises what is not on any site', async () => {
    const site = await openSite();
    await sendAndArrive(site, 'For the album');
    const { page, complaints, close } = await openViewer(browser, site.url);
    await page.getByText('Live on the wire').waitFor();
    await page.keyboard.press('e');
    const dialog = dialogOf(page);
    await dialog.getByText('It leads to your own world, on this machine').waitFor();
    await dialog.getByRole('tab', { name: 'Embed' }).click();
    const element = await dialog.getByRole('region', { name: 'The element' }).locator('code').innerText();
    expect(element).toContain('src="for-the-album.told.json"');
    expect(element).not.toContain(site.url);
    expect(await dialog.getByRole('button', { name: 'On this site' }).count()).toBe(0);
    await dialog.getByText('First put these two files on your site').waitFor();
    await dialog.getByRole('tab', { name: 'Save' }).click();
    const { name, bytes } = await savedBy(page, 'Save the recording');
    expect(name).toBe('for-the-album.trace.ndjson');
    const decoded = decodeTrace(bytes.toString('utf8'));
    expect(decoded.ok && decoded.events.length).toBe(site.room.recorder.events(1).length);
    await savedBy(page, 'Save the page that needs nothing');
    expect(complaints).toEqual([]);
    await close();
    await site.close();
  });
});
