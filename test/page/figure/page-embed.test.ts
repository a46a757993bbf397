/** A figure in somebody's article: what it asks for, what it leaves alone, and what stands there when it cannot play. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../../help/browser.ts';
import { type Articles, article, openArticles, opened, stateOf, TOLD } from '../../help/embed-site.ts';
import { drawn, openViewer } from '../../help/page-site.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** For one test: its pages, and a viewer of the first of them. */
async function read(
  pages: Readonly<Record<string, string>>,
  { missing = [], ...options }: { missing?: readonly string[] } & Parameters<typeof openViewer>[2] = {},
) {
  const site: Articles = await openArticles(pages, missing);
  const viewer = await openViewer(browser, `${site.url}/`, { viewport: { width: 720, height: 800 }, ...options });
  return {
    ...viewer,
    asked: site.asked,
    url: site.url,
    async close() {
      await viewer.close();
      await site.close();
    },
  };
}

const boxOf = (page: Page, index = 0) =>
  page.evaluate(at => {
    const box = document.querySelectorAll('mail-flow')[at]?.getBoundingClientRect();
    return box === undefined ? null : [box.x, box.y, box.width, box.height].map(Math.round);
  }, index);

describe('a figure in a bare page under a strict policy', () => {
  test.each([
    ['as a module', '<script type="module" src="mail-flow.js"></script>'],
    ['by a classic script tag', '<script src="mail-flow.js" defer></script>'],
    ['in one file with its teller', '<script type="module" src="mail-flow-all.js"></script>'],
  ])('is drawn, %s, and asks for its script and its run and nothing else', async (_, script) => {
    const { page, complaints, asked, close } = await read({ '/': article(TOLD, script) });
    await opened(page);
    await page.locator('.stage .station').first().waitFor();
    expect(asked).toEqual(['/', expect.stringMatching(/^\/mail-flow(-all)?\.js$/), '/run.told.json']);
    expect(complaints).toEqual([]);
    await close();
  });

  test('tells a raw recording with the file beside its own, from a module and from a classic script', async () => {
    const raw = '<mail-flow src="run.trace.ndjson"></mail-flow>';
    const { page, complaints, asked, url, close } = await read({
      '/': article(raw),
      '/classic': article(raw, '<script src="mail-flow.js" defer></script>'),
    });
    await opened(page);
    expect(asked.toSorted()).toEqual(['/', '/mail-flow-teller.js', '/mail-flow.js', '/run.trace.ndjson']);
    await page.goto(`${url}/classic`);
    await opened(page);
    expect(await stateOf(page)).toMatchObject({ loaded: true, error: null, steps: 19 });
    expect(complaints).toEqual([]);
    await close();
  });

  test('takes its recording from the page itself where src names an id', async () => {
    const inside = '{"mailscope":1}';
    const { page, close } = await read({
      '/': article(`<script type="application/json" id="run">${inside}</script><mail-flow src="#run"></mail-flow>`),
    });
    await opened(page);
    expect((await stateOf(page)).error).toContain('Line 1');
    await close();
  });

  test('leaves nothing on the page: no global, no style, no attribute of its own', async () => {
    const { page, url, close } = await read({ '/': article(TOLD), '/plain': article('<p></p>', '') });
    const globals = () => page.evaluate(() => Object.keys(window).toSorted());
    await opened(page);
    const [withIt, traces] = [
      await globals(),
      await page.evaluate(() => [
        document.adoptedStyleSheets.length,
        document.querySelectorAll('style, link').length,
        ...(document.querySelector('mail-flow')?.getAttributeNames() ?? []),
      ]),
    ];
    await page.goto(`${url}/plain`);
    expect(withIt).toEqual(await globals());
    expect(traces).toEqual([0, 0, 'src']);
    await close();
  });

  test('bears being loaded twice, and a page that has the name for something else', async () => {
    const twice = '<script type="module" src="mail-flow.js"></script><script src="mail-flow-all.js" defer></script>';
    const { page, complaints, close } = await read({ '/': article(TOLD, twice) });
    await opened(page);
    expect((await stateOf(page)).loaded).toBe(true);
    expect(complaints).toEqual([]);
    await page.evaluate(() => document.querySelector('mail-flow')?.remove());
    await close();

    const taken = await read({ '/': article(TOLD, '') });
    await taken.page.evaluate(() => customElements.define('mail-flow', class extends HTMLElement {}));
    await taken.page.addScriptTag({ url: `${taken.url}/mail-flow.js` });
    expect(await taken.page.locator('mail-flow p').innerText()).toBe('A letter on its way.');
    expect(taken.complaints).toEqual([]);
    await taken.close();
  });
});

describe('the room that a figure takes', () => {
  test.each([
    [720, 'map'],
    [720, 'split'],
    [390, 'map'],
    [360, 'ladder'],
  ])('at %i px as a %s is the same before it is loaded, at every step and at the end', async (width, view) => {
    const site = await openArticles({ '/': article(`<mail-flow src="run.told.json" view="${view}"></mail-flow>`) });
    const context = await browser.newContext({ viewport: { width, height: 900 } });
    const page = await context.newPage();
    let answer = (): void => undefined;
    const held = new Promise<void>(resolve => {
      answer = resolve;
    });
    await page.route('**/run.told.json', route => held.then(() => route.continue()));
    await page.goto(site.url);
    await page.waitForFunction(() => customElements.get('mail-flow') !== undefined);
    await drawn(page);
    const before = await boxOf(page);
    await page.evaluate(() => {
      const shifts: number[] = [];
      Object.assign(document.body, { shifts });
      new PerformanceObserver(list => {
        for (const entry of list.getEntries()) if ('value' in entry) shifts.push(Number(entry.value));
      }).observe({ type: 'layout-shift', buffered: false });
    });
    answer();
    await opened(page);
    expect(await boxOf(page)).toEqual(before);
    const { steps } = await stateOf(page);
    for (let step = 1; step <= steps; step++) {
      await page.evaluate(to => document.querySelector('mail-flow')?.seek(to), step);
      await drawn(page);
      expect([step, await boxOf(page)]).toEqual([step, before]);
      const spilt = await page.evaluate(() => {
        const said = document.querySelector('mail-flow')?.shadowRoot?.querySelector('.figure-said');
        return said == null ? null : said.scrollHeight - said.clientHeight;
      });
      expect([step, spilt]).toEqual([step, 0]);
    }
    expect(await page.evaluate(() => ('shifts' in document.body ? document.body.shifts : null))).toEqual([]);
    await context.close();
    await site.close();
  });
});

describe('what stands in its place', () => {
  test('is what the author wrote, where script is off', async () => {
    const { page, close } = await read({ '/': article(TOLD) }, { javaScriptEnabled: false });
    expect(await page.locator('mail-flow p').isVisible()).toBe(true);
    await close();
  });

  test('is what the author wrote until there is a picture, and not after', async () => {
    const { page, close } = await read({ '/': article(TOLD) });
    await opened(page);
    await page.locator('.stage').waitFor();
    expect(await page.locator('mail-flow p', { hasText: 'A letter on its way.' }).isVisible()).toBe(false);
    await close();
  });

  test.each([
    ['src="nowhere.told.json"', 'nowhere.told.json answered 404'],
    ['src="garbled.told.json"', 'no told run'],
    ['src="run.told.json" from="nowhere"', 'No step of this recording is called “nowhere”'],
    ['src="run.told.json" from="mx-answer" to="mx-question"', 'mx-question'],
    ['src="run.trace.ndjson"', 'mail-flow-teller.js'],
    ['src="#nothing"', '“nothing”'],
  ])('is what the author wrote and a sentence that says what is wrong: %s', async (written, sentence) => {
    const { page, close } = await read(
      { '/': article(`<mail-flow ${written}><p>A letter on its way.</p></mail-flow>`) },
      { missing: ['/mail-flow-teller.js'] },
    );
    await opened(page);
    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.innerText()).toContain(sentence);
    expect(await page.locator('mail-flow p', { hasText: 'A letter on its way.' }).isVisible()).toBe(true);
    expect((await stateOf(page)).error).toContain(sentence);
    await close();
  });

  test('gives way to a picture as soon as what was wrong is mended', async () => {
    const { page, close } = await read({ '/': article('<mail-flow src="nowhere.told.json"></mail-flow>') });
    await opened(page);
    const told = page.evaluate(
      () =>
        new Promise<string>(resolve => {
          const figure = document.querySelector('mail-flow');
          figure?.addEventListener('error', event => resolve(event.detail), { once: true });
          figure?.setAttribute('src', 'garbled.told.json');
        }),
    );
    expect(await told).toContain('told run');
    await page.evaluate(() => document.querySelector('mail-flow')?.setAttribute('src', 'run.told.json'));
    await page.locator('.stage').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    await close();
  });
});

describe('a figure that is far below', () => {
  const far = article(`<div></div>${TOLD}`).replace('<div></div>', '<p>Long.</p>'.repeat(120));

  test('fetches nothing before it comes near, and then only its run', async () => {
    const { page, asked, close } = await read({ '/': far });
    await page.waitForFunction(() => customElements.get('mail-flow') !== undefined);
    await drawn(page);
    expect(asked).toEqual(['/', '/mail-flow.js']);
    await page.evaluate(() => document.querySelector('mail-flow')?.scrollIntoView());
    await opened(page);
    expect(asked).toEqual(['/', '/mail-flow.js', '/run.told.json']);
    await close();
  });

  test('is fetched at once when something is asked of it, and is there when one comes to it', async () => {
    const { page, close } = await read({ '/': far });
    await page.waitForFunction(() => customElements.get('mail-flow') !== undefined);
    await page.evaluate(() => document.querySelector('mail-flow')?.seek('mx-question'));
    await opened(page);
    expect(await stateOf(page)).toMatchObject({ name: 'mx-question', playing: false });
    await close();
  });
});

describe('light and dark', () => {
  const paper = (page: Page, index = 0) =>
    page.evaluate(at => {
      const figure = document.querySelectorAll('mail-flow')[at]?.shadowRoot?.querySelector('.figure');
      return figure == null ? '' : getComputedStyle(figure).colorScheme;
    }, index);
  const figures = `${TOLD}<mail-flow src="run.told.json" theme="light"></mail-flow><mail-flow src="run.told.json" theme="dark"></mail-flow>`;

  test('are those of the page around it, whatever the system likes, unless its author says so', async () => {
    const { page, close } = await read({ '/': article(figures) }, { colorScheme: 'dark' });
    await opened(page);
    // A page that says nothing is white.
    expect([await paper(page), await paper(page, 1), await paper(page, 2)]).toEqual(['light', 'light', 'dark']);
    await page.evaluate(() => document.documentElement.classList.add('dark'));
    await page.waitForFunction(
      () => document.querySelector('mail-flow')?.shadowRoot?.querySelector('.figure.dark') != null,
    );
    expect([await paper(page), await paper(page, 1), await paper(page, 2)]).toEqual(['dark', 'light', 'dark']);
    await page.evaluate(() => {
      document.documentElement.classList.remove('dark');
      document.documentElement.style.colorScheme = 'light dark';
    });
    await page.waitForFunction(
      () => document.querySelector('mail-flow')?.shadowRoot?.querySelector('.figure.dark') != null,
    );
    await page.emulateMedia({ colorScheme: 'light' });
    await page.waitForFunction(
      () => document.querySelector('mail-flow')?.shadowRoot?.querySelector('.figure.light') != null,
    );
    await close();
  });
});
