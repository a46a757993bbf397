/** A letter that was accepted and that the disk has spoilt since: whoever can be told is told, and what there is of it is kept and said. */
import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Queue } from '../../../server/queue/queue.ts';
import type { Delivery } from '../../../server/smtp/machine/receive.ts';
import type { Trouble } from '../../../shared/explain/troubles.ts';
import { type Ground, letter, message, openGround } from '../../help/loopback/queue-loopback.ts';

let ground: Ground;
let said: Trouble[];
let green: readonly Delivery[];
let alice: readonly Delivery[];
beforeEach(async () => {
  ground = openGround();
  said = [];
  green = await ground.serve('mx1.green.example');
  alice = await ground.serve('mail.blue.example');
});
afterEach(() => ground.close());
const path = (name: string): string => join(ground.directory, name);
const again = (): Promise<Queue> => ground.queueOf({ onTrouble: trouble => said.push(trouble) });
/** A letter waits in a queue that has ended. */
async function left(change: (text: string) => string, envelope = {}): Promise<string> {
  const queue = await ground.queueOf();
  const accepted = letter('bob@green.example', 'bert@green.example');
  const id = await queue.accept({
    ...accepted,
    envelope: { ...accepted.envelope, ...envelope },
    over: new Promise(() => undefined),
  });
  await queue.close();
  const file = path(`${id}.letter`);
  writeFileSync(file, change(readFileSync(file, 'latin1')), 'latin1');
  return id;
}

test.each<[string, (text: string) => string]>([
  ['whose end is missing', text => text.slice(0, -10)],
  ['of which only the envelope is left', text => text.slice(0, text.indexOf('\n') + 1)],
  ['that has something behind it', text => `${text}rubbish`],
  ['whose first line has lost something', text => text.replace(/"octets":\d+/, '"octets":null')],
  ['whose notification wishes cannot be read', text => text.replace('"envelope":{', '"envelope":{"dsn":5,')],
])('a letter %s is given back to its sender, and put aside', async (_what, spoil) => {
  const id = await left(spoil);
  const spoilt = readFileSync(path(`${id}.letter`));
  const queue = await again();
  await queue.flush();
  expect(green).toEqual([]);
  expect(alice).toHaveLength(1);
  const report = alice[0]?.message.toString('latin1') ?? '';
  expect(alice[0]?.envelope).toMatchObject({ reversePath: '', recipients: ['alice@blue.example'] });
  expect(report).toContain('Final-Recipient: rfc822; bob@green.example');
  expect(report).toContain('Final-Recipient: rfc822; bert@green.example');
  expect(report).toContain('the queue file is damaged');
  expect(said).toEqual([{ code: 'put-aside', file: path(`${id}.letter`), reason: expect.stringContaining('damaged') }]);
  expect(readdirSync(ground.directory)).toEqual([`${id}.letter.unreadable`]);
  expect(readFileSync(path(`${id}.letter.unreadable`)).equals(spoilt)).toBe(true);
});

test('its sender is told at once, however long it would have waited', async () => {
  const id = await left(text => text.slice(0, -5));
  const progress = { pending: ['bert@green.example'], attempts: 3, nextAt: ground.clock.now().getTime() + 3_600_000 };
  writeFileSync(path(`${id}.state`), JSON.stringify({ ...progress, lastReason: 'x' }));
  const queue = await again();
  ground.clock.jump(1);
  await queue.idle();
  expect(alice).toHaveLength(1);
  // Whoever has it already is not spoken of.
  expect(alice[0]?.message.toString('latin1')).not.toContain('bob@green.example; ');
  expect(ground.recorder.of('mail.bounced')).toMatchObject([{ recipients: ['bert@green.example'] }]);
});

test('the report brings back what there is', async () => {
  await left(text => text.slice(0, -5));
  await (await again()).flush();
  expect(alice[0]?.message.toString('latin1')).toContain('Message-ID: <1@blue.example>');
});

test('a letter that is spoilt while the queue runs is given back too', async () => {
  const queue = await again();
  const id = await queue.accept({ ...letter('bob@green.example'), over: new Promise(() => undefined) });
  truncateSync(path(`${id}.letter`), 5);
  await queue.flush();
  expect(alice).toHaveLength(1);
  expect(said.map(({ code }) => code)).toEqual(['put-aside']);
  expect(readdirSync(ground.directory)).toEqual([`${id}.letter.unreadable`]);
});

test('nobody is told of a notification that is spoilt, and that is recorded', async () => {
  await left(text => text.slice(0, -1), { reversePath: '' });
  await (await again()).flush();
  expect(alice).toEqual([]);
  expect(ground.recorder.of('mail.discarded')).toHaveLength(1);
  expect(said.map(({ code }) => code)).toEqual(['put-aside']);
});

test.each<[string, (text: string) => string]>([
  ['is empty', () => ''],
  ['begins with zeros', text => text.replace(/^.{20}/, '\0'.repeat(20))],
  ['has an envelope without recipients', text => text.replace(/"recipients":\[[^\]]*\]/, '"recipients":[]')],
])('a letter whose file %s is put aside at the start, and said', async (_what, spoil) => {
  const id = await left(spoil);
  const queue = await again();
  expect(queue.entries()).toEqual([]);
  expect(said).toEqual([{ code: 'put-aside', file: path(`${id}.letter`), reason: expect.any(String) }]);
  expect(readdirSync(ground.directory)).toEqual([`${id}.letter.unreadable`]);
});

test('a note of what has become of it that cannot be read is put aside, and everybody is tried again', async () => {
  const id = await left(text => text);
  writeFileSync(path(`${id}.state`), '{"pending":7}');
  await (await again()).flush();
  expect(green.map(({ envelope }) => envelope.recipients)).toEqual([['bob@green.example', 'bert@green.example']]);
  expect(said).toEqual([{ code: 'put-aside', file: path(`${id}.state`), reason: expect.any(String) }]);
});

test('a letter that an earlier version took with a Message-ID of 1.1 million characters arrives', async () => {
  const id = `<${'x'.repeat(1_100_000)}@blue.example>`;
  await left(text => text.replace('"<1@blue.example>"', JSON.stringify(id)));
  await (await again()).flush();
  expect(green).toHaveLength(1);
  expect(green[0]?.message.subarray(-message.length).equals(message)).toBe(true);
  expect(said).toEqual([]);
  for (const event of ground.recorder.of('mail.queued')) expect(event.messageId.length).toBeLessThan(1000);
});
