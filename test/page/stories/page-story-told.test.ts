/** A told story on the page: what it asks is asked before it is seen, what it notes is out of the way, and its contents lead everywhere one has been. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Room } from '../../../server/rooms/room.ts';
import { decodeTrace, encodeTrace } from '../../../shared/trace/codec.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';
import { scripted } from '../../fixtures/scripted.ts';
import { launchBrowser } from '../../help/browser.ts';
import { overlapsIn } from '../../help/overlaps.ts';
import { clockOf, drawn, openSite, openStaticSite, openViewer } from '../../help/page-site.ts';

const SOURCE = `---
tell: parts
---
# One letter, told

Alice writes to Bob. What happens in between?

## Alice presses Send
*at press-send*

Her mail client writes the letter as plain text. [RFC 5322 §2.1]

> Ask the room who has ever looked at one.

## It introduces itself
*at submission.hello*

A mail client speaks first, and says which machine it is. Then the server lists what it can do. [RFC 5321 §4.1.1.1]

**Predict:** The client has called its server. Who says what?

- [ ] The client sends the letter
- [x] They say hello first
- [ ] The server asks for a **password**

## The envelope
*at submission.envelope*

From whom, and to whom.

> MAIL FROM and RCPT TO are all that the servers go by.

## It says two names
*at the MX answer*

DNS answers with the servers that take green.example’s mail, each with a number: the lowest is tried first. [RFC 5321 §5.1]

**Predict:** Which of these does DNS answer?

- [ ] Where Bob is
- [x] Which servers take the mail
- [ ] Nothing: it forwards the letter to whoever is there
- [ ] Whether the letter may be sent

## Bob reads
*at collect.retrieve*

He has asked for it.

## What you now know

- **Who knows the way?** DNS does.

## Try this

Take the MX away.
`;

const recorded = decodeTrace(
  readFileSync(path.join(import.meta.dirname, '../../fixtures/traces/youve-got-mail.trace.ndjson'), 'utf8'),
);
if (!recorded.ok) throw new Error(recorded.message);

/** The recording as it would be had the story's author been there. */
function toldTrace(source: string): string {
  if (!recorded.ok) throw new Error(recorded.message);
  return encodeTrace(recorded.header, scripted(recorded.events, source, 0, recorded.events.length, 'told'));
}

let browser: Browser;
let site: Awaited<ReturnType<typeof openStaticSite>>;
beforeAll(async () => {
  browser = await launchBrowser();
  site = await openStaticSite({ '/told.trace.ndjson': toldTrace(SOURCE) });
});
afterAll(async () => {
  await browser.close();
  await site.close();
});

const address = (): string => `${site.url}?trace=/told.trace.ndjson`;
const open = (options: Parameters<typeof openViewer>[2] = {}, hash = '') =>
  openViewer(browser, `${address()}${hash}`, options);
const question = (page: Page) => page.locator('.caption.asked h2');
const title = (page: Page) => page.locator('.caption:not(.asked) h2');
const button = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: typeof name === 'string' });
const said = (page: Page) => page.locator('.caption-said');
const tab = (page: Page, name: string) => page.getByRole('tab', { name, exact: true }).click();
const spoken = (page: Page) => page.locator('[role=status][aria-live]').innerText();

/** All that the page says to whoever looks or listens. */
const everything = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const named = [...document.querySelectorAll('[aria-label], [aria-valuetext], [title]')];
    const said = named.flatMap(element =>
      ['aria-label', 'aria-valuetext', 'title'].map(name => element.getAttribute(name) ?? ''),
    );
    return [document.body.textContent, ...said].join('\n');
  });

/** A viewer who stands still at the step before the first question. */
async function openBefore(options: Parameters<typeof openViewer>[2] = {}) {
  const viewer = await open(options, '#t=0.2');
  await button(viewer.page, 'Play').waitFor();
  await title(viewer.page).getByText('Alice presses Send').waitFor();
  return viewer;
}

/** Steps forward until something is asked. */
async function stepToQuestion(page: Page, words: string): Promise<void> {
  for (let step = 0; step < 20 && (await question(page).filter({ hasText: words }).count()) === 0; step += 1) {
    await page.keyboard.press('ArrowRight');
    await drawn(page);
  }
  await question(page).getByText(words).waitFor();
}

describe('a question', () => {
  test('stops what plays exactly where its part begins, and nothing on the page tells the answer', async () => {
    const { page, complaints, close } = await open();
    await page.locator('.timeline-speed select').selectOption('4');
    await question(page).waitFor();
    await button(page, 'Show what happens').waitFor();
    expect(await clockOf(page)).toMatchObject({ at: 2 });
    for (const name of ['Story', 'Conversation', 'Message', 'DNS', 'Queue', 'Inbox', 'Transcript']) {
      await tab(page, name);
      await drawn(page);
      const all = await everything(page);
      for (const secret of ['It introduces itself', 'A mail client speaks first', 'EHLO', 'It says two names']) {
        expect(all, name).not.toContain(secret);
      }
    }
    expect(await page.locator('.timeline-bar').count(), 'only what has been told is drawn').toBe(2);
    expect(await spoken(page)).toContain('Who says what? 1: The client sends the letter; 2: They say hello first;');
    await tab(page, 'Transcript');
    await page.locator('.transcript [aria-current]', { hasText: 'Who says what?' }).waitFor();
    expect(complaints).toEqual([]);
    await close();
  });

  test('chosen by a key, it is answered without judging, plays on, and is remembered back and forth and over a reload', async () => {
    const { page, close } = await openBefore();
    await page.keyboard.press('ArrowRight');
    await question(page).waitFor();
    await page.keyboard.press('3');
    await button(page, 'Pause').waitFor();
    await title(page).getByText('It introduces itself').waitFor();
    const words = 'You said “The server asks for a password”. It was: They say hello first.';
    expect(await said(page).innerText()).toBe(words);
    expect(await spoken(page)).toContain(words);
    await page.keyboard.press('k');
    await page.keyboard.press('End');
    await button(page, 'Back to the last step').click();
    await title(page).getByText('Bob reads').waitFor();
    expect(await said(page).count()).toBe(0);
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    await title(page).getByText('It introduces itself').waitFor();
    expect(await said(page).innerText()).toBe(words);
    await page.reload();
    await title(page).getByText('It introduces itself').waitFor();
    expect(await said(page).innerText()).toBe(words);
    await close();
  });

  test('that was open when the page was left is asked again when one comes back', async () => {
    const { page, close } = await openBefore();
    await page.keyboard.press('ArrowRight');
    await question(page).waitFor();
    await page.reload();
    await question(page).getByText('Who says what?').waitFor();
    await page.keyboard.press('2');
    expect(await said(page).innerText()).toBe('You said “They say hello first”, and so it was.');
    await close();
  });

  test('is reached by Tab, walked by arrow keys, taken by Enter; and the focus comes along', async () => {
    const { page, close } = await openBefore();
    await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
    await page.keyboard.press('ArrowRight');
    await question(page).waitFor();
    const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Show me');
    await page.keyboard.press('Tab');
    expect(await focused()).toContain('The client sends the letter');
    await page.keyboard.press('ArrowRight');
    expect(await focused()).toContain('They say hello first');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowLeft');
    expect(await focused(), 'from the first to the last').toContain('The server asks for a password');
    expect(await question(page).count(), 'arrow keys choose nothing and step nowhere').toBe(1);
    await page.keyboard.press('Enter');
    await title(page).getByText('It introduces itself').waitFor();
    expect(await page.evaluate(() => document.activeElement?.classList.contains('caption'))).toBe(true);
    await close();
  });

  test('is passed by Space, by “Show me”, by Play and by the next step, and says nothing of what was not said', async () => {
    const { page, close } = await openBefore();
    const ways = [
      () => page.keyboard.press(' '),
      () => button(page, 'Show me').click(),
      () => button(page, 'Show what happens').click(),
      () => page.keyboard.press('ArrowRight'),
      () => button(page, 'Next step').click(),
    ];
    await page.keyboard.press('ArrowRight');
    for (const [index, way] of ways.entries()) {
      await question(page).getByText('Who says what?').waitFor();
      await way();
      await title(page).getByText('It introduces itself').waitFor();
      await button(page, index < 3 ? 'Pause' : 'Play').waitFor();
      expect(await said(page).count()).toBe(0);
      if (index < 3) await page.locator('.timeline-play').click();
      await tab(page, 'Story');
      await button(page, 'Ask me about “It introduces itself”').click();
      // The focus is not on a button that Space would press.
      await page.locator('.caption.asked').focus();
    }
    await close();
  });

  test('is not asked of who goes past it by the timeline or comes by a link', async () => {
    const { page, close } = await open({}, '#t=6');
    await title(page).getByText('It introduces itself').waitFor();
    const box = await page.locator('.timeline-slider').boundingBox();
    if (box === null) throw new Error('there is a timeline');
    await page.mouse.click(box.x + box.width * 0.97, box.y + box.height / 2);
    await title(page).getByText('Bob reads').waitFor();
    expect(await question(page).count()).toBe(0);
    await close();
  });

  test('stands between two still cards where little motion is wanted', async () => {
    const { page, close } = await open({ reducedMotion: 'reduce' });
    await title(page).getByText('Alice presses Send').waitFor();
    await button(page, 'Play').waitFor();
    await stepToQuestion(page, 'Who says what?');
    await page.keyboard.press('1');
    await title(page).getByText('It introduces itself').waitFor();
    await button(page, 'Play').waitFor();
    await page.locator('.line', { hasText: 'EHLO' }).waitFor();
    await said(page).getByText('They say hello first').waitFor();
    expect(await button(page, 'Play').isVisible()).toBe(true);
    await close();
  });
});

test('live, it is asked before the first step of its part is seen, while the servers go on', async () => {
  let goOn = (): void => {};
  const held = new Promise<void>(resolve => {
    goOn = resolve;
  });
  const perform = async (room: Room): Promise<void> => {
    room.recorder.append({ kind: 'story.begun', name: 'told', source: SOURCE });
    const letter = {
      from: { name: 'Alice', address: 'alice@blue.example' },
      to: ['bob@green.example'],
      subject: 'Lunch?',
      text: 'Are you free at noon?\r\n',
    };
    await held;
    await room.send(letter, { collect: true })?.finished;
    room.recorder.append({ kind: 'story.ended', name: 'told' });
  };
  const told = { name: 'told', room: { world: blueAndGreen }, perform };
  const live = await openSite(null, 0, {
    read: name => Promise.resolve(name === 'told' ? { ok: true, story: told } : null),
    parse: () => ({ ok: false, problems: [] }),
  });
  const { page, close } = await openViewer(browser, `${live.url}?story=told`);
  await page.getByText('Live on the wire').waitFor({ state: 'attached' });
  goOn();
  await page.locator('.timeline-speed select').selectOption('4');
  await question(page).getByText('Who says what?').waitFor();
  expect(await page.locator('.line:not(.ghost)', { hasText: 'EHLO' }).count()).toBe(0);
  await page.locator('.caption-step', { hasText: 'Before step 2 of 5' }).waitFor();
  await page.keyboard.press('2');
  await said(page).waitFor();
  await question(page).getByText('Which of these does DNS answer?').waitFor();
  expect(await page.locator('.line', { hasText: 'mx1.green.example' }).count()).toBe(0);
  await close();
  await live.close();
});

describe('the Story tab', () => {
  test('is there while a told story is on, marks the part that is on, and leads to those that were met', async () => {
    const { page, close } = await openBefore();
    expect(await page.getByRole('tab').first().innerText()).toBe('Story');
    expect(await page.getByRole('tab', { selected: true }).innerText()).toBe('Conversation');
    await tab(page, 'Story');
    const parts = page.locator('.story-parts > li');
    expect(await parts.allInnerTexts()).toEqual([
      'Alice presses Send',
      'Still to come',
      'Still to come',
      'Still to come',
      'Still to come',
    ]);
    expect(await parts.getByRole('button').count(), 'one cannot go where one has not been').toBe(1);
    await page.keyboard.press('Escape');
    await page.locator('body').click({ position: { x: 5, y: 300 } });
    await stepToQuestion(page, 'Who says what?');
    expect(await page.locator('.story-parts [aria-current=step]').innerText()).toMatch(/Who says what\?\s*asked now/);
    await page.keyboard.press('1');
    await page.locator('.timeline-play').click();
    expect(await page.locator('.story-parts [aria-current=step]').innerText()).toMatch(
      /It introduces itself\s+You said “The client sends the letter”/,
    );
    expect(await parts.nth(2).innerText()).toMatch(/The envelope\s*still to come/);
    expect(await page.getByText('What you now know').count()).toBe(0);
    await page.locator('body').click({ position: { x: 5, y: 300 } });
    await page.keyboard.press('End');
    const told = page.getByRole('region', { name: 'The story', exact: true });
    await told.getByText('What you now know').waitFor();
    await told.getByText('DNS does.').waitFor();
    await parts.getByRole('button', { name: 'The envelope' }).click();
    await title(page).getByText('The envelope').waitFor();
    await button(page, 'Play').waitFor();
    await button(page, 'Ask me again about “It introduces itself”').click();
    await question(page).getByText('Who says what?').waitFor();
    expect(await parts.nth(1).innerText()).not.toContain('It introduces itself');
    await close();
  });

  test('says how the page is named: a story, not a letter', async () => {
    const { page, close } = await openBefore();
    await page.locator('.top-story', { hasText: 'Story:' }).waitFor();
    expect(await page.locator('.top-runs').count()).toBe(0);
    await page.locator('.caption-step', { hasText: 'Step 1 of 5' }).waitFor();
    await close();
  });
});

test('notes are closed until one asks for them, and then stay open from part to part and over a reload', async () => {
  const { page, close } = await openBefore();
  const notes = page.getByRole('region', { name: 'Notes' });
  expect(await notes.count()).toBe(0);
  await page.keyboard.press('m');
  expect(await notes.innerText()).toBe('Ask the room who has ever looked at one.');
  expect(await button(page, 'Notes').getAttribute('aria-expanded')).toBe('true');
  await page.keyboard.press('ArrowRight');
  await question(page).waitFor();
  await notes.getByText('The notes come with what is asked about.').waitFor();
  await page.keyboard.press('ArrowRight');
  await notes.getByText('No notes here.').waitFor();
  await page.keyboard.press('ArrowRight');
  await notes.getByText('MAIL FROM and RCPT TO').waitFor();
  await page.reload();
  await notes.getByText('MAIL FROM and RCPT TO').waitFor();
  await button(page, 'Notes').click();
  expect(await notes.count()).toBe(0);
  await close();
});

describe.each([
  { width: 390, height: 844 },
  { width: 1024, height: 768 },
  { width: 1280, height: 720 },
  { width: 1440, height: 900 },
])('at $width x $height', viewport => {
  test('questions, answers and notes lie on nothing and are nowhere cut', async () => {
    const { page, complaints, close } = await openBefore({ viewport });
    const found = new Set<string>();
    const look = async (where: string): Promise<void> => {
      await drawn(page);
      for (const overlap of await overlapsIn(page)) found.add(`${where}: ${overlap}`);
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (wider > 0) found.add(`${where}: the page is ${wider} px too wide`);
      const cut = await page.evaluate(() => {
        const caption = document.querySelector('.caption');
        const parts = [...(caption?.querySelectorAll('h2, p, button') ?? [])];
        return parts
          .filter(part => part.scrollHeight > part.clientHeight + 3 && part.clientHeight > 0)
          .map(part => part.textContent ?? '');
      });
      for (const words of cut) found.add(`${where}: “${words}” is cut`);
      const tabs = await page.evaluate(() => {
        const row = document.querySelector('.panels .tabs-row');
        return row === null ? 0 : row.scrollWidth - row.clientWidth;
      });
      if (tabs > 0) found.add(`${where}: the tabs are ${tabs} px too wide`);
    };
    await page.evaluate(() => document.fonts.ready);
    for (const [words, steps] of [
      ['Who says what?', 1],
      ['Which of these does DNS answer?', 3],
    ] as const) {
      await stepToQuestion(page, words);
      await look(words);
      await page.keyboard.press('3');
      await said(page).waitFor();
      // Its first moment, standing still: what flies may pass over words.
      await page.keyboard.press('k');
      await page.keyboard.press('Home');
      for (let step = 0; step < steps; step += 1) await page.keyboard.press('ArrowRight');
      await said(page).waitFor();
      await look(`${words} answered`);
      await page.keyboard.press('m');
      await look(`${words} answered, with notes`);
      await page.keyboard.press('m');
    }
    await tab(page, 'Story');
    await look('the Story tab');
    expect([...found]).toEqual([]);
    expect(complaints).toEqual([]);
    await close();
  });
});

describe.each(['light', 'dark'] as const)('in the %s theme', colorScheme => {
  test('axe finds nothing serious in a question, in what is said to it, in notes and in the Story tab', async () => {
    const { page, close } = await openBefore({ colorScheme });
    await page.evaluate(axe.source);
    const found: string[] = [];
    const look = async (where: string): Promise<void> => {
      await drawn(page);
      const violations = await page.evaluate<
        readonly { id: string; impact: string | null; nodes: readonly { html: string }[] }[]
      >('axe.run().then(result => result.violations)');
      for (const { id, impact, nodes } of violations) {
        if (impact !== 'serious' && impact !== 'critical') continue;
        for (const { html } of nodes) {
          // In a drawing axe takes texts that stand apart for one word, so that no name could hold them.
          if (id !== 'label-content-name-mismatch' || !html.startsWith('<g '))
            found.push(`${where}: ${id} ${html.slice(0, 120)}`);
        }
      }
    };
    await stepToQuestion(page, 'Who says what?');
    await look('a question');
    await tab(page, 'Story');
    await look('the Story tab, asked');
    await page.locator('.caption.asked').focus();
    await page.keyboard.press('1');
    await page.keyboard.press('k');
    await page.keyboard.press('m');
    await look('an answer, with notes');
    await tab(page, 'Transcript');
    await look('the transcript');
    await page.locator('.caption').focus();
    await page.keyboard.press('End');
    await tab(page, 'Story');
    await look('the Story tab, at the end');
    expect(found).toEqual([]);
    await close();
  });
});
