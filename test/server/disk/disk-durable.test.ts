/** What was accepted is still there after a power cut: every octet and every name was synced before anybody heard yes. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openOutbox } from '../../../server/mail-client/outbox.ts';
import { openMaildir } from '../../../server/mailbox/maildir.ts';
import { createWorldKeeper } from '../../../server/rooms/world/kept-world.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';
import { disk } from '../../fixtures/watched-disk.ts';
import { temporaryFolder } from '../../help/loopback/pop3-loopback.ts';
import { type Ground, letter, openGround } from '../../help/loopback/queue-loopback.ts';

vi.mock('node:fs/promises', async original =>
  (await import('../../fixtures/watched-disk.ts')).watched(await original()),
);

let folder: string;
let removeFolder: () => Promise<void>;
beforeEach(async () => {
  [folder, removeFolder] = await temporaryFolder();
  disk.log = [];
});
afterEach(async () => {
  await removeFolder();
});
const report = (): void => undefined;

/** The order in which a file becomes durable, whatever it is called. */
const ORDER = ['open', 'write', 'write', 'sync', 'rename', 'sync-folder'];
const changes = (): readonly (string | undefined)[] => disk.log.map(line => line.split(' ', 1)[0]);

describe('a power cut leaves', () => {
  let ground: Ground;
  beforeEach(() => {
    ground = openGround();
  });
  afterEach(() => ground.close());

  test('every letter that a queue has accepted, whole and under its name', async () => {
    const queue = await ground.queueOf();
    disk.log = [];
    const id = await queue.accept({ ...letter('bob@green.example'), over: new Promise(() => undefined) });
    expect(disk.survives(join(ground.directory, `${id}.letter`))).toBe(true);
    expect(changes()).toEqual(ORDER);
  });

  test('who of a letter’s recipients is done with, so that nobody gets it twice for that', async () => {
    await ground.serve('mx.red.example');
    const queue = await ground.queueOf();
    const id = await queue.accept(letter('bob@green.example', 'carl@red.example'));
    await queue.flush();
    expect(queue.entries()).toMatchObject([{ pending: ['bob@green.example'] }]);
    expect(disk.survives(join(ground.directory, `${id}.state`))).toBe(true);
    expect(disk.log).toContain(`sync ${id}.state.tmp`);
  });
});

test('a power cut leaves every message that a mailbox has taken', async () => {
  const maildir = await openMaildir(join(folder, 'bob'), 'pop.green.example');
  disk.log = [];
  const file = await maildir.deliver(Buffer.from('Subject: x\r\n\r\nx\r\n'));
  expect(disk.survives(join(maildir.directory, 'new', file))).toBe(true);
  expect(changes()).toEqual(['open', 'write', 'sync', 'rename', 'sync-folder']);
  expect(disk.log.at(-1)).toBe('sync-folder new');
});

test('what POP3 has removed does not come back after a power cut', async () => {
  const maildir = await openMaildir(join(folder, 'bob'), 'pop.green.example');
  const file = await maildir.deliver(Buffer.from('x'));
  disk.log = [];
  await maildir.remove(file);
  expect(disk.log).toEqual(['sync-folder new']);
});

test('a power cut leaves every letter that a mail client says it keeps', async () => {
  const outbox = await openOutbox(join(folder, 'outbox'), report);
  disk.log = [];
  const envelope = { reversePath: 'alice@blue.example', recipients: ['bob@green.example'] };
  await outbox.put({ id: 'abc', messageId: '', subject: 'x', envelope, composedAt: 1 }, Buffer.from('x'));
  expect(disk.survives(join(folder, 'outbox', 'abc.letter'))).toBe(true);
  expect(changes()).toEqual(ORDER);
});

test('a power cut leaves the world as it was edited last', async () => {
  const file = join(folder, 'world.json');
  const keeper = createWorldKeeper(file, blueAndGreen, report);
  expect(await keeper.keep({ ...blueAndGreen, seed: 5 })).toBeNull();
  expect(disk.survives(file)).toBe(true);
  expect(changes()).toEqual(['open', 'write', 'sync', 'rename', 'sync-folder']);
  await keeper.close();
});

test('the disk of these tests does forget what was not synced', async () => {
  const { open, rename } = await import('node:fs/promises');
  const path = join(folder, 'x');
  const handle = await open(`${path}.tmp`, 'wx');
  await handle.writeFile(Buffer.from('x'));
  await handle.close();
  await rename(`${path}.tmp`, path);
  expect(disk.survives(path)).toBe(false);
  await rm(path);
});
