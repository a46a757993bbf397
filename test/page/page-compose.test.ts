/** What a person may type into a letter, good and bad: the page shows which answer came, and what arrives is what was written. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../help/browser.ts';
import { openSite, openViewer, type Site } from '../help/page-site.ts';

let browser: Browser;
let site: Site;
let page: Page;
let closePage: () => Promise<void>;

beforeAll(async () => {
  browser = await launchBrowser();
  site = await openSite();
  const viewer = await openViewer(browser, site.url);
  ({ page, close: closePage } = viewer);
  await page.getByText('Live on the wire').waitFor();
});
afterAll(async () => {
  await closePage();
  await site.close();
  await browser.close();
});

/** To the newest moment. Keys are the page's only where no tab or field has the focus. */
async function toTheEnd(): Promise<void> {
  await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
  await page.keyboard.press('End');
}

const dialog = () => page.getByRole('dialog');
let sent = 0;

async function write(letter: { readonly to?: string; readonly subject?: string; readonly text?: string }) {
  await page.locator('.page-stage').click({ position: { x: 5, y: 5 } });
  await page.keyboard.press('n');
  if (letter.to !== undefined) await dialog().getByLabel('To').fill(letter.to);
  if (letter.subject !== undefined) await dialog().getByLabel('Subject').fill(letter.subject);
  if (letter.text !== undefined) await dialog().getByLabel('Letter').fill(letter.text);
}

/** Sends what was written, and waits until this page has begun to tell of it. */
async function press(): Promise<void> {
  await dialog().getByRole('button', { name: 'Send' }).click();
  await dialog().waitFor({ state: 'hidden' });
  sent += 1;
  await page.getByRole('combobox', { name: `Letter ${sent} of ${sent}` }).waitFor();
}

/** The newest line of the wire that says so. */
async function said(text: RegExp): Promise<string> {
  await page.getByRole('tab', { name: 'Conversation' }).click();
  await expect
    .poll(
      async () => {
        await toTheEnd();
        return page.locator('.line.server').filter({ hasText: text }).count();
      },
      { timeout: 30_000 },
    )
    .toBeGreaterThan(0);
  return page.locator('.line.server').filter({ hasText: text }).last().innerText();
}

/** Waits for Bob's newest letter and opens it. */
async function openNewest(letters: number): Promise<void> {
  await page.getByRole('tab', { name: 'Inbox' }).click();
  await expect
    .poll(
      async () => {
        await toTheEnd();
        return page.locator('.inbox-list li').count();
      },
      { timeout: 30_000 },
    )
    .toBe(letters);
  await page.locator('.inbox-list button').first().click();
}

/** The body of the opened letter, from its source as it arrived. */
async function bodyOf(): Promise<string> {
  await page.getByRole('button', { name: 'Source', exact: true }).click();
  const source = (await page.locator('.letter-source').textContent()) ?? '';
  const at = source.indexOf('\n\n');
  const head = source.slice(0, at);
  const body = source.slice(at + 2);
  if (/^content-transfer-encoding: base64/im.test(head))
    return Buffer.from(body, 'base64').toString('utf8').replaceAll('\r\n', '\n');
  if (/^content-transfer-encoding: quoted-printable/im.test(head)) {
    const octets = body
      .replace(/=\n/g, '')
      .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    return Buffer.from(octets, 'latin1').toString('utf8');
  }
  return body;
}

async function back(): Promise<void> {
  await page.getByRole('button', { name: '‹ All letters' }).click();
}

test('an address that is none, and a subject of 2,500 characters, are refused before anything is sent', async () => {
  for (const [letter, reason] of [
    [{ to: 'bob@@green.example' }, /is not an e-mail address/],
    [{ to: 'bob@green.example, nobody' }, /nobody is not an e-mail address/],
    [{ to: 'bob@green.example', subject: 'x'.repeat(2500) }, /subject is too long/],
    [{ to: '  ' }, /Write an address/],
  ] as const) {
    await write(letter);
    await dialog().getByRole('button', { name: 'Send' }).click();
    await dialog().getByRole('alert').filter({ hasText: reason }).waitFor();
    await page.keyboard.press('Escape');
  }
  expect(await page.locator('.top-runs option').count()).toBe(0);
  await page.evaluate(() => sessionStorage.clear());
});

test('an unknown recipient is refused at RCPT by the server that knows, and the page quotes it', async () => {
  await write({ to: 'nobody@green.example', subject: 'Anybody there?' });
  await press();
  expect(await said(/^(server: )?(refused: )?550/)).toContain('550 5.1.1');
  await page.locator('.timeline-bar.of-bad').first().waitFor();
});

test('a recipient outside the world is refused where the letter is handed in, with the reason', async () => {
  await write({ to: 'bob@gmail.com', subject: 'Out there' });
  await press();
  expect(await said(/outside this world/)).toMatch(/55\d/);
});

test('an empty body arrives empty', async () => {
  await write({ to: 'bob@green.example', subject: 'Nothing', text: '' });
  await press();
  await openNewest(1);
  await page.getByText('The body is empty.').waitFor();
  expect((await bodyOf()).trim()).toBe('');
  await back();
});

test('a body of nothing but dots arrives dot for dot', async () => {
  const text = '.\n..\n...\n.\n\n.leading\n.\n';
  await write({ to: 'bob@green.example', subject: 'Dots', text });
  await press();
  await openNewest(2);
  expect(await bodyOf()).toBe(text);
  await page.getByRole('button', { name: 'Text', exact: true }).click();
  expect(await page.locator('.letter-text').textContent()).toBe(text);
  await back();
});

test('emoji in subject and body arrive as they were typed', async () => {
  const text = 'Lunch 🍜 at noon?\nGrüße, 爱丽丝 👩‍💻\n';
  await write({ to: 'bob@green.example', subject: 'Lunch? 🍜👩‍💻', text });
  await press();
  await openNewest(3);
  await page.locator('.inbox h2', { hasText: 'Lunch? 🍜👩‍💻' }).waitFor();
  expect(await bodyOf()).toBe(text);
  await back();
});

test('a body of 10 MB is never laid out in the field; the server says it is too large, and the page shows that', async () => {
  await write({ to: 'bob@green.example', subject: 'Everything', text: 'x' });
  await dialog()
    .getByLabel('Letter')
    .evaluate(field => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', 'A line of some letters, to and fro.\n'.repeat(290_000));
      field.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    });
  await dialog().getByText('10,440,001 characters').waitFor();
  // Chromium would stand still for seconds over a field with all of it.
  expect((await dialog().getByLabel('Letter').inputValue()).length).toBeLessThan(10_000);
  await press();
  expect(await said(/^(server: )?(refused: )?552/)).toContain('552 5.3.4');
});

test('a reply names the letter it answers', async () => {
  await openNewest(3);
  await page.getByRole('button', { name: 'Reply' }).click();
  await press();
  await page.getByRole('tab', { name: 'Inbox' }).click();
  await page.getByRole('group', { name: 'Whose inbox' }).getByRole('button', { name: 'Alice' }).click();
  // The other one is the report about a letter that nobody could take.
  await openNewest(2);
  await page.getByRole('button', { name: 'Source', exact: true }).click();
  const source = (await page.locator('.letter-source').textContent()) ?? '';
  expect(source).toMatch(/^In-Reply-To: <[^<>]+@blue\.example>$/m);
  expect(source).toMatch(/^References: <[^<>]+@blue\.example>$/m);
});
