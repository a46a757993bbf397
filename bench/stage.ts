/** What the stage costs the browser's main thread: the real page with 20 hosts and 50 letters, and a stage with 50 letters in the air at once. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import type { Browser, Page } from 'playwright-core';
import sirv from 'sirv';
import { build } from 'vite';
import { createStoryteller } from '../shared/reading/storyteller.ts';
import { encodeTrace } from '../shared/trace/codec.ts';
import type { TraceHeader } from '../shared/trace/header.ts';
import { header, journey, Script } from '../test/fixtures/script.ts';
import { bigWorld } from '../test/fixtures/worlds.ts';
import { launchBrowser } from '../test/help/browser.ts';

const LETTERS = 50;
const SECONDS = 12;
const SIZE = { width: 1440, height: 900 };

/** A world of 20 hosts in which 50 letters wait in queues while one more goes all its way. */
function busyStory(): { readonly header: TraceHeader; readonly events: Script['events'] } {
  const { users, ...world } = bigWorld(6, 20, [4, 4, 2, 2, 1]);
  const script = new Script();
  const servers = world.hosts.filter(({ kind, services }) => kind === 'server' && !services.includes('dns'));
  for (let nth = 0; nth < LETTERS; nth++) {
    script.fact({
      kind: 'mail.queued',
      host: servers[nth % servers.length]?.id ?? '',
      queueId: `Q${nth}`,
      messageId: `<w${nth}@blue.example>`,
      reversePath: 'alice@blue.example',
      recipients: [`reader${nth}@red.example`],
      size: 400,
    });
  }
  return {
    header: { ...header, world: { ...world, users: users.map(({ password: _, ...user }) => user) } },
    events: journey(script).events,
  };
}

interface TraceRow {
  readonly name: string;
  readonly ph: string;
  readonly ts: number;
  readonly dur?: number;
  /** Time on the processor. */
  readonly tdur?: number;
  readonly pid: number;
  readonly tid: number;
  readonly args?: { readonly name?: string };
}

/** What a slice took of its thread: its time on the processor, so that a busy machine does not count. In microseconds. */
const cost = ({ tdur, dur }: TraceRow): number => tdur ?? dur ?? 0;

/** Milliseconds of the processor that the longest task of a page's main thread took; from Chromium's own trace. */
export async function longestTask(browser: Browser, page: Page, act: () => Promise<unknown>): Promise<number> {
  await browser.startTracing(page, { categories: ['toplevel', 'disabled-by-default-devtools.timeline', '__metadata'] });
  await act();
  const parsed: { readonly traceEvents: readonly TraceRow[] } = JSON.parse((await browser.stopTracing()).toString());
  const main = new Set<string>();
  for (const { name, args, pid, tid } of parsed.traceEvents)
    if (name === 'thread_name' && args?.name === 'CrRendererMain') main.add(`${pid} ${tid}`);
  let longest = 0;
  for (const row of parsed.traceEvents)
    if (row.ph === 'X' && row.name.endsWith('RunTask') && main.has(`${row.pid} ${row.tid}`))
      longest = Math.max(longest, cost(row) / 1000);
  return longest;
}

/** Milliseconds that the page's main thread worked for each frame it made, in rising order; from Chromium's own trace. */
function busyFrames(rows: readonly TraceRow[]): readonly number[] {
  const threads = new Map<string, TraceRow[]>();
  for (const { name, args, pid, tid } of rows)
    if (name === 'thread_name' && args?.name === 'CrRendererMain') threads.set(`${pid} ${tid}`, []);
  for (const row of rows) threads.get(`${row.pid} ${row.tid}`)?.push(row);
  const inOrder = [...threads.values()].map(each => each.toSorted((a, b) => a.ts - b.ts));
  const calls = (each: readonly TraceRow[]): number => each.filter(({ name }) => name === 'FireAnimationFrame').length;
  const [main = []] = inOrder.sort((a, b) => calls(b) - calls(a));
  const tasks = main.filter(({ name, ph }) => name === 'RunTask' && ph === 'X');
  const animating = main.filter(({ name }) => name === 'FireAnimationFrame').map(({ ts }) => ts);
  // A task with an animation callback makes a frame; what else is done until the next one counts for it too.
  const busy: number[] = [];
  let next = 0;
  for (const task of tasks) {
    while (next < animating.length && (animating[next] ?? 0) < task.ts) next++;
    if ((animating[next] ?? Number.POSITIVE_INFINITY) <= task.ts + (task.dur ?? 0)) busy.push(0);
    if (busy.length > 0) busy[busy.length - 1] = (busy.at(-1) ?? 0) + cost(task) / 1000;
  }
  // The last one may have been cut short.
  return busy.slice(0, -1).sort((a, b) => a - b);
}

async function recorded(browser: Browser, page: Page, seconds: number): Promise<readonly number[]> {
  await browser.startTracing(page, {
    categories: ['disabled-by-default-devtools.timeline', 'devtools.timeline', 'toplevel', '__metadata'],
  });
  await page.waitForTimeout(seconds * 1000);
  const trace = await browser.stopTracing();
  const parsed: { readonly traceEvents: readonly TraceRow[] } = JSON.parse(trace.toString());
  return busyFrames(parsed.traceEvents);
}

export async function served<T>(
  folder: string,
  files: Readonly<Record<string, string>>,
  use: (url: string) => Promise<T>,
): Promise<T> {
  const serve = sirv(folder);
  const server = createServer((request, response) => {
    const file = files[(request.url ?? '/').split('?', 1)[0] ?? '/'];
    if (file !== undefined) response.end(file);
    else serve(request, response, () => void response.writeHead(404).end());
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  try {
    return await use(`http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`);
  } finally {
    server.closeAllConnections();
    await new Promise<void>(resolve => server.close(() => resolve()));
  }
}

interface StageCost {
  /** Milliseconds a frame, in rising order. */
  readonly page: readonly number[];
  readonly stress: readonly number[];
}

/** `pageFolder` is the built page. */
export async function stageCost(pageFolder: string): Promise<StageCost> {
  const browser = await launchBrowser();
  try {
    const story = busyStory();
    const told = createStoryteller(story.header).append(story.events);
    // From the moment at which the last letter is written, with all others waiting.
    const from = (told.runs.at(-1)?.start ?? told.end) / 1000;
    const page = await served(
      pageFolder,
      { '/busy.trace.ndjson': encodeTrace(story.header, story.events) },
      async url => {
        const tab = await browser.newPage({ viewport: SIZE });
        await tab.goto(`${url}?trace=busy.trace.ndjson#t=${from.toFixed(2)}`);
        await tab.locator('.stage .station').first().waitFor();
        await tab.keyboard.press('Space');
        const frames = await recorded(browser, tab, SECONDS);
        await tab.close();
        return frames;
      },
    );
    const folder = await mkdtemp(path.join(tmpdir(), 'mailscope-bench-stage-'));
    const root = path.dirname(fileURLToPath(import.meta.url));
    try {
      await build({
        root,
        configFile: false,
        logLevel: 'error',
        plugins: [react()],
        build: { outDir: folder, emptyOutDir: true, rolldownOptions: { input: path.join(root, 'stage-stress.html') } },
      });
      const stress = await served(folder, {}, async url => {
        const tab = await browser.newPage({ viewport: SIZE });
        await tab.goto(`${url}stage-stress.html`);
        await tab
          .locator('.flight')
          .nth(LETTERS - 1)
          .waitFor({ state: 'attached' });
        return recorded(browser, tab, SECONDS / 2);
      });
      return { page, stress };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  } finally {
    await browser.close();
  }
}
