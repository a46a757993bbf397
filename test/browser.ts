/** A Chromium that works on a bare machine, root or not: the system's, else the one that came with `npm ci`. */
import { access, constants, mkdir, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const SYSTEM = [
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

const executable = (file: string): Promise<boolean> =>
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  );

const put = (name: string, value: string | undefined): void => {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
};

/** `E2E_BROWSER`: a path, or "bundled" for the one from the package. */
export async function launchBrowser(): Promise<Browser> {
  const wanted = process.env.E2E_BROWSER;
  const candidates = wanted === 'bundled' ? [] : wanted === undefined ? SYSTEM : [wanted, ...SYSTEM];
  for (const executablePath of candidates) {
    if (await executable(executablePath)) return chromium.launch({ executablePath, args: ARGS });
  }
  return launchBundled();
}

async function launchBundled(): Promise<Browser> {
  // @sparticuz caches in os.tmpdir()/chromium with mode 0700: /tmp must never be shared between users or versions.
  const cache = process.env.XDG_CACHE_HOME ?? path.join(homedir() || tmpdir(), '.cache');
  const dir = path.join(cache, 'mailscope-chromium-147.0.0');
  await mkdir(dir, { recursive: true });
  const names = ['TMPDIR', 'AWS_EXECUTION_ENV', 'LD_LIBRARY_PATH', 'FONTCONFIG_PATH'];
  const saved = names.map(name => [name, process.env[name]] as const);
  put('TMPDIR', dir);
  // Makes the package unpack its own libnss3 and name it in LD_LIBRARY_PATH.
  put('AWS_EXECUTION_ENV', 'AWS_Lambda_nodejs20.x');
  const { default: bundled } = await import('@sparticuz/chromium');
  const executablePath = await bundled.executablePath();
  const libraries = process.env.LD_LIBRARY_PATH ?? '';
  for (const [name, value] of saved) put(name, value);
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
    args: ARGS,
    env: { ...env, LD_LIBRARY_PATH: libraries, FONTCONFIG_FILE: fonts },
  });
}
