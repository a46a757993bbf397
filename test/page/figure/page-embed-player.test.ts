/** A figure as it is played: by its buttons, its keys and a script; by itself; and for who wants no motion. */
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../../help/browser.ts';
import { type Articles, article, listen, openArticles, opened, stateOf, TOLD } from '../../help/embed-site.ts';
import { drawn, openViewer } from '../../help/page-site.ts';

const TWO = `${TOLD}<mail-flow src="run.told.json"></mail-flow>`;
const figure = (attributes: string): string => `<mail-flow src="run.told.json" ${attributes}></mail-flow>`;
const FAR = '<p>Long.</p>'.repeat(120);

let browser: Browser;
let site: Articles;
beforeAll(async () => {
  browser = await launchBrowser();
  site = await openArticles({
    '/': article(TOLD),
    '/two': article(TWO),
    '/part': article(figure('from="mx-question" to="mx-answer"')),
    '/posters': article(
      figure('') + figure('poster="mx-question"') + figure('step="mx-question"') + figure('poster="3"'),
    ),
    '/silent': article(figure('keys="off"') + figure('no-keys')),
    '/fast': article(figure('speed="16" from="mx-question" to="mx-answer"')),
    '/itself': article(`${figure('autoplay speed="0.25"')}${FAR}`),
    '/below': article(`${FAR}${figure('autoplay')}`),
    '/bare': article(figure('controls="none" captions="off" view="ladder"')),
  });
});
afterAll(async () => {
  await browser.close();
  await site.close();
});

async function read(path: string, options: Parameters<typeof openViewer>[2] = {}) {
  const viewer = await openViewer(browser, site.url + path, { viewport: { width: 720, height: 800 }, ...options });
  await opened(viewer.page);
  return viewer;
}

const until = (page: Page, condition: string, index = 0) =>
  page.waitForFunction(
    ([wanted, at]) => {
      const state = document.querySelectorAll('mail-flow')[Number(at)]?.getState();
      return state !== undefined && JSON.stringify(state).includes(String(wanted));
    },
    [condition, index] as const,
  );
const playing = (page: Page, index = 0) => until(page, '"playing":true', index);
const standing = (page: Page, index = 0) => until(page, '"playing":false', index);
const focus = (page: Page, index = 0) =>
  page.evaluate(at => document.querySelectorAll<HTMLElement>('mail-flow')[at]?.focus(), index);

describe('before it is played', () => {
  test('a figure stands still on a letter between two houses, or on the step that its author chose', async () => {
    const { page, close } = await read('/posters');
    for (const index of [1, 2, 3]) {
      await page.evaluate(at => document.querySelectorAll('mail-flow')[at]?.scrollIntoView(), index);
      await opened(page, index);
    }
    await drawn(page);
    const one = page.locator('mail-flow').nth(0);
    await one.locator('.flight .letter').waitFor();
    expect(await one.locator('.figure-place').innerText()).toBe('19 steps');
    expect(await stateOf(page)).toMatchObject({ step: 1, currentTime: 0, playing: false });
    const poster = page.locator('mail-flow').nth(1);
    await poster.locator('.flight .postcard').waitFor();
    expect(await stateOf(page, 1)).toMatchObject({ step: 1, currentTime: 0 });
    const stepped = page.locator('mail-flow').nth(2);
    await stepped.locator('.flight .postcard').waitFor();
    expect(await stateOf(page, 2)).toMatchObject({ name: 'mx-question', playing: false });
    expect(await stepped.locator('.figure-place').innerText()).toBe('7 / 19');
    expect(await page.locator('mail-flow').nth(3).locator('.figure-title').innerText()).toBe('“It is really Alice”');
    await close();
  });

  test('it does nothing: no frame is asked for, and nothing is said aloud', async () => {
    const { page, close } = await read('/posters');
    await drawn(page);
    const frames = await page.evaluate(
      () =>
        new Promise<number>(resolve => {
          const { requestAnimationFrame: ask } = window;
          let count = 0;
          window.requestAnimationFrame = act => {
            count += 1;
            return ask(act);
          };
          let left = 10;
          const wait = (): void => {
            left -= 1;
            if (left > 0) ask(wait);
            else resolve(count);
          };
          ask(wait);
        }),
    );
    expect(frames).toBe(0);
    expect(await page.locator('mail-flow [role=status]').first().innerText()).toBe('');
    await close();
  });
});

describe('a part of a run', () => {
  test('begins and ends where it is said to, and counts its own steps', async () => {
    const { page, close } = await read('/part');
    const steps = await page.evaluate(() => document.querySelector('mail-flow')?.steps.map(({ name }) => name));
    expect(steps?.[0]).toBe('mx-question');
    expect(steps?.at(-1)).toBe('mx-answer');
    await page.evaluate(() => document.querySelector('mail-flow')?.seek({ percent: 50 }));
    const { currentTime, duration } = await stateOf(page);
    expect(currentTime / duration).toBeCloseTo(0.5, 2);
    await page.evaluate(() => document.querySelector('mail-flow')?.seek({ percent: 100 }));
    expect(await stateOf(page)).toMatchObject({ name: 'mx-answer', step: steps?.length });
    await page.getByRole('button', { name: 'Next step' }).click();
    expect(await stateOf(page)).toMatchObject({ name: 'mx-answer' });
    expect(await page.evaluate(() => document.querySelector('mail-flow')?.seek('press-send'))).toBe(false);
    await page.evaluate(() => document.querySelector('mail-flow')?.seek(1));
    await page.getByRole('button', { name: 'Previous step' }).click();
    expect(await stateOf(page)).toMatchObject({ name: 'mx-question', step: 1, currentTime: 0 });
    await close();
  });

  test('changes with its attributes', async () => {
    const { page, close } = await read('/part');
    await page.evaluate(() => document.querySelector('mail-flow')?.setAttribute('to', 'mx-question'));
    await until(page, '"steps":1');
    await page.evaluate(() => document.querySelector('mail-flow')?.removeAttribute('from'));
    await until(page, '"steps":7');
    await page.evaluate(() => document.querySelector('mail-flow')?.setAttribute('step', '3'));
    await until(page, '"step":3');
    expect(await stateOf(page)).toMatchObject({ step: 3, steps: 7 });
    await close();
  });
});

describe('played', () => {
  test('it tells what a film would tell, in that order, and stops at its end', async () => {
    const { page, close } = await read('/fast');
    const types = ['play', 'playing', 'pause', 'ended', 'stepchange', 'seeking', 'seeked', 'ratechange', 'error'];
    const heard = await listen(page, types);
    await page.getByRole('button', { name: 'Play' }).click();
    await until(page, '"ended":true');
    const steps = (await stateOf(page)).steps;
    const told = await heard();
    expect(told.filter(type => type !== 'stepchange')).toEqual(['play', 'playing', 'pause', 'ended']);
    expect(told.filter(type => type === 'stepchange').length).toBe(steps);
    await page.getByRole('button', { name: 'Play again' }).click();
    await until(page, '"ended":true');
    await close();
  });

  test('it begins again where it is told to, and plays a part of itself', async () => {
    const { page, close } = await read('/fast');
    await page.evaluate(() => document.querySelector('mail-flow')?.toggleAttribute('loop', true));
    const heard = await listen(page, ['seeked', 'ended']);
    await page.evaluate(() => document.querySelector('mail-flow')?.play());
    await expect.poll(async () => (await heard()).length, { timeout: 20_000 }).toBeGreaterThan(2);
    expect(await heard()).not.toContain('ended');
    await page.evaluate(() => document.querySelector('mail-flow')?.removeAttribute('loop'));
    await until(page, '"ended":true');
    await page.evaluate(() => document.querySelector('mail-flow')?.playRange(1, 1));
    await standing(page);
    expect(await stateOf(page)).toMatchObject({ step: 1, ended: false });
    await close();
  });

  test('a step forward, a step back and a seek are exact, and go on playing', async () => {
    const { page, close } = await read('/');
    const picture = () =>
      page.evaluate(() => document.querySelector('mail-flow')?.shadowRoot?.querySelector('.stage')?.innerHTML);
    const go = (to: number) => page.evaluate(step => document.querySelector('mail-flow')?.seek(step), to);
    await go(9);
    await drawn(page);
    const [before, { currentTime }] = [await picture(), await stateOf(page)];
    await go(12);
    await drawn(page);
    await page.getByRole('button', { name: 'Previous step' }).click();
    await page.getByRole('button', { name: 'Previous step' }).click();
    await page.getByRole('button', { name: 'Previous step' }).click();
    await drawn(page);
    expect((await stateOf(page)).currentTime).toBe(currentTime);
    expect(await picture()).toBe(before);
    await page.evaluate(() => document.querySelector('mail-flow')?.setAttribute('speed', '0.1'));
    await until(page, '"speed":0.1');
    await page.evaluate(() => document.querySelector('mail-flow')?.play());
    await playing(page);
    await page.getByRole('button', { name: 'Next step' }).click();
    expect(await stateOf(page)).toMatchObject({ step: 10, playing: true });
    await close();
  });

  test('it takes a recording itself, an address, and words for a place that it does not have', async () => {
    const { page, close } = await read('/');
    const text = await page.evaluate(async () => (await fetch('run.trace.ndjson')).text());
    expect(await page.evaluate(given => document.querySelector('mail-flow')?.load(given), text)).toBe(true);
    expect(await page.evaluate(() => document.querySelector('mail-flow')?.load('nowhere.told.json'))).toBe(false);
    expect((await stateOf(page)).error).toContain('404');
    expect(await page.evaluate(() => document.querySelector('mail-flow')?.load('run.told.json'))).toBe(true);
    expect(await page.evaluate(() => document.querySelector('mail-flow')?.seek('nowhere'))).toBe(false);
    expect(await page.evaluate(() => document.querySelector('mail-flow')?.seek({ ms: 1e9 }))).toBe(true);
    expect(await stateOf(page)).toMatchObject({ step: 19, ended: true });
    await close();
  });
});

describe('keys', () => {
  const press = async (page: Page, ...keys: readonly string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };

  test('act on the figure that has the focus, and on no other', async () => {
    const { page, close } = await read('/two');
    await page.evaluate(() => document.querySelectorAll('mail-flow')[1]?.scrollIntoView());
    await opened(page, 1);
    await press(page, 'ArrowRight', 'l', 'End');
    expect([(await stateOf(page)).step, (await stateOf(page, 1)).step]).toEqual([1, 1]);
    await focus(page, 1);
    await press(page, 'ArrowRight', 'ArrowRight', 'l', 'j', 'l');
    expect([(await stateOf(page)).step, (await stateOf(page, 1)).step]).toEqual([1, 3]);
    await press(page, ' ');
    await playing(page, 1);
    expect((await stateOf(page)).playing).toBe(false);
    await press(page, 'k', '>', 'Home');
    expect(await stateOf(page, 1)).toMatchObject({ playing: false, speed: 1.5, step: 1 });
    await press(page, '<', '5');
    const { currentTime, duration, speed } = await stateOf(page, 1);
    expect([Math.round((currentTime / duration) * 100), speed]).toEqual([50, 1]);
    await close();
  });

  test('that it does not have stay the page’s, and so do all with Ctrl', async () => {
    const { page, close } = await read('/');
    await focus(page);
    const left = await page.evaluateHandle(() => {
      const keys: string[] = [];
      addEventListener('keydown', event => {
        if (!event.defaultPrevented) keys.push(event.key);
        event.preventDefault();
      });
      return keys;
    });
    await press(
      page,
      'ArrowRight',
      'ArrowDown',
      'PageDown',
      'x',
      'Control+l',
      'Control+ArrowRight',
      'Alt+ArrowLeft',
      'Tab',
    );
    expect((await left.jsonValue()).filter(key => key !== 'Control' && key !== 'Alt')).toEqual([
      'ArrowDown',
      'PageDown',
      'x',
      'l',
      'ArrowRight',
      'ArrowLeft',
      'Tab',
    ]);
    await close();
  });

  test('press a button that has the focus, and nothing besides', async () => {
    const { page, close } = await read('/');
    await page.getByRole('button', { name: 'Next step' }).focus();
    await press(page, ' ', ' ');
    expect(await stateOf(page)).toMatchObject({ step: 2, playing: false });
    await close();
  });

  test('are switched off by its author; the slider and the buttons keep theirs', async () => {
    const { page, close } = await read('/silent');
    await page.evaluate(() => document.querySelectorAll('mail-flow')[1]?.scrollIntoView());
    await opened(page, 1);
    for (const index of [1, 0]) {
      await focus(page, index);
      await press(page, 'ArrowRight', ' ', 'End');
      expect(await stateOf(page, index)).toMatchObject({ step: 1, playing: false });
    }
    await page.getByRole('slider').first().focus();
    await press(page, 'ArrowRight', 'ArrowRight');
    expect(await stateOf(page)).toMatchObject({ step: 2 });
    await close();
  });

  test('reach everything in turn, and its text leads to each step', async () => {
    const { page, close } = await read('/');
    await focus(page);
    await press(page, '?');
    const text = page.getByRole('region', { name: 'All steps as text' });
    expect(await text.getByRole('listitem').count()).toBe(19);
    await press(page, 'Escape');
    await text.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'All steps as text' }).click();
    await text.getByRole('button', { name: /Who takes the mail/ }).click();
    await text.waitFor({ state: 'detached' });
    expect(await stateOf(page)).toMatchObject({ name: 'mx-question' });
    await press(page, 'ArrowRight');
    expect(await stateOf(page)).toMatchObject({ step: 8 });
    await close();
  });
});

describe('by itself', () => {
  test('it plays while it is seen, stops when it is not, and goes on when one comes back', async () => {
    const { page, close } = await read('/itself');
    await playing(page);
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await standing(page);
    const { currentTime } = await stateOf(page);
    await drawn(page);
    expect((await stateOf(page)).currentTime).toBe(currentTime);
    await page.evaluate(() => scrollTo(0, 0));
    await playing(page);
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await drawn(page);
    await page.evaluate(() => scrollTo(0, 0));
    await drawn(page);
    expect((await stateOf(page)).playing).toBe(false);
    await close();
  });

  test('it does not begin before it is seen; what was begun by hand is not begun again', async () => {
    const { page, close } = await read('/below');
    await drawn(page);
    expect(await stateOf(page)).toMatchObject({ playing: false, currentTime: 0 });
    await page.evaluate(() => document.querySelector('mail-flow')?.scrollIntoView());
    await playing(page);
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Play' }).click();
    await page.evaluate(() => scrollTo(0, 0));
    await standing(page);
    await page.evaluate(() => document.querySelector('mail-flow')?.scrollIntoView());
    await drawn(page);
    expect((await stateOf(page)).playing).toBe(false);
    await close();
  });

  test('it never does where no motion is wanted, and stops when that is wished', async () => {
    const still = await read('/itself', { reducedMotion: 'reduce' });
    await drawn(still.page);
    expect(await stateOf(still.page)).toMatchObject({ playing: false, currentTime: 0 });
    await still.close();
    const { page, close } = await read('/itself');
    await playing(page);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await standing(page);
    await close();
  });
});

describe('without motion', () => {
  test('a step is a still: all of it has happened, and nothing is on its way', async () => {
    const { page, close } = await read('/', { reducedMotion: 'reduce' });
    await page.evaluate(() => document.querySelector('mail-flow')?.seek('mx-question'));
    await drawn(page);
    expect(await stateOf(page)).toMatchObject({ name: 'mx-question' });
    await page.getByRole('button', { name: 'Next step' }).click();
    await drawn(page);
    const first = await stateOf(page);
    expect(first.step).toBe(8);
    await page.evaluate(() => document.querySelector('mail-flow')?.setAttribute('motion', 'full'));
    await page.evaluate(() => document.querySelector('mail-flow')?.seek('mx-question'));
    expect((await stateOf(page)).currentTime).toBeLessThan(first.currentTime);
    await close();
  });
});

describe('for everybody', () => {
  interface Violation {
    readonly id: string;
    readonly impact: string | null;
    readonly nodes: readonly { readonly html: string }[];
  }

  test.each([
    ['/two', 'light'],
    ['/two', 'dark'],
    ['/bare', 'light'],
  ] as const)('axe finds nothing serious in %s, %s', async (path, colorScheme) => {
    const { page, close } = await read(path, { colorScheme });
    if (colorScheme === 'dark') await page.evaluate(() => document.documentElement.classList.add('dark'));
    await focus(page);
    await page.keyboard.press('?');
    await drawn(page);
    await page.evaluate(axe.source);
    const found = await page.evaluate<readonly Violation[]>('axe.run().then(result => result.violations)');
    const grave = found.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    expect(grave.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id} ${html.slice(0, 120)}`))).toEqual([]);
    await close();
  });

  test('what happens is said once a step, as soon as somebody moves it', async () => {
    const { page, close } = await read('/');
    const status = page.locator('mail-flow [role=status]');
    await page.evaluate(() => document.querySelector('mail-flow')?.seek('mx-question'));
    await expect
      .poll(() => status.innerText(), { timeout: 30_000 })
      .toMatch(/^“Who takes the mail for green.example\?”\. The outgoing server/);
    await close();
  });

  test('nothing smaller than a finger is to be pressed, and nothing on the map pretends to be a button', async () => {
    const { page, close } = await read('/', { viewport: { width: 390, height: 800 } });
    const sizes = await page
      .locator('mail-flow button')
      .evaluateAll(buttons =>
        buttons.map(button => Math.min(button.getBoundingClientRect().width, button.getBoundingClientRect().height)),
      );
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(32);
    expect(await page.locator('mail-flow .stage [role=button]').count()).toBe(0);
    await close();
  });
});
