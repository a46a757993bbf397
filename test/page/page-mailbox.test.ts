/** A mail client that meets trouble: what it could not hand over waits in its outbox, and a second reader finds the mailbox taken. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { launchBrowser } from '../help/browser.ts';
import { openSite, openViewer, type Site, sendAndArrive, type Viewer } from '../help/page-site.ts';

let browser: Browser;
let site: Site;
let viewer: Viewer;
beforeAll(async () => {
  browser = await launchBrowser();
});
beforeEach(async () => {
  site = await openSite();
  viewer = await openViewer(browser, site.url);
  await viewer.page.getByText('Live on the wire').waitFor({ state: 'attached' });
});
afterEach(async () => {
  await viewer.close();
  await site.close();
});
afterAll(() => browser.close());

const inboxOf = async (page: Page, name: string): Promise<void> => {
  await page.getByRole('tab', { name: 'Inbox' }).click();
  await page
    .getByRole('group', { name: 'Whose inbox' })
    .getByRole('button', { name: new RegExp(`^${name}`) })
    .click();
};
const kinds = () => site.room.recorder.events(1).map(({ kind }) => kind);

test('a letter that its server never took waits in the outbox, and one click sends it again', async () => {
  const at = { server: 'smtp.blue.example', port: 587, verb: 'END-OF-DATA' } as const;
  site.room.living.setFault({ kind: 'reset', at }, 'next');
  const from = { address: 'alice@blue.example' };
  await site.room.send({ from, to: ['bob@green.example'], subject: 'Lunch?', text: 'At noon?\n' })?.finished;
  await inboxOf(viewer.page, 'Alice');
  const outbox = viewer.page.getByRole('region', { name: 'Outbox' });
  await outbox.getByText('Lunch?').waitFor();
  await outbox.getByRole('button', { name: 'Send again' }).click();
  await outbox.waitFor({ state: 'detached' });
  await expect.poll(kinds).toContain('mail.stored');
});

test('the page asks for nothing while letters come and go and the world changes: it is told', async () => {
  const { page } = viewer;
  await inboxOf(page, 'Alice');
  const asked: string[] = [];
  page.on('request', request => asked.push(new URL(request.url()).pathname));
  await sendAndArrive(site);
  site.room.living.setFault({ kind: 'host-off', host: 'smtp.blue.example' }, 'always');
  const from = { address: 'alice@blue.example' };
  await site.room.send({ from, to: ['bob@green.example'], subject: 'Stuck', text: 'At noon?\n' })?.finished;
  await page.getByRole('region', { name: 'Outbox' }).getByText('Stuck').waitFor();
  await page.locator('.fault-chip:not(.past)').first().waitFor();
  site.room.clock.after(60_000, 'the next attempt', () => undefined);
  await page.keyboard.press('End');
  await page.getByRole('button', { name: /^Skip to the next attempt/ }).waitFor();
  expect(asked).toEqual([]);
});

test('a second device is told that the mailbox is taken, as long as the first one has it', async () => {
  await sendAndArrive(site);
  const at = { server: 'pop.green.example', port: 110, verb: 'STAT' } as const;
  site.room.living.setFault({ kind: 'delay', at, milliseconds: 600_000 }, 'next');
  const { page } = viewer;
  await inboxOf(page, 'Bob');
  await page.getByRole('button', { name: 'Check mail' }).click();
  await expect.poll(kinds).toContain('fault.struck');
  await page.getByLabel('from a second device as well').check();
  await page.getByRole('button', { name: 'Check mail' }).click();
  await page
    .locator('.notice.bad')
    .getByText(/in use|another/i)
    .waitFor();
  const unlocked = () => kinds().filter(kind => kind === 'mailbox.unlocked').length;
  const before = unlocked();
  await site.room.advance('next');
  await expect.poll(unlocked).toBe(before + 1);
});

test('what the room cannot keep stands on the page until it can again; what nothing ends can be dismissed', async () => {
  const standing = viewer.page.locator('.notice.standing');
  const unwritable = { file: 'current.trace.ndjson', reason: 'ENOSPC' };
  site.room.recorder.append({ kind: 'room.trouble', code: 'trace-unwritable', ...unwritable });
  site.room.recorder.append({ kind: 'room.trouble', code: 'put-aside', file: 'world.json' });
  await standing.getByText('The trace is not written to disk for now (current.trace.ndjson: ENOSPC)').waitFor();
  await standing.getByText('put aside as world.json.unreadable').waitFor();
  // Somebody who comes later is told as well.
  await viewer.page.reload();
  await standing.getByText('The trace is not written').waitFor();
  expect(await standing.getByRole('button').count()).toBe(1);
  await standing.getByRole('button', { name: 'Dismiss this message' }).click();
  await standing.getByText('put aside').waitFor({ state: 'detached' });
  site.room.recorder.append({ kind: 'room.trouble', code: 'trace-writable', file: 'current.trace.ndjson' });
  await standing.waitFor({ state: 'detached' });
});
