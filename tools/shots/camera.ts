/** How the page is photographed: its sizes, a tab that stands still at a moment, and when in a beat there is most to see. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { Beat, Step, Story } from '../../shared/story/story.ts';

export const SIZES = {
  wide: [1440, 900],
  desk: [1280, 720],
  tablet: [768, 1024],
  phone: [390, 844],
  cinema: [1920, 1080],
} as const;
export type Size = keyof typeof SIZES;

/** The same machine for every picture. */
export async function openContext(browser: Browser, size: Size, dark: boolean): Promise<BrowserContext> {
  const [width, height] = SIZES[size];
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
    locale: 'en-GB',
    timezoneId: 'UTC',
  });
  // What tsx compiles calls this wherever a function has a name, also in what is evaluated inside the page.
  await context.addInitScript('globalThis.__name = each => each');
  return context;
}

/** As a shared link rounds it. */
const inSeconds = (at: number): string => (at / 1000).toFixed(2);

/** Resolves once the page shows the moment `at` of its story, in its own faces. */
export async function standsAt(tab: Page, at: number): Promise<void> {
  await tab.locator('.timeline-clock').waitFor();
  await tab.waitForFunction(
    seconds => {
      const [minutes = '', rest = ''] = (document.querySelector('.timeline-clock')?.textContent ?? '').split(/[:/ ]+/);
      return Number(minutes) * 60 + Number(rest) === seconds;
    },
    Math.floor(Number(inSeconds(at))),
  );
  await tab.evaluate(async () => {
    await document.fonts.ready;
    // On a phone the page moves to what is lit; a picture in the middle of that shows what nobody sees.
    const frame = () => new Promise(resolve => requestAnimationFrame(resolve));
    for (let still = 0, at = scrollY; still < 12; still = scrollY === at ? still + 1 : 0) {
      at = scrollY;
      await frame();
    }
  });
}

/** `#t=`, as a shared link has it. */
export const momentHash = (at: number): string => `#t=${inSeconds(at)}`;

export const stepsOf = (story: Story, beat: Beat): readonly Step[] =>
  story.steps.slice(beat.firstStep, beat.lastStep + 1);

/** When what moves in the step is well on its way. */
export const onItsWay = (step: Step): number => step.start + (step.end - step.start) * 0.55;
