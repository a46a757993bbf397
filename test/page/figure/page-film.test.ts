/** Pictures and films of a run: the right frames, the same each time, and nothing in them that leads elsewhere. */
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { launchBrowser } from '../../help/browser.ts';
import { readGif, readPng, readVideo } from '../../help/moving-pictures.ts';
import { openSite, openStaticSite, openViewer, type Site, type Viewer } from '../../help/page-site.ts';

const TRACE = readFileSync(new URL('../../../stories/youve-got-mail.trace.ndjson', import.meta.url), 'utf8');

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(async () => browser?.close());

const SHORT = {
  trace: TRACE,
  from: 'submission.hello',
  until: 'submission.hello',
  width: 680,
  height: 480,
  theme: 'light',
  captions: true,
  speed: 2,
  fps: 5,
} as const;

type Made = { readonly type: string; readonly bytes: Uint8Array<ArrayBuffer>; readonly of: number };

/** Asks the page that makes films, as the command line does. */
async function film(page: Page, kind: string, other: Readonly<Record<string, unknown>> = {}): Promise<Made | string> {
  const answer = await page.evaluate(
    async request => {
      let of = 0;
      const made = await new Promise<Blob | string>(resolve => {
        window.addEventListener('message', ({ data }) => {
          if (data.event === 'progress') of = data.of;
          if (data.event === 'made') resolve(data.blob);
          if (data.event === 'failed') resolve(data.message);
        });
        window.postMessage({ namespace: 'mailscope', v: 1, method: 'film', args: request }, '*');
      });
      if (typeof made === 'string') return made;
      const reader = new FileReader();
      await new Promise(resolve => {
        reader.onload = resolve;
        reader.readAsDataURL(made);
      });
      return { type: made.type, of, base64: String(reader.result).replace(/^[^,]*,/, '') };
    },
    { ...SHORT, kind, ...other },
  );
  if (typeof answer === 'string') return answer;
  return { type: answer.type, of: answer.of, bytes: new Uint8Array(Buffer.from(answer.base64, 'base64')) };
}

async function made(page: Page, kind: string, other: Readonly<Record<string, unknown>> = {}): Promise<Made> {
  const answer = await film(page, kind, other);
  if (typeof answer === 'string') throw new Error(answer);
  return answer;
}

describe('the page that makes films, under the server’s own security policy', () => {
  let site: Site;
  let viewer: Viewer;
  beforeAll(async () => {
    site = await openSite();
  });
  afterAll(async () => site?.close());
  beforeEach(async () => {
    viewer = await openViewer(browser, `${site.url}film.html`);
  });
  afterEach(async () => {
    const { complaints } = viewer;
    await viewer.close();
    expect(complaints).toEqual([]);
  });

  test('a GIF has every frame at its time, and is the same to the last octet when it is made again', async () => {
    const { page } = viewer;
    const first = await made(page, 'gif');
    const { width, height, delays } = readGif(first.bytes);
    expect([width, height]).toEqual([680, 480]);
    expect(delays).toHaveLength(first.of);
    expect(delays.length).toBeGreaterThan(5);
    // Five a second; the last one stands.
    expect(new Set(delays.slice(0, -1))).toEqual(new Set([20]));
    expect(delays.at(-1)).toBe(220);
    const again = await made(page, 'gif');
    expect(Buffer.compare(first.bytes, again.bytes)).toBe(0);
    expect(await page.locator('.picture-set').count()).toBe(0);
  });

  test('where a frame does not last whole hundredths of a second, none of the time is lost', async () => {
    const { delays } = readGif((await made(viewer.page, 'gif', { fps: 12 })).bytes);
    const before = delays.slice(0, -1).reduce((sum, delay) => sum + delay, 0);
    expect(before).toBeCloseTo(((delays.length - 1) * 100) / 12, -1);
    expect(new Set(delays.slice(0, -1))).toEqual(new Set([8, 9]));
  });

  test('a video has every frame at its time and size; where this browser writes no MP4 it says so, and writes WebM', async () => {
    const { page } = viewer;
    const asked = await film(page, 'mp4', { width: 640, height: 360, fps: 10 });
    if (typeof asked === 'string') expect(asked).toMatch(/cannot write MP4 .* Choose WebM or GIF/);
    const video = typeof asked === 'string' ? await made(page, 'webm', { width: 640, height: 360, fps: 10 }) : asked;
    expect(video.type).toBe(typeof asked === 'string' ? 'video/webm' : 'video/mp4');
    const { width, height, frames, keyFrames, times } = await readVideo(video.bytes);
    expect([width, height]).toEqual([640, 360]);
    expect(frames).toBe(video.of);
    expect(keyFrames).toBeGreaterThan(0);
    times.forEach((time, frame) => {
      expect(time).toBeCloseTo(frame / 10, 2);
    });
  });

  test('an odd size is no video, and the answer says which one is', async () => {
    expect(await film(viewer.page, 'webm', { width: 641, height: 361 })).toMatch(/642 × 362/);
  });

  test('a part that is not in the recording is answered with the names that are', async () => {
    expect(await film(viewer.page, 'gif', { until: 'nowhere' })).toMatch(/“nowhere”.*press-send/);
  });

  test('all steps are on one sheet', async () => {
    const sheet = await made(viewer.page, 'sheet', { until: 'submission.letter' });
    const { width, height } = readPng(sheet.bytes);
    expect(sheet.of).toBe(4);
    expect(width).toBeGreaterThan(1400);
    expect(height).toBeGreaterThan(1000);
  });

  test('a still has the size that was asked for, and is no blank sheet', async () => {
    const still = await made(viewer.page, 'png', { width: 1280, height: 720, theme: 'dark' });
    expect(readPng(still.bytes)).toEqual({ width: 1280, height: 720 });
    expect(still.bytes.length).toBeGreaterThan(40_000);
  });

  test('a drawing stands alone: well-formed, with its words, without script, style sheet or address', async () => {
    const { bytes } = await made(viewer.page, 'svg');
    const svg = new TextDecoder().decode(bytes);
    const found = await viewer.page.evaluate(text => {
      const parsed = new DOMParser().parseFromString(text, 'image/svg+xml');
      const all = [...parsed.querySelectorAll('*')];
      const ids = new Set(all.map(({ id }) => id));
      return {
        broken: parsed.querySelector('parsererror') !== null,
        title: parsed.querySelector('title')?.textContent,
        desc: parsed.querySelector('desc')?.textContent ?? '',
        names: [...new Set(all.map(({ localName }) => localName))],
        classes: all.some(element => element.hasAttribute('class')),
        listeners: all.some(({ attributes }) => [...attributes].some(({ name }) => name.startsWith('on'))),
        addresses: all.flatMap(({ attributes }) =>
          [...attributes].filter(({ name }) => /href|src/.test(name)).map(({ value }) => value),
        ),
        dangling: [...text.matchAll(/url\(#([^)]+)\)/g)].map(([, id = '']) => id).filter(id => !ids.has(id)),
      };
    }, svg);
    expect(found).toMatchObject({ broken: false, classes: false, listeners: false, addresses: [], dangling: [] });
    expect(found.title).toBe('The client calls its own server');
    expect(found.desc).not.toBe('');
    for (const name of ['script', 'style', 'foreignObject', 'image', 'use']) expect(found.names).not.toContain(name);
    expect(svg).not.toMatch(/var\(|light-dark|color-mix|NaN|undefined|@import/);
    expect(svg).toContain('Outgoing server');
  });
});

describe('“Save as film or picture”', () => {
  test('is given up without a trace, says how far it is, keeps the keyboard, and then saves', {
    timeout: 90_000,
  }, async () => {
    const site = await openStaticSite();
    const viewer = await openViewer(browser, `${site.url}?story=youve-got-mail`);
    const { page } = viewer;
    try {
      await page.locator('.stage').waitFor();
      await page.getByRole('button', { name: 'Share', exact: true }).click();
      await page.getByRole('tab', { name: 'Save' }).click();
      await page.getByRole('button', { name: 'Film or picture…' }).click();
      const dialog = page.getByRole('dialog', { name: 'Save as film or picture' });
      expect(await dialog.getByRole('radio', { name: /^GIF/ }).evaluate(radio => radio.matches(':focus'))).toBe(true);
      await dialog.getByText(/^1:31, 917 frames, about .* MB$/).waitFor();

      await dialog.getByRole('button', { name: 'Save' }).click();
      await dialog.getByText(/^(Getting ready…|frame \d+ of 917)$/).waitFor();
      expect(await dialog.getByRole('button', { name: 'Cancel' }).evaluate(it => it.matches(':focus'))).toBe(true);
      await page.keyboard.press('Enter');
      await dialog.getByRole('progressbar').waitFor({ state: 'detached' });
      await page.locator('.picture-set').waitFor({ state: 'detached' });
      expect(await dialog.getByRole('button', { name: 'Save' }).evaluate(it => it.matches(':focus'))).toBe(true);

      await dialog.getByRole('combobox', { name: /^To/ }).selectOption({ index: 0 });
      await dialog.getByRole('combobox', { name: /^Speed/ }).selectOption('4');
      const saved = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      const download = await saved;
      expect(download.suggestedFilename()).toBe('you-ve-got-mail.gif');
      await dialog
        .getByRole('status')
        .getByText(/^Saved you-ve-got-mail\.gif, /)
        .waitFor();
      const { width, height, delays } = readGif(new Uint8Array(readFileSync(await download.path())));
      expect([width, height]).toEqual([680, 480]);
      expect(delays.length).toBeGreaterThan(1);
      expect(delays.length).toBeLessThan(60);
    } finally {
      await viewer.close();
      await site.close();
    }
  });
});
