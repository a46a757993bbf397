/** A figure in a frame on somebody else's page, with no origin of its own: it plays, is steered by messages, and keeps and asks for nothing. */

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { Browser, Frame, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { launchBrowser } from '../../help/browser.ts';
import { openSite, openStaticSite, openViewer, type Site, type Viewer } from '../../help/page-site.ts';

let browser: Browser;
let site: Site;
let blog: Blog;
let viewer: Viewer | null = null;

interface Blog {
  readonly url: string;
  close(): Promise<void>;
}

/** A page of another origin: by another name of this machine. `?` is the frame's address; what it is told is kept in `heard`. */
const ARTICLE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>An article</title><body>
<main><h1>An article</h1><div id="place"></div></main>
<script>
  window.heard = [];
  const frame = document.createElement('iframe');
  const query = new URLSearchParams(location.search);
  if (query.has('sandbox')) frame.setAttribute('sandbox', query.get('sandbox'));
  Object.assign(frame, { width: 680, height: 518, title: 'A letter’s way' });
  addEventListener('message', ({ data, source, origin }) => {
    if (source === frame.contentWindow) window.heard.push({ ...data, origin });
  });
  frame.src = query.get('frame');
  document.getElementById('place').append(frame);
  window.frameWindow = () => frame.contentWindow;
</script></body></html>`;

async function openBlog(): Promise<Blog> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8').end(ARTICLE);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://localhost:${port}/`,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

beforeAll(async () => {
  [browser, site, blog] = await Promise.all([launchBrowser(), openSite(), openBlog()]);
});
afterAll(async () => {
  await browser.close();
  await Promise.all([site.close(), blog.close()]);
});
afterEach(async () => {
  await viewer?.close();
  viewer = null;
});

const state = z.object({
  loaded: z.boolean(),
  playing: z.boolean(),
  ended: z.boolean(),
  step: z.number(),
  steps: z.number(),
  name: z.string(),
  error: z.nullable(z.string()),
});
const heardShape = z.object({
  namespace: z.literal('mailscope'),
  v: z.literal(1),
  event: z.string(),
  origin: z.string(),
  state: z.optional(state),
  id: z.optional(z.nullable(z.union([z.string(), z.number()]))),
  result: z.optional(z.unknown()),
  error: z.optional(z.string()),
  height: z.optional(z.number()),
});
type Heard = z.infer<typeof heardShape>;

/** What the article has heard from its frame. */
const heard = async (page: Page): Promise<readonly Heard[]> =>
  z.array(heardShape).parse(await page.evaluate('window.heard'));

/** The first event of a kind from the `from`th message on, once it has come. */
async function hear(page: Page, event: string, from = 0): Promise<Heard> {
  await page.waitForFunction(
    ([name, first]) => {
      const all: unknown = Reflect.get(window, 'heard');
      return Array.isArray(all) && all.slice(Number(first)).some(each => each.event === name);
    },
    [event, from] as const,
  );
  const found = (await heard(page)).slice(from).find(each => each.event === event);
  if (found === undefined) throw new Error(`no ${event} was heard`);
  return found;
}

/** The figure in an article; by default in a sandbox, as WordPress frames it. */
async function article(query: string, { sandbox = 'allow-scripts', base = site.url } = {}): Promise<Page> {
  const said = new URLSearchParams({ frame: `${base}embed${base === site.url ? '' : '.html'}?${query}`, sandbox });
  viewer = await openViewer(browser, `${blog.url}?${said}`);
  return viewer.page;
}

const frameIn = (page: Page): Frame => {
  const frame = page.frames().find(each => each !== page.mainFrame());
  if (frame === undefined) throw new Error('the article has no frame');
  return frame;
};

const post = (page: Page, message: unknown): Promise<void> =>
  page.evaluate(data => {
    const target: unknown = Reflect.get(window, 'frameWindow');
    if (typeof target === 'function') target().postMessage(data, '*');
  }, message);

let calls = 0;
/** Asks the figure; its answer. */
async function call(page: Page, method: string, ...args: readonly unknown[]): Promise<Heard> {
  calls += 1;
  const id = `call-${calls}`;
  const before = (await heard(page)).length;
  await post(page, { namespace: 'mailscope', v: 1, method, args, id });
  await page.waitForFunction(wanted => {
    const all: unknown = Reflect.get(window, 'heard');
    return Array.isArray(all) && all.some(each => each.event === 'callback' && each.id === wanted);
  }, id);
  const found = (await heard(page)).slice(before).find(each => each.id === id);
  if (found === undefined) throw new Error(`${method} was not answered`);
  return found;
}
const stateOf = async (page: Page) => state.parse((await call(page, 'getState')).result);

describe('in a frame without an origin', () => {
  test('a story plays, in its own faces, and nobody complains', async () => {
    const page = await article('story=youve-got-mail');
    const ready = await hear(page, 'ready');
    expect(ready.origin).toBe('null');
    expect(ready.state).toMatchObject({ loaded: true, playing: false, error: null });
    await page.frameLocator('iframe').getByRole('button', { name: /play/i }).first().click();
    expect((await hear(page, 'stepchange')).state?.playing).toBe(true);
    await expect.poll(() => frameIn(page).evaluate(() => document.fonts.check('16px "Inter Variable"'))).toBe(true);
    expect(viewer?.complaints).toEqual([]);
  });

  test('a recording plays too: what tells it is loaded from beside the figure', async () => {
    const page = await article(`trace=${encodeURIComponent('stories/nobody-by-that-name.trace.ndjson')}`);
    expect((await hear(page, 'ready')).state).toMatchObject({ loaded: true, error: null });
    expect(viewer?.complaints).toEqual([]);
  });

  test('a recording of another site plays, where that site lets others read it', async () => {
    const trace = await readFile(new URL('../../../stories/nobody-by-that-name.trace.ndjson', import.meta.url));
    const other = createServer((_request, response) => {
      response.setHeader('access-control-allow-origin', '*').end(trace);
    });
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const page = await article(`trace=${encodeURIComponent(`http://127.0.0.1:${port}/run.trace.ndjson`)}`);
    expect((await hear(page, 'ready')).state).toMatchObject({ loaded: true });
    other.closeAllConnections();
    other.close();
  });

  test('and also where the article did not ask for a sandbox, nobody’s own world is shown', async () => {
    viewer = await openViewer(
      browser,
      `${blog.url}?${new URLSearchParams({ frame: `${site.url}embed?trace=api/trace` })}`,
    );
    const failed = await hear(viewer.page, 'error');
    expect(failed.origin).toBe('null');
    expect(failed.state).toMatchObject({ loaded: false });
  });

  test('what it cannot find, it says in a sentence', async () => {
    const page = await article('story=moon');
    const failed = await hear(page, 'error');
    expect(failed.state?.error).toMatch(/moon/);
    const named = await article('from=here');
    await named.frameLocator('iframe').getByText('names no run').waitFor();
  });

  test('opened by itself it is a page like any other', async () => {
    viewer = await openViewer(browser, `${site.url}embed?story=youve-got-mail`);
    await viewer.page.getByRole('button', { name: /play/i }).first().waitFor();
    expect(await viewer.page.title()).toBe('You’ve got mail · mailscope');
    expect(viewer.complaints).toEqual([]);
  });
});

describe('its address', () => {
  test('shows a part of the run, in which steps are counted anew', async () => {
    const page = await article('story=youve-got-mail&FROM=mx-question&to=mx-answer');
    const { state: shown } = await hear(page, 'ready');
    expect(shown).toMatchObject({ steps: 2 });
    expect((await call(page, 'getSteps')).result).toMatchObject([
      { index: 1, name: 'mx-question' },
      { index: 2, name: 'mx-answer' },
    ]);
  });

  test('names a step, at which it stands still; the hash moves it without a new page, and stops it', async () => {
    const page = await article('story=youve-got-mail&step=mx-question');
    expect((await hear(page, 'ready')).state).toMatchObject({ name: 'mx-question', playing: false });
    const frame = frameIn(page);
    await frame.evaluate(() => Reflect.set(window, 'sameAsBefore', true));
    await call(page, 'play');
    const before = (await heard(page)).length;
    await page.evaluate(() => {
      const element = document.querySelector('iframe');
      if (element !== null) element.src = `${element.src}#step=mx-answer`;
    });
    expect((await hear(page, 'stepchange', before)).state?.name).toBe('mx-answer');
    expect(await stateOf(page)).toMatchObject({ name: 'mx-answer', playing: false });
    expect(await frame.evaluate(() => Reflect.get(window, 'sameAsBefore'))).toBe(true);
  });

  test('wears the theme that is asked for', async () => {
    const page = await article('story=youve-got-mail&theme=dark');
    await hear(page, 'ready');
    const paper = () =>
      frameIn(page).evaluate(() => {
        const figure = document.querySelector('mail-flow')?.shadowRoot?.querySelector('.figure');
        return figure == null ? '' : getComputedStyle(figure).backgroundColor;
      });
    const dark = await paper();
    await call(page, 'setTheme', 'light');
    await expect.poll(paper).not.toBe(dark);
  });
});

describe('messages', () => {
  let page: Page;
  beforeEach(async () => {
    page = await article('story=youve-got-mail');
    await hear(page, 'ready');
  });

  test('steer it, and each is answered', async () => {
    expect(state.parse((await call(page, 'seek', 'mx-question')).result).name).toBe('mx-question');
    expect(state.parse((await call(page, 'seek', 3)).result).step).toBe(3);
    await call(page, 'next');
    expect((await stateOf(page)).step).toBe(4);
    await call(page, 'prev');
    expect((await stateOf(page)).step).toBe(3);
    expect(state.parse((await call(page, 'play')).result).playing).toBe(true);
    expect(state.parse((await call(page, 'pause')).result).playing).toBe(false);
    expect((await call(page, 'seek', 'no-such-step')).error).toMatch(/no such place/);
    expect((await call(page, 'explode')).error).toMatch(/no method/);
    expect(state.parse((await call(page, 'load', 'stories/nobody-by-that-name.told.json')).result).loaded).toBe(true);
  });

  test('as text are the same, and what is not meant for it is left alone', async () => {
    const before = (await heard(page)).length;
    for (const nonsense of [
      '',
      'slide:',
      '{',
      '[]',
      7,
      null,
      [],
      {},
      { method: 'play' },
      { namespace: 'reveal', v: 1 },
    ])
      await post(page, nonsense);
    await post(page, JSON.stringify({ namespace: 'mailscope', v: 2, method: 'play' }));
    await post(page, JSON.stringify({ namespace: 'mailscope', v: 1, method: 'getState', id: 7 }));
    expect((await hear(page, 'callback', before)).id).toBe(7);
    expect((await heard(page)).slice(before).filter(({ event }) => event !== 'height')).toHaveLength(1);
    expect(viewer?.complaints).toEqual([]);
  });

  test('of reveal.js play it when its slide is shown, and pause it when that is left', async () => {
    await post(page, 'slide:start');
    await hear(page, 'playing');
    await post(page, 'slide:stop');
    await hear(page, 'pause');
    expect((await stateOf(page)).playing).toBe(false);
  });

  test('say how high it would be by itself', async () => {
    const { height = 0 } = await hear(page, 'height');
    expect(height).toBeGreaterThan(400);
    const before = (await heard(page)).length;
    await page.evaluate(() => document.querySelector('iframe')?.setAttribute('width', '360'));
    expect((await hear(page, 'height', before)).height).toBeGreaterThan(height);
  });
});

test('reveal’s word may come before the run is there', async () => {
  const page = await article('story=youve-got-mail');
  await page.waitForFunction(() => document.querySelector('iframe')?.contentWindow !== null);
  await frameIn(page).waitForLoadState('load');
  await post(page, 'slide:start');
  expect(await hear(page, 'playing')).toMatchObject({ event: 'playing' });
});

test('on a site of files alone the figure plays as well', async () => {
  const files = await openStaticSite();
  // A sandbox needs files that any page may load, which this site does not say.
  viewer = await openViewer(
    browser,
    `${blog.url}?${new URLSearchParams({ frame: `${files.url}embed.html?story=youve-got-mail` })}`,
  );
  expect((await hear(viewer.page, 'ready')).state).toMatchObject({ loaded: true });
  expect(viewer.complaints).toEqual([]);
  await viewer.close();
  viewer = null;
  await files.close();
});

test('without script there is a sentence, and the way to the story’s text', async () => {
  viewer = await openViewer(browser, `${site.url}embed?story=youve-got-mail`, { javaScriptEnabled: false });
  await viewer.page.getByText('needs JavaScript').waitFor();
  const link = viewer.page.getByRole('link', { name: /Read/ });
  expect(await link.getAttribute('href')).toBe('stories/youve-got-mail/');
});

test.each(['light', 'dark'] as const)('axe finds nothing, %s', async theme => {
  viewer = await openViewer(browser, `${site.url}embed?story=youve-got-mail&step=mx-question`, { colorScheme: theme });
  const { page } = viewer;
  await page.getByRole('button', { name: /play/i }).first().waitFor();
  await page.evaluate(await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  const found: unknown = await page.evaluate(
    `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] }).then(({ violations }) => violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]))`,
  );
  expect(found).toEqual([]);
});
