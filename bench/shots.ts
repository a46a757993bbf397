/** Makes the pictures of the product: runs the real thing, sends one letter, and photographs the page at chosen beats. */
import { spawn } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { createStoryteller } from '../shared/story/storyteller.ts';
import { decodeTrace } from '../shared/trace/codec.ts';
import { launchBrowser } from '../test/browser.ts';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const out = path.join(root, 'dist/shots');

const sizes = {
  wide: [1440, 900],
  desk: [1280, 720],
  tablet: [768, 1024],
  phone: [390, 844],
  cinema: [1920, 1080],
} as const;

/** Photographs one beat of the recording at `file`, as the page with no server behind shows it. */
async function shoot(
  browser: Browser,
  page: string,
  trace: string,
  at: number,
  file: string,
  size: keyof typeof sizes,
  dark: boolean,
): Promise<void> {
  const [width, height] = sizes[size];
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
    deviceScaleFactor: 1,
  });
  const tab = await context.newPage();
  await tab.route(
    ({ pathname }) => pathname === '/shots/run.trace.ndjson',
    route => route.fulfill({ body: trace, contentType: 'application/x-ndjson' }),
  );
  await tab.goto(`${page}#t=${(at / 1000).toFixed(2)}`);
  await tab.locator('[data-ready]').waitFor();
  await tab.evaluate(() => document.fonts.ready);
  await tab.screenshot({ path: file });
  await context.close();
}

async function readyLine(server: ReturnType<typeof spawn>): Promise<{ url: string }> {
  let text = '';
  for await (const chunk of server.stdout ?? []) {
    text += String(chunk);
    if (text.includes('\n')) return JSON.parse(text) as { url: string };
  }
  throw new Error('mailscope did not start');
}

async function main(): Promise<void> {
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const ports = ['port', 'submission-port', 'smtp-port', 'pop3-port', 'dns-port'].flatMap(name => [`--${name}`, '0']);
  const server = spawn(process.execPath, ['bin/mailscope.js', 'serve', '--json', '--data', 'none', ...ports], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const browser = await launchBrowser();
  try {
    const { url } = await readyLine(server);
    const trace = path.join(out, 'run.trace.ndjson');
    const journey = spawn(
      process.execPath,
      [
        'bin/mailscope.js',
        'send',
        '--from',
        'alice@blue.example',
        '--to',
        'bob@green.example',
        '--subject',
        'Lunch?',
        '--body',
        'Are you free at noon?',
        '-o',
        trace,
      ],
      { cwd: root, stdio: 'ignore' },
    );
    const code = await new Promise<number | null>(done => journey.once('exit', done));
    if (code !== 0) throw new Error(`the journey failed (exit ${code})`);
    const text = await readFile(trace, 'utf8');
    const decoded = decodeTrace(text);
    if (!decoded.ok) throw new Error(decoded.message);
    const story = createStoryteller(decoded.header).append(decoded.events);
    const beat = (name: string) => story.beats.find(each => each.name === name) ?? story.beats.at(-1);
    const moments = {
      question: 'mx-question',
      letter: 'hand-over.letter',
      accepted: 'submission.accepted',
      home: 'collect.goodbye',
    };
    const trail = `${url}?trace=/shots/run.trace.ndjson`;
    for (const [name, which] of Object.entries(moments)) {
      const found = beat(which);
      const step =
        story.steps.findLast(
          each => each.beat === found?.index && each.motion !== null && each.motion.kind !== 'line',
        ) ?? story.steps[found?.firstStep ?? 0];
      const at = step ? step.start + (step.end - step.start) * 0.6 : 0;
      for (const size of ['wide', 'desk', 'tablet', 'phone', 'cinema'] as const) {
        for (const dark of [false, true])
          await shoot(
            browser,
            trail,
            text,
            at,
            path.join(out, `${name}-${size}${dark ? '-dark' : ''}.png`),
            size,
            dark,
          );
      }
      if (name === 'question')
        await shoot(browser, trail, text, at, path.join(root, 'docs/mailscope.png'), 'wide', false);
    }
    console.log(`pictures in ${path.relative(root, out)}, the README's in docs/mailscope.png`);
  } finally {
    await browser.close();
    server.kill('SIGTERM');
  }
}

await main();
