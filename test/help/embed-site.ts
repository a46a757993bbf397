/** Somebody's article for the tests: bare pages under a strict policy, the figure's scripts, and one run in both its forms. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { inject } from 'vitest';
import { writeTold } from '../../shared/compact/told.ts';
import { createStoryteller } from '../../shared/reading/storyteller.ts';
import { decodeTrace } from '../../shared/trace/codec.ts';

/** No inline script, no eval, no style but from script, and nothing from anywhere else. */
const STRICT = "default-src 'none'; script-src 'self'; connect-src 'self'";

const trace = readFileSync(path.join(import.meta.dirname, '../fixtures/traces/youve-got-mail.trace.ndjson'), 'utf8');

function tellTrace(): string {
  const decoded = decodeTrace(trace);
  if (!decoded.ok) throw new Error(decoded.message);
  const teller = createStoryteller(decoded.header);
  teller.append(decoded.events);
  return writeTold(teller.finish());
}

export const TOLD = '<mail-flow src="run.told.json"><p>A letter on its way.</p></mail-flow>';

/** A page that has only a heading and `body`. `script` is how it loads the figure. */
export const article = (body: string, script = '<script type="module" src="mail-flow.js"></script>'): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
  `<title>An article</title>${script}</head><body><main><h1>An article</h1>${body}<p>After it.</p></main></body></html>`;

export interface Articles {
  readonly url: string;
  /** The paths that were asked for, in order. */
  readonly asked: string[];
  close(): Promise<void>;
}

/** `pages` by their paths; `missing` are scripts that somebody forgot to upload. */
export async function openArticles(
  pages: Readonly<Record<string, string>>,
  missing: readonly string[] = [],
): Promise<Articles> {
  const runs: Readonly<Record<string, string>> = {
    '/run.trace.ndjson': trace,
    '/run.told.json': tellTrace(),
    '/garbled.told.json': '{"told":1,"words":[]}',
  };
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const name = (request.url ?? '/').split('?', 1)[0] ?? '/';
    asked.push(name);
    const page = pages[name];
    const run = runs[name];
    if (page !== undefined) {
      response.writeHead(200, { 'content-type': 'text/html', 'content-security-policy': STRICT }).end(page);
    } else if (run !== undefined) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(run);
    } else if (/^\/mail-flow[a-z-]*\.js$/.test(name) && !missing.includes(name)) {
      const script = readFileSync(path.join(inject('embed'), name));
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    async close() {
      const closed = new Promise<void>(resolve => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** What the figure says of itself, the first of the page or another one. */
export const stateOf = (page: Page, index = 0) =>
  page.evaluate(at => {
    const figure = document.querySelectorAll('mail-flow')[at];
    if (figure === undefined) throw new Error('there is no such figure');
    return { ...figure.getState(), paused: figure.paused };
  }, index);

/** Until the figure has something to show, or says why not. */
export async function opened(page: Page, index = 0): Promise<void> {
  await page.waitForFunction(at => {
    const state = document.querySelectorAll('mail-flow')[at]?.getState?.();
    return state !== undefined && (state.loaded || state.error !== null);
  }, index);
}

/** Remembers what the first figure tells from now on; answers what gives it out. */
export async function listen(page: Page, types: readonly string[]): Promise<() => Promise<readonly string[]>> {
  const handle = await page.evaluateHandle(names => {
    const heard: string[] = [];
    const figure = document.querySelector('mail-flow');
    for (const name of names) figure?.addEventListener(name, () => heard.push(name));
    return heard;
  }, types);
  return () => handle.jsonValue();
}
