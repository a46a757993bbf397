/** What a mailbox on disk promises: whole or not there, readable by others, counted as POP3 counts. */
import { mkdir, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { crlfForm, crlfSize } from '../../../server/base/crlf.ts';
import { type Maildir, MessageGoneError, openMaildir } from '../../../server/mailbox/maildir.ts';
import { createMaildrop, type Snapshot } from '../../../server/mailbox/maildrop.ts';
import { installed, runProgram, temporaryFolder } from '../../help/loopback/pop3-loopback.ts';

let folder: string;
let removeFolder: () => Promise<void>;
let maildir: Maildir;

beforeEach(async () => {
  [folder, removeFolder] = await temporaryFolder();
  maildir = await openMaildir(join(folder, 'bob'), 'pop.green.example');
});
afterEach(() => removeFolder());

const letter = (text: string): Buffer => Buffer.from(`Subject: ${text}\r\n\r\n${text}\r\n`, 'latin1');

describe('a Maildir', () => {
  test('a delivered message lies in new as it was, and nothing stays in tmp', async () => {
    const message = Buffer.from([0x80, 0xff, 0, 10, 13, 10, 0xc3]);
    const file = await maildir.deliver(message);
    expect(await readdir(join(maildir.directory, 'new'))).toEqual([file]);
    expect(await readdir(join(maildir.directory, 'tmp'))).toEqual([]);
    expect((await maildir.read(file)).equals(message)).toBe(true);
  });

  // That a power cut leaves it too is shown in `disk-durable`.
  test('a placed message lies in new at once, and is listed only when it is shown', async () => {
    const placed = await maildir.place(letter('a'));
    expect(await readdir(join(maildir.directory, 'new'))).toEqual([placed.file]);
    expect(await maildir.list()).toEqual([]);
    placed.show();
    expect((await maildir.list()).map(({ file }) => file)).toEqual([placed.file]);
  });

  test('a placed message that is taken back was never there', async () => {
    const placed = await maildir.place(letter('a'));
    await placed.takeBack();
    expect(await readdir(join(maildir.directory, 'new'))).toEqual([]);
    expect(await maildir.list()).toEqual([]);
  });

  test('messages are listed in the order they came, under names that are all different', async () => {
    const files: string[] = [];
    for (let count = 0; count < 30; count++) files.push(await maildir.deliver(letter(`${count}`)));
    const listed = await maildir.list();
    expect(listed.map(({ file }) => file)).toEqual(files);
    expect(new Set(listed.map(({ uidl }) => uidl)).size).toBe(30);
    for (const { uidl } of listed) expect(uidl).toMatch(/^[\x21-\x7e]{1,70}$/);
  });

  test('two identical messages are two messages, also when delivered at once', async () => {
    await Promise.all([maildir.deliver(letter('same')), maildir.deliver(letter('same'))]);
    const [one, two] = await maildir.list();
    expect(one?.uidl).not.toBe(two?.uidl);
  });

  test('a message that another program flagged or moved keeps its name, its id and its place', async () => {
    const files = [await maildir.deliver(letter('a')), await maildir.deliver(letter('b'))];
    const before = await maildir.list();
    const [first = ''] = files;
    await rename(join(maildir.directory, 'new', first), join(maildir.directory, 'cur', `${first}:2,RS`));
    expect(await maildir.list()).toEqual(before);
    expect((await maildir.read(first)).equals(letter('a'))).toBe(true);
    expect(await maildir.remove(first)).toBe(true);
    expect(await maildir.list()).toEqual(before.slice(1));
  });

  test('it is the same after it is opened again', async () => {
    await maildir.deliver(letter('a'));
    await maildir.deliver(Buffer.from('bare\nlines'));
    const again = await openMaildir(maildir.directory, 'elsewhere.example');
    expect(await again.list()).toEqual(await maildir.list());
  });

  test('what another program removed is gone, and says so', async () => {
    const file = await maildir.deliver(letter('a'));
    expect(await maildir.remove(file)).toBe(true);
    expect(await maildir.remove(file)).toBe(false);
    await expect(maildir.read(file)).rejects.toBeInstanceOf(MessageGoneError);
    expect(await maildir.list()).toEqual([]);
  });

  test('an id that POP3 could not say is replaced by one that lasts', async () => {
    const name = `1700000000.${'x'.repeat(120)} ü`;
    await writeFile(join(maildir.directory, 'cur', `${name}:2,`), letter('foreign'));
    const [listed] = await maildir.list();
    expect(listed?.file).toBe(name);
    expect(listed?.uidl).toMatch(/^[0-9a-f]{64}$/);
    expect(await maildir.list()).toEqual([listed]);
  });

  test('rubbish in tmp is swept when it is older than 36 hours; folders and dot files are nobody’s mail', async () => {
    const tmp = join(maildir.directory, 'tmp');
    await writeFile(join(tmp, 'old'), 'x');
    await writeFile(join(tmp, 'young'), 'x');
    const past = Date.now() / 1000 - 37 * 3600;
    await utimes(join(tmp, 'old'), past, past);
    await mkdir(join(maildir.directory, 'new', 'folder'));
    await writeFile(join(maildir.directory, 'cur', '.hidden'), 'x');
    const again = await openMaildir(maildir.directory, 'pop.green.example');
    expect(await readdir(tmp)).toEqual(['young']);
    expect(await again.list()).toEqual([]);
  });

  test('it knows how full it is as mail comes and goes, and after it is opened again', async () => {
    const of = (...messages: Buffer[]) => ({
      messages: messages.length,
      octets: messages.reduce((sum, message) => sum + message.length, 0),
    });
    expect(maildir.octets()).toEqual(of());
    // Counted as it lies there, bare line ends too; and from the moment it is on its way, so that two who come at once see each other.
    const bare = Buffer.from('a\nb');
    const files = await Promise.all([letter('one'), bare].map(message => maildir.deliver(message)));
    const placing = maildir.place(letter('placed'));
    expect(maildir.octets()).toEqual(of(letter('one'), bare, letter('placed')));
    const placed = await placing;
    await maildir.list();
    expect(maildir.octets()).toEqual(of(letter('one'), bare, letter('placed')));
    await placed.takeBack();
    expect(maildir.octets()).toEqual(of(letter('one'), bare));
    await maildir.remove(files[0] ?? '');
    expect(maildir.octets()).toEqual(of(bare));
    expect((await openMaildir(maildir.directory, 'pop.green.example')).octets()).toEqual(of(bare));
  });

  test('what other programs did to it is counted at the next look, and what failed to be stored is not', async () => {
    const file = await maildir.deliver(letter('gone'));
    await writeFile(join(maildir.directory, 'cur', '1.foreign:2,S'), 'foreign');
    await rm(join(maildir.directory, 'new', file));
    await maildir.list();
    expect(maildir.octets()).toEqual({ messages: 1, octets: 'foreign'.length });
    await rm(join(maildir.directory, 'tmp'), { recursive: true });
    await expect(maildir.deliver(letter('no room'))).rejects.toMatchObject({ code: 'ENOENT' });
    expect(maildir.octets()).toEqual({ messages: 1, octets: 'foreign'.length });
  });

  test('however deliveries, removals and looks cross each other, the count is what is there', async () => {
    const files: string[] = [];
    const act = async (turn: number): Promise<void> => {
      if (turn % 3 === 0) await maildir.list();
      else if (turn % 3 === 1) files.push(await maildir.deliver(letter(`${turn}`)));
      else await maildir.remove(files.shift() ?? 'none');
    };
    for (let round = 0; round < 10; round++) await Promise.all(Array.from({ length: 12 }, (_, turn) => act(turn)));
    const there = await maildir.list();
    expect((await openMaildir(maildir.directory, 'h')).octets()).toEqual(maildir.octets());
    expect(maildir.octets()).toEqual({
      messages: there.length,
      octets: there.reduce((sum, { size }) => sum + size, 0),
    });
  });

  test('a host name cannot lead out of the folder', async () => {
    const odd = await openMaildir(maildir.directory, '../a:b');
    expect(await odd.deliver(letter('a'))).toMatch(/\.\.\\057a\\072b$/);
  });

  test('where it cannot be made it says why', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(openMaildir(join(folder, 'file'), 'h')).rejects.toMatchObject({ code: expect.stringMatching(/^E/) });
  });

  test.skipIf(!installed('python3'))('Python’s mailbox module reads it, flags it and adds to it', async () => {
    const message = Buffer.from('Subject: =?utf-8?q?h=C3=A9?=\r\n\r\n\xff.\r\n..\r\n', 'latin1');
    await maildir.deliver(message);
    const script = `
import mailbox, sys
box = mailbox.Maildir(sys.argv[1], create=False)
[(key, letter)] = list(box.items())
sys.stdout.buffer.write(box.get_bytes(key))
letter.set_subdir('cur'); letter.add_flag('S'); box[key] = letter
box.add(b'Subject: added\\n\\nbare\\n')
`;
    const { stdout, stderr, status } = await runProgram('python3', ['-c', script, maildir.directory]);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout.toString('latin1')).toBe(message.toString('latin1'));
    const listed = await maildir.list();
    expect(listed.map(({ size }) => size)).toContain('Subject: added\r\n\r\nbare\r\n'.length);
    expect(listed).toHaveLength(2);
    // Python has written the flagged one anew under the same name: the count follows the file.
    for (const { file, size } of listed) expect(crlfSize(await maildir.read(file))).toBe(size);
  });
});

describe('the CRLF form', () => {
  test('every line ends in CRLF and the size is counted without making it', () => {
    const octets = fc.array(fc.constantFrom('a', '\r', '\n', '\r\n', '.', '\0'), { maxLength: 40 });
    fc.assert(
      fc.property(octets, parts => {
        const stored = Buffer.from(parts.join(''), 'latin1');
        const form = crlfForm(stored);
        expect(form.length).toBe(crlfSize(stored));
        expect(form.toString('latin1')).toMatch(/^([^\r\n]*\r\n)*$/);
        expect(form.toString('latin1').split('\r\n').join('\n')).toBe(
          stored
            .toString('latin1')
            .replace(/\r\n|\r|\n/g, '\n')
            .replace(/[^\n]$/, '$&\n'),
        );
        expect(crlfForm(form)).toBe(form);
      }),
    );
  });
});

describe('a maildrop', () => {
  const locked = async (drop: ReturnType<typeof createMaildrop>, connection: string): Promise<Snapshot> => {
    const outcome = await drop.lock(connection);
    if (outcome.kind !== 'locked') throw new Error('in use');
    return outcome.snapshot;
  };

  test('one has it at a time, also of two who come at once, and it is given back once', async () => {
    const drop = createMaildrop('bob@green.example', maildir);
    const [one, two] = await Promise.all([drop.lock('c1'), drop.lock('c2')]);
    expect(two).toEqual({ kind: 'in-use', by: 'c1' });
    if (one?.kind !== 'locked') throw new Error('the first has it');
    expect(one.snapshot.release()).toBe(true);
    const second = await locked(drop, 'c3');
    expect(one.snapshot.release()).toBe(false);
    expect(await drop.lock('c4')).toEqual({ kind: 'in-use', by: 'c3' });
    expect(second.release()).toBe(true);
  });

  test('what comes while it is held is not in it, and a read has exactly the octets that were promised', async () => {
    const drop = createMaildrop('bob@green.example', maildir);
    await maildir.deliver(Buffer.from('a\nb'));
    const snapshot = await locked(drop, 'c1');
    await maildir.deliver(letter('later'));
    expect(snapshot.messages).toHaveLength(1);
    expect((await snapshot.read(1)).toString('latin1')).toBe('a\r\nb\r\n');
    expect(snapshot.messages[0]?.size).toBe(6);
    snapshot.release();
    expect((await locked(drop, 'c2')).messages).toHaveLength(2);
  });

  test('an update removes what it is told to and nothing else', async () => {
    const drop = createMaildrop('bob@green.example', maildir);
    const files = [await maildir.deliver(letter('a')), await maildir.deliver(letter('b'))];
    const snapshot = await locked(drop, 'c1');
    expect(await snapshot.update([2])).toEqual({ removed: [files[1]], failed: [] });
    expect((await maildir.list()).map(({ file }) => file)).toEqual([files[0]]);
  });

  test('what cannot be removed is told, and a mailbox that cannot be read is not left locked', async () => {
    let broken = true;
    const failing: Maildir = {
      ...maildir,
      list: () => (broken ? Promise.reject(new Error('EIO')) : maildir.list()),
      removeAll: async files => ({
        removed: [],
        gone: [],
        failed: files.map(each => ({ file: each, error: new Error('read-only') })),
      }),
    };
    const file = await maildir.deliver(letter('a'));
    const drop = createMaildrop('bob@green.example', failing);
    await expect(drop.lock('c1')).rejects.toThrow('EIO');
    broken = false;
    const snapshot = await locked(drop, 'c2');
    expect(await snapshot.update([1])).toEqual({ removed: [], failed: [file] });
    expect(await readFile(join(maildir.directory, 'new', file), 'latin1')).toBe(letter('a').toString('latin1'));
  });
});
