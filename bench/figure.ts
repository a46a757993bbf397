/** What a figure costs the article that it stands in: bytes to load, and the main thread's work until its first picture. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import * as z from 'zod/mini';
import { launchBrowser } from '../test/help/browser.ts';
import { served } from './stage.ts';

const TIMES = 9;
const STORY = 'stories/youve-got-mail';

/** An article as wide as a blog's column. */
const article = (source: string): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>An article</title><body style="max-width:680px;margin:auto"><p>Words.</p><mail-flow src="${source}"></mail-flow>`;

/** Milliseconds that the main thread was on the processor, so that a busy machine counts less; `all` holds the others, and painting, and collecting garbage. */
export interface Work {
  readonly all: number;
  readonly script: number;
  readonly style: number;
  readonly layout: number;
}

const spans = z.object({
  traceEvents: z.array(z.object({ name: z.string(), pid: z.number(), tid: z.number(), tdur: z.optional(z.number()) })),
});

/** What a Chromium's own trace says of the thread that ran the figure's script. Its tasks are at the top, so none is counted twice. */
function workIn(trace: string): Work {
  const { traceEvents } = z.parse(spans, JSON.parse(trace));
  const ran = traceEvents.find(({ name }) => name === 'v8.evaluateModule');
  if (ran === undefined) throw new Error('the trace has no script in it');
  const own = traceEvents.filter(({ pid, tid }) => pid === ran.pid && tid === ran.tid);
  const spent = (...names: readonly string[]): number =>
    own.reduce((sum, { name, tdur = 0 }) => (names.includes(name) ? sum + tdur : sum), 0) / 1000;
  return {
    all: spent('ThreadControllerImpl::RunTask'),
    script: spent('v8.evaluateModule', 'v8.callFunction'),
    style: spent('UpdateLayoutTree'),
    layout: spent('Layout'),
  };
}

/** From the evaluation of the script, in a browser that has never seen it, to the frame after the first picture. */
async function firstPicture(browser: Browser, url: string): Promise<Work> {
  const context = await browser.newContext({ viewport: { width: 800, height: 700 } });
  try {
    const page = await context.newPage();
    await page.goto(url);
    // What drives the page brings scripts of its own at the first call.
    await page.evaluate(() => document.title);
    await browser.startTracing(page, { categories: ['toplevel', 'v8', 'devtools.timeline'] });
    await page.evaluate(
      () =>
        new Promise<void>((resolve, reject) => {
          const figure = document.querySelector('mail-flow');
          figure?.addEventListener('canplay', () =>
            requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve))),
          );
          figure?.addEventListener('error', () => reject(new Error('the figure shows nothing')));
          const script = document.createElement('script');
          script.type = 'module';
          script.src = '/embed/mail-flow.js';
          document.head.append(script);
        }),
    );
    return workIn(String(await browser.stopTracing()));
  } finally {
    await context.close();
  }
}

const middle = (works: readonly Work[]): Work | undefined =>
  works.toSorted((one, other) => one.all - other.all)[Math.floor(works.length / 2)];

export interface FigureCost {
  /** Bytes after gzip, by the script's name; its style is in it. */
  readonly weights: ReadonlyMap<string, number>;
  readonly told: Work | undefined;
  readonly raw: Work | undefined;
}

/** `pageFolder` is the built page, which has the figure's scripts under embed/. */
export async function figureCost(pageFolder: string): Promise<FigureCost> {
  const folder = path.join(pageFolder, 'embed');
  const weights = new Map<string, number>();
  for (const name of (await readdir(folder)).toSorted())
    weights.set(name, gzipSync(await readFile(path.join(folder, name)), { level: 9 }).length);
  const pages = { '/told.html': article(`${STORY}.told.json`), '/raw.html': article(`${STORY}.trace.ndjson`) };
  return served(pageFolder, pages, async url => {
    const works = { told: [] as Work[], raw: [] as Work[] };
    for (let time = 0; time < TIMES; time++) {
      // Each in a browser of its own: another one's compiled code would be there already.
      const browser = await launchBrowser();
      works.told.push(await firstPicture(browser, `${url}told.html`));
      await browser.close();
      const another = await launchBrowser();
      works.raw.push(await firstPicture(another, `${url}raw.html`));
      await another.close();
    }
    return { weights, told: middle(works.told), raw: middle(works.raw) };
  });
}
