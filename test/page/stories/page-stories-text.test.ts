/** Every story is also a page to be read: without a script, in both themes, on a phone, by whoever cannot see it, with no server behind. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { launchBrowser } from '../../help/browser.ts';
import { openSite, openStaticSite, openViewer, type Viewer } from '../../help/page-site.ts';

interface Shelved {
  readonly name: string;
  readonly title: string;
  readonly beats: number;
}

const shelf: { readonly stories: readonly Shelved[] } = JSON.parse(
  readFileSync(path.join(inject('page'), 'stories/index.json'), 'utf8'),
);
const PAGES = ['', ...shelf.stories.map(({ name }) => `${name}/`)];

const PHONE = { viewport: { width: 390, height: 844 }, javaScriptEnabled: false } as const;

let browser: Browser;
/** Two who read all pages, one after the other. */
const readers: { desk?: Viewer; phone?: Viewer } = {};
let site: Awaited<ReturnType<typeof openStaticSite>>;

beforeAll(async () => {
  browser = await launchBrowser();
  site = await openStaticSite();
});
afterAll(async () => {
  await browser.close();
  await site.close();
});

interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string }[];
}

/** Evaluated by the debugger: the page itself runs nothing. `rules`: those alone. */
async function seriousIn(page: Page, rules?: readonly string[]): Promise<readonly string[]> {
  // What passes is not asked for, and no style sheet is fetched again: that would be most of the work.
  const options = { resultTypes: ['violations'], preload: false, ...(rules === undefined ? {} : { runOnly: rules }) };
  const violations = await page.evaluate<readonly Violation[]>(
    `axe.run(${JSON.stringify(options)}).then(result => result.violations)`,
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id} ${html.slice(0, 160)}`));
}

/** What is folded up is read too. */
const unfold = (page: Page): Promise<void> =>
  page.evaluate(() => {
    for (const each of document.querySelectorAll('details')) each.open = true;
  });

const widerThanThePage = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** Two readers go from page to page: a page runs nothing, so that nothing of it is left in the next, and the style is fetched once. */
describe.each(PAGES)('stories/%s', page => {
  let desk: Viewer;
  let phone: Viewer;
  beforeAll(async () => {
    desk = readers.desk ??= await openViewer(browser, 'about:blank');
    phone = readers.phone ??= await openViewer(browser, 'about:blank', PHONE);
  });

  test('axe finds nothing serious in either theme', { timeout: 60_000 }, async () => {
    await desk.page.emulateMedia({ colorScheme: 'light' });
    const complained = desk.complaints.length;
    await desk.page.goto(`${site.url}stories/${page}`);
    await unfold(desk.page);
    await desk.page.evaluate(axe.source);
    const found = [...(await seriousIn(desk.page))];
    // A theme changes colours and nothing else.
    await desk.page.emulateMedia({ colorScheme: 'dark' });
    found.push(...(await seriousIn(desk.page, ['color-contrast'])).map(each => `dark: ${each}`));
    expect(desk.complaints.slice(complained)).toEqual([]);
    expect(found).toEqual([]);
  });

  test('without any script it is whole, and on a phone nothing is wider than the page', async () => {
    await phone.page.goto(`${site.url}stories/${page}`);
    expect(await phone.page.locator('script').count()).toBe(0);
    await phone.page.locator('h1').waitFor();
    const folded = phone.page.locator('details:has(> summary)').first();
    if ((await folded.count()) > 0) {
      await folded.locator('> summary').click();
      expect(await folded.getAttribute('open')).not.toBeNull();
    }
    await unfold(phone.page);
    expect(await widerThanThePage(phone.page)).toBe(0);
  });
});

test('every link of the pages leads to something that is there', async () => {
  const gone: string[] = [];
  const wanted = new Set<string>();
  for (const page of PAGES) {
    const html = readFileSync(path.join(inject('page'), 'stories', page, 'index.html'), 'utf8');
    for (const [, href = ''] of html.matchAll(/href="([^"]*)"/g)) {
      const link = new URL(href, `${site.url}stories/${page}`);
      if (link.href.startsWith(site.url)) wanted.add(link.origin + link.pathname);
    }
  }
  for (const link of wanted) if (!(await fetch(link)).ok) gone.push(link);
  expect(gone).toEqual([]);
  expect(wanted.size).toBeGreaterThan(3 * shelf.stories.length);
});

test('our own server lets the pages have their style and nothing more, with and without a slash or a question behind', async () => {
  const own = await openSite();
  const [story] = shelf.stories;
  if (story === undefined) throw new Error('there are built-in stories');
  for (const address of [
    `stories/${story.name}/`,
    `stories/${story.name}/?from=somewhere`,
    `stories/${story.name}?x=1`,
    'stories',
  ]) {
    const viewer = await openViewer(browser, `${own.url}${address}`);
    expect(new URL(viewer.page.url()).pathname, 'a folder ends in a slash').toMatch(/\/$/);
    expect(await viewer.page.evaluate(() => getComputedStyle(document.body).fontFamily)).toContain('Inter Variable');
    expect(await viewer.page.evaluate(() => document.fonts.ready.then(fonts => fonts.size))).toBeGreaterThan(0);
    expect(viewer.complaints).toEqual([]);
    await viewer.close();
  }
  const recording = await fetch(`${own.url}stories/${story.name}.trace.ndjson`);
  expect(recording.headers.get('content-type')).toContain('application/x-ndjson');
  await own.close();
});

test.each(shelf.stories.slice(0, 3))(
  '?story=$name plays its recording where no server answers',
  async ({ name, beats }) => {
    const viewer = await openViewer(browser, `${site.url}?story=${name}`);
    await viewer.page.getByText(`of ${beats}`).first().waitFor();
    expect(site.asked).toContain(`/stories/${name}.trace.ndjson`);
    await viewer.close();
  },
);
