/** A Chromium that works on a bare machine, root or not: the system's, else the one that came with `npm ci`. */
import type { Browser } from 'playwright-core';
import { launchChromium } from '../server/cli/chromium.ts';

/** `E2E_BROWSER`: a path, or "bundled" for the one from the package. */
export const launchBrowser = (): Promise<Browser> => launchChromium(false);
