/** A disk that is full, read-only or torn: who brings something is told, nothing accepted is lost, nothing is half there, and with room again all goes on. */
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openDataFolder } from '../../../server/disk/data-folder.ts';
import { openOutbox } from '../../../server/mail-client/outbox.ts';
import { openMaildir } from '../../../server/mailbox/maildir.ts';
import { createWorldKeeper, keptWorld } from '../../../server/rooms/world/kept-world.ts';
import { latin1 } from '../../../shared/bytes.ts';
import type { Trouble } from '../../../shared/explain/troubles.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';
import { ALICE, BOB, openStage, type Stage } from '../../fixtures/scenario.ts';
import { CHANGES, type Change, disk } from '../../fixtures/watched-disk.ts';
import { temporaryFolder } from '../../help/loopback/pop3-loopback.ts';
import { type Ground, letter, openGround } from '../../help/loopback/queue-loopback.ts';

vi.mock('node:fs/promises', async original =>
  (await import('../../fixtures/watched-disk.ts')).watched(await original()),
);

/** Every step of writing something down fails in every way. */
const TROUBLES = (['ENOSPC', 'EROFS', 'EIO'] as const).flatMap(code => CHANGES.map(at => [code, at] as const));

let folder: string;
let removeFolder: () => Promise<void>;
let said: Trouble[];
const report = (trouble: Trouble): void => {
  said.push(trouble);
};
beforeEach(async () => {
  [folder, removeFolder] = await temporaryFolder();
  said = [];
});
afterEach(async () => {
  disk.trouble = null;
  disk.beforeFolderSync = async () => undefined;
  await removeFolder();
});
function fail(code: string, at: readonly Change[] = CHANGES, where = folder): void {
  disk.trouble = { code, at, where };
}

describe('a queue', () => {
  let ground: Ground;
  beforeEach(() => {
    ground = openGround();
  });
  afterEach(async () => {
    disk.trouble = null;
    await ground.close();
  });

  test.each(TROUBLES)('refuses a letter with %s at %s, has nothing of it, and takes the next one', async (code, at) => {
    const queue = await ground.queueOf();
    fail(code, [at], ground.directory);
    await expect(queue.accept(letter('bob@green.example'))).rejects.toMatchObject({ code });
    expect(readdirSync(ground.directory)).toEqual([]);
    expect(queue.entries()).toEqual([]);
    expect(ground.recorder.events).toEqual([]);
    disk.trouble = null;
    const deliveries = await ground.serve('mx1.green.example');
    await queue.accept(letter('bob@green.example'));
    await queue.flush();
    expect(deliveries).toHaveLength(1);
  });

  test.each(['ENOSPC', 'EROFS'])('keeps what it owes a sender while %s lasts, and tells them then', async code => {
    const deliveries = await ground.serve('mail.blue.example');
    const queue = await ground.queueOf();
    await queue.accept({ ...letter('bob@nowhere.example'), over: new Promise(() => undefined) });
    const warned = once(process, 'warning');
    fail(code, CHANGES, ground.directory);
    await queue.flush();
    await warned;
    expect(ground.recorder.of('mail.bounced')).toHaveLength(1);
    expect(ground.recorder.of('mail.dequeued')).toEqual([]);
    expect(readdirSync(ground.directory)).toHaveLength(1);
    disk.trouble = null;
    await queue.flush();
    expect(deliveries.map(({ envelope }) => envelope)).toMatchObject([{ reversePath: '', recipients: [ALICE] }]);
    expect(readdirSync(ground.directory)).toEqual([]);
  });
});

describe('a mailbox', () => {
  test.each(TROUBLES)(
    'refuses a message with %s at %s, has nothing of it, and takes the next one',
    async (code, at) => {
      const maildir = await openMaildir(join(folder, 'bob'), 'pop.green.example');
      fail(code, [at]);
      await expect(maildir.deliver(Buffer.from('Subject: x\r\n\r\nx\r\n'))).rejects.toMatchObject({ code });
      expect([readdirSync(join(folder, 'bob', 'new')), readdirSync(join(folder, 'bob', 'tmp'))]).toEqual([[], []]);
      expect(maildir.octets()).toEqual({ messages: 0, octets: 0 });
      disk.trouble = null;
      await maildir.deliver(Buffer.from('y'));
      expect(await maildir.list()).toHaveLength(1);
    },
  );
});

describe('an outbox', () => {
  const facts = {
    messageId: '',
    subject: 'x',
    envelope: { reversePath: ALICE, recipients: [BOB] },
    composedAt: 1,
  };
  test.each(TROUBLES)('refuses a letter with %s at %s, has nothing of it, and takes the next one', async (code, at) => {
    const outbox = await openOutbox(folder, report);
    await outbox.put({ ...facts, id: 'a' }, Buffer.from('first'));
    fail(code, [at]);
    await expect(outbox.put({ ...facts, id: 'b' }, Buffer.from('second'))).rejects.toMatchObject({ code });
    expect(outbox.letters().map(({ id }) => id)).toEqual(['a']);
    expect(readdirSync(folder)).toEqual(['a.letter']);
    disk.trouble = null;
    await outbox.put({ ...facts, id: 'b' }, Buffer.from('second'));
    expect((await openOutbox(folder, report)).letters().map(({ id }) => id)).toEqual(['a', 'b']);
  });
});

describe('a world', () => {
  test.each(TROUBLES)(
    'that meets %s at %s is not said to be kept, and is kept when there is room again',
    async (code, at) => {
      const file = join(folder, 'world.json');
      const keeper = createWorldKeeper(file, blueAndGreen, report);
      await keeper.keep({ ...blueAndGreen, seed: 1 });
      fail(code, [at]);
      expect(await keeper.keep({ ...blueAndGreen, seed: 2 })).toMatchObject({ code });
      expect(await keeper.keep({ ...blueAndGreen, seed: 3 })).toMatchObject({ code });
      expect(said).toEqual([{ code: 'world-unwritable', file, reason: code }]);
      // What lies there is one of them, whole.
      expect(Object.keys(JSON.parse(readFileSync(file, 'utf8')))).toEqual(['given', 'now']);
      disk.trouble = null;
      await keeper.close();
      expect(said.at(-1)).toEqual({ code: 'world-writable', file });
      expect((await keptWorld(file, blueAndGreen, report)).seed).toBe(3);
    },
  );

  test('is tried again by itself', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const file = join(folder, 'world.json');
    const keeper = createWorldKeeper(file, blueAndGreen, report);
    fail('ENOSPC');
    expect(await keeper.keep({ ...blueAndGreen, seed: 2 })).toMatchObject({ code: 'ENOSPC' });
    disk.trouble = null;
    await vi.runAllTimersAsync();
    vi.useRealTimers();
    await expect.poll(() => said.map(({ code }) => code)).toEqual(['world-unwritable', 'world-writable']);
    await keeper.close();
  });
});

test.each(['ENOSPC', 'EROFS'])('a data folder with %s is one sentence, and is had when there is room', async code => {
  const data = join(folder, 'data');
  await mkdir(data);
  fail(code);
  await expect(openDataFolder(data)).rejects.toThrow(`${data}: lock`);
  await expect(openDataFolder(data)).rejects.toThrow(`cannot be written (${code}); choose another with --data.`);
  expect(await readdir(data)).toEqual([]);
  disk.trouble = null;
  await (await openDataFolder(data)).close();
  expect(await readdir(data)).toEqual([]);
});

describe('a room', () => {
  let stage: Stage;
  const troubles: string[] = [];
  beforeEach(async () => {
    troubles.length = 0;
    stage = await openStage({ data: folder, onTrouble: sentence => troubles.push(sentence) });
  });
  afterEach(async () => {
    disk.trouble = null;
    await stage.close();
  });
  const letters = (): readonly string[] =>
    readdirSync(join(folder, 'mail', BOB, 'new')).map(name =>
      readFileSync(join(folder, 'mail', BOB, 'new', name), 'latin1'),
    );
  const queued = (host: string): readonly string[] => readdirSync(join(folder, 'queue', host));

  test('answers 452 to a letter while its queue has no room, and the mail client keeps it for later', async () => {
    fail('ENOSPC', CHANGES, join(folder, 'queue'));
    await stage.send({ subject: 'Full' });
    expect(stage.protocol().join('\n')).toContain('452 4.3.1');
    expect([queued('smtp.blue.example'), letters()]).toEqual([[], []]);
    disk.trouble = null;
    const unsent = await stage.room.unsent(ALICE);
    expect(unsent).toMatchObject([{ subject: 'Full' }]);
    await stage.room.resend(ALICE, unsent?.[0]?.id ?? '');
    await expect.poll(() => letters().filter(text => text.includes('Subject: Full'))).toHaveLength(1);
  });

  test('answers 451 where the disk is read-only, and what it had accepted before arrives', async () => {
    await stage.fault({ kind: 'host-off', host: 'mx1.green.example' });
    await stage.fault({ kind: 'host-off', host: 'mx2.green.example' });
    await stage.send({ subject: 'Before' });
    fail('EROFS', CHANGES, join(folder, 'queue'));
    await stage.send({ subject: 'Meanwhile' });
    expect(stage.protocol().join('\n')).toContain('451 4.3.0');
    disk.trouble = null;
    await stage.api('DELETE', '/api/faults');
    await stage.skip(3600);
    await expect.poll(() => letters().map(text => /Subject: (\w+)/.exec(text)?.[1])).toEqual(['Before']);
  });

  test('has a letter wait in the queue while the mailbox has no room, and once it has, one copy is there', async () => {
    fail('ENOSPC', CHANGES, join(folder, 'mail'));
    await stage.send({ subject: 'Wait' });
    expect(stage.protocol().join('\n')).toContain('452 4.3.1');
    expect(letters()).toEqual([]);
    expect(queued('smtp.blue.example')).not.toEqual([]);
    disk.trouble = null;
    await stage.skipUntil(event => event.kind === 'mail.dequeued');
    expect(letters()).toHaveLength(1);
  });

  test('puts a letter into the mailbox and the queue, or into neither', async () => {
    const aliases = [{ address: 'both@green.example', targets: [BOB, ALICE] }];
    await stage.edit(world => ({ ...world, aliases }));
    fail('ENOSPC', CHANGES, join(folder, 'queue', 'mx1.green.example'));
    await stage.send({ to: ['both@green.example'], subject: 'Both' });
    expect(stage.protocol().join('\n')).toContain('452 4.3.1');
    expect(letters()).toEqual([]);
    expect(stage.room.recorder.events(1).some(({ kind }) => kind === 'mail.stored')).toBe(false);
    disk.trouble = null;
    await stage.skipUntil(event => event.kind === 'mail.stored' && event.mailbox === ALICE);
    expect(letters()).toHaveLength(1);
  });

  test('says 250 only when the letter would survive a power cut', async () => {
    const order: string[] = [];
    const said250 = (): boolean =>
      stage.room.recorder
        .events(1)
        .some(event => event.kind === 'wire.bytes' && /^250 .*queued as/.test(latin1(event.bytes)));
    disk.beforeFolderSync = async path => {
      if (!path.endsWith('smtp.blue.example') || order.length > 0) return;
      // As long as it takes whoever would not wait.
      for (let turn = 0; turn < 300 && !said250(); turn += 1) await nextTurn();
      order.push(said250() ? 'said' : 'not said yet');
    };
    await stage.send({ subject: 'Sure' });
    expect(order).toEqual(['not said yet']);
    expect(said250()).toBe(true);
  });

  test('does not say 200 or 201 to an edit of the world that cannot be kept', async () => {
    fail('ENOSPC', CHANGES, join(folder, 'world.json'));
    const refused = /507 .*"world-not-kept"/;
    await expect(stage.edit(world => ({ ...world, seed: 77 }))).rejects.toThrow(refused);
    await expect(stage.fault({ kind: 'host-off', host: 'mx1.green.example' })).rejects.toThrow(refused);
    await expect(stage.api('DELETE', '/api/faults')).rejects.toThrow(refused);
    for (const turn of ['undo', 'redo', 'reset'])
      await expect(stage.api('POST', `/api/world/${turn}`, {})).rejects.toThrow(refused);
    expect(troubles).toEqual([expect.stringMatching(/cannot be kept \(world\.json: ENOSPC\)/)]);
    expect(existsSync(join(folder, 'world.json'))).toBe(false);
    disk.trouble = null;
    await stage.edit(world => ({ ...world, seed: 78 }));
    expect(troubles.at(-1)).toMatch(/is kept again \(world\.json\)/);
    expect(JSON.parse(await readFile(join(folder, 'world.json'), 'utf8'))).toMatchObject({ now: { seed: 78 } });
    const codes = stage.room.recorder.events(1).flatMap(event => (event.kind === 'room.trouble' ? [event.code] : []));
    expect(codes).toEqual(['world-unwritable', 'world-writable']);
  });
});
