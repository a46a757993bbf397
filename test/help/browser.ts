/** A Chromium that works on a bare machine, root or not, and is the same on each: the one that came with `npm ci`, else the system's. */
import type { Browser } from 'playwright-core';
import { launchBundled, launchChromium } from '../../server/cli/chromium.ts';

/** The package brings one for this system alone. */
const BUNDLED = process.platform === 'linux' && process.arch === 'x64';

const NAMED = (process.env.E2E_BROWSER ?? process.env.MAILSCOPE_BROWSER ?? '') !== '';

let running: Browser | null = null;

/**
 * The browser of this worker: files that run in it one after the other share it, and each closes what it has opened by `close`.
 * `E2E_BROWSER`: a path, or "bundled" for the one from the package. Without it that one: it draws without a window system, and takes
 * less than half the processor time of a whole browser without a window.
 */
export async function launchBrowser(): Promise<Browser> {
  if (running?.isConnected() !== true) running = await (BUNDLED && !NAMED ? launchBundled() : launchChromium(false));
  return new Proxy(running, {
    get(browser, name) {
      if (name === 'close') return () => Promise.all(browser.contexts().map(context => context.close()));
      const value: unknown = Reflect.get(browser, name, browser);
      return typeof value === 'function' ? value.bind(browser) : value;
    },
  });
}

/** Ends it: nothing in this worker shows a page any more. */
export async function quitBrowser(): Promise<void> {
  await running?.close();
  running = null;
}
