/** Finds a Chromium on this machine: one that is named, the system's, Playwright's own, or the one of a package that is installed. */
import { access, constants, mkdir, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { CliError } from './parse.ts';

const ARGS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const SYSTEM: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  linux: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'].map(
    name => `/usr/bin/${name}`,
  ),
  darwin: ['Google Chrome', 'Chromium', 'Microsoft Edge'].map(
    name => `/Applications/${name}.app/Contents/MacOS/${name}`,
  ),
  win32: ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap(folder => {
    const root = process.env[folder];
    return root === undefined
      ? []
      : [`${root}\\Google\\Chrome\\Application\\chrome.exe`, `${root}\\Microsoft\\Edge\\Application\\msedge.exe`];
  }),
};

const executable = (file: string): Promise<boolean> =>
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  );

const put = (name: string, value: string | undefined): void => {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
};

const NONE =
  'No Chromium was found, and a film needs one. Install Chromium, Chrome or Edge, or name one in MAILSCOPE_BROWSER; in a folder of npm, “npm install @sparticuz/chromium@147.0.0” brings one for Linux.';

/**
 * Launches it without a window. `MAILSCOPE_BROWSER` or `E2E_BROWSER` is a path, or "bundled" for the one from the package.
 * `sandboxed`: in its sandbox where the system gives it one, as it gives none to root and in some containers.
 * Throws CliError where there is none.
 */
export async function launchChromium(sandboxed: boolean): Promise<Browser> {
  const { chromium } = await import('playwright-core');
  const { MAILSCOPE_BROWSER: named = '', E2E_BROWSER: wanted = '' } = process.env;
  const bundled = [named, wanted].includes('bundled');
  if (named !== '' && !bundled && !(await executable(named)))
    throw new CliError(1, `MAILSCOPE_BROWSER names ${named}, which is no program that can be run.`);
  const own = [...(SYSTEM[process.platform] ?? []), chromium.executablePath()];
  for (const executablePath of bundled ? [] : [named, wanted, ...own]) {
    if (executablePath === '' || !(await executable(executablePath))) continue;
    const plain = (): Promise<Browser> => chromium.launch({ executablePath, args: [...ARGS, '--no-sandbox'] });
    if (!sandboxed || process.getuid?.() === 0) return plain();
    return chromium.launch({ executablePath, args: ARGS, chromiumSandbox: true }).catch(plain);
  }
  return launchBundled();
}

/** The one of the package, without its sandbox. Throws CliError where it is not installed or not for this system. */
export async function launchBundled(): Promise<Browser> {
  const { chromium } = await import('playwright-core');
  // @sparticuz caches in os.tmpdir()/chromium with mode 0700: /tmp must never be shared between users or versions.
  const cache = process.env.XDG_CACHE_HOME ?? path.join(homedir() || tmpdir(), '.cache');
  const dir = path.join(cache, 'mailscope-chromium-147.0.0');
  await mkdir(dir, { recursive: true });
  const names = ['TMPDIR', 'AWS_EXECUTION_ENV', 'LD_LIBRARY_PATH', 'FONTCONFIG_PATH'];
  const saved = names.map(name => [name, process.env[name]] as const);
  put('TMPDIR', dir);
  // Makes the package unpack its own libnss3 and name it in LD_LIBRARY_PATH.
  put('AWS_EXECUTION_ENV', 'AWS_Lambda_nodejs20.x');
  const executablePath = await import('@sparticuz/chromium')
    .then(({ default: bundled }) => bundled.executablePath())
    .catch(() => null);
  const libraries = process.env.LD_LIBRARY_PATH ?? '';
  for (const [name, value] of saved) put(name, value);
  if (executablePath === null) throw new CliError(1, NONE);
  // The packaged fonts.conf names /tmp/fonts: without our own file, text has no height anywhere else.
  const fonts = path.join(dir, 'fonts.conf');
  await writeFile(
    fonts,
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>${dir}/fonts</dir><dir>/usr/share/fonts</dir><cachedir>${dir}/fc-cache</cachedir><config></config></fontconfig>`,
  );
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined) env[name] = value;
  return chromium.launch({
    executablePath,
    args: [...ARGS, '--no-sandbox'],
    env: { ...env, LD_LIBRARY_PATH: libraries, FONTCONFIG_FILE: fonts },
  });
}
