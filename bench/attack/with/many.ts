/** Attacks by sheer number: deliveries without a pause, a mailbox of ten thousand, and a page that watches while a thousand are collected. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { launchChromium } from '../../../server/cli/chromium.ts';
import type { Attack, Target } from '../attack.ts';
import { callApi } from '../calls.ts';
import { fillTrace } from './octets.ts';

const MAILBOX = 'bob@green.example';

/** Letters as they lie in a Maildir. */
function fillMailbox(data: string, count: number): void {
  const folder = path.join(data, 'mail', MAILBOX);
  for (const part of ['tmp', 'new', 'cur']) mkdirSync(path.join(folder, part), { recursive: true, mode: 0o700 });
  for (let nth = 0; nth < count; nth += 1) {
    const letter = `Return-Path: <alice@blue.example>\r\nFrom: <alice@blue.example>\r\nSubject: Old ${nth}\r\nMessage-ID: <old-${nth}@blue.example>\r\n\r\nx\r\n`;
    writeFileSync(path.join(folder, 'new', `${1_700_000_000 + nth}.M${nth}P1.host`), letter, { mode: 0o600 });
  }
}

/** Milliseconds of the longest task of a page's main thread while Bob collects. */
async function longestTask({ ready }: Target): Promise<number> {
  const browser = await launchChromium(false);
  try {
    const page = await browser.newPage();
    await page.goto(ready.url);
    await page.evaluate(() => {
      document.body.dataset.longest = '0';
      new PerformanceObserver(list => {
        for (const { duration } of list.getEntries())
          document.body.dataset.longest = String(Math.max(Number(document.body.dataset.longest), duration));
      }).observe({ entryTypes: ['longtask'] });
    });
    await callApi(ready.url, 'POST', 'collect', { user: MAILBOX }, 12_000);
    // What a click would wait for.
    const began = performance.now();
    await page.evaluate(() => new Promise(done => requestAnimationFrame(() => done(null))));
    const waited = performance.now() - began;
    const longest = await page.evaluate(() => Number(document.body.dataset.longest));
    return Math.max(longest, waited);
  } finally {
    await browser.close();
  }
}

export const MANY_ATTACKS: readonly Attack[] = [
  {
    name: 'many-letters',
    entry: 9,
    sentence: 'A page watches in Chromium while 1,000 letters are collected.',
    prepare: async data => fillMailbox(data, 1000),
    async examine(scene) {
      const longest = await longestTask(scene);
      return longest > 200
        ? [`the page’s main thread is busy for ${Math.round(longest)} ms at once (at most 200)`]
        : [];
    },
  },
  {
    name: 'many-deliveries',
    entry: 10,
    sentence: 'Letters are submitted as fast as they are taken, for ten seconds.',
    memory: 220,
    async assail(target, _stopped, hold) {
      const end = performance.now() + 10_000;
      let letters = 0;
      for (; performance.now() < end; letters += 100) await fillTrace(target, 100, 10);
      hold({ letters });
    },
  },
  {
    name: 'large-mailbox',
    entry: 9,
    sentence: 'A mailbox holds 10,000 letters at the start: the ready line, the first PASS, and the memory.',
    memory: 220,
    prepare: async data => fillMailbox(data, 10_000),
    async examine(scene) {
      const broken: string[] = [];
      await scene.stop('SIGTERM');
      const again = await scene.start();
      const login = await firstLogin(again);
      if (login === null || login > 500)
        broken.push(
          `the first PASS of 10,000 letters takes ${login === null ? 'for ever' : `${Math.round(login)} ms`} (at most 500)`,
        );
      if (again.served.startedIn > 3000) broken.push(`the ready line takes ${Math.round(again.served.startedIn)} ms`);
      return broken;
    },
  },
];

async function firstLogin({ ready }: Target): Promise<number | null> {
  const { createConnection } = await import('node:net');
  const bob = ready.users.find(({ address }) => address === MAILBOX);
  return new Promise(resolve => {
    const socket = createConnection({ host: '127.0.0.1', port: ready.pop3.port });
    const words = [`USER ${bob?.user}`, `PASS ${bob?.password}`, 'QUIT'];
    let turn = 0;
    let began = 0;
    const end = (took: number | null): void => {
      socket.destroy();
      resolve(took);
    };
    socket.setTimeout(20_000, () => end(null)).on('error', () => end(null));
    socket.on('data', () => {
      if (turn === 2) return end(performance.now() - began);
      began = performance.now();
      socket.write(`${words[turn]}\r\n`);
      turn += 1;
    });
  });
}
