/** What a mailbox of very many letters promises: what was counted is not read again, nobody waits for it, and nothing is missed. */
import { readdirSync, renameSync, statSync } from 'node:fs';
import { appendFile, mkdir, readFile, rename, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { crlfSize } from '../../../server/base/crlf.ts';
import { openInbox } from '../../../server/mailbox/delivery.ts';
import { openMaildir } from '../../../server/mailbox/maildir.ts';
import { createMaildrop } from '../../../server/mailbox/maildrop.ts';
import { Marks } from '../../../server/pop3/marks.ts';
import { ok, replyBlocks } from '../../../server/pop3/replies.ts';
import { putManyLetters } from '../../fixtures/many-letters.ts';
import { temporaryFolder } from '../../help/loopback/pop3-loopback.ts';

const calls = vi.hoisted(() => ({
  opened: [] as string[],
  looked: 0,
  synced: 0,
  afterReading: [] as ((path: string) => void)[],
}));

vi.mock('node:fs', async original => {
  const real = await original<typeof import('node:fs')>();
  return {
    ...real,
    openSync: (...args: Parameters<typeof real.openSync>) => {
      calls.opened.push(String(args[0]));
      return real.openSync(...args);
    },
    lstatSync: (path: string, options: { throwIfNoEntry: false }) => {
      calls.looked++;
      return real.lstatSync(path, options);
    },
  };
});
vi.mock('node:fs/promises', async original => {
  const real = await original<typeof import('node:fs/promises')>();
  return {
    ...real,
    open: async (...args: Parameters<typeof real.open>) => {
      if (statSync(String(args[0]), { throwIfNoEntry: false })?.isDirectory()) calls.synced++;
      return real.open(...args);
    },
    readFile: (...args: Parameters<typeof real.readFile>) => {
      calls.opened.push(String(args[0]));
      return real.readFile(...args);
    },
    readdir: async (path: string, options: { withFileTypes: true }) => {
      const entries = await real.readdir(path, options);
      for (const act of calls.afterReading) act(path);
      return entries;
    },
  };
});

const MANY = 1_000;
const HOST = 'pop.green.example';
const INDEX = '.mailscope-index';
let folder: string;
let removeFolder: () => Promise<void>;
let directory: string;
beforeEach(async () => {
  [folder, removeFolder] = await temporaryFolder();
  directory = join(folder, 'bob');
  calls.afterReading = [];
});
afterEach(() => removeFolder());

/** Letters whose octets were read while `act` ran. */
async function bodiesRead<T>(act: () => Promise<T>): Promise<[number, T]> {
  calls.opened = [];
  const result = await act();
  return [calls.opened.filter(path => /\/(new|cur)\//.test(path)).length, result];
}

/** Opens it, lists it and closes it: an index lies beside it then. */
async function indexed(): Promise<Awaited<ReturnType<Awaited<ReturnType<typeof openMaildir>>['list']>>> {
  const maildir = await openMaildir(directory, HOST);
  const listed = await maildir.list();
  await maildir.close();
  return listed;
}

describe('the index beside a mailbox', () => {
  test('opening a mailbox reads no letter, the first look reads each once, and no later one reads any, also after a restart', async () => {
    const files = putManyLetters(directory, { count: MANY, lineEnd: '\n' });
    const [opening, maildir] = await bodiesRead(() => openMaildir(directory, HOST));
    expect(opening).toBe(0);
    expect(maildir.octets().messages).toBe(MANY);
    const [first, listed] = await bodiesRead(() => maildir.list());
    expect(first).toBe(MANY);
    expect(listed.map(({ file }) => file)).toEqual(files);
    expect((await bodiesRead(() => maildir.list()))[0]).toBe(0);
    await maildir.close();
    const [again, later] = await bodiesRead(async () => (await openMaildir(directory, HOST)).list());
    expect(again).toBe(0);
    expect(later).toEqual(listed);
  });

  test('a letter that was delivered here is never read to be counted', async () => {
    const maildir = await openMaildir(directory, HOST);
    await maildir.deliver(Buffer.from('a\nb'));
    const [read, [letter]] = await bodiesRead(() => maildir.list());
    expect(read).toBe(0);
    expect(letter?.size).toBe(6);
  });

  test('what other programs flagged, rewrote, added and took away meanwhile is noticed, and only that is read', async () => {
    const files = putManyLetters(directory, { count: MANY });
    await indexed();
    const [flagged = '', rewritten = '', taken = ''] = files;
    await rename(join(directory, 'new', flagged), join(directory, 'cur', `${flagged}:2,FS`));
    await appendFile(join(directory, 'new', rewritten), 'more\n');
    await rm(join(directory, 'new', taken));
    await writeFile(join(directory, 'cur', '1699999999.foreign:2,'), 'a\nb');
    const maildir = await openMaildir(directory, HOST);
    const [read, listed] = await bodiesRead(() => maildir.list());
    expect(read).toBe(2);
    expect(listed.map(({ file }) => file)).toEqual(['1699999999.foreign', ...files.filter(file => file !== taken)]);
    for (const { file, size } of listed.slice(0, 4)) expect(crlfSize(await maildir.read(file))).toBe(size);
    expect(maildir.octets().messages).toBe(MANY);
  });

  test.each([
    ['torn', async (path: string) => writeFile(path, (await readFile(path)).subarray(0, 5_000))],
    [
      'changed by one octet',
      async (path: string) => {
        const body = await readFile(path);
        body[body.length - 200] = (body[body.length - 200] ?? 0) ^ 1;
        await writeFile(path, body);
      },
    ],
    ['garbage', (path: string) => writeFile(path, Buffer.alloc(100_000, 0xfe))],
    ['empty', (path: string) => writeFile(path, '')],
    ['deleted', (path: string) => rm(path)],
    [
      'a folder',
      async (path: string) => {
        await rm(path);
        await mkdir(path);
      },
    ],
  ])('an index that is %s costs a second count and nothing else', async (_how, spoil) => {
    putManyLetters(directory, { count: 300, lineEnd: '\n' });
    const listed = await indexed();
    expect((await stat(join(directory, INDEX))).mode & 0o777).toBe(0o600);
    await spoil(join(directory, INDEX));
    const [read, again] = await bodiesRead(indexed);
    expect(read).toBe(300);
    expect(again).toEqual(listed);
  });

  test('a letter that was rewritten unnoticed is found out when it is read', async () => {
    const [file = ''] = putManyLetters(directory, { count: 300, lineEnd: '\n' });
    const [before] = await indexed();
    const path = join(directory, 'new', file);
    const { atime, mtime } = await stat(path);
    await writeFile(path, (await readFile(path, 'latin1')).replace('\n', ' '));
    await utimes(path, atime, mtime);
    // The clock of a file system may be finer than what `utimes` can say: then it is noticed at once, which is as good.
    const maildir = await openMaildir(directory, HOST);
    await maildir.list();
    await maildir.read(file);
    expect((await maildir.list())[0]?.size).toBe((before?.size ?? 0) - 1);
  });
});

describe('a letter that another program moves', () => {
  test('from new to cur while the mailbox is looked through is not missed', async () => {
    const [file = ''] = putManyLetters(directory, { count: 1 });
    const maildir = await openMaildir(directory, HOST);
    let moves = 0;
    calls.afterReading.push(() => {
      if (moves++ === 0) renameSync(join(directory, 'new', file), join(directory, 'cur', `${file}:2,S`));
    });
    expect((await maildir.list()).map(each => each.file)).toEqual([file]);
    expect(readdirSync(join(directory, 'cur'))).toEqual([`${file}:2,S`]);
  });

  test('all of them at once: each is read and removed where it lies now, and the folders are looked through once for all', async () => {
    const files = putManyLetters(directory, { count: 500 });
    const maildir = await openMaildir(directory, HOST);
    for (const file of files) renameSync(join(directory, 'new', file), join(directory, 'cur', `${file}:2,S`));
    let looks = 0;
    calls.afterReading.push(() => looks++);
    for (const file of files.slice(0, 50)) await maildir.read(file);
    expect(looks).toBe(2);
    await rm(join(directory, 'cur', `${files[7]}:2,S`));
    calls.synced = 0;
    const { removed, gone, failed } = await maildir.removeAll(files);
    expect([removed.length, gone, failed]).toEqual([499, [files[7]], []]);
    expect(looks).toBe(4);
    expect(maildir.octets()).toEqual({ messages: 0, octets: 0 });
  });
});

describe('nobody waits for a mailbox of many letters', () => {
  test('QUIT after DELE of all syncs each folder once, not once a letter', async () => {
    putManyLetters(directory, { count: 500 });
    putManyLetters(directory, { count: 20, flags: ':2,S' });
    const maildir = await openMaildir(directory, HOST);
    const outcome = await createMaildrop('bob@green.example', maildir).lock('c1');
    if (outcome.kind !== 'locked') throw new Error('in use');
    const { messages } = outcome.snapshot;
    calls.synced = 0;
    const { removed } = await outcome.snapshot.update(messages.map((_, nth) => nth + 1));
    expect(removed).toEqual(messages.map(({ file }) => file));
    expect(calls.synced).toBeLessThanOrEqual(2);
    expect(calls.synced).toBeGreaterThan(0);
  });

  test('the event loop turns while letters are counted, also while a single long one is', async () => {
    const [file = ''] = putManyLetters(directory, { count: 1 });
    await truncate(join(directory, 'new', file), 150_000_000);
    const maildir = await openMaildir(directory, HOST);
    let longest = 0;
    let over = false;
    const began = performance.now();
    let last = began;
    const turn = (): void => {
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
      if (!over) setImmediate(turn);
    };
    setImmediate(turn);
    await maildir.list();
    over = true;
    const end = performance.now();
    // In one go it would be nearly all of the time.
    expect(Math.max(longest, end - last)).toBeLessThan((end - began) / 2);
  });

  test('what a mail client has fetched is not looked through when its inbox is opened', async () => {
    putManyLetters(directory, { count: 500 });
    const seen: string[] = [];
    calls.looked = 0;
    calls.afterReading.push(path => seen.push(path));
    const inbox = await openInbox(directory, 'bobs-laptop.green.example');
    expect(seen).toEqual([join(directory, 'tmp')]);
    expect(calls.looked).toBe(0);
    await inbox.deliver(Buffer.from('one more'));
    expect(readdirSync(join(directory, 'new'))).toHaveLength(501);
  });

  test('a listing is made block by block, as it is sent', () => {
    let made = 0;
    const lines = function* (): Generator<string> {
      while (made < 50_000) yield `${++made} ${'x'.repeat(60)}`;
    };
    const blocks = replyBlocks(ok('unique-id listing follows', lines()));
    const first = blocks.next().value;
    expect(made).toBeLessThan(1_000);
    const rest = [...blocks];
    for (const block of [first, ...rest]) expect(block?.length).toBeLessThan(65_536);
    expect(rest.at(-1)?.toString('latin1')).toMatch(/50000 x+\r\n\.\r\n$/);
  });

  test('a mark is a value: marking one more leaves the others as they were', () => {
    const none = new Marks(50_000);
    const some = none.with(1).with(50_000);
    expect([...none]).toEqual([]);
    expect([...some]).toEqual([1, 50_000]);
    expect([some.has(1), some.has(2), some.has(50_001), none.has(1)]).toEqual([true, false, false, false]);
  });
});
