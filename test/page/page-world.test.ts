/** A world under a viewer's hands: its zones, its hosts and people, as a file and back; what runs next is what was edited. */
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { latin1 } from '../../shared/bytes.ts';
import { blueAndGreen } from '../../shared/world/presets.ts';
import { residents } from '../../shared/world/world.ts';
import { launchBrowser } from '../help/browser.ts';
import { overlapsIn } from '../help/overlaps.ts';
import { drawn, openSite, openViewer, type Site, sendAndArrive, type Viewer } from '../help/page-site.ts';

let browser: Browser;
let site: Site;
let viewer: Viewer | null = null;

beforeAll(async () => {
  browser = await launchBrowser();
  site = await openSite();
});
afterEach(async () => {
  await viewer?.close();
  viewer = null;
  await fetch(`${site.url}api/world/reset`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
});
afterAll(async () => {
  await site.close();
  await browser.close();
});

async function look(options: Parameters<typeof openViewer>[2] = {}): Promise<Page> {
  viewer = await openViewer(browser, site.url, options);
  await viewer.page.getByText('Live on the wire').waitFor({ state: 'attached' });
  await viewer.page
    .locator('.top-world:not([disabled]), .top-world-entry:not([disabled])')
    .first()
    .waitFor({ state: 'attached' });
  return viewer.page;
}

const records = () => site.room.world.zones.find(({ name }) => name === 'green.example')?.records ?? [];
const exchanges = () =>
  records().flatMap(record => (record.type === 'MX' ? [`${record.preference} ${record.exchange}`] : []));
const toTheEnd = async (page: Page): Promise<void> => {
  await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
  await page.keyboard.press('End');
};
const inDialog = (page: Page) => page.getByRole('dialog');

async function openEditor(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^World: / }).click();
  await inDialog(page).getByText('of 6 domains').waitFor();
}

async function add(page: Page, what: string, filled: Readonly<Record<string, string>> = {}): Promise<void> {
  await inDialog(page)
    .getByRole('button', { name: `Add a ${what}`, exact: true })
    .click();
  const form = inDialog(page).getByRole('form', { name: `Add a ${what}` });
  for (const [label, value] of Object.entries(filled)) {
    const field = form.getByLabel(label);
    if ((await field.evaluate(element => element.tagName)) === 'SELECT') await field.selectOption(value);
    else await field.fill(value);
  }
  await form.getByRole('button', { name: 'Add', exact: true }).click();
  await form.waitFor({ state: 'detached' });
}

describe('the zone beside the map', () => {
  test('a changed preference is what the next letter goes by, and undo brings the old one back', async () => {
    const page = await look();
    await page.keyboard.press('z');
    await page.getByRole('button', { name: /^Change green\.example MX 20/ }).click();
    await page.getByRole('textbox', { name: 'Preference' }).fill('5');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: /^Change green\.example MX 5 mx2/ }).waitFor();
    expect(exchanges()).toEqual(['10 mx1.green.example', '5 mx2.green.example']);
    await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
    await page.keyboard.press('Control+z');
    await page.getByRole('button', { name: /^Change green\.example MX 20/ }).waitFor();
    expect(exchanges()).toEqual(['10 mx1.green.example', '20 mx2.green.example']);
    await page.keyboard.press('Control+Shift+z');
    await expect.poll(exchanges).toContain('5 mx2.green.example');
    expect(viewer?.complaints).toEqual([]);
  });

  test('one click deletes an MX; without any the letter finds nobody, says so, and undo heals it', async () => {
    const page = await look();
    await page.keyboard.press('z');
    await page.getByRole('button', { name: /^Delete green\.example MX 20/ }).click();
    await page.getByText('mx2.green.example takes mail for green.example, but no MX names it').waitFor();
    await page.getByRole('button', { name: /^Delete green\.example MX 10/ }).click();
    await page.getByText('green.example has neither MX nor address').waitFor();
    expect(exchanges()).toEqual([]);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(exchanges).toEqual(['10 mx1.green.example']);
  });

  test('what cannot be blocks saving in plain words; what is merely a mistake is remarked and saved', async () => {
    const page = await look();
    await page.keyboard.press('z');
    await page.getByRole('button', { name: 'Add a record' }).click();
    const value = page.getByLabel('Host that takes the mail');
    const save = page.getByRole('button', { name: 'Save' });
    await value.fill('198.51.100.25');
    await page.getByText('MX must name a host, not an address').waitFor();
    expect(await save.isDisabled()).toBe(true);
    await value.fill('mx9.green.example');
    await page.getByText('There is no host mx9.green.example in this world: letters will find nobody.').waitFor();
    await value.press('Enter');
    await expect.poll(exchanges).toContain('30 mx9.green.example');
    expect(site.room.world.mistakes).toBe('deliberate');
    await page.getByRole('button', { name: 'Add a record' }).click();
    await page.getByLabel('Type').selectOption('CNAME');
    await page.getByLabel('Its real name').fill('mx1.green.example');
    await page.getByText('no other record can stand beside a CNAME').waitFor();
    await page.keyboard.press('Escape');
    expect(await page.locator('.record-form').count()).toBe(0);
  });

  test('what a resolver remembers is there with its TTL running down, and what there is not is marked', async () => {
    const page = await look();
    await sendAndArrive(site);
    await page.keyboard.press('z');
    await page.getByRole('group', { name: 'Show of DNS' }).getByRole('button', { name: 'Cache' }).click();
    await expect
      .poll(async () => {
        await toTheEnd(page);
        return page.locator('.cached').count();
      })
      .toBeGreaterThan(1);
    // What still comes makes the story longer, and time runs on only at its end.
    const left = async (): Promise<string> => {
      await toTheEnd(page);
      return page.locator('.cached', { hasText: 'green.example MX' }).first().innerText();
    };
    await expect.poll(left).toMatch(/TTL: \d+ min( \d+ s)? left/);
    const first = await left();
    await expect.poll(left, { timeout: 30_000 }).not.toBe(first);
    expect(await page.locator('.cached.negative').first().innerText()).toMatch(/there is none/);
  });
});

describe('the editor', () => {
  test('a domain and a person are added with a click each, and the next letter goes there', async () => {
    const page = await look();
    await openEditor(page);
    await add(page, 'domain', { Name: 'red.example' });
    await add(page, 'person', { Name: 'Carol', Domain: 'red.example' });
    expect(site.room.world.users.at(-1)).toMatchObject({ address: 'carol@red.example', password: expect.any(String) });
    await page.keyboard.press('Escape');
    await sendAndArrive(site, 'Welcome', 'carol@red.example');
    await page.getByRole('tab', { name: 'Inbox' }).click();
    await expect
      .poll(
        async () => {
          await toTheEnd(page);
          return page.getByRole('group', { name: 'Whose inbox' }).getByRole('button', { name: 'Carol' }).count();
        },
        { timeout: 30_000 },
      )
      .toBe(1);
    await page.getByRole('group', { name: 'Whose inbox' }).getByRole('button', { name: 'Carol' }).click();
    await page.getByRole('button', { name: /Welcome/ }).waitFor();
    expect(viewer?.complaints).toEqual([]);
  });

  test('a backup MX, a forwarder, an alias and a list come with what belongs to them', async () => {
    const page = await look();
    await openEditor(page);
    await add(page, 'backup MX');
    await add(page, 'forwarder');
    await add(page, 'mailing list');
    const { world } = site.room;
    expect(exchanges()).toContain('30 mx3.green.example');
    expect(world.aliases).toEqual([{ address: 'bob@alumni.example', targets: ['bob@green.example'] }]);
    expect(world.lists).toMatchObject([{ address: 'club@green.example', owner: 'bob@green.example' }]);
    expect(await inDialog(page).locator('.world-remarks').count()).toBe(0);
  });

  test('what is typed becomes so when it is left, what cannot be stays there with its reason, and undo reaches into the dialog', async () => {
    const page = await look();
    await openEditor(page);
    const label = inDialog(page).getByRole('textbox', { name: 'mx1.green.example' });
    await label.fill('Front door');
    await label.press('Enter');
    await expect
      .poll(() => site.room.world.hosts.find(({ id }) => id === 'mx1.green.example')?.label)
      .toBe('Front door');
    await label.fill('A label that is far too long for any card');
    await label.press('Enter');
    await inDialog(page)
      .getByText(/at most 24 characters/)
      .waitFor();
    expect(await label.inputValue()).toBe('A label that is far too long for any card');
    const wait = inDialog(page).getByLabel('Tries again after');
    await wait.fill('10 s, 2 min, 1 h');
    await wait.press('Enter');
    await expect.poll(() => site.room.world.retry.after).toEqual([10, 120, 3600]);
    await inDialog(page).getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => site.room.world.retry.after[0]).toBe(60);
    await inDialog(page).getByRole('button', { name: 'Remove pop.green.example' }).click();
    await inDialog(page)
      .getByText(/keeps its mailboxes on pop\.green\.example/)
      .waitFor();
    await inDialog(page).getByRole('button', { name: 'Remove mx2.green.example' }).click();
    await expect.poll(() => site.room.world.hosts.some(({ id }) => id === 'mx2.green.example')).toBe(false);
    await inDialog(page).getByRole('button', { name: 'Back to the first world' }).click();
    await expect.poll(() => site.room.world.hosts.length).toBe(blueAndGreen.hosts.length);
  });

  test('where there is no more room, the buttons say why', async () => {
    const page = await look();
    await openEditor(page);
    for (const name of ['red', 'violet', 'orange', 'silver']) await add(page, 'domain', { Name: `${name}.example` });
    await inDialog(page).getByText('This world has 6 domains, and the stage has no room for more').waitFor();
    expect(await inDialog(page).getByRole('button', { name: 'Add a domain' }).isDisabled()).toBe(true);
    while (residents(site.room.world).length < 20) {
      const before = site.room.world.hosts.length;
      await add(page, 'person');
      await expect.poll(() => site.room.world.hosts.length).toBe(before + 1);
    }
    await inDialog(page)
      .getByText(/has 20 hosts/)
      .waitFor();
    expect(await overlapsIn(page, 'dialog[open]')).toEqual([]);
    await page.keyboard.press('Escape');
    await inDialog(page).waitFor({ state: 'detached' });
    await toTheEnd(page);
    expect(await overlapsIn(page)).toEqual([]);
  });

  test('a world is saved as a file and opened again; a file with a mistake is refused with place and reason, and nothing changes', async () => {
    const page = await look();
    await openEditor(page);
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      inDialog(page).getByRole('link', { name: 'Save world' }).click(),
    ]);
    expect(file.suggestedFilename()).toMatch(/\.json$/);
    const open = async (name: string, text: string): Promise<void> => {
      await inDialog(page)
        .getByLabel('Open a world')
        .setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) });
    };
    const [first, ...others] = blueAndGreen.hosts;
    const twins = {
      ...blueAndGreen,
      hosts: [first, { ...others[0], addresses: first?.addresses }, ...others.slice(1)],
    };
    await open('twins.json', JSON.stringify(twins));
    await inDialog(page)
      .getByRole('alert')
      .filter({ hasText: /twins\.json was not opened.*hosts\.1/ })
      .waitFor();
    await open('torn.json', '{"name": ');
    await inDialog(page)
      .getByRole('alert')
      .filter({ hasText: /not JSON/ })
      .waitFor();
    expect(site.room.world.name).toBe(blueAndGreen.name);
    await open('other.json', JSON.stringify({ ...blueAndGreen, name: 'Another world' }));
    await expect.poll(() => site.room.world.name).toBe('Another world');
    await expect.poll(() => inDialog(page).getByRole('alert').count()).toBe(0);
  });
});

describe('letters that ask for more', () => {
  test('Bcc, an attachment and a report: the report comes home in three parts, the parts of the letter are shown', async () => {
    const page = await look();
    await page.keyboard.press('n');
    await inDialog(page).getByText('More', { exact: true }).click();
    await inDialog(page).getByLabel('Bcc').fill('alice@blue.example');
    await inDialog(page).getByLabel('Attach').fill('3000');
    await inDialog(page).getByLabel('it has arrived').check();
    await inDialog(page).getByRole('button', { name: 'Send', exact: true }).click();
    await inDialog(page).waitFor({ state: 'hidden' });
    await page.getByRole('tab', { name: 'Inbox' }).click();
    const newest = page.locator('.inbox-list button').first();
    await expect
      .poll(
        async () => {
          await toTheEnd(page);
          await page.getByRole('group', { name: 'Whose inbox' }).getByRole('button', { name: 'Bob' }).click();
          if ((await newest.count()) === 1) await newest.click();
          // While the run still grows, the picture may go back to before the letter came, and closes it.
          return page.getByText('Its parts').count();
        },
        { timeout: 30_000 },
      )
      .toBe(1);
    await page.getByText('Its parts').click();
    await page
      .locator('.mime')
      .getByText(/for 3,000 \(\+/)
      .waitFor();
    await page.getByRole('group', { name: 'Whose inbox' }).getByRole('button', { name: 'Alice' }).click();
    await page.getByRole('button', { name: 'Check mail' }).click();
    const report = page.locator('.inbox-list button', { hasText: /MAILER-DAEMON|Mail Delivery/i }).first();
    await expect
      .poll(
        async () => {
          await toTheEnd(page);
          return report.count();
        },
        { timeout: 30_000 },
      )
      .toBe(1);
    await report.click();
    await page
      .getByRole('region', { name: 'What this report says' })
      .getByText('has it in the mailbox')
      .first()
      .waitFor();
  });

  test('a stranger may say what he likes; who relays for him is nobody', async () => {
    const page = await look();
    await page.keyboard.press('n');
    await inDialog(page).getByRole('button', { name: 'Call as a stranger instead' }).click();
    await inDialog(page).getByRole('button', { name: 'Relay through it' }).click();
    await inDialog(page).getByRole('button', { name: 'Call', exact: true }).click();
    await inDialog(page).waitFor({ state: 'hidden' });
    await expect
      .poll(
        async () => {
          await toTheEnd(page);
          return page.locator('.line.server').last().innerText();
        },
        { timeout: 30_000 },
      )
      .toMatch(/221|554/);
    await page
      .locator('.line.server', { hasText: /554 5\.7\.1/ })
      .first()
      .waitFor();
  });

  test('mail can be left on the server: it is still there, and the next time it is not fetched twice', async () => {
    await sendAndArrive(site);
    const page = await look();
    await page.keyboard.press('i');
    await page.getByRole('group', { name: 'Whose inbox' }).getByRole('button', { name: 'Bob' }).click();
    await page.getByLabel('leave mail on the server').check();
    const asked = page.waitForRequest(request => request.url().endsWith('/api/collect'));
    await page.getByRole('button', { name: 'Check mail' }).click();
    expect((await asked).postDataJSON()).toEqual({ user: 'bob@green.example', leaveOnServer: true });
  });

  test('parts as binary: MAIL says so', async () => {
    const page = await look();
    const before = site.room.recorder.length + 1;
    await page.keyboard.press('n');
    await inDialog(page).getByText('More', { exact: true }).click();
    await inDialog(page).getByLabel('Attach').fill('3000');
    await inDialog(page).getByLabel('Parts go as').selectOption('binary (needs BINARYMIME)');
    await inDialog(page).getByRole('button', { name: 'Send', exact: true }).click();
    await inDialog(page).waitFor({ state: 'hidden' });
    await expect
      .poll(() =>
        site.room.recorder
          .events(before)
          .some(event => event.kind === 'wire.bytes' && latin1(event.bytes).includes(' BODY=BINARYMIME\r\n')),
      )
      .toBe(true);
    await expect
      .poll(() => site.room.recorder.events(before).some(event => event.kind === 'mail.stored'), { timeout: 30_000 })
      .toBe(true);
  });
});

describe.each([
  ['light', { width: 1440, height: 900 }],
  ['dark', { width: 390, height: 844 }],
] as const)('in the %s theme', (colorScheme, viewport) => {
  test('nothing a screen reader stumbles over, nothing too wide, in zones, editor, stranger and faults', async () => {
    const page = await look({ colorScheme, viewport });
    await page.evaluate(axe.source);
    const found: string[] = [];
    const check = async (where: string, within: string): Promise<void> => {
      await drawn(page);
      const violations = await page.evaluate<
        readonly {
          readonly id: string;
          readonly impact: string;
          readonly nodes: readonly { readonly html: string }[];
        }[]
      >(`axe.run(${JSON.stringify(within)}).then(result => result.violations)`);
      for (const { id, impact, nodes } of violations)
        if (impact === 'serious' || impact === 'critical')
          for (const { html } of nodes) found.push(`${where}: ${id} ${html.slice(0, 120)}`);
      for (const overlap of await overlapsIn(page, within)) found.push(`${where}: ${overlap}`);
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (wider > 0) found.push(`${where}: ${wider} px too wide`);
    };
    await page.locator('.stage [role=button][aria-label^="Incoming server"]').first().press('Enter');
    await page.locator('.offer').first().getByRole('button', { name: 'Always' }).click();
    await page.locator('.fault-strip').waitFor();
    await check('faults', '.inspector');
    await check('the strip', '.fault-strip');
    await page.getByRole('button', { name: 'Clear all' }).click();
    await page.getByRole('button', { name: 'Close the explanation' }).click();
    await page.keyboard.press('z');
    await page.getByRole('button', { name: /^Change green\.example MX 20/ }).click();
    await page.getByLabel('Host that takes the mail').fill('mx9.green.example');
    await check('zones', '.panels');
    await page.keyboard.press('Escape');
    await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
    await page.keyboard.press('w');
    await inDialog(page).getByRole('button', { name: 'Add a forwarder' }).click();
    await check('the editor', 'dialog[open]');
    await page.keyboard.press('Escape');
    // While one dialog is open, no key opens another.
    await page.locator('dialog[open]').waitFor({ state: 'detached' });
    await page.keyboard.press('n');
    await inDialog(page).getByText('More', { exact: true }).click();
    await check('a letter', 'dialog[open]');
    await inDialog(page).getByRole('button', { name: 'Call as a stranger instead' }).click();
    await check('a stranger', 'dialog[open]');
    await page.keyboard.press('Escape');
    await page.getByRole('tab', { name: 'Queue' }).click();
    await check('the queue', '.panels');
    expect(found).toEqual([]);
  });
});
