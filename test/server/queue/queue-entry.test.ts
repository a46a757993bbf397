/** What a queue has taken it can read again after a restart, whatever the letter says of itself. */
import { readdirSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EntryTooLarge } from '../../../server/queue/spool.ts';
import { messageIdOf } from '../../../server/smtp/message/trace-fields.ts';
import { type Ground, letter, openGround } from '../../help/loopback/queue-loopback.ts';
import { talk } from '../../help/loopback/smtp-loopback.ts';

let ground: Ground;
beforeEach(() => {
  ground = openGround();
});
afterEach(() => ground.close());

const hostile = (id: string): Buffer => Buffer.from(`Message-ID: <${id}>\r\nSubject: x\r\n\r\nhi\r\n`, 'latin1');

/** Takes the letter, cannot bring it anywhere, and is opened again. */
async function restarted(message: Buffer) {
  const before = await ground.queueOf();
  const id = await before.accept({ ...letter('bob@green.example'), message, messageId: messageIdOf(message) });
  await before.idle();
  await before.close();
  const queue = await ground.queueOf();
  expect(queue.entries().map(entry => entry.id)).toEqual([id]);
  expect(readdirSync(ground.directory).filter(name => name.endsWith('.unreadable'))).toEqual([]);
  return queue;
}

describe('after a restart', () => {
  test('a letter whose Message-ID is six times as long in JSON is there, and is delivered as it came', async () => {
    const message = hostile('\x01'.repeat(250_000));
    const queue = await restarted(message);
    const taken = await ground.serve('mx1.green.example');
    await queue.flush();
    expect(taken.map(delivery => delivery.message.includes(message))).toEqual([true]);
    expect(queue.entries()).toEqual([]);
  });

  test('one that was taken before headers were bounded is there too, and its sender is told that nobody takes it', async () => {
    const home = await ground.serve('mail.blue.example');
    const queue = await restarted(hostile('x'.repeat(1_100_000)));
    await ground.serve('mx1.green.example');
    await queue.flush();
    await queue.idle();
    expect(home.map(({ message }) => message.includes('552 5.3.4 Header too big'))).toEqual([true]);
    expect(queue.entries()).toEqual([]);
  });

  test('so is an envelope of 10,000 recipients with the longest names and everything asked for', async () => {
    const recipients = Array.from(
      { length: 10_000 },
      (_, nth) => `"${'\\"'.repeat(29)}${nth}"@${'d'.repeat(60)}.${'e'.repeat(60)}.${'f'.repeat(50)}.example`,
    );
    const dsn = Object.fromEntries(
      recipients.map(recipient => [
        recipient,
        { notify: ['SUCCESS', 'FAILURE', 'DELAY'] as const, orcpt: `rfc822;${'+2B'.repeat(160)}` },
      ]),
    );
    const envelope = { reversePath: 'alice@blue.example', recipients, dsn, envid: 'x'.repeat(100) };
    const before = await ground.queueOf({ concurrency: 0 });
    await before.accept({ ...letter(), envelope });
    await before.close();
    const [entry] = (await ground.queueOf({ concurrency: 0 })).entries();
    expect(isDeepStrictEqual(entry?.envelope, envelope)).toBe(true);
  });
});

test('what could not be read back is not taken: nothing is left of it, and the sender is told to give up', async () => {
  const queue = await ground.queueOf();
  const refused = queue.accept({ ...letter('bob@green.example'), messageId: 'x'.repeat(17_000_000) });
  await expect(refused).rejects.toMatchObject({ code: 'entry-too-large' });
  expect(readdirSync(ground.directory)).toEqual([]);
  expect(queue.entries()).toEqual([]);
});

test('whoever hands over an envelope that is too large hears 552', async () => {
  await ground.serve('mx1.green.example', {}, () => Promise.reject(new EntryTooLarge()));
  const said = await talk(ground.network.portOf('198.51.100.25', 25), [
    'EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<bob@green.example>\r\nDATA\r\nhi\r\n.\r\nQUIT\r\n',
  ]);
  expect(said).toContain('\r\n552 5.3.4 The envelope is too large');
});
