/** A recording needs no server: dropped on the page or named in its address, it shows the same story, and a bad one harms nothing. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createStoryteller } from '../../shared/reading/storyteller.ts';
import { storyTime } from '../../shared/story/story.ts';
import { decodeTrace } from '../../shared/trace/codec.ts';
import { launchBrowser } from '../help/browser.ts';
import { clockOf, drawn, openSite, openStaticSite, openViewer, sendAndArrive } from '../help/page-site.ts';

let browser: Browser;
/** As `GET /api/trace` gives it. */
let trace: string;

beforeAll(async () => {
  browser = await launchBrowser();
  const site = await openSite();
  await sendAndArrive(site, 'Lunch? 🍜');
  trace = await (await fetch(`${site.url}api/trace`)).text();
  await site.close();
});
afterAll(async () => {
  await browser.close();
});

const drop = (page: Page, name: string, content: string): Promise<void> =>
  page.evaluate(
    ([file, text]) => {
      const data = new DataTransfer();
      data.items.add(new File([text], file));
      for (const kind of ['dragover', 'drop']) {
        document.body.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
      }
    },
    [name, content] as const,
  );

/** The conversation as the page shows it at the end of the run. */
const conversation = async (page: Page): Promise<readonly string[]> => {
  await page.keyboard.press('End');
  await page.getByRole('tab', { name: 'Conversation' }).click();
  await page.locator('.line', { hasText: 'RETR' }).waitFor();
  return page
    .locator('.line')
    .evaluateAll(lines =>
      lines.map(line => [...line.childNodes].find(node => node.nodeType === Node.TEXT_NODE)?.textContent ?? ''),
    );
};

const told = (): readonly string[] => {
  const decoded = decodeTrace(trace);
  if (!decoded.ok) throw new Error(decoded.message);
  const story = createStoryteller(decoded.header).append(decoded.events);
  expect(story.end).toBeGreaterThan(storyTime(0));
  return story.lines.map(line => line.text);
};

test('dropped on a page with no server behind, it plays, and its conversation is the recorded one line by line', async () => {
  const site = await openStaticSite();
  const { page, close } = await openViewer(browser, site.url);
  await page.getByText('No server answers; trying again…').waitFor();
  await drop(page, 'run.trace.ndjson', trace);
  await page.getByRole('button', { name: 'Pause', exact: true }).waitFor();
  await page.locator('.caption h2', { hasText: 'Alice presses Send' }).waitFor();
  await page.getByText('No server answers').waitFor({ state: 'hidden' });
  expect(await conversation(page)).toEqual(told());
  await page.getByRole('tab', { name: 'Inbox' }).click();
  await page.getByRole('button', { name: /Lunch\? 🍜/ }).click();
  await page.getByText('shall we have lunch on Friday').waitFor();
  expect(await page.getByRole('button', { name: /Send/ }).isDisabled(), 'nothing can be sent into a recording').toBe(
    true,
  );
  await close();
  await site.close();
});

test('opened after its server is gone, it is whole: even a letter’s text needs nothing more from there', async () => {
  const site = await openStaticSite();
  const { page, close } = await openViewer(browser, site.url);
  await page.getByText('No server answers; trying again…').waitFor();
  await site.close();
  await drop(page, 'run.trace.ndjson', trace);
  await page.getByText('Recording', { exact: true }).waitFor();
  await page.keyboard.press('End');
  await page.keyboard.press('i');
  await page.getByRole('button', { name: /Lunch\? 🍜/ }).click();
  await page.getByText('shall we have lunch on Friday').waitFor();
  expect(await page.getByText('shall we have lunch on Friday').isVisible()).toBe(true);
  await close();
});

test('it has one picture in every time zone: the clock of its stamps', async () => {
  const site = await openStaticSite({ '/run.trace.ndjson': trace });
  const { page, close } = await openViewer(browser, `${site.url}?trace=/run.trace.ndjson`, {
    timezoneId: 'Asia/Kathmandu',
  });
  await page.getByText('Recording', { exact: true }).waitFor();
  await page.keyboard.press('End');
  await page.keyboard.press('i');
  const minute = /(\d\d:\d\d):/.exec(await page.locator('.inbox-list time').innerText())?.[1];
  expect(await page.locator('.postmark tspan', { hasText: ':' }).allTextContents()).toContain(minute);
  await close();
  await site.close();
});

test('named in the address, it is shown without ever asking for a server', async () => {
  const site = await openStaticSite({ '/run.trace.ndjson': trace });
  const { page, complaints, close } = await openViewer(browser, `${site.url}?trace=/run.trace.ndjson#t=12.5`);
  await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
  expect(await page.locator('.timeline-clock b').innerText()).toBe('0:12');
  expect(await conversation(page)).toEqual(told());
  expect(site.asked.filter(address => /api|upgrade/.test(address))).toEqual([]);
  expect(complaints).toEqual([]);
  await close();
  await site.close();
});

test('with an event that cannot be read it is shown without it, which is said; what is none is refused, and what was shown stays', async () => {
  const site = await openStaticSite({ '/run.trace.ndjson': trace });
  const { page, close } = await openViewer(browser, `${site.url}?trace=/run.trace.ndjson#t=12.5`);
  const title = page.locator('.caption h2');
  const lines = trace.split('\n');
  lines[6] = '{"seq":6,"at":"soon"}';
  await drop(page, 'broken.trace.ndjson', lines.join('\n'));
  const notice = page.locator('.notice.bad');
  await notice.waitFor();
  expect(await notice.innerText()).toMatch(/^One event of broken\.trace\.ndjson could not be read/);
  await page.locator('.top-source', { hasText: 'Recording' }).waitFor();
  const before = await title.innerText();
  await drop(page, 'holiday.jpg', '\u0000\u0001\u0002');
  await page.locator('.notice.bad', { hasText: 'holiday.jpg' }).waitFor();
  expect(await title.innerText()).toBe(before);
  await close();
  await site.close();
});

test('an address that gives no trace is explained in one sentence, and a file can still be dropped', async () => {
  const version2 = trace.replace('"mailscope":1', '"mailscope":2');
  const huge = Buffer.alloc(70 * 1024 * 1024, 'x');
  const site = await openStaticSite({
    '/page.html': '<!doctype html><p>no trace</p>',
    '/cut.trace.ndjson': trace.slice(0, -40),
    '/later.trace.ndjson': version2,
    '/huge.trace.ndjson': huge,
  });
  const { page, close } = await openViewer(browser, `${site.url}?trace=/gone.trace.ndjson`);
  const notice = page.locator('.notice.bad');
  for (const [file, sentence] of [
    ['gone.trace.ndjson', /answered 404 instead of a trace/],
    ['page.html', /page\.html is no trace this page can show \(line 1: is not JSON\)/],
    ['later.trace.ndjson', /version 2; this mailscope reads version 1/],
    ['huge.trace.ndjson', /larger than 64 MB/],
  ] as const) {
    await page.goto(`${site.url}?trace=/${file}`);
    await notice.filter({ hasText: sentence }).waitFor();
    expect(await notice.count()).toBe(1);
    expect(await notice.innerText()).toMatch(/^[^.]+(\.[^. ]+)*[^.]*\.$/m);
    await page.getByText('No recording is open.').waitFor();
  }
  // What is there of a recording that breaks off plays, and it is said that its end is missing.
  await page.goto(`${site.url}?trace=/cut.trace.ndjson`);
  await notice.filter({ hasText: 'The end of cut.trace.ndjson is missing' }).waitFor();
  await page.locator('.caption h2', { hasText: 'Alice presses Send' }).waitFor();
  await drop(page, 'run.trace.ndjson', trace);
  await notice.waitFor({ state: 'detached' });
  await page.locator('.caption h2', { hasText: 'Alice presses Send' }).waitFor();
  expect(await notice.count()).toBe(0);
  // There is nobody to go back to: that is said, and the recording stays.
  await page.getByRole('button', { name: 'Back to the live world' }).click();
  await notice.filter({ hasText: 'No mailscope server answers' }).waitFor();
  await page.locator('.top-source', { hasText: 'Recording' }).waitFor();
  await close();
  await site.close();
});

test('a letter’s HTML can neither run nor load nor reach the page', async () => {
  // The sender's own server: whether a request reaches it is what counts.
  const spy = await openStaticSite();
  const hostile = [
    'From: Eve <eve@green.example>',
    'To: bob@green.example',
    'Subject: look',
    'MIME-Version: 1.0',
    'Content-Type: text/html; charset=utf-8',
    '',
    `<p>hello from HTML</p><img src="${spy.url}far.png"><link rel="stylesheet" href="${spy.url}far.css">`,
    `<img src="/near.png"><script src="/near.js"></script><script>parent.document.title="taken"</script>`,
    `<meta http-equiv="refresh" content="0; url=${spy.url}gone"><iframe src="${spy.url}frame"></iframe>`,
    '',
  ].join('\r\n');
  const site = await openSite();
  const smtp = site.room.published?.smtp;
  if (smtp === undefined) throw new Error('the room publishes its servers');
  const { default: SMTPConnection } = await import('nodemailer/lib/smtp-connection');
  const connection = new SMTPConnection({ host: smtp.host, port: smtp.port, ignoreTLS: true, name: 'eve.example' });
  await new Promise<void>((resolve, reject) => {
    connection.once('error', reject);
    connection.connect(() =>
      connection.send({ from: 'eve@green.example', to: ['bob@green.example'] }, hostile, error => {
        connection.quit();
        if (error) reject(error);
        else resolve();
      }),
    );
  });
  await site.room.collect('bob@green.example');
  const { page, close } = await openViewer(browser, site.url);
  const answered: string[] = [];
  page.on('response', response => answered.push(response.url()));
  await page.getByText('Live on the wire').waitFor();
  await page.keyboard.press('End');
  await page.getByRole('tab', { name: 'Inbox' }).click();
  await page.getByRole('button', { name: /look/ }).first().click();
  await page.getByRole('button', { name: 'HTML', exact: true }).click();
  await page.frameLocator('.letter iframe').getByText('hello from HTML').waitFor();
  await drawn(page);
  expect(answered.filter(address => /near|far|gone|\/frame/.test(address))).toEqual([]);
  expect(spy.asked).toEqual([]);
  expect(await page.title()).toBe('mailscope');
  expect(await page.locator('.letter iframe').getAttribute('sandbox')).toBe('allow-same-origin');
  await close();
  await site.close();
  await spy.close();
});

test('a dropped recording is still there after F5, where it was, while a talk is given and while it is not', async () => {
  const site = await openSite();
  const { page, close } = await openViewer(browser, site.url);
  await page.getByText('Live on the wire').waitFor();
  await drop(page, 'run.trace.ndjson', trace);
  await page.locator('.top-source', { hasText: 'Recording' }).waitFor();
  await page.keyboard.press('End');
  const { at } = await clockOf(page);
  await page.reload();
  await page.locator('.top-source', { hasText: 'Recording' }).waitFor();
  expect((await clockOf(page)).at).toBeGreaterThanOrEqual(at - 1);
  await page.keyboard.press('p');
  await page.locator('.present').waitFor();
  await page.reload();
  await page.locator('.present').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('.top-source', { hasText: 'Recording' }).waitFor();
  await close();
  await site.close();
});

test('one that the browser cannot keep is not left without a question, and never silently for the live world', async () => {
  const site = await openSite();
  const { page, close } = await openViewer(browser, site.url);
  await page.addInitScript(() => {
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
  });
  await page.reload();
  await page.getByText('Live on the wire').waitFor();
  await drop(page, 'run.trace.ndjson', trace);
  await page.locator('.top-source', { hasText: 'Recording' }).waitFor();
  // Without a gesture on the page a browser does not ask.
  await page.locator('.caption').click();
  const asked = page.waitForEvent('dialog');
  const reloading = page.reload();
  const dialog = await asked;
  expect(dialog.type()).toBe('beforeunload');
  await dialog.accept();
  await reloading;
  await close();
  await site.close();
});

test('one that the browser has lost is named, and the live world is not taken for it', async () => {
  const site = await openSite();
  const { page, close } = await openViewer(browser, site.url);
  await page.getByText('Live on the wire').waitFor();
  await drop(page, 'run.trace.ndjson', trace);
  await page.locator('.top-source', { hasText: 'Recording' }).waitFor();
  await page.waitForFunction(() => sessionStorage.getItem('mailscope.dropped') !== null);
  await page.evaluate(
    () => new Promise(resolve => Object.assign(indexedDB.deleteDatabase('mailscope'), { onsuccess: resolve })),
  );
  await page.reload();
  const notice = page.getByText('run.trace.ndjson was dropped on this page');
  await notice.waitFor();
  expect(await notice.innerText()).toContain('drop it again');
  await close();
  await site.close();
});
