/** Makes the pictures of the product: runs the real thing and photographs the page at chosen beats; `--story NAME` goes through a story instead. */
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
import { createLobby } from '../../server/rooms/lobby.ts';
import { ANY_PORTS } from '../../server/rooms/publish.ts';
import { openRoom } from '../../server/rooms/room.ts';
import { startWebServer } from '../../server/web/http.ts';
import { ensurePage } from '../../server/web/page.ts';
import { createStoryteller } from '../../shared/reading/storyteller.ts';
import type { Story } from '../../shared/story/story.ts';
import { blueAndGreen } from '../../shared/world/presets.ts';
import { launchBrowser } from '../../test/help/browser.ts';
import { momentHash, onItsWay, openContext, type Size, standsAt, stepsOf } from './camera.ts';
import { photographStory } from './story-shots.ts';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '../..');
const out = path.join(root, 'dist/shots');

/** What is photographed: a beat, and a picture's name. */
const MOMENTS = {
  letter: 'submission.letter',
  question: 'mx-question',
  accepted: 'deliver.accepted',
  home: 'collect.retrieve',
};

/** Photographs one moment of the story at `url`, as a shared link shows it. */
async function shoot(
  browser: Browser,
  url: string,
  at: number,
  file: string,
  size: Size,
  dark: boolean,
): Promise<void> {
  const context = await openContext(browser, size, dark);
  const tab = await context.newPage();
  await tab.goto(`${url}${momentHash(at)}`);
  await standsAt(tab, at);
  await tab.screenshot({ path: file });
  await context.close();
}

/** The moment at which what moves in the beat is well on its way. */
function momentOf(story: Story, name: string): number {
  const beat = story.beats.find(each => each.name === name);
  if (!beat) throw new Error(`the journey has no ${name}`);
  const steps = stepsOf(story, beat);
  const moving = steps.findLast(step => step.motion !== null && step.motion.kind !== 'line') ?? steps.at(-1);
  return moving ? onItsWay(moving) : beat.start;
}

async function photographProduct(page: string | null): Promise<void> {
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const ports = ANY_PORTS;
  const room = await openRoom({ world: blueAndGreen, data: null, ports });
  if (!room.published) throw new Error('the room was asked to publish its servers');
  const web = await startWebServer({
    lobby: createLobby({ main: room }),
    published: room.published,
    host: '127.0.0.1',
    port: 0,
    page,
    onTrouble: console.error,
  });
  const browser = await launchBrowser();
  try {
    const draft = {
      from: { name: 'Alice', address: 'alice@blue.example' },
      to: ['bob@green.example'],
      subject: 'Lunch?',
      text: 'Are you free at noon?',
    };
    await room.send(draft, { collect: true })?.finished;
    const story = createStoryteller(room.recorder.header).append(room.recorder.events(1));
    for (const [name, beat] of Object.entries(MOMENTS)) {
      const at = momentOf(story, beat);
      for (const size of ['wide', 'desk', 'tablet', 'phone', 'cinema'] as const) {
        for (const dark of [false, true]) {
          await shoot(browser, web.url, at, path.join(out, `${name}-${size}${dark ? '-dark' : ''}.png`), size, dark);
        }
      }
    }
    await shoot(browser, web.url, momentOf(story, 'mx-question'), path.join(root, 'docs/mailscope.png'), 'wide', false);
    console.log(`pictures in ${path.relative(root, out)}, the README’s in docs/mailscope.png`);
  } finally {
    await browser.close();
    await web.close();
    await room.close();
  }
}

const { values } = parseArgs({ options: { story: { type: 'string' }, dark: { type: 'boolean', default: false } } });
const page = await ensurePage(root, console.error);
if (values.story === undefined) await photographProduct(page);
else if (page === null) throw new Error('a story is photographed on the built page');
else {
  const flaws = await photographStory(page, values.story, values.dark, path.join(out, values.story));
  console.log(`pictures in ${path.relative(root, path.join(out, values.story))}`);
  process.exitCode = flaws > 0 ? 1 : 0;
}
