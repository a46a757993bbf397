/** Photographs a story beat by beat from its recording, with no server behind, and says of each beat whether it can be read. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import sirv from 'sirv';
import { createStoryteller } from '../../shared/reading/storyteller.ts';
import type { Beat, Story } from '../../shared/story/story.ts';
import { decodeTrace } from '../../shared/trace/codec.ts';
import { launchBrowser } from '../../test/help/browser.ts';
import { overlapsIn } from '../../test/help/overlaps.ts';
import { momentHash, onItsWay, openContext, SIZES, type Size, standsAt, stepsOf } from './camera.ts';
import { contactSheet, type Picture } from './contact-sheet.ts';

const STORY_SIZES = ['wide', 'desk', 'phone'] as const satisfies readonly Size[];

/** The built page on a server that has nothing else. */
async function serve(folder: string): Promise<{ readonly url: string; close(): void }> {
  const files = sirv(folder);
  const server = createServer((request, response) =>
    files(request, response, () => {
      response.writeHead(404).end();
    }),
  );
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function recordingOf(page: string, name: string): Promise<Story> {
  const text = await readFile(path.join(page, 'stories', `${name}.trace.ndjson`), 'utf8').catch(() => null);
  if (text === null) throw new Error(`the built page has no story “${name}”`);
  const decoded = decodeTrace(text);
  if (!decoded.ok) throw new Error(`${name}.trace.ndjson, line ${decoded.line}: ${decoded.message}`);
  const teller = createStoryteller(decoded.header);
  teller.append(decoded.events);
  return teller.finish();
}

/** What opens the beat is what its words are about: its first letter or postcard, else its first line, on the way. */
function momentIn(story: Story, beat: Beat): number {
  const moving = stepsOf(story, beat).filter(step => step.motion !== null);
  const seen = moving.find(step => step.motion?.kind === 'letter' || step.motion?.kind === 'postcard');
  const step = seen ?? moving[0];
  return step === undefined ? beat.start + (beat.end - beat.start) * 0.55 : onItsWay(step);
}

const plain = (words: string): string => words.replaceAll('**', '').replace(/\s+/g, ' ').trim();

interface Look {
  /** What is wrong at the moment the page shows, each a short sentence. */
  readonly flaws: readonly string[];
  /** What the moving thing hides in passing: it is laid over it for that moment only. */
  readonly passes: readonly string[];
  readonly moving: number;
}

async function lookAt(tab: Page, beat: Beat): Promise<Look> {
  const withIt = await overlapsIn(tab);
  await tab.addStyleTag({ content: '.flight { visibility: hidden }' });
  const overlaps = await overlapsIn(tab);
  const { moving, wider, caption } = await tab.evaluate(() => {
    const heading = document.querySelector('.caption h2');
    const box = heading?.getBoundingClientRect();
    return {
      moving: document.querySelectorAll('.flight').length,
      wider: document.documentElement.scrollWidth - innerWidth,
      caption:
        box === undefined || box.top < 0 || box.bottom > innerHeight ? null : (heading?.textContent ?? '').trim(),
    };
  });
  const flaws = [
    ...overlaps,
    ...(moving > 1 ? [`${moving} things move at once`] : []),
    ...(wider > 0 ? [`the page is ${wider} px too wide`] : []),
    ...(caption === null ? ['its caption is not in sight'] : []),
    ...(caption !== null && plain(caption) !== plain(beat.caption.title) ? [`the caption says “${caption}”`] : []),
  ];
  return { flaws, passes: withIt.filter(each => !overlaps.includes(each)), moving };
}

const movement = (moving: number): string =>
  moving === 0 ? 'nothing moves' : moving === 1 ? 'one thing moves' : `${moving} things move`;

const report = ({ flaws, passes, moving }: Look): string =>
  [
    movement(moving),
    ...(flaws.length === 0 ? ['nothing overlaps'] : flaws),
    ...passes.map(each => `in passing, ${each}`),
  ].join('; ');

const seconds = (at: number): string => `${(at / 1000).toFixed(1)} s`;

async function album(
  browser: Browser,
  address: string,
  story: Story,
  beats: readonly Beat[],
  size: Size,
  dark: boolean,
  folder: string,
): Promise<{ readonly pictures: readonly Picture[]; readonly flaws: number }> {
  const [width, height] = SIZES[size];
  const context = await openContext(browser, size, dark);
  const tab = await context.newPage();
  const pictures: Picture[] = [];
  let flaws = 0;
  console.log(`\n${width} × ${height}${dark ? ', dark' : ''}`);
  for (const [at, beat] of beats.entries()) {
    const moment = momentIn(story, beat);
    // A new address each time: a moment is shown as a shared link shows it.
    await tab.goto('about:blank');
    await tab.goto(`${address}${momentHash(moment)}`);
    await standsAt(tab, moment);
    const png = await tab.screenshot();
    const look = await lookAt(tab, beat);
    const number = `${at + 1}`.padStart(2, '0');
    await writeFile(path.join(folder, `${number}-${width}x${height}${dark ? '-dark' : ''}.png`), png);
    const title = `${at + 1} · ${plain(beat.caption.title)}`;
    pictures.push({ title, png, remark: look.flaws.join('; ') });
    console.log(`${title} (${seconds(moment)}): ${report(look)}`);
    flaws += look.flaws.length;
  }
  await context.close();
  return { pictures, flaws };
}

/** `page` is the folder of the built page; answers how many flaws were found. Takes the light theme, with `dark` the dark one too. */
export async function photographStory(page: string, name: string, dark: boolean, folder: string): Promise<number> {
  const story = await recordingOf(page, name);
  const beats = story.beats.filter(beat => beat.told !== null);
  if (beats.length === 0) throw new Error(`the recording of “${name}” is told by no script`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const site = await serve(page);
  const browser = await launchBrowser();
  try {
    let flaws = 0;
    const address = `${site.url}?story=${encodeURIComponent(name)}`;
    for (const size of STORY_SIZES) {
      for (const theme of dark ? [false, true] : [false]) {
        const taken = await album(browser, address, story, beats, size, theme, folder);
        flaws += taken.flaws;
        const [width, height] = SIZES[size];
        const title = `${name} · ${width} × ${height}${theme ? ', dark' : ''}`;
        const sheet = await contactSheet(browser, title, width, taken.pictures);
        await writeFile(path.join(folder, `sheet-${width}x${height}${theme ? '-dark' : ''}.png`), sheet);
      }
    }
    return flaws;
  } finally {
    await browser.close();
    site.close();
  }
}
