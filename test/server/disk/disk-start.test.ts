/** Whatever lies in a data folder, mailscope starts and says what it could not use, or ends with one sentence that names it; it never waits for a FIFO. */
import { chmodSync, existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, lstat, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadWorld } from '../../../server/cli/world-file.ts';
import { openRoom, type Room } from '../../../server/rooms/room.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';
import { ALICE, BOB } from '../../fixtures/scenario.ts';
import { runProgram, temporaryFolder } from '../../help/loopback/pop3-loopback.ts';

let folder: string;
let removeFolder: () => Promise<void>;
let data: string;
let rooms: Room[];
let said: string[];
beforeEach(async () => {
  [folder, removeFolder] = await temporaryFolder();
  data = join(folder, 'data');
  rooms = [];
  said = [];
});
afterEach(async () => {
  for (const room of rooms) await room.close();
  await removeFolder();
});
async function start(): Promise<Room> {
  const room = await openRoom({ world: blueAndGreen, data, ports: null, onTrouble: sentence => said.push(sentence) });
  rooms.push(room);
  return room;
}
async function stop(room: Room): Promise<void> {
  rooms = rooms.filter(each => each !== room);
  await room.close();
}
const troubles = (room: Room): readonly string[] =>
  room.recorder.events(1).flatMap(event => (event.kind === 'room.trouble' ? [`${event.code} ${event.file}`] : []));

type Oddity = readonly [what: string, make: (path: string) => Promise<unknown>];
const fifo: Oddity = ['a FIFO', path => runProgram('mkfifo', [path])];
const directory: Oddity = ['a folder', path => mkdir(path)];
const dangling: Oddity = ['a symbolic link to nowhere', path => symlink('nowhere', path)];
const loop: Oddity = ['a symbolic link to itself', path => symlink(path, path)];
const socket: Oddity = [
  'a socket',
  path =>
    new Promise(resolve => {
      // It is unlinked when its server closes, so it lies there under another name.
      const server = createServer().listen(`${path}~`, () => {
        void rename(`${path}~`, path).then(() => server.close(resolve));
      });
    }),
];
const ODD = [fifo, directory, dangling, loop, socket];

describe('world.json', () => {
  const world = (): string => join(data, 'world.json');
  /** Leaves an edited world, and gives its text. */
  async function edited(): Promise<string> {
    const room = await start();
    await room.change({ ...blueAndGreen, seed: 41 }, { code: 'seed-changed' });
    expect(await room.living.kept()).toBeNull();
    await stop(room);
    return readFile(world(), 'utf8');
  }

  test.each<[string, (text: string) => string]>([
    ['torn', text => text.slice(0, -20)],
    ['empty', () => ''],
    ['zeroed', text => '\0'.repeat(text.length)],
    ['of the wrong shape', () => '{"world":1}'],
    ['no world', text => text.replace('"now":{', '"now":{"hosts":5,"was":{').concat('}')],
    ['a list', () => '[]'],
    [
      'nested without end',
      text => text.replace('"given":{', `"given":{"deep":${'['.repeat(50_000)}${']'.repeat(50_000)},`),
    ],
    ['not of UTF-8', text => `\ufffd${text}`],
  ])('that is %s is put aside and said, and the next edit does not touch it', async (_what, spoil) => {
    const spoiled = spoil(await edited());
    await writeFile(world(), spoiled);
    const room = await start();
    expect(room.world.seed).toBe(blueAndGreen.seed);
    expect(said).toEqual([expect.stringMatching(/put aside as world\.json\.unreadable/)]);
    expect(troubles(room)).toEqual(['put-aside world.json']);
    await room.change({ ...blueAndGreen, seed: 42 }, { code: 'seed-changed' });
    await stop(room);
    expect(await readFile(`${world()}.unreadable`, 'utf8')).toBe(spoiled);
    expect((await start()).world.seed).toBe(42);
  });

  test('that is torn twice is kept twice', async () => {
    await edited();
    for (const content of ['{one', '{two', '{three']) {
      await writeFile(world(), content);
      await stop(await start());
    }
    const names = ['world.json.unreadable', 'world.json.2.unreadable', 'world.json.3.unreadable'];
    expect(names.map(name => readFileSync(join(data, name), 'utf8'))).toEqual(['{one', '{two', '{three']);
    expect(said.map(sentence => /aside as (\S+?)(?::|\.$)/.exec(sentence)?.[1])).toEqual(names);
  });

  test.each(ODD)('that is %s is put aside at once', async (_what, make) => {
    await edited();
    await rm(world());
    await make(world());
    const room = await start();
    expect(said).toEqual([expect.stringMatching(/put aside as world\.json\.unreadable: /)]);
    await room.change({ ...blueAndGreen, seed: 43 }, { code: 'seed-changed' });
    await stop(room);
    expect((await start()).world.seed).toBe(43);
  });

  test.each([fifo, directory])('can be written although world.json.tmp is %s, or it is said', async (what, make) => {
    const room = await start();
    await make(`${world()}.tmp`);
    await room.change({ ...blueAndGreen, seed: 44 }, { code: 'seed-changed' });
    const error = await room.living.kept();
    expect(error === null).toBe(what === 'a FIFO');
    expect(said).toHaveLength(what === 'a FIFO' ? 0 : 1);
  });
});

describe('the queue folder', () => {
  const queue = (name = ''): string => join(data, 'queue', 'smtp.blue.example', name);
  const nameless: Oddity = [
    'a name that is not UTF-8',
    path => writeFile(Buffer.concat([Buffer.from(path), Buffer.from([0xff])]), ''),
  ];

  test.each([...ODD, nameless])(
    'with %s in it: the start goes on, says so, and letters go their way',
    async (_what, make) => {
      await mkdir(queue(), { recursive: true });
      for (const name of ['AB.letter', 'AC.state', 'AD.letter.tmp', 'notes']) await make(queue(name));
      const room = await start();
      expect(said).toHaveLength(1);
      expect(said[0]).toMatch(/^queue\/smtp\.blue\.example\/\S+ cannot be used and was left where it is: its? /);
      expect(said[0]).toMatch(/and 1 more\.$/);
      expect(troubles(room)).toEqual([expect.stringMatching(/^left-alone queue\/smtp\.blue\.example\//)]);
      await room.send({ from: { address: ALICE }, to: [BOB], subject: 'x', text: 'x' })?.finished;
      expect(readdirSync(join(data, 'mail', BOB, 'new'))).toHaveLength(1);
    },
  );
});

describe('mailboxes and mail clients', () => {
  test.each(ODD)('%s in new and cur is stepped over and said', async (_what, make) => {
    await stop(await start());
    for (const place of ['mail', 'clients'])
      for (const part of ['new', 'cur']) await make(join(data, place, BOB, part, '1.odd'));
    const room = await start();
    await expect.poll(() => troubles(room)).toHaveLength(4);
    expect(said[0]).toMatch(/^mail\/bob@green\.example\/new\/1\.odd cannot be used and was left where it is: it is a /);
    await room.send({ from: { address: ALICE }, to: [BOB], subject: 'x', text: 'x' })?.finished;
    expect(await room.collect(BOB)).toMatchObject({ kind: 'collected', messages: 1 });
  });

  test.each(ODD)('%s in the outbox, or in place of the memory of what was fetched, is said', async (_what, make) => {
    await stop(await start());
    await mkdir(join(data, 'clients', BOB, '.outbox'));
    await make(join(data, 'clients', BOB, '.outbox', 'abc.letter'));
    await make(join(data, 'clients', BOB, 'pop3-known-ids'));
    const room = await start();
    expect(await room.unsent(BOB)).toEqual([]);
    expect(await room.collect(BOB)).toMatchObject({ kind: 'collected' });
    expect(troubles(room)).toEqual([
      `left-alone clients/${BOB}/.outbox/abc.letter`,
      `put-aside clients/${BOB}/pop3-known-ids`,
    ]);
  });

  test('a torn letter in the outbox is put aside, and said', async () => {
    await stop(await start());
    await mkdir(join(data, 'clients', ALICE, '.outbox'));
    await writeFile(join(data, 'clients', ALICE, '.outbox', 'abc.letter'), '{"messageId":');
    const room = await start();
    expect(await room.unsent(ALICE)).toEqual([]);
    expect(troubles(room)).toEqual([`put-aside clients/${ALICE}/.outbox/abc.letter`]);
    expect(existsSync(join(data, 'clients', ALICE, '.outbox', 'abc.letter.unreadable'))).toBe(true);
  });
});

const file: Oddity = ['a file', path => writeFile(path, '')];
test.each(
  [
    'mail',
    'queue',
    'clients',
    `mail/${BOB}`,
    `mail/${BOB}/new`,
    'queue/smtp.blue.example',
    `clients/${BOB}/cur`,
  ].flatMap(place => [file, fifo, dangling, loop].map(([what, make]) => [what, place, make] as const)),
)('%s where the folder %s should be is one sentence that names it', async (what, place, make) => {
  await mkdir(join(data, place, '..'), { recursive: true });
  await make(join(data, place));
  const kind = what.replace(/^a /, '').replace(/ to .*/, '');
  await expect(start()).rejects.toThrow(
    new RegExp(
      `^The data folder \\S+: ${place.replaceAll('.', '\\.')} is a ${kind} where a folder should be, and it cannot be written \\([A-Z]+\\)`,
    ),
  );
  expect(readdirSync(data)).not.toContain('lock');
});

test.each([fifo, directory, dangling, loop])('--world that is %s is one sentence', async (_what, make) => {
  const path = join(folder, 'given.json');
  await make(path);
  await expect(loadWorld(path)).rejects.toThrow(
    /^The world \S+given\.json cannot be read(?: \([A-Z]+\)|: it is a \w+ and no file)\.$/,
  );
});

test.each(['['.repeat(100_000), `{"name":${'['.repeat(100_000)}${']'.repeat(100_000)}}`])(
  '--world that nests without end is one sentence',
  async text => {
    const file = join(data, 'deep.json');
    await mkdir(data, { recursive: true });
    await writeFile(file, text);
    await expect(loadWorld(file)).rejects.toThrow(/^The world \S+ is not right: it nests deeper/);
  },
);

describe('permissions', () => {
  const modes = async (root: string): Promise<Record<string, string>> => {
    const all: Record<string, string> = { '.': (lstatSync(root).mode & 0o777).toString(8) };
    for (const name of await readdir(root, { recursive: true })) {
      // What is written under another name until it is whole may have its own by now.
      const stats = await lstat(join(root, name)).catch(() => null);
      if (stats === null) continue;
      all[name] = `${stats.isDirectory() ? 'd' : ''}${(stats.mode & 0o777).toString(8)}`;
    }
    return all;
  };
  const others = async (): Promise<readonly string[]> =>
    Object.entries(await modes(data)).flatMap(([name, mode]) => (/^d?[67]00$/.test(mode) ? [] : [`${name} ${mode}`]));
  /** Letters everywhere, a trace put by, an edited world. */
  async function lived(room: Room): Promise<void> {
    await room.change({ ...blueAndGreen, seed: 41 }, { code: 'seed-changed' });
    await room.send({ from: { address: ALICE }, to: [BOB], subject: 'x', text: 'x' })?.finished;
    await room.collect(BOB);
    await room.send({ from: { address: ALICE }, to: [BOB], subject: 'y', text: 'y' })?.finished;
    room.living.setFault({ kind: 'host-off', host: 'mx1.green.example' }, 'always');
    room.living.setFault({ kind: 'host-off', host: 'mx2.green.example' }, 'always');
    await room.follow();
    await room.send({ from: { address: ALICE }, to: [BOB], subject: 'z', text: 'z' })?.finished;
  }

  test.each([0, 0o777 ^ 0o700, 0o27])('whatever the umask (%s), all is its owner’s alone', async umask => {
    const before = process.umask(umask);
    try {
      const room = await start();
      await lived(room);
      await room.recorder.flush();
      expect(await others()).toEqual([]);
    } finally {
      process.umask(before);
    }
  });

  test('a folder that was left open is closed at the next start, and what is not ours in it is left', async () => {
    const room = await start();
    await lived(room);
    await stop(room);
    await mkdir(join(data, 'traces'), { recursive: true });
    await writeFile(join(data, 'traces', 'old.trace.ndjson'), '');
    for (const [name, mode] of Object.entries(await modes(data)))
      chmodSync(join(data, name), mode.startsWith('d') ? 0o755 : 0o644);
    chmodSync(data, 0o755);
    await start().then(stop);
    expect(await others()).toEqual([]);
    // Somebody keeps something else there too: the folder itself is theirs then.
    await writeFile(join(data, 'mine.txt'), '');
    await chmod(join(data, 'mine.txt'), 0o644);
    await chmod(data, 0o755);
    await start();
    expect(await others()).toEqual(['. 755', 'mine.txt 644']);
  });
});
