/** Twenty seconds of everything at once, kills and full disks included: every letter that was accepted is accounted for. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { HERE } from '../../bench/served.ts';
import { openLedger } from '../../bench/soak/ledger.ts';
import { soak } from '../../bench/soak/run.ts';

test('accepted = stored + bounced + queued + discarded with a record, whatever happens', async () => {
  const { balance, kills, ended } = await soak({ root: HERE, seconds: 20, seed: 1, say: () => undefined });
  expect(balance.lost).toEqual([]);
  expect(ended).toBe(0);
  expect(kills).toBeGreaterThan(0);
  // It was worth something.
  expect(balance.accepted).toBeGreaterThan(10);
  expect(balance.stored).toBeGreaterThan(0);
}, 180_000);

test('the balance names a letter that is nowhere, and finds each of the others where it is', async () => {
  const data = await mkdtemp(path.join(tmpdir(), 'mailscope-ledger-'));
  try {
    const letter = (name: string): string => `Subject: x\r\nMessage-ID: <soak-${name}@blue.example>\r\n\r\nx`;
    const report = 'Message-ID: <r@blue.example>\r\n\r\nFinal-Recipient: rfc822; a@b.example\r\n\r\n';
    await mkdir(path.join(data, 'mail', 'a@b.example', 'new'), { recursive: true });
    await writeFile(path.join(data, 'mail', 'a@b.example', 'new', '1'), letter('1'));
    await writeFile(path.join(data, 'mail', 'a@b.example', 'new', '2'), `${report}${letter('2')}`);
    const ledger = openLedger();
    for (const name of ['1', '2', '3', '4']) ledger.accept(`<soak-${name}@blue.example>`, ['a@b.example']);
    const entry = { host: 'smtp.blue.example', queueId: '7F3A' };
    ledger.watched({ kind: 'mail.queued', ...entry, messageId: '<soak-4@blue.example>' });
    ledger.watched({ kind: 'mail.discarded', ...entry, recipients: ['a@b.example'] });
    // A server that is not there has no queue.
    const balance = await ledger.balance(data, 'http://127.0.0.1:9/');
    expect(balance).toMatchObject({ accepted: 4, stored: 1, bounced: 1, queued: 0, discarded: 1 });
    expect(balance.lost).toEqual(['<soak-3@blue.example> a@b.example']);
  } finally {
    await rm(data, { recursive: true });
  }
});
